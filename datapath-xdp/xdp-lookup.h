/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_LOOKUP_H
#define XDP_LOOKUP_H 1

/* From a key to its flow: the masked tables and, for ports with several masks,
 * the exact-match cache in front of them. */

#include "xdp-parse.h"
#include "xdp-shared-maps.h"

/* No flow: an index plus one is what lookups return. */
#define XDP_NO_FLOW 0

/* What user space may be writing.  A test puts something else here. */
#ifndef XDP_READ_ONCE
#define XDP_READ_ONCE(X) (*(volatile typeof(X) *) &(X))
#endif

/* For the compiler, which may not move loads and stores across it. */
#define XDP_BARRIER() __asm__ __volatile__("" ::: "memory")

/* Sets the words of '*masked' that packets like 'pkt' use. */
static __always_inline void
xdp_mask_key(const struct xdp_packet *pkt, const struct xdp_key *mask,
             _Bool extended, struct xdp_key *masked)
{
    int i;

#pragma GCC unroll 8
    for (i = 0; i < XDP_KEY_BASE_WORDS; i++) {
        masked->w[i] = pkt->key.w[i] & XDP_READ_ONCE(mask->w[i]);
    }
    if (extended) {
#pragma GCC unroll 8
        for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
            masked->w[i] = pkt->key.w[i] & XDP_READ_ONCE(mask->w[i]);
        }
    }
}

static __always_inline _Bool
xdp_key_equals(const struct xdp_key *entry, const struct xdp_key *masked,
               _Bool extended)
{
    __u64 diff = 0;
    int i;

#pragma GCC unroll 8
    for (i = 0; i < XDP_KEY_BASE_WORDS; i++) {
        diff |= entry->w[i] ^ masked->w[i];
    }
    if (extended) {
#pragma GCC unroll 8
        for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
            diff |= entry->w[i] ^ masked->w[i];
        }
    }
    return !diff;
}

/* Looks for the flow in one bucket.  Returns false if all its slots are used
 * and the flow may be in its neighbor. */
static __always_inline _Bool
xdp_search_bucket(const struct xdp_key *masked, _Bool extended,
                  __u32 mask_idx, __u32 b, __u32 hash, __u32 *found)
{
    struct xdp_bucket *bucket = bpf_map_lookup_elem(&xdp_buckets, &b);

    if (!bucket) {
        return 1;
    }
    for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
        __u64 slot = XDP_READ_ONCE(bucket->slots[i]);

        if (!slot) {
            return 1;
        }
        if ((__u32) (slot >> 32) == hash) {
            __u32 idx = (__u32) slot - 1;
            struct xdp_flow *flow = bpf_map_lookup_elem(&xdp_flows, &idx);

            if (flow && flow->mask == mask_idx
                && xdp_key_equals(&flow->key, masked, extended)) {
                *found = idx + 1;
                return 1;
            }
        }
    }
    return 0;
}

/* May there be a flow with this hash? */
static __always_inline _Bool
xdp_pass_filter(__u32 hash)
{
    __u32 bit = ((hash >> XDP_FILTER_SHIFT)
                 & (n_flows * XDP_FILTER_BITS_PER_FLOW - 1));
    __u32 i = bit / 64;
    __u64 *word = bpf_map_lookup_elem(&xdp_filter, &i);

    return word && XDP_READ_ONCE(*word) >> (bit & 63) & 1;
}

/* Looks for the flow with the mask in 'slot' of the port; 'filter' says that
 * it most likely is not there.  Not static, so that the verifier looks at it
 * once and not for each of the masks. */
__attribute__((noinline)) __u32
xdp_search_mask(const struct xdp_packet *pkt, const struct xdp_port *port,
                __u32 slot, __u32 filter)
{
    struct xdp_key masked;
    __u32 i = slot;

    /* What is compared must be what is used, not loaded a second time from the
     * stack, or the verifier does not see the bound. */
    asm volatile ("" : "+r" (i));
    if (!pkt || !port || i >= XDP_MASK_SLOTS) {
        return XDP_NO_FLOW;
    }

    _Bool extended = pkt->extended;

    xdp_mask_key(pkt, &port->masks[i], extended, &masked);

    __u32 hash = xdp_hash_key(&masked, &hash_basis, extended, slot);
    __u32 b = hash & (n_buckets - 1);
    __u32 found = XDP_NO_FLOW;

    if (filter && !xdp_pass_filter(hash)) {
        return XDP_NO_FLOW;
    }
    if (!xdp_search_bucket(&masked, extended, slot, b, hash, &found)) {
        xdp_search_bucket(&masked, extended, slot, b ^ 1, hash, &found);
    }
    return found;
}

static __always_inline __u32
xdp_search_masks(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    for (int i = 0; i < XDP_MAX_MASKS; i++) {
        __u32 place = XDP_READ_ONCE(port->order[i]);

        if (!place) {
            break;
        }
        if (place != XDP_MASK_GONE) {
            __u32 found = xdp_search_mask(pkt, port, place - 1, 1);

            if (found != XDP_NO_FLOW) {
                return found;
            }
        }
    }
    return XDP_NO_FLOW;
}

/* The flow's sequence number, odd if it is gone. */
static __always_inline __u64
xdp_flow_seq(__u32 found)
{
    __u32 idx = found - 1;
    struct xdp_flow *flow = bpf_map_lookup_elem(&xdp_flows, &idx);

    return flow ? XDP_READ_ONCE(flow->seq) : 1;
}

