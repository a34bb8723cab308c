/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "xdp-buckets.h"

#include "util.h"
#include "xdp-tables.h"

static void
publish64(__u64 *p, uint64_t value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

/* The key is masked.  Words that the packet does not use are zero in it, and
 * count for nothing. */
static uint32_t
flow_hash(const struct xdp_tables *t, const struct xdp_flow *flow)
{
    return xdp_hash_key(&flow->key, &t->basis, true, flow->mask);
}

static bool
add_to_bucket(struct xdp_tables *t, uint32_t hash, uint32_t idx)
{
    uint32_t b = hash & (t->n_buckets - 1);

    for (int neighbor = 0; neighbor < 2; neighbor++) {
        struct xdp_bucket *bucket = &t->buckets[b ^ neighbor];

        for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
            if (!bucket->slots[i]) {
                publish64(&bucket->slots[i],
                          (uint64_t) hash << 32 | (idx + 1));
                return true;
            }
        }
    }
    return false;
}

/* Takes the last slot into the place of slot 'i', so that programs may stop at
 * the first free slot.  One that reads at that moment may miss the last flow
 * and give its packet to user space. */
static void
remove_slot(struct xdp_bucket *bucket, int i)
{
    int last = i;

    while (last + 1 < XDP_BUCKET_SLOTS && bucket->slots[last + 1]) {
        last++;
    }
    if (last != i) {
        publish64(&bucket->slots[i], bucket->slots[last]);
    }
    publish64(&bucket->slots[last], 0);
}

/* Moves one flow that belongs to bucket 'b' there from its neighbor. */
static bool
move_home(struct xdp_tables *t, uint32_t b)
{
    struct xdp_bucket *neighbor = &t->buckets[b ^ 1];

    for (int i = 0; i < XDP_BUCKET_SLOTS && neighbor->slots[i]; i++) {
        uint32_t idx = (uint32_t) neighbor->slots[i] - 1;
        const struct xdp_flow *flow = &t->flows[idx];
        uint32_t hash = flow_hash(t, flow);

        if ((hash & (t->n_buckets - 1)) == b) {
            add_to_bucket(t, hash, idx);
            remove_slot(neighbor, i);
            return true;
        }
    }
    return false;
}

static bool
bucket_is_full(const struct xdp_tables *t, uint32_t b)
{
    return t->buckets[b].slots[XDP_BUCKET_SLOTS - 1] != 0;
}

/* Bucket 'b' was full and has a free slot now: what is in its neighbor only
 * because it was full would not be found any more.  Each round brings one flow
 * home, so that there is an end. */
static void
refill_bucket(struct xdp_tables *t, uint32_t b)
{
    bool neighbor_was_full;

    do {
        neighbor_was_full = bucket_is_full(t, b ^ 1);
        if (!move_home(t, b)) {
            return;
        }
        b ^= 1;
    } while (neighbor_was_full);
}

static uint32_t
filter_bit(const struct xdp_tables *t, uint32_t hash)
{
    return ((hash >> XDP_FILTER_SHIFT)
            & (t->limits.n_flows * XDP_FILTER_BITS_PER_FLOW - 1));
}

static void
set_filter(struct xdp_tables *t, uint32_t hash)
{
    uint32_t bit = filter_bit(t, hash);

    if (t->filter_counts[bit] < UINT8_MAX) {
        t->filter_counts[bit]++;
    }
    publish64(&t->filter[bit / 64],
              t->filter[bit / 64] | UINT64_C(1) << bit % 64);
}

static void
clear_filter(struct xdp_tables *t, uint32_t hash)
{
    uint32_t bit = filter_bit(t, hash);

    if (t->filter_counts[bit] < UINT8_MAX && !--t->filter_counts[bit]) {
        publish64(&t->filter[bit / 64],
                  t->filter[bit / 64] & ~(UINT64_C(1) << bit % 64));
    }
}

bool
xdp_buckets_add(struct xdp_tables *t, uint32_t idx)
{
    uint32_t hash = flow_hash(t, &t->flows[idx]);

    set_filter(t, hash);
    if (!add_to_bucket(t, hash, idx)) {
        clear_filter(t, hash);
        return false;
    }
    return true;
}

static void
remove_from_bucket(struct xdp_tables *t, uint32_t hash, uint32_t idx)
{
    uint32_t b = hash & (t->n_buckets - 1);

    for (int neighbor = 0; neighbor < 2; neighbor++) {
        struct xdp_bucket *bucket = &t->buckets[b ^ neighbor];
        bool full = bucket_is_full(t, b ^ neighbor);

        for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
            if ((uint32_t) bucket->slots[i] == idx + 1) {
                remove_slot(bucket, i);
                if (full) {
                    refill_bucket(t, b ^ neighbor);
                }
                return;
            }
        }
    }
}

void
xdp_buckets_remove(struct xdp_tables *t, uint32_t idx)
{
    uint32_t hash = flow_hash(t, &t->flows[idx]);

    remove_from_bucket(t, hash, idx);
    clear_filter(t, hash);
}
