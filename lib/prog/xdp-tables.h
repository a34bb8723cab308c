/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_TABLES_H
#define XDP_TABLES_H 1

/* The BPF maps that the programs of all ports share, mapped into memory.
 *
 * Thread-safety: from create to destroy, 'filter_counts' and what is in the
 * maps change, by one thread at a time if nothing else is said, and nothing
 * else. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "xdp-abi.h"
#include "xdp-key.h"

struct xdp_limits {
    uint32_t n_flows;           /* Powers of two. */
    uint32_t cache_size;        /* Entries for each CPU. */
    uint32_t n_masks;           /* For each port, up to XDP_MAX_MASKS. */
};

struct xdp_table {
    const char *name;           /* Of the map in the program. */
    int fd;
    void *base;                 /* Null if not mapped. */
    size_t size;                /* Of the mapping, bytes. */
};

enum xdp_table_id {
    XDP_TABLE_PORTS,
    XDP_TABLE_FILTER,
    XDP_TABLE_BUCKETS,
    XDP_TABLE_FLOWS,
    XDP_TABLE_ACTIONS,
    XDP_TABLE_STATS,
    XDP_TABLE_CACHE,
    XDP_TABLE_DEVICES,
    XDP_TABLE_OUTPUT_SETS,
    N_XDP_TABLES
};

struct xdp_tables {
    struct xdp_limits limits;
    uint32_t n_buckets;
    uint32_t n_actions;
    uint32_t stats_shards;      /* CPUs share them if there are more. */
    uint32_t n_cpus;            /* Possible ones. */
    struct xdp_hash_basis basis;
    struct xdp_table tables[N_XDP_TABLES];

    /* A map of maps with one place, and the map that is put there again and
     * again: see xdp_tables_synchronize().  No program uses them. */
    int grace_map_fd;
    int grace_inner_fd;

    /* How many flows have set each bit of the filter; from UINT8_MAX on it is
     * never cleared. */
    uint8_t *filter_counts;

    /* Where the tables are in memory. */
    struct xdp_port *ports;
    __u64 *filter;
    struct xdp_bucket *buckets;
    struct xdp_flow *flows;
    struct xdp_flow_action *actions;
    struct xdp_flow_stats *stats;
};

/* A port may have this many times the entries of a table that are free.
 * However many ports want all that they can get, some remain for the next: one
 * port gets at most eight ninths, two get eight seventeenths each. */
enum { XDP_SHARE = 8 };

/* May a port that has 'n' entries have one of the 'n_free' that are free? */
static inline bool
xdp_has_share(uint32_t n, uint32_t n_free)
{
    return n < (uint64_t) n_free * XDP_SHARE;
}

/* Creates the tables.  Returns 0, or a positive errno with a sentence in
 * '*errp' for the caller to free. */
int xdp_tables_create(const struct xdp_limits *, struct xdp_tables **,
                      char **errp);
void xdp_tables_destroy(struct xdp_tables *);

/* Writes to the tables: a program that reads 'value' sees all that was
 * written before, if it has to read it to get to the rest or a barrier is
 * in between. */
static inline void
xdp_publish8(__u8 *p, __u8 value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static inline void
xdp_publish32(__u32 *p, __u32 value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static inline void
xdp_publish64(__u64 *p, __u64 value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

/* The memory that the tables take, bytes. */
uint64_t xdp_tables_memory(const struct xdp_tables *);

/* Sends what port number 'port' outputs to the device 'ifindex', or nowhere if
 * that is 0.  Returns 0 or a positive errno. */
int xdp_tables_set_device(struct xdp_tables *, uint32_t port, int ifindex);

/* Sends what output set number 'set' outputs to 'n' devices, or nowhere if
 * that is 0.  Waits like xdp_tables_synchronize().  Any thread may call it,
 * for one set one at a time.  Returns 0 or a positive errno. */
int xdp_tables_set_outputs(struct xdp_tables *, uint32_t set,
                           const int ifindexes[], size_t n);

/* Returns when no program can any more be using what it found, in these tables
 * or others, before this call: 10 to 20 ms.  Any thread may call it. */
void xdp_tables_synchronize(const struct xdp_tables *);

#endif /* xdp-tables.h */
