/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

/* A program that takes its time. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* It runs for so long, or for MAX_ROUNDS looks at the clock. */
#define MAX_ROUNDS (1 << 23)
const volatile __u64 duration;          /* In ns. */

volatile __u64 n_started, n_ended;

static long
look_at_clock(__u32 round __attribute__((unused)), __u64 *end)
{
    return bpf_ktime_get_ns() >= *end;
}

SEC("xdp")
int
busy(struct xdp_md *ctx __attribute__((unused)))
{
    __u64 end = bpf_ktime_get_ns() + duration;

    n_started++;
    bpf_loop(MAX_ROUNDS, look_at_clock, &end, 0);
    n_ended++;
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
