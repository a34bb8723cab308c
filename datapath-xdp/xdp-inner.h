/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_INNER_H
#define XDP_INNER_H 1

/* TCP and UDP headers wherever they are in a packet, tunnels included, to find
 * the checksum that a sender has left to its device.  The BPF programs and
 * user space walk alike, so that they agree which packets have one.
 *
 * There is one header for each step.  Whoever walks provides its bytes:
 *
 *     while (more) {
 *         copy up to XDP_INNER_HEADER bytes from 'w.ofs' on, up to 'w.len';
 *         more = xdp_inner_step(&w, bytes);
 *         if (w.csum_ofs) { the header at 'w.l4_ofs' has a partial checksum }
 *     }
 */

#include "xdp-bytes.h"

#define XDP_INNER_HEADER 40             /* Longest header that matters. */
#define XDP_INNER_STEPS 16

/* 'type' is an EtherType, an IP protocol, which is less, or one of these. */
#define XDP_INNER_ETHERNET 0x10000
#define XDP_INNER_VXLAN    0x10001
#define XDP_INNER_GENEVE   0x10002
#define XDP_INNER_IP       0x10003      /* The first bits tell the version. */

#define XDP_ETH_TYPE_TEB   0x6558       /* Ethernet in a tunnel. */

/* What a step has come to. */
enum xdp_inner_result {
    XDP_INNER_END,              /* Nothing more that matters. */
    XDP_INNER_UNKNOWN,          /* An encapsulation that is not known here. */
    XDP_INNER_MORE,             /* The next header. */
    XDP_INNER_PARTIAL,          /* See xdp_look_inside(). */
};

struct xdp_inner {
    __u32 ofs;                  /* Of the next header in the frame. */
    __u32 len;                  /* From there on. */
    __u32 type;                 /* Its kind. */
    __u32 l4_ofs;               /* If the last one has a partial checksum: */
    __u32 l4_len;               /* where it is, its length with what it */
    __u16 csum_ofs;             /* carries, where its checksum is, or 0, */
    __u16 pseudo_sum;           /* and what that field has. */
    __u16 src_sum;              /* Of the addresses. */
    __u16 dst_sum;
    __u16 n_ips;                /* How many IP headers there were. */
    __u8 ipv6;                  /* Is the last one IPv6? */
    __u8 routed;                /* Is its destination not the last one? */
};

static __always_inline void
xdp_inner_start(struct xdp_inner *w, __u32 ofs, __u32 len, __u32 type)
{
    w->ofs = ofs;
    w->len = len;
    w->type = type;
    w->csum_ofs = 0;
    w->l4_ofs = 0;
    w->l4_len = 0;
    w->pseudo_sum = 0;
    w->src_sum = 0;
    w->dst_sum = 0;
    w->n_ips = 0;
    w->ipv6 = 0;
    w->routed = 0;
}

/* UDP ports whose packets have others inside. */
static __always_inline _Bool
xdp_is_vxlan_port(__u16 port)
{
    return port == 4789 || port == 8472;
}

static __always_inline _Bool
xdp_is_tunnel_port(__u16 port)
{
    return (xdp_is_vxlan_port(port) || port == 6081
            /* L2TP, GTP-U, VXLAN-GPE, GUE, MPLS. */
            || port == 1701 || port == 2152 || port == 4790 || port == 6080
            || port == 6635);
}

/* IP protocols likewise: IPv4, IPv6, GRE, EtherIP, L2TP, MPLS. */
static __always_inline _Bool
xdp_is_tunnel_proto(__u8 proto)
{
    return (proto == IPPROTO_IPIP || proto == IPPROTO_IPV6
            || proto == IPPROTO_GRE || proto == 97 || proto == 115
            || proto == 137);
}

/* Moves on behind 'n' bytes, to a header of kind 'type'. */
static __always_inline enum xdp_inner_result
xdp_inner_next(struct xdp_inner *w, __u32 n, __u32 type)
{
    if (n > w->len) {
        return XDP_INNER_END;
    }
    w->ofs += n;
    w->len -= n;
    w->type = type;
    return XDP_INNER_MORE;
}

