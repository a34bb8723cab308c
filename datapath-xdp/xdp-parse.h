/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_PARSE_H
#define XDP_PARSE_H 1

/* From a packet to its key, for the BPF programs and, on the host, for the
 * tests that hold it against Open vSwitch's flow_extract().
 *
 * What this parser accepts it sees as flow_extract() does.  Whatever is
 * truncated, contradicts itself or is not known here is not accepted. */

#include "xdp-bytes.h"
#include "xdp-key.h"

#define XDP_ETH_TYPE_MIN 0x600          /* Below, a length (IEEE 802.3). */

/* Of the first four bytes of an IPv6 header. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define XDP_IPV6_LABEL_MASK 0xffff0f00u
#else
#define XDP_IPV6_LABEL_MASK 0x000fffffu
#endif

#define XDP_FRAG_ANY   1
#define XDP_FRAG_LATER 2

/* IPv6 extension headers: as many as RFC 8200 (section 4.1) has in front of a
 * transport header, and how far they can push it. */
#define XDP_MAX_EXTENSIONS 6
#define XDP_MAX_L4_OFS 4080

/* The verifier does not know how far headers can be: two VLAN tags in front,
 * and two more that are pushed. */
#define XDP_L3_OFS(PKT) ((PKT)->l3_ofs & 31)
#define XDP_L4_OFS(PKT) ((PKT)->l4_ofs & 4095)
_Static_assert(XDP_MAX_L4_OFS + 8 <= 4095, "room for two VLAN tags");

/* Why the checksum of TCP, UDP or ICMPv6 is not that of the addresses in the
 * IPv6 header. */
#define XDP_ROUTED    1         /* The destination is not the last one. */
#define XDP_NOT_FIRST 2         /* A fragment, but not the first. */

/* What becomes of a packet: it is for user space, or its key is complete, or
 * only xdp_parse_extensions() knows. */
enum xdp_parsed {
    XDP_NOT_PARSED,
    XDP_PARSED,
    XDP_EXTENSIONS,
};

/* A packet as the parser has found it.  Offsets and lengths in bytes. */
struct xdp_packet {
    struct xdp_key key;
    _Bool extended;             /* Does the key use all words? */
    __u8 n_vlans;
    __u8 nw_proto;              /* Of IPv4 or IPv6, else 0. */
    __u8 nw_frag;
    __u16 eth_type;             /* As in the frame, behind the VLAN tags. */
    __u8 other_addrs;           /* XDP_ROUTED, XDP_NOT_FIRST. */
    __u32 l3_ofs;
    __u32 l4_ofs;
    __u32 l4_len;               /* From l4_ofs on, without padding. */
};

static __always_inline _Bool
xdp_is_vlan(__u16 eth_type)
{
    return (eth_type == XDP_BE16(ETH_P_8021Q)
            || eth_type == XDP_BE16(ETH_P_8021AD));
}

/* The transport header at 'l4', of which 'len' bytes belong to the packet,
 * into the ports and TCP flags of the key. */
static __always_inline _Bool
xdp_parse_l4(const void *l4, const void *end, __u32 len, __u8 proto,
             __u32 *ports, __u16 *tcp_flags)
{
    const __u8 *p = l4;

    if (proto == IPPROTO_UDP) {
        if (len < 8 || l4 + 8 > end) {
            return 0;
        }
        *ports = xdp_get32(p);
    } else if (proto == IPPROTO_TCP) {
        if (len < 20 || l4 + 20 > end) {
            return 0;
        }
        __u32 header_len = (p[12] >> 4) * 4;

        if (header_len < 20 || header_len > len) {
            return 0;
        }
        *ports = xdp_get32(p);
        *tcp_flags = xdp_get16(p + 12) & XDP_BE16(0x0fff);
    } else if (proto == IPPROTO_SCTP) {
        if (len < 12 || l4 + 12 > end) {
            return 0;
        }
        *ports = xdp_get32(p);
    }
    return 1;
}

/* ICMP, ICMPv6 and IGMP have type and code where the others have ports, each
 * in the low byte. */
static __always_inline __u32
xdp_icmp_ports(__u8 type, __u8 code)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (__u32) type << 8 | (__u32) code << 24;
#else
    return (__u32) type << 16 | code;
#endif
}

