/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-reason.h"

#include "util.h"

const char *
xdp_offload_reason_to_string(enum xdp_offload_reason reason)
{
    static const char *const texts[] = {
#define REASON(NAME, TEXT) [XDP_WHY_##NAME] = TEXT,
        XDP_OFFLOAD_REASONS
#undef REASON
    };

    ovs_assert(reason < N_XDP_OFFLOAD_REASONS);
    return texts[reason];
}
