/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_SCTP_CSUM_H
#define XDP_SCTP_CSUM_H 1

/* How SCTP's checksum changes with the ports.
 *
 * A CRC is the remainder of a polynomial's division, so the change of the CRC
 * is the remainder of the change: of the four bytes that begin the packet,
 * times x to the power of the packet's length in bits.  The rest of the packet
 * does not matter, nor whether its checksum was right.
 *
 * Polynomials are numbers whose highest bit is the coefficient of x^0. */

#include "xdp-key.h"

#define XDP_CRC32C_POLYNOMIAL 0x82f63b78
#define XDP_CRC32C_MAX_LEN 4095

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define XDP_LE32(X) (X)
#else
#define XDP_LE32(X) __builtin_bswap32(X)
#endif

__u32 xdp_crc32c_multiply(__u32 a, __u32 b);

/* The remainder of the product.  Not static for the verifier's sake. */
__attribute__((noinline)) __u32
xdp_crc32c_multiply(__u32 a, __u32 b)
{
    __u32 product = 0;

    for (int i = 0; i < 32; i++) {
        product ^= b & -(a >> 31);
        a <<= 1;
        b = b >> 1 ^ (XDP_CRC32C_POLYNOMIAL & -(b & 1));
    }
    return product;
}

/* x^(8 * i), x^(8 * 16 * i) and x^(8 * 256 * i) for each 'i' up to 15. */
static const __u32 xdp_crc32c_powers[3][16] = {
    {
        0x80000000, 0x00800000, 0x00008000, 0x00000080,
        0x82f63b78, 0xfbc3faf9, 0x8b277743, 0x52a0c93f,
        0x6ea2d55c, 0x1c08b7d6, 0xf56e0ef4, 0x34019664,
        0xa66805eb, 0x7a1f6b24, 0xe75d06aa, 0xc94ec098,
    },
    {
        0x80000000, 0x18b8ea18, 0x510ac59a, 0xb2dea967,
        0xb82be955, 0x36c41f1c, 0x19b29a35, 0xc9e90b9e,
        0xb8fdb1e7, 0xe55ef1f3, 0x1fe0b5c3, 0xe0553f1e,
        0x18e4a304, 0x2b830011, 0x56993a31, 0x0246e2e6,
    },
    {
        0x80000000, 0x88e56f72, 0x74c360a4, 0x631bb273,
        0xe4172b16, 0x71892b1b, 0x835305c9, 0x196b1eae,
        0x0d65762a, 0xafc81338, 0xb5a50ab7, 0xf373c3ac,
        0x5f60970f, 0xd46d3063, 0x3a5275ea, 0x02331c01,
    },
};

/* What to xor the checksum of 'len' bytes with, up to XDP_CRC32C_MAX_LEN, when
 * the first four have been xored with 'diff'; both as in memory. */
static __always_inline __u32
xdp_crc32c_change(__u32 diff, __u32 len)
{
    __u32 change = XDP_LE32(diff);

    for (int i = 0; i < 3; i++) {
        change = xdp_crc32c_multiply(change,
                                     xdp_crc32c_powers[i][len >> 4 * i & 15]);
    }
    return XDP_LE32(change);
}

#endif /* xdp-sctp-csum.h */
