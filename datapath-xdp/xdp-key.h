/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_KEY_H
#define XDP_KEY_H 1

/* The words of a key, for those who fill it: the parser from a packet, user
 * space from a flow.  Words are put together by shifts, not stored field by
 * field, so that they can stay in registers. */

#include "xdp-abi.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

enum xdp_key_word {
    XDP_KEY_ETH_DST,            /* Destination, and the port's number. */
    XDP_KEY_ETH_SRC,            /* Source, and the type. */
    XDP_KEY_VLANS,              /* TPID and TCI, outer first. */
    XDP_KEY_NW,                 /* Protocol, TOS, TTL, fragment, ports. */
    XDP_KEY_IPV4,               /* Addresses. */
    XDP_KEY_TCP_FLAGS,          /* And IPv6's flow label. */
    XDP_KEY_IPV6_SRC,           /* Two words. */
    XDP_KEY_IPV6_DST = XDP_KEY_IPV6_SRC + 2,
    XDP_KEY_ND_TARGET = XDP_KEY_IPV6_DST + 2,

    /* With ARP in the place of the IPv6 source address. */
    XDP_KEY_ARP_SHA = XDP_KEY_IPV6_SRC,
    XDP_KEY_ARP_THA,
};

/* 'first' and 'last' are the first four and the last two bytes of an Ethernet
 * address, as in memory. */
static __always_inline __u64
xdp_key_eth(__u32 first, __u16 last, __u16 other)
{
    return first | (__u64) last << 32 | (__u64) other << 48;
}

/* What one load of eight bytes gets where 'second' follows 'first'. */
static __always_inline __u64
xdp_key_pair(__u32 first, __u32 second)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return first | (__u64) second << 32;
#else
    return (__u64) first << 32 | second;
#endif
}

/* One VLAN tag.  In a key, a tag's TCI has VLAN_CFI, which says that it is
 * there. */
static __always_inline __u32
xdp_key_tag(__u16 tpid, __u16 tci)
{
    return tpid | (__u32) tci << 16;
}

/* 'ports' is source and destination as in memory. */
static __always_inline __u64
xdp_key_nw(__u8 proto, __u8 tos, __u8 ttl, __u8 frag, __u32 ports)
{
    return (proto | (__u32) tos << 8 | (__u32) ttl << 16 | (__u32) frag << 24
            | (__u64) ports << 32);
}

/* 'flags' and 'label' as in memory. */
static __always_inline __u64
xdp_key_tcp_flags(__u16 flags, __u32 label)
{
    return flags | (__u64) label << 32;
}

/* Random numbers that user space draws once. */
struct xdp_hash_basis {
    __u64 words[XDP_KEY_WORDS];
    __u64 mask;                 /* Odd. */
    __u64 low, high;

    /* Minus what words behind XDP_KEY_BASE_WORDS that are zero add up to: they
     * count for nothing, whether they are looked at or not. */
    __u64 correction;
};

static __always_inline __u64
xdp_hash_word(__u64 word, const volatile struct xdp_hash_basis *basis, int i)
{
    word += basis->words[i];
    return word * (word >> 32);
}

/* The hash of a masked key.  'extended' may be false only if the words behind
 * the first XDP_KEY_BASE_WORDS are zero; they are not looked at then.
 *
 * Each word counts by the product of itself and its upper half, after
 * something random has been added, so that every bit of it makes a difference
 * to the upper bits of the sum; and the sum by the product of itself and its
 * upper half in turn, so that it does not matter which of its bits differ.
 * That is how the hash families "NH" and "multilinear-HM" work: for two keys
 * that nobody chose knowing the basis, any adjacent bits of the hashes are
 * equal about as often as by chance. */
static __always_inline __u32
xdp_hash_key(const struct xdp_key *masked,
             const volatile struct xdp_hash_basis *basis, _Bool extended,
             __u32 mask_idx)
{
    __u64 sum = mask_idx * basis->mask;
    int i;

#pragma GCC unroll 8
    for (i = 0; i < XDP_KEY_BASE_WORDS; i++) {
        sum += xdp_hash_word(masked->w[i], basis, i);
    }
    if (extended) {
        sum += basis->correction;
#pragma GCC unroll 8
        for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
            sum += xdp_hash_word(masked->w[i], basis, i);
        }
    }
    return ((sum + basis->low) * ((sum >> 32) + basis->high)) >> 32;
}

/* Sets what follows from the random numbers. */
static inline void
xdp_hash_basis_complete(struct xdp_hash_basis *basis)
{
    int i;

    basis->mask |= 1;
    basis->correction = 0;
    for (i = XDP_KEY_BASE_WORDS; i < XDP_KEY_WORDS; i++) {
        basis->correction -= xdp_hash_word(0, basis, i);
    }
}

#endif /* xdp-key.h */