static __always_inline _Bool
xdp_parse_ipv4(const void *data, const void *end, struct xdp_packet *pkt)
{
    const __u8 *ip = data + pkt->l3_ofs;
    __u32 ports = 0;
    __u16 tcp_flags = 0;
    __u8 frag = 0;

    if ((const void *) (ip + 20) > end) {
        return 0;
    }

    __u32 header_len = (ip[0] & 0xf) * 4;
    __u32 tot_len = xdp_ntohs(xdp_get16(ip + 2));
    const __u8 *l4 = ip + header_len;

    /* flow_extract() does not look at the version, but what completes partial
     * checksums in user space does. */
    if (ip[0] >> 4 != 4 || header_len < 20 || (const void *) l4 > end
        || tot_len < header_len
        || tot_len > (__u32) ((const __u8 *) end - ip)) {
        return 0;
    }
    if (xdp_get16(ip + 6) & XDP_BE16(0x3fff)) {
        frag = XDP_FRAG_ANY;
        if (xdp_get16(ip + 6) & XDP_BE16(0x1fff)) {
            frag |= XDP_FRAG_LATER;
        }
    }

    __u8 proto = ip[9];

    /* flow_extract() sees an ICMPv6 header there. */
    if (proto == IPPROTO_ICMPV6) {
        return 0;
    }
    pkt->nw_proto = proto;
    pkt->nw_frag = frag;
    pkt->l4_ofs = pkt->l3_ofs + header_len;
    pkt->l4_len = tot_len - header_len;
    if (!(frag & XDP_FRAG_LATER)) {
        if (proto == IPPROTO_ICMP || proto == IPPROTO_IGMP) {
            if (pkt->l4_len < 8 || (const void *) (l4 + 8) > end) {
                return 0;
            }
            ports = xdp_icmp_ports(l4[0], l4[1]);
        } else if (!xdp_parse_l4(l4, end, pkt->l4_len, proto, &ports,
                                 &tcp_flags)) {
            return 0;
        }
    }
    pkt->key.w[XDP_KEY_NW] = xdp_key_nw(proto, ip[1], ip[8], frag, ports);
    pkt->key.w[XDP_KEY_IPV4] = xdp_get64(ip + 12);
    pkt->key.w[XDP_KEY_TCP_FLAGS] = tcp_flags;
    return 1;
}

/* Type and code; and the target of a neighbor solicitation or advertisement
 * that has no options, or one with a link-layer address.  (flow_extract()
 * ignores the target when an address is there twice.) */
static __always_inline _Bool
xdp_parse_icmpv6(const __u8 *l4, const void *end, struct xdp_packet *pkt,
                 __u32 *ports)
{
    if (pkt->l4_len < 8 || (const void *) (l4 + 8) > end) {
        return 0;
    }
    *ports = xdp_icmp_ports(l4[0], l4[1]);
    if ((l4[0] != 135 && l4[0] != 136) || l4[1]) {
        return 1;
    }
    if ((pkt->l4_len != 24 && pkt->l4_len != 32)
        || (const void *) (l4 + 24) > end) {
        return 0;
    }
    pkt->key.w[XDP_KEY_ND_TARGET] = xdp_get64(l4 + 8);
    pkt->key.w[XDP_KEY_ND_TARGET + 1] = xdp_get64(l4 + 16);
    return 1;
}

static __always_inline _Bool
xdp_is_extension(__u8 proto)
{
    return (proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING
            || proto == IPPROTO_DSTOPTS || proto == IPPROTO_AH
            || proto == IPPROTO_FRAGMENT);
}

/* The key of a packet with IPv6 header 'ip', and with transport header 'l4'
 * unless it is a later fragment. */
static __always_inline _Bool
xdp_parse_ipv6_l4(const __u8 *ip, const __u8 *l4, const void *end,
                  __u8 proto, __u8 frag, struct xdp_packet *pkt)
{
    __u32 ports = 0;
    __u16 tcp_flags = 0;

    /* They belong to IPv4, and flow_extract() looks into them all the same. */
    if (proto == IPPROTO_ICMP || proto == IPPROTO_IGMP) {
        return 0;
    }
    pkt->key.w[XDP_KEY_ND_TARGET] = 0;
    pkt->key.w[XDP_KEY_ND_TARGET + 1] = 0;
    if (!(frag & XDP_FRAG_LATER)
        && !(proto == IPPROTO_ICMPV6
             ? xdp_parse_icmpv6(l4, end, pkt, &ports)
             : xdp_parse_l4(l4, end, pkt->l4_len, proto, &ports,
                            &tcp_flags))) {
        return 0;
    }
    pkt->nw_proto = proto;
    pkt->extended = 1;
    pkt->key.w[XDP_KEY_NW] = xdp_key_nw(proto, ip[0] << 4 | ip[1] >> 4, ip[7],
                                        frag, ports);
    pkt->key.w[XDP_KEY_IPV4] = 0;
    pkt->key.w[XDP_KEY_TCP_FLAGS]
        = xdp_key_tcp_flags(tcp_flags, xdp_get32(ip) & XDP_IPV6_LABEL_MASK);
    pkt->key.w[XDP_KEY_IPV6_SRC] = xdp_get64(ip + 8);
    pkt->key.w[XDP_KEY_IPV6_SRC + 1] = xdp_get64(ip + 16);
    pkt->key.w[XDP_KEY_IPV6_DST] = xdp_get64(ip + 24);
    pkt->key.w[XDP_KEY_IPV6_DST + 1] = xdp_get64(ip + 32);
    return 1;
}

