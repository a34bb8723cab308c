/* SPDX-License-Identifier: Apache-2.0 */

/* For libFuzzer: any packet with any number of VLAN tags in view. */

#include <config.h>
#undef NDEBUG

#include <stddef.h>
#include <stdint.h>

#include "util.h"
#include "tests/unit/datapath-xdp/xdp-parse-check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted[3];

    for (int limit = 0; limit < ARRAY_SIZE(accepted); limit++) {
        accepted[limit] = xdp_parse_check(data, size, limit);
    }

    /* To look at more tags is to accept more. */
    ovs_assert(accepted[0] <= accepted[1] && accepted[1] <= accepted[2]);
    return 0;
}
