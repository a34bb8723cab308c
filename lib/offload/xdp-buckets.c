/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-buckets.h"

#include "util.h"
#include "prog/xdp-tables.h"

/* The key is masked.  Words that the packet does not use are zero in it, and
 * count for nothing. */
static uint32_t
flow_hash(const struct xdp_tables *t, const struct xdp_flow *flow)
{
    return xdp_hash_key(&flow->key, &t->basis, true, flow->mask);
}

static uint32_t
home_of(const struct xdp_tables *t, uint32_t hash)
{
    return hash & (t->n_buckets - 1);
}

static bool
is_flow(uint64_t slot)
{
    return (uint32_t) slot != 0;
}

/* Programs look on behind it, in the bucket and in the neighbor. */
static bool
has_end(const struct xdp_bucket *bucket)
{
    return !bucket->slots[XDP_BUCKET_SLOTS - 1];
}

static bool
add_to_bucket(struct xdp_tables *t, uint32_t hash, uint32_t idx)
{
    uint32_t b = home_of(t, hash);

    for (int neighbor = 0; neighbor < 2; neighbor++) {
        struct xdp_bucket *bucket = &t->buckets[b ^ neighbor];

        for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
            if (!is_flow(bucket->slots[i])) {
                xdp_publish64(&bucket->slots[i],
                              (uint64_t) hash << 32 | (idx + 1));
                return true;
            }
        }
    }
    return false;
}

/* Are there flows in the neighbor that belong to bucket 'b'? */
static bool
has_guests(const struct xdp_tables *t, uint32_t b)
{
    const struct xdp_bucket *neighbor = &t->buckets[b ^ 1];

    for (int i = 0; !has_end(&t->buckets[b]) && i < XDP_BUCKET_SLOTS; i++) {
        uint64_t slot = neighbor->slots[i];

        if (is_flow(slot) && home_of(t, slot >> 32) == b) {
            return true;
        }
    }
    return false;
}

/* Behind the last flow of bucket 'b', programs need not look, unless flows
 * that belong there are in the neighbor. */
static void
trim(struct xdp_tables *t, uint32_t b)
{
    struct xdp_bucket *bucket = &t->buckets[b];

    if (!has_guests(t, b)) {
        for (int i = XDP_BUCKET_SLOTS - 1; i >= 0; i--) {
            if (is_flow(bucket->slots[i])) {
                break;
            }
            xdp_publish64(&bucket->slots[i], 0);
        }
    }
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
    xdp_publish64(&t->filter[bit / 64],
                  t->filter[bit / 64] | UINT64_C(1) << bit % 64);
}

static void
clear_filter(struct xdp_tables *t, uint32_t hash)
{
    uint32_t bit = filter_bit(t, hash);

    if (t->filter_counts[bit] < UINT8_MAX && !--t->filter_counts[bit]) {
        xdp_publish64(&t->filter[bit / 64],
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
    uint32_t b = home_of(t, hash);

    for (int neighbor = 0; neighbor < 2; neighbor++) {
        struct xdp_bucket *bucket = &t->buckets[b ^ neighbor];

        for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
            if ((uint32_t) bucket->slots[i] == idx + 1) {
                xdp_publish64(&bucket->slots[i], XDP_SLOT_GONE);
                trim(t, b ^ neighbor);
                if (neighbor) {
                    trim(t, b);
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
