/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_LOOKUP_H
#define XDP_LOOKUP_H 1

/* From a key to its flow: the masked tables and, for ports with several masks,
 * the exact-match cache in front of them. */

#include "xdp-parse.h"
#include "xdp-shared-maps.h"

/* No flow: an index plus one is what lookups return. */
#define XDP_NO_FLOW 0

#define XDP_READ_ONCE(X) (*(volatile typeof(X) *) &(X))

/* Sets the words of '*masked' that packets like 'pkt' use. */
static __always_inline void
xdp_mask_key(const struct xdp_packet *pkt, const struct xdp_key *mask,
             struct xdp_key *masked)
{
    int i;

#pragma GCC unroll 8
    for (i = 0; i < XDP_KEY_BASE_WORDS; i++) {
        masked->w[i] = pkt->key.w[i] & mask->w[i];
    }
    if (pkt->extended) {
#pragma GCC unroll 8
        for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
            masked->w[i] = pkt->key.w[i] & mask->w[i];
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

/* Looks for the flow with one of 'n_masks' masks.  Not static, so that the
 * verifier looks at it once and not for each of the masks. */
__attribute__((noinline)) __u32
xdp_search_mask(const struct xdp_packet *pkt, const struct xdp_key *mask,
                __u32 mask_idx, __u32 n_masks)
{
    struct xdp_key masked;

    if (!pkt || !mask) {
        return XDP_NO_FLOW;
    }
    xdp_mask_key(pkt, mask, &masked);

    _Bool extended = pkt->extended;
    __u32 hash = xdp_hash_key(&masked, &hash_basis, extended, mask_idx);
    __u32 b = hash & (n_buckets - 1);
    __u32 found = XDP_NO_FLOW;

    if (n_masks > 1 && !xdp_pass_filter(hash)) {
        return XDP_NO_FLOW;
    }
    if (!xdp_search_bucket(&masked, extended, mask_idx, b, hash, &found)) {
        xdp_search_bucket(&masked, extended, mask_idx, b ^ 1, hash, &found);
    }
    return found;
}

static __always_inline __u32
xdp_search_masks(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    __u32 n_masks = XDP_READ_ONCE(port->n_masks);

    for (__u32 i = 0; i < XDP_MAX_MASKS && i < n_masks; i++) {
        __u32 found = xdp_search_mask(pkt, &port->masks[i], i, n_masks);

        if (found != XDP_NO_FLOW) {
            return found;
        }
    }
    return XDP_NO_FLOW;
}

/* The flow's sequence number, odd if it is gone. */
static __always_inline __u32
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
    __u32 hash = xdp_hash_key(masked, &hash_basis, extended, XDP_MAX_MASKS);
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

/* Not static for the verifier's sake, again.  Returns what xdp_search_masks()
 * does, with XDP_FOUND_IN_CACHE if that was not necessary. */
__attribute__((noinline)) __u32
xdp_search_cached(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    if (!pkt || !port) {
        return XDP_NO_FLOW;
    }

    /* Sequence numbers are read before what they stand for: at worst, what is
     * cached below is out of date at once. */
    __u32 cache_seq = XDP_READ_ONCE(port->cache_seq);
    __u32 miss_seq = XDP_READ_ONCE(port->miss_seq);
    _Bool extended = pkt->extended;
    struct xdp_key masked;

    xdp_mask_key(pkt, &port->cache_mask, &masked);

    struct xdp_cache_entry *entry = xdp_get_cache_entry(&masked, extended);

    if (!entry) {
        return XDP_NO_FLOW;
    }
    if (entry->cache_seq == cache_seq
        && xdp_key_equals(&entry->key, &masked, extended)
        && entry->seq == (entry->flow ? xdp_flow_seq(entry->flow)
                          : miss_seq)) {
        return entry->flow | XDP_FOUND_IN_CACHE;
    }

    __u32 found = xdp_search_masks(pkt, port);
    __u32 seq = found ? xdp_flow_seq(found) : miss_seq;

    if (!(cache_seq & 1) && !(found && seq & 1)) {
        xdp_copy_key(&entry->key, &masked, extended);
        entry->cache_seq = cache_seq;
        entry->flow = found;
        entry->seq = seq;
    }
    return found;
}

/* Returns the index of the packet's flow plus one, or XDP_NO_FLOW; with
 * XDP_FOUND_IN_CACHE. */
static __always_inline __u32
xdp_lookup(const struct xdp_packet *pkt, const struct xdp_port *port)
{
    /* With one mask, the cache would only be another table in front of a table
     * that is as fast. */
    return (XDP_READ_ONCE(port->n_masks) > 1
            ? xdp_search_cached(pkt, port)
            : xdp_search_mask(pkt, &port->masks[0], 0, 1));
}

#endif /* xdp-lookup.h */
