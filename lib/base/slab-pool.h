/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLAB_POOL_H
#define SLAB_POOL_H 1

/* A pool of interchangeable things that are named by 64 bits each, with a
 * cache for each thread that asks for one.
 *
 * The pool keeps its items in slabs of SLAB_SIZE.  A thread's cache is two
 * slabs: it takes items from them and puts items into them without a lock, and
 * when both are empty, or full, exchanges one with the pool as a whole, under
 * the pool's lock.  So a thread that takes as much as it puts goes to the pool
 * never, and any other once in SLAB_SIZE items.  Items put last are taken
 * first, because they are the warmest in the processor's caches.
 *
 * A pool lives as long as the process: a thread's cache may come home at any
 * time.
 *
 * Thread-safety: everything may be called by any thread. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/thread.h"
#include "ovs-atomic.h"

enum {
    SLAB_SIZE = 128,            /* Items. */
    SLAB_MAX_POOLS = 256,       /* In the process. */
};

struct slab {
    struct slab *next;
    uint32_t n;
    uint64_t items[SLAB_SIZE];
};

/* Two slabs, null or not. */
struct slab_cache {
    struct slab *loaded;        /* Where items are taken and put. */
    struct slab *spare;         /* Full or empty. */
    atomic_uint32_t n;          /* Items in both. */
};

/* Protects the lists of pools and of threads with caches. */
extern struct ovs_mutex slab_pools_mutex;

struct slab_pool {
    unsigned int idx;           /* In the threads' caches. */
    struct ovs_spin lock OVS_ACQ_AFTER(slab_pools_mutex);
    struct slab *full OVS_GUARDED;      /* Those with any items. */
    struct slab *empty OVS_GUARDED;
    struct slab_cache shared OVS_GUARDED;   /* For threads without one. */
    atomic_uint32_t n_full;     /* Items in 'full'. */
};

/* Returns false if there are too many pools already. */
bool slab_pool_init(struct slab_pool *);

/* Gives the calling thread caches, for all pools, until it ends.  What is in
 * them goes back to the pools then. */
void slab_pool_use_caches(void);

/* Takes up to 'n' items and stores them in 'items'.  Returns how many; fewer
 * than 'n' if neither the pool nor the thread's own cache has more. */
uint32_t slab_pool_get(struct slab_pool *, uint64_t items[], uint32_t n);

void slab_pool_put(struct slab_pool *, const uint64_t items[], uint32_t n);

/* How many items can any thread still take?  Not counting those in caches, and
 * a few others: cheap, and never too many. */
static inline uint32_t
slab_pool_n_available(const struct slab_pool *pool)
{
    uint32_t n;

    atomic_read_relaxed(&CONST_CAST(struct slab_pool *, pool)->n_full, &n);
    return n;
}

/* How many items are in the pool, and in the caches of threads: exact if
 * nobody takes or puts any meanwhile. */
void slab_pool_count(struct slab_pool *, uint32_t *n_pool, uint32_t *n_cached);

#endif /* slab-pool.h */
