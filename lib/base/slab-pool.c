/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "base/slab-pool.h"

#include <pthread.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/list.h"
#include "ovs-thread.h"
#include "util.h"

COVERAGE_DEFINE(slab_pool_exchange);
COVERAGE_DEFINE(slab_pool_no_cache);

/* The caches of a thread, one for each pool. */
struct thread_caches {
    struct ovs_list list_node;  /* In 'threads'. */
    struct slab_cache caches[SLAB_MAX_POOLS];
};

struct ovs_mutex slab_pools_mutex = OVS_MUTEX_INITIALIZER;
static struct ovs_list threads OVS_GUARDED_BY(slab_pools_mutex)
    = OVS_LIST_INITIALIZER(&threads);
static struct slab_pool *pools[SLAB_MAX_POOLS]
    OVS_GUARDED_BY(slab_pools_mutex);
static unsigned int n_pools OVS_GUARDED_BY(slab_pools_mutex);

static pthread_key_t caches_key;
static __thread struct thread_caches *own_caches;

static struct slab *
pop(struct slab **list)
{
    struct slab *slab = *list;

    if (slab) {
        *list = slab->next;
    }
    return slab;
}

static void
push(struct slab **list, struct slab *slab)
{
    slab->next = *list;
    *list = slab;
}

static uint32_t
n_items(const struct slab *slab)
{
    return slab ? slab->n : 0;
}

static uint32_t
n_cached(const struct slab_cache *cache)
{
    return n_items(cache->loaded) + n_items(cache->spare);
}

static void
note_count(struct slab_cache *cache)
{
    atomic_store_relaxed(&cache->n, n_cached(cache));
}

static void
add_full(struct slab_pool *pool, uint32_t delta)
    OVS_REQUIRES(pool->lock)
{
    uint32_t n;

    atomic_read_relaxed(&pool->n_full, &n);
    atomic_store_relaxed(&pool->n_full, n + delta);
}

/* Gives 'slab' to the pool, where it counts as full if anything is in it. */
static void
deposit(struct slab_pool *pool, struct slab *slab)
    OVS_REQUIRES(pool->lock)
{
    if (slab) {
        push(slab->n ? &pool->full : &pool->empty, slab);
        add_full(pool, slab->n);
    }
}

/* Makes '*cache' have something to take.  Returns false if the pool has
 * nothing, either. */
static bool
load(struct slab_pool *pool, struct slab_cache *cache)
    OVS_REQUIRES(pool->lock)
{
    struct slab *slab = pop(&pool->full);

    if (slab) {
        add_full(pool, -slab->n);
        deposit(pool, cache->loaded);
        cache->loaded = slab;
        return true;
    } else if (cache != &pool->shared && n_cached(&pool->shared)) {
        deposit(pool, pool->shared.loaded);
        deposit(pool, pool->shared.spare);
        pool->shared.loaded = pool->shared.spare = NULL;
        note_count(&pool->shared);
        return load(pool, cache);
    }
    return false;
}

/* Makes '*cache' have room to put something. */
static void
unload(struct slab_pool *pool, struct slab_cache *cache)
    OVS_REQUIRES(pool->lock)
{
    struct slab *slab = pop(&pool->empty);

    if (!slab) {
        slab = xmalloc_cacheline(sizeof *slab);
        slab->n = 0;
    }
    deposit(pool, cache->loaded);
    cache->loaded = slab;
}

static void
swap_slabs(struct slab_cache *cache)
{
    struct slab *slab = cache->loaded;

    cache->loaded = cache->spare;
    cache->spare = slab;
}

static uint32_t
get_from(struct slab_pool *pool, struct slab_cache *cache, bool is_locked,
         uint64_t items[], uint32_t n)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    uint32_t n_got = 0;

    while (n_got < n) {
        if (!n_items(cache->loaded)) {
            bool loaded = true;

            if (n_items(cache->spare)) {
                swap_slabs(cache);
            } else if (is_locked) {
                loaded = load(pool, cache);
            } else {
                COVERAGE_INC(slab_pool_exchange);
                ovs_spin_lock(&pool->lock);
                loaded = load(pool, cache);
                ovs_spin_unlock(&pool->lock);
            }
            if (!loaded) {
                break;
            }
        }

        struct slab *slab = cache->loaded;
        uint32_t k = MIN(n - n_got, slab->n);
        slab->n -= k;
        memcpy(&items[n_got], &slab->items[slab->n], k * sizeof items[0]);
        n_got += k;
    }
    note_count(cache);
    return n_got;
}

