/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_COUNT_H
#define XDP_COUNT_H 1

#include "xdp-maps.h"

/* This CPU's counters of the port; null cannot happen, but the verifier does
 * not know. */
static __always_inline struct xdp_counters *
xdp_get_counters(void)
{
    __u32 key = 0;

    return bpf_map_lookup_elem(&xdp_counters, &key);
}

/* To the AF_XDP socket of the queue that the packet came in through, else to
 * the kernel's stack. */
static __always_inline int
xdp_to_user_space(struct xdp_md *ctx)
{
    /* bpf_redirect_map() returns its flags argument when the queue has no
     * socket (since kernel 5.3). */
    int verdict = bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);

    if (verdict != XDP_REDIRECT) {
        struct xdp_counters *counters = xdp_get_counters();

        if (counters) {
            counters->n[XDP_COUNTER_PASSED]++;
        }
    }
    return verdict;
}

#endif /* xdp-count.h */
