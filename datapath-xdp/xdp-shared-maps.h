/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_SHARED_MAPS_H
#define XDP_SHARED_MAPS_H 1

/* The tables that all ports share.  User space creates the maps, with the
 * sizes that it says in the variables, and gives them to each program. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "xdp-key.h"

#define XDP_TABLE(NAME, TYPE)                   \
    struct {                                    \
        __uint(type, BPF_MAP_TYPE_ARRAY);       \
        __uint(map_flags, BPF_F_MMAPABLE);      \
        __uint(max_entries, 1);                 \
        __type(key, __u32);                     \
        __type(value, TYPE);                    \
    } NAME SEC(".maps")

XDP_TABLE(xdp_ports, struct xdp_port);
XDP_TABLE(xdp_filter, __u64);
XDP_TABLE(xdp_buckets, struct xdp_bucket);
XDP_TABLE(xdp_flows, struct xdp_flow);
XDP_TABLE(xdp_actions, struct xdp_flow_action);

/* 'stats_shards' tables of 'n_flows' each. */
XDP_TABLE(xdp_stats, struct xdp_flow_stats);

/* 'cache_size' entries for each CPU. */
XDP_TABLE(xdp_cache, struct xdp_cache_entry);

/* Output devices, by port. */
struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, XDP_MAX_PORTS);
    __type(key, __u32);
    __type(value, struct bpf_devmap_val);
} xdp_devices SEC(".maps");

/* Output sets.  The key of a device does not matter. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, XDP_MAX_OUTPUT_SETS);
    __type(key, __u32);
    __array(values, struct {
        __uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct bpf_devmap_val);
    });
} xdp_output_sets SEC(".maps");

/* What the program was built for. */
const volatile __u32 abi_version = XDP_ABI_VERSION;

/* Constants that user space sets before it loads the program. */
const volatile struct xdp_hash_basis hash_basis;
const volatile __u32 in_port;
const volatile __u32 n_flows;           /* Sizes are powers of two. */
const volatile __u32 n_buckets;
const volatile __u32 cache_size;
const volatile __u32 stats_shards;
const volatile _Bool stats_are_shared;  /* By CPUs: more CPUs than shards. */
const volatile _Bool loads_keep_order;  /* As this CPU architecture says. */

#endif /* xdp-shared-maps.h */
