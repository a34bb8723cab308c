/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_CSUM_H
#define XDP_CSUM_H 1

/* Internet checksums (RFC 1071, RFC 1624).  Sums are of 16-bit words as they
 * are in memory, which the checksum does not mind. */

#include "xdp-parse.h"

static __always_inline __u16
xdp_csum_fold(__u64 sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The sum of what 'new' adds to a checksum in the place of 'old'.  The sum for
 * no change would be a zero, too, but another one: it turns ffff into 0. */
static __always_inline __u64
xdp_csum_diff32(__u32 old, __u32 new)
{
    return old == new ? 0 : (__u64) (__u32) ~old + new;
}

static __always_inline __u64
xdp_csum_diff64(__u64 old, __u64 new)
{
    return (xdp_csum_diff32(old, new)
            + xdp_csum_diff32(old >> 32, new >> 32));
}

static __always_inline __u16
xdp_csum_update(__u16 csum, __u64 diff)
{
    return ~xdp_csum_fold((__u16) ~csum + diff);
}

/* The folded sum of the pseudo-header, which a sender leaves in the checksum
 * field of a packet whose checksum a device is to complete. */
static __always_inline __u16
xdp_pseudo_header_sum(const struct xdp_packet *pkt)
{
    __u64 sum = (__u64) XDP_BE16(pkt->nw_proto) + XDP_BE16(pkt->l4_len);

    if (pkt->extended) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            __u64 word = pkt->key.w[XDP_KEY_IPV6_SRC + i];

            sum += (word & 0xffffffff) + (word >> 32);
        }
    } else {
        __u64 word = pkt->key.w[XDP_KEY_IPV4];

        sum += (word & 0xffffffff) + (word >> 32);
    }
    return xdp_csum_fold(sum);
}

#endif /* xdp-csum.h */
