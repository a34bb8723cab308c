/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_MAPS_H
#define XDP_MAPS_H 1

/* A port's own maps, which all programs on its device use in turn. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "xdp-abi.h"

/* The AF_XDP socket of each receive queue.  User space sets max_entries to the
 * device's number of receive queues before it loads the program. */
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} xsks_map SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct xdp_counters);
} xdp_counters SEC(".maps");

#endif /* xdp-maps.h */