/* A packet that is whole in its only fragment is not the first fragment, as
 * Open vSwitch sees it when it sets addresses. */
static __always_inline void
xdp_parse_fragment(const __u8 *header, struct xdp_packet *pkt)
{
    __u16 offset = xdp_get16(header + 2);

    pkt->other_addrs &= ~XDP_NOT_FIRST;
    if ((offset & XDP_BE16(0xfff9)) != XDP_BE16(1)) {
        pkt->other_addrs |= XDP_NOT_FIRST;
    }
    if (offset) {
        pkt->nw_frag = XDP_FRAG_ANY;
    }
    if (offset & XDP_BE16(0xfff8)) {
        pkt->nw_frag |= XDP_FRAG_LATER;
        pkt->nw_proto = IPPROTO_FRAGMENT;
    }
}

/* Skips the header of kind 'nw_proto' at 'l4_ofs', which is an extension
 * header, so that both are about the next one.  Returns false if it is not all
 * there. */
static __always_inline _Bool
xdp_skip_extension(const void *data, const void *end, struct xdp_packet *pkt)
{
    const __u8 *header = data + XDP_L4_OFS(pkt);
    __u8 proto = pkt->nw_proto;

    if (pkt->l4_len < 8 || (const void *) (header + 8) > end) {
        return 0;
    }

    __u32 len = (proto == IPPROTO_FRAGMENT ? 8
                 : proto == IPPROTO_AH ? (header[1] + 2) * 4
                 : (header[1] + 1) * 8);

    if (len > pkt->l4_len) {
        return 0;
    }
    pkt->l4_ofs += len;
    pkt->l4_len -= len;
    pkt->nw_proto = header[0];
    if (proto == IPPROTO_ROUTING && header[3]) {
        pkt->other_addrs |= XDP_ROUTED;
    } else if (proto == IPPROTO_FRAGMENT) {
        xdp_parse_fragment(header, pkt);
    }
    return pkt->l4_ofs <= XDP_MAX_L4_OFS;
}

/* Goes on where xdp_parse() has said XDP_EXTENSIONS. */
static __always_inline _Bool
xdp_parse_extensions(const void *data, const void *end, struct xdp_packet *pkt)
{
    const __u8 *ip = data + XDP_L3_OFS(pkt);

    for (int i = 0; i < XDP_MAX_EXTENSIONS; i++) {
        if (!xdp_skip_extension(data, end, pkt)) {
            return 0;
        }

        /* Values that come from memory are all the same to the verifier, which
         * has less to look at. */
        asm volatile ("" : : : "memory");
        if (pkt->nw_frag & XDP_FRAG_LATER
            || !xdp_is_extension(pkt->nw_proto)) {
            return ((const void *) (ip + 40) <= end
                    && xdp_parse_ipv6_l4(ip, data + XDP_L4_OFS(pkt), end,
                                         pkt->nw_proto, pkt->nw_frag, pkt));
        }
    }
    return 0;
}

static __always_inline enum xdp_parsed
xdp_parse_ipv6(const void *data, const void *end, struct xdp_packet *pkt)
{
    const __u8 *ip = data + pkt->l3_ofs;
    const __u8 *l4 = ip + 40;

    if ((const void *) l4 > end) {
        return XDP_NOT_PARSED;
    }

    __u8 proto = ip[6];

    pkt->l4_len = xdp_ntohs(xdp_get16(ip + 4));
    if (ip[0] >> 4 != 6 || pkt->l4_len > (__u32) ((const __u8 *) end - l4)) {
        return XDP_NOT_PARSED;
    }
    pkt->l4_ofs = pkt->l3_ofs + 40;
    if (xdp_is_extension(proto)) {
        pkt->nw_proto = proto;
        return XDP_EXTENSIONS;
    }
    return xdp_parse_ipv6_l4(ip, l4, end, proto, 0, pkt);
}