static void
put_into(struct slab_pool *pool, struct slab_cache *cache, bool is_locked,
         const uint64_t items[], uint32_t n)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    while (n) {
        if (!cache->loaded || cache->loaded->n == SLAB_SIZE) {
            if (cache->spare && cache->spare->n < SLAB_SIZE) {
                swap_slabs(cache);
            } else {
                if (!cache->spare) {
                    swap_slabs(cache);
                }
                if (is_locked) {
                    unload(pool, cache);
                } else {
                    COVERAGE_INC(slab_pool_exchange);
                    ovs_spin_lock(&pool->lock);
                    unload(pool, cache);
                    ovs_spin_unlock(&pool->lock);
                }
            }
        }

        struct slab *slab = cache->loaded;
        uint32_t k = MIN(n, SLAB_SIZE - slab->n);
        memcpy(&slab->items[slab->n], items, k * sizeof items[0]);
        slab->n += k;
        items += k;
        n -= k;
    }
    note_count(cache);
}

uint32_t
slab_pool_get(struct slab_pool *pool, uint64_t items[], uint32_t n)
{
    if (OVS_LIKELY(own_caches)) {
        return get_from(pool, &own_caches->caches[pool->idx], false, items,
                        n);
    }
    COVERAGE_INC(slab_pool_no_cache);
    ovs_spin_lock(&pool->lock);
    n = get_from(pool, &pool->shared, true, items, n);
    ovs_spin_unlock(&pool->lock);
    return n;
}

void
slab_pool_put(struct slab_pool *pool, const uint64_t items[], uint32_t n)
{
    if (OVS_LIKELY(own_caches)) {
        put_into(pool, &own_caches->caches[pool->idx], false, items, n);
    } else {
        COVERAGE_INC(slab_pool_no_cache);
        ovs_spin_lock(&pool->lock);
        put_into(pool, &pool->shared, true, items, n);
        ovs_spin_unlock(&pool->lock);
    }
}

/* The destructor of a thread's caches. */
static void
return_caches(void *tc_)
{
    struct thread_caches *tc = tc_;

    own_caches = NULL;
    ovs_mutex_lock(&slab_pools_mutex);
    ovs_list_remove(&tc->list_node);
    for (unsigned int i = 0; i < n_pools; i++) {
        ovs_spin_lock(&pools[i]->lock);
        deposit(pools[i], tc->caches[i].loaded);
        deposit(pools[i], tc->caches[i].spare);
        ovs_spin_unlock(&pools[i]->lock);
    }
    ovs_mutex_unlock(&slab_pools_mutex);
    free_cacheline(tc);
}

void
slab_pool_use_caches(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (OVS_LIKELY(own_caches)) {
        return;
    }
    if (ovsthread_once_start(&once)) {
        xpthread_key_create(&caches_key, return_caches);
        ovsthread_once_done(&once);
    }
    own_caches = xzalloc_cacheline(sizeof *own_caches);
    pthread_setspecific(caches_key, own_caches);
    ovs_mutex_lock(&slab_pools_mutex);
    ovs_list_push_back(&threads, &own_caches->list_node);
    ovs_mutex_unlock(&slab_pools_mutex);
}

bool
slab_pool_init(struct slab_pool *pool)
{
    ovs_mutex_lock(&slab_pools_mutex);
    bool ok = n_pools < SLAB_MAX_POOLS;
    if (ok) {
        memset(pool, 0, sizeof *pool);
        ovs_spin_init(&pool->lock);
        pool->idx = n_pools;
        pools[n_pools++] = pool;
    }
    ovs_mutex_unlock(&slab_pools_mutex);
    return ok;
}

void
slab_pool_count(struct slab_pool *pool, uint32_t *n_pool, uint32_t *n_cached)
{
    struct thread_caches *tc;
    uint32_t n;

    ovs_spin_lock(&pool->lock);
    atomic_read_relaxed(&pool->shared.n, &n);
    *n_pool = slab_pool_n_available(pool) + n;
    ovs_spin_unlock(&pool->lock);

    *n_cached = 0;
    ovs_mutex_lock(&slab_pools_mutex);
    LIST_FOR_EACH (tc, list_node, &threads) {
        atomic_read_relaxed(&tc->caches[pool->idx].n, &n);
        *n_cached += n;
    }
    ovs_mutex_unlock(&slab_pools_mutex);
}
