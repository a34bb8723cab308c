/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The two devices. */
struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, __u32);
} devices SEC(".maps");

SEC("xdp")
int
traffic_to_first(struct xdp_md *ctx)
{
    (void) ctx;
    return bpf_redirect_map(&devices, 0, XDP_ABORTED);
}

SEC("xdp")
int
traffic_to_second(struct xdp_md *ctx)
{
    (void) ctx;
    return bpf_redirect_map(&devices, 1, XDP_ABORTED);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
