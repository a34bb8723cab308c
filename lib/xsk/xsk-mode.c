/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "xsk/xsk-mode.h"

#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <strings.h>

#include "util.h"

static const struct {
    const char *name;
    uint32_t attach_flags;
    uint16_t bind_flags;
} modes[N_XSK_MODES] = {
    [XSK_MODE_BEST_EFFORT] = { .name = "best-effort" },
    [XSK_MODE_NATIVE_ZC] = {
        .name = "native-with-zerocopy",
        .attach_flags = XDP_FLAGS_DRV_MODE,
        .bind_flags = XDP_ZEROCOPY,
    },
    [XSK_MODE_NATIVE] = {
        .name = "native",
        .attach_flags = XDP_FLAGS_DRV_MODE,
        .bind_flags = XDP_COPY,
    },
    [XSK_MODE_GENERIC] = {
        .name = "generic",
        .attach_flags = XDP_FLAGS_SKB_MODE,
        .bind_flags = XDP_COPY,
    },
};

const char *
xsk_mode_to_string(enum xsk_mode mode)
{
    return modes[mode].name;
}

bool
xsk_mode_from_string(const char *s, enum xsk_mode *mode)
{
    for (enum xsk_mode m = 0; m < N_XSK_MODES; m++) {
        if (!strcasecmp(s, modes[m].name)) {
            *mode = m;
            return true;
        }
    }
    return false;
}

uint32_t
xsk_mode_attach_flags(enum xsk_mode mode)
{
    ovs_assert(mode != XSK_MODE_BEST_EFFORT);
    return modes[mode].attach_flags;
}

uint16_t
xsk_mode_bind_flags(enum xsk_mode mode)
{
    ovs_assert(mode != XSK_MODE_BEST_EFFORT);
    return modes[mode].bind_flags;
}