static __always_inline __u16
xdp_fold(__u64 sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static __always_inline __u16
xdp_sum32(const __u8 *p, int n_words)
{
    __u64 sum = 0;

#pragma GCC unroll 4
    for (int i = 0; i < n_words; i++) {
        sum += xdp_get32(p + 4 * i);
    }
    return xdp_fold(sum);
}

/* A packet may be padded, but what is in a tunnel is as long as it says. */
static __always_inline _Bool
xdp_inner_has_length(const struct xdp_inner *w, __u32 len)
{
    return w->n_ips ? len == w->len : len <= w->len;
}

static __always_inline enum xdp_inner_result
xdp_inner_ipv4(struct xdp_inner *w, const __u8 *h)
{
    __u32 header_len = (h[0] & 0xf) * 4;
    __u32 len = xdp_ntohs(xdp_get16(h + 2));

    if (w->len < 20 || h[0] >> 4 != 4 || header_len < 20 || len < header_len
        || !xdp_inner_has_length(w, len)
        || xdp_get16(h + 6) & XDP_BE16(0x3fff)) {
        return XDP_INNER_END;
    }
    w->len = len;
    w->src_sum = xdp_sum32(h + 12, 1);
    w->dst_sum = xdp_sum32(h + 16, 1);
    w->n_ips++;
    w->ipv6 = 0;
    w->routed = 0;
    return xdp_inner_next(w, header_len, h[9]);
}

static __always_inline enum xdp_inner_result
xdp_inner_ipv6(struct xdp_inner *w, const __u8 *h)
{
    __u32 len = xdp_ntohs(xdp_get16(h + 4)) + 40;

    if (w->len < 40 || h[0] >> 4 != 6 || !xdp_inner_has_length(w, len)) {
        return XDP_INNER_END;
    }
    w->len = len;
    w->src_sum = xdp_sum32(h + 8, 4);
    w->dst_sum = xdp_sum32(h + 24, 4);
    w->n_ips++;
    w->ipv6 = 1;
    w->routed = 0;
    return xdp_inner_next(w, 40, h[6]);
}

/* Extension headers of IPv6, except for fragments.  The checksum is that of
 * the last destination: in a segment routing header, the first segment. */
static __always_inline enum xdp_inner_result
xdp_inner_extension(struct xdp_inner *w, const __u8 *h)
{
    __u32 len = (w->type == IPPROTO_AH ? (h[1] + 2) * 4 : (h[1] + 1) * 8);

    if (w->len < 8) {
        return XDP_INNER_END;
    }
    if (w->type == IPPROTO_ROUTING && h[3]) {
        w->routed = 1;
        w->dst_sum = h[2] == 4 && len >= 24 ? xdp_sum32(h + 8, 4) : 0;
    }
    return xdp_inner_next(w, len, h[0]);
}

/* Looks whether the checksum at 'csum_ofs' of the header is partial. */
static __always_inline void
xdp_inner_check(struct xdp_inner *w, const __u8 *h, __u32 csum_ofs)
{
    __u16 csum = xdp_get16(h + csum_ofs);
    __u64 sum = ((__u64) w->src_sum + w->dst_sum + XDP_BE16(w->type)
                 + XDP_BE16(w->len));

    if (csum && csum == xdp_fold(sum) && (!w->routed || w->dst_sum)) {
        w->csum_ofs = csum_ofs;
        w->l4_ofs = w->ofs;
        w->l4_len = w->len;
        w->pseudo_sum = csum;
    }
}

static __always_inline enum xdp_inner_result
xdp_inner_udp(struct xdp_inner *w, const __u8 *h)
{
    __u16 port = xdp_ntohs(xdp_get16(h + 2));

    /* The checksum covers what UDP's own length says. */
    if (w->len < 8 || xdp_ntohs(xdp_get16(h + 4)) != w->len) {
        return XDP_INNER_END;
    }
    xdp_inner_check(w, h, 6);
    return (xdp_is_vxlan_port(port) ? xdp_inner_next(w, 8, XDP_INNER_VXLAN)
            : port == 6081 ? xdp_inner_next(w, 8, XDP_INNER_GENEVE)
            : xdp_is_tunnel_port(port) ? XDP_INNER_UNKNOWN : XDP_INNER_END);
}

static __always_inline _Bool
xdp_inner_knows_eth_type(__u32 type)
{
    return (type == ETH_P_IP || type == ETH_P_IPV6 || type == ETH_P_MPLS_UC
            || type == ETH_P_MPLS_MC);
}

static __always_inline enum xdp_inner_result
xdp_inner_tunnel(struct xdp_inner *w, __u32 header_len, __u32 type)
{
    if (type == XDP_ETH_TYPE_TEB) {
        type = XDP_INNER_ETHERNET;
    } else if (!xdp_inner_knows_eth_type(type)) {
        return XDP_INNER_UNKNOWN;
    }
    return xdp_inner_next(w, header_len, type);
}

static __always_inline enum xdp_inner_result
xdp_inner_gre(struct xdp_inner *w, const __u8 *h)
{
    /* Checksum, key, sequence number; version 0. */
    __u32 header_len = 4 + (h[0] >> 7 & 1) * 4 + (h[0] >> 5 & 1) * 4
                       + (h[0] >> 4 & 1) * 4;

    return (w->len < 4 ? XDP_INNER_END
            : h[0] & 0x4f || h[1] ? XDP_INNER_UNKNOWN
            : xdp_inner_tunnel(w, header_len, xdp_ntohs(xdp_get16(h + 2))));
}

static __always_inline enum xdp_inner_result
xdp_inner_vxlan(struct xdp_inner *w, const __u8 *h)
{
    return (w->len < 8 ? XDP_INNER_END
            : h[0] != 8 || h[1] || h[2] || h[3] || h[7] ? XDP_INNER_UNKNOWN
            : xdp_inner_next(w, 8, XDP_INNER_ETHERNET));
}

static __always_inline enum xdp_inner_result
xdp_inner_geneve(struct xdp_inner *w, const __u8 *h)
{
    return (w->len < 8 ? XDP_INNER_END
            : h[0] & 0xc0 || h[7] ? XDP_INNER_UNKNOWN
            : xdp_inner_tunnel(w, 8 + (h[0] & 0x3f) * 4,
                               xdp_ntohs(xdp_get16(h + 2))));
}

static __always_inline enum xdp_inner_result
xdp_inner_mpls(struct xdp_inner *w, const __u8 *h)
{
    return (w->len < 4 ? XDP_INNER_END
            : xdp_inner_next(w, 4, h[2] & 1 ? XDP_INNER_IP : w->type));
}

static __always_inline enum xdp_inner_result
xdp_inner_ip(struct xdp_inner *w, const __u8 *h)
{
    return (h[0] >> 4 == 4 ? xdp_inner_next(w, 0, ETH_P_IP)
            : h[0] >> 4 == 6 ? xdp_inner_next(w, 0, ETH_P_IPV6)
            : XDP_INNER_UNKNOWN);
}

static __always_inline enum xdp_inner_result
xdp_inner_proto(struct xdp_inner *w, const __u8 *h)
{
    switch (w->type) {
    case IPPROTO_TCP:
        if (w->len >= 20) {
            xdp_inner_check(w, h, 16);
        }
        return XDP_INNER_END;
    case IPPROTO_UDP:
        return xdp_inner_udp(w, h);
    case IPPROTO_IPIP:
        return xdp_inner_next(w, 0, ETH_P_IP);
    case IPPROTO_IPV6:
        return xdp_inner_next(w, 0, ETH_P_IPV6);
    case IPPROTO_GRE:
        return xdp_inner_gre(w, h);
    case 137:
        return xdp_inner_next(w, 0, ETH_P_MPLS_UC);
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
    case IPPROTO_AH:
        return w->ipv6 ? xdp_inner_extension(w, h) : XDP_INNER_END;
    default:
        return (xdp_is_tunnel_proto(w->type) ? XDP_INNER_UNKNOWN
                : XDP_INNER_END);
    }
}

/* Takes the header at 'w->ofs', whose first bytes, or else zeros, are in
 * 'h'. */
static __always_inline enum xdp_inner_result
xdp_inner_step(struct xdp_inner *w, const __u8 *h)
{
    w->csum_ofs = 0;
    if (w->type < 256) {
        return xdp_inner_proto(w, h);
    }
    switch (w->type) {
    case XDP_INNER_ETHERNET:
        return (w->len < ETH_HLEN ? XDP_INNER_END
                : xdp_inner_next(w, ETH_HLEN, xdp_ntohs(xdp_get16(h + 12))));
    case ETH_P_8021Q:
    case ETH_P_8021AD:
        return (w->len < 4 ? XDP_INNER_END
                : xdp_inner_next(w, 4, xdp_ntohs(xdp_get16(h + 2))));
    case ETH_P_IP:
        return xdp_inner_ipv4(w, h);
    case ETH_P_IPV6:
        return xdp_inner_ipv6(w, h);
    case ETH_P_MPLS_UC:
    case ETH_P_MPLS_MC:
        return xdp_inner_mpls(w, h);
    case XDP_INNER_IP:
        return xdp_inner_ip(w, h);
    case XDP_INNER_VXLAN:
        return xdp_inner_vxlan(w, h);
    case XDP_INNER_GENEVE:
        return xdp_inner_geneve(w, h);
    case ETH_P_PPP_SES:
    case XDP_ETH_TYPE_NSH:
        return XDP_INNER_UNKNOWN;
    default:
        return XDP_INNER_END;
    }
}

#endif /* xdp-inner.h */
