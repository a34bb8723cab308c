/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

#include "xdp-maps.h"
#include "xdp-count.h"

SEC("xdp")
int
ovs_afxdp(struct xdp_md *ctx)
{
    __u32 queue_id = ctx->rx_queue_index;

    /* bpf_redirect_map() returns its flags argument when the queue has no
     * socket (since kernel 5.3). */
    int verdict = bpf_redirect_map(&xsks_map, queue_id, XDP_PASS);

    if (verdict != XDP_REDIRECT) {
        xdp_count(XDP_COUNTER_PASSED);
    }
    return verdict;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
