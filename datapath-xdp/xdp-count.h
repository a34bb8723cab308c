/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_COUNT_H
#define XDP_COUNT_H 1

#include "xdp-maps.h"

static __always_inline void
xdp_count(enum xdp_counter counter)
{
    __u32 key = counter;
    __u64 *value = bpf_map_lookup_elem(&xdp_counters, &key);

    if (value) {
        (*value)++;
    }
}

#endif /* xdp-count.h */