static __always_inline _Bool
xdp_parse_arp(const void *data, const void *end, struct xdp_packet *pkt)
{
    const __u8 *arp = data + pkt->l3_ofs;

    if ((const void *) (arp + 28) > end
        || xdp_get32(arp) != (XDP_BE16(1) | (__u32) XDP_BE16(ETH_P_IP) << 16)
        || xdp_get16(arp + 4) != XDP_BE16(6 << 8 | 4) || arp[6]) {
        return 0;
    }
    pkt->extended = 1;
    pkt->key.w[XDP_KEY_NW] = xdp_key_nw(arp[7], 0, 0, 0, 0);
    pkt->key.w[XDP_KEY_IPV4] = xdp_key_pair(xdp_get32(arp + 14),
                                            xdp_get32(arp + 24));
    pkt->key.w[XDP_KEY_TCP_FLAGS] = 0;
    pkt->key.w[XDP_KEY_ARP_SHA] = xdp_key_eth(xdp_get32(arp + 8),
                                              xdp_get16(arp + 12), 0);
    pkt->key.w[XDP_KEY_ARP_THA] = xdp_key_eth(xdp_get32(arp + 18),
                                              xdp_get16(arp + 22), 0);
    pkt->key.w[XDP_KEY_IPV6_DST] = 0;
    pkt->key.w[XDP_KEY_IPV6_DST + 1] = 0;
    pkt->key.w[XDP_KEY_ND_TARGET] = 0;
    pkt->key.w[XDP_KEY_ND_TARGET + 1] = 0;
    return 1;
}

/* Parses the frame from 'data' to 'end', which came in through 'in_port', with
 * up to 'vlan_limit' VLAN tags, into '*pkt'. */
static __always_inline enum xdp_parsed
xdp_parse(const void *data, const void *end, __u16 in_port, __u32 vlan_limit,
          struct xdp_packet *pkt)
{
    const __u8 *p = data;
    __u32 tags[2] = { 0, 0 };
    __u32 ofs = ETH_HLEN;

    if (data + ETH_HLEN > end) {
        return XDP_NOT_PARSED;
    }

    __u16 eth_type = xdp_get16(p + 12);

    pkt->n_vlans = 0;
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        if (xdp_is_vlan(eth_type)) {
            if (data + ofs + 4 > end || (__u32) i >= vlan_limit) {
                return XDP_NOT_PARSED;
            }
            tags[i] = xdp_key_tag(eth_type, xdp_get16(p + ofs)
                                            | XDP_BE16(0x1000));
            eth_type = xdp_get16(p + ofs + 2);
            ofs += 4;
            pkt->n_vlans++;
        }
    }
    if (xdp_ntohs(eth_type) < XDP_ETH_TYPE_MIN || xdp_is_vlan(eth_type)
        || eth_type == XDP_BE16(ETH_P_MPLS_UC)
        || eth_type == XDP_BE16(ETH_P_MPLS_MC)
        || eth_type == XDP_BE16(XDP_ETH_TYPE_NSH)) {
        return XDP_NOT_PARSED;
    }

    pkt->extended = 0;
    pkt->nw_proto = 0;
    pkt->nw_frag = 0;
    pkt->other_addrs = 0;
    pkt->eth_type = eth_type;
    pkt->l3_ofs = ofs;
    pkt->key.w[XDP_KEY_ETH_DST] = xdp_key_eth(xdp_get32(p), xdp_get16(p + 4),
                                              in_port);
    pkt->key.w[XDP_KEY_ETH_SRC] = xdp_key_eth(xdp_get32(p + 6),
                                              xdp_get16(p + 10), eth_type);
    pkt->key.w[XDP_KEY_VLANS] = xdp_key_pair(tags[0], tags[1]);

    if (eth_type == XDP_BE16(ETH_P_IP)) {
        return xdp_parse_ipv4(data, end, pkt);
    } else if (eth_type == XDP_BE16(ETH_P_IPV6)) {
        return xdp_parse_ipv6(data, end, pkt);
    } else if (eth_type == XDP_BE16(ETH_P_ARP)
               || eth_type == XDP_BE16(ETH_P_RARP)) {
        return xdp_parse_arp(data, end, pkt);
    }
    pkt->key.w[XDP_KEY_NW] = 0;
    pkt->key.w[XDP_KEY_IPV4] = 0;
    pkt->key.w[XDP_KEY_TCP_FLAGS] = 0;
    return XDP_PARSED;
}

#endif /* xdp-parse.h */
