/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The AF_XDP socket of each receive queue.  User space sets max_entries. */
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} sockets SEC(".maps");

SEC("xdp")
int
traffic_forward(struct xdp_md *ctx)
{
    return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