/* This CPU's cache entry for a key. */
static __always_inline struct xdp_cache_entry *
xdp_get_cache_entry(const struct xdp_key *masked, _Bool extended)
{
    __u32 hash = xdp_hash_key(masked, &hash_basis, extended, XDP_MASK_SLOTS);
    __u32 idx = (bpf_get_smp_processor_id() * cache_size
                 + (hash & (cache_size - 1)));

    return bpf_map_lookup_elem(&xdp_cache, &idx);
}

static __always_inline void
xdp_copy_key(struct xdp_key *to, const struct xdp_key *from, _Bool extended)
{
    int i;

#pragma GCC unroll 8
    for (i = 0; i < XDP_KEY_BASE_WORDS; i++) {
        to->w[i] = from->w[i];
    }
    if (extended) {
#pragma GCC unroll 8
        for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
            to->w[i] = from->w[i];
        }
    }
}

#define XDP_FOUND_IN_CACHE (1u << 31)

/* Lets this program, and no other on this CPU, write the entry.  A barrier,
 * too: what was read before is not newer than what is read from now on. */
static __always_inline _Bool
xdp_claim_entry(struct xdp_cache_entry *entry, __u32 version)
{
    return (!(version & 1)
            && __sync_val_compare_and_swap(&entry->version, version,
                                           version + 1) == version);
}

/* What this CPU reads from now on, whichever program, is at least as new as
 * all that was read before.  CPUs that keep loads in order need do nothing for
 * that; an atomic operation that returns a value is a barrier to all. */
static __always_inline void
xdp_order_loads(struct xdp_cache_entry *claimed, __u32 version)
{
    XDP_BARRIER();
    if (!loads_keep_order) {
        __sync_lock_test_and_set(&claimed->version, version + 1);
    }
}

static __always_inline void
xdp_release_entry(struct xdp_cache_entry *entry, __u32 version)
{
    XDP_BARRIER();
    XDP_READ_ONCE(entry->version) = version + 2;
}

/* Looks for the flow with all masks, and caches what was found under 'masked',
 * which is the packet under the union that had 'cache_seq'.
 *
 * If the union was overwritten while it was read, or a flow was found with a
 * mask that it does not cover, 'cache_seq' changed before, and nothing is
 * cached.  Nor is a flow that was removed just then, whose number is odd.  If
 * no flow was found because it was added just then, the entry is never
 * believed by those to come: 'miss_seq' was read before the search, and
 * changes after a flow was added. */
static __always_inline __u32
xdp_search_and_cache(const struct xdp_packet *pkt, const struct xdp_port *port,
                     const struct xdp_key *masked, __u64 cache_seq,
                     __u64 miss_seq, struct xdp_cache_entry *entry)
{
    __u32 version = XDP_READ_ONCE(entry->version);
    _Bool claimed = xdp_claim_entry(entry, version);
    __u32 found = xdp_search_masks(pkt, port);
    __u64 seq = found ? xdp_flow_seq(found) : miss_seq;

    if (claimed) {
        xdp_order_loads(entry, version);
        if (XDP_READ_ONCE(port->cache_seq) == cache_seq
            && (!found || !(seq & 1))) {
            xdp_copy_key(&entry->key, masked, pkt->extended);
            entry->cache_seq = cache_seq;
            entry->flow = found;
            entry->seq = seq;
        }
        xdp_release_entry(entry, version);
    }
    return found;
}

/* Not static for the verifier's sake, again.  Returns what xdp_search_masks()
 * does, with XDP_FOUND_IN_CACHE if that was not necessary.
 *
 * The union can be overwritten while it is read, in the midst or before.  An
 * entry was made under the one that 'cache_seq' stands for.  Bits that the
 * later one has more make no packet equal to the entry that was not before.
 * If it has less, the port had no flows in between, and the flow's 'seq' says
 * that it is gone. */
__attribute__((noinline)) __u32
xdp_search_cached(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    if (!pkt || !port) {
        return XDP_NO_FLOW;
    }

    __u64 cache_seq = XDP_READ_ONCE(port->cache_seq);
    __u64 miss_seq = XDP_READ_ONCE(port->miss_seq);
    _Bool extended = pkt->extended;
    struct xdp_key masked;

    xdp_mask_key(pkt, &port->cache_masks[cache_seq & 1], extended, &masked);

    struct xdp_cache_entry *entry = xdp_get_cache_entry(&masked, extended);

    if (!entry) {
        return XDP_NO_FLOW;
    }

    __u32 version = XDP_READ_ONCE(entry->version);
    __u32 flow = XDP_READ_ONCE(entry->flow);

    if (entry->cache_seq == cache_seq
        && xdp_key_equals(&entry->key, &masked, extended)
        && entry->seq == (flow ? xdp_flow_seq(flow) : miss_seq)) {
        XDP_BARRIER();
        if (!(version & 1) && XDP_READ_ONCE(entry->version) == version) {
            return flow | XDP_FOUND_IN_CACHE;
        }
    }
    return xdp_search_and_cache(pkt, port, &masked, cache_seq, miss_seq,
                                entry);
}

/* Returns the index of the packet's flow plus one, or XDP_NO_FLOW; with
 * XDP_FOUND_IN_CACHE. */
static __always_inline __u32
xdp_lookup(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    /* With one mask, the cache would only be another table in front of a table
     * that is as fast. */
    if (XDP_READ_ONCE(port->order[1])) {
        return xdp_search_cached(pkt, port);
    }

    __u32 place = XDP_READ_ONCE(port->order[0]);

    return place ? xdp_search_mask(pkt, port, place - 1, 0) : XDP_NO_FLOW;
}

#endif /* xdp-lookup.h */
