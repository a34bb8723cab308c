/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_BYTES_H
#define XDP_BYTES_H 1

/* Words out of a packet, for BPF programs and user space. */

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* A number in the byte order of the frame, or from there. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define XDP_BE16(X) ((__u16) ((X) << 8 | ((X) >> 8 & 0xff)))
#else
#define XDP_BE16(X) ((__u16) (X))
#endif

#define XDP_ETH_TYPE_NSH 0x894f         /* <linux/if_ether.h> lacks it. */

static __always_inline __u16
xdp_get16(const void *p)
{
    return *(const __u16 *) p;
}

static __always_inline __u32
xdp_get32(const void *p)
{
    return *(const __u32 *) p;
}

static __always_inline __u64
xdp_get64(const void *p)
{
    return *(const __u64 *) p;
}

static __always_inline __u16
xdp_ntohs(__u16 x)
{
    return XDP_BE16(x);
}

#endif /* xdp-bytes.h */
