/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_REWRITE_H
#define XDP_REWRITE_H 1

/* What an action changes in a packet: VLAN tags, header fields, length. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "xdp-csum.h"
#include "xdp-sctp-csum.h"

static __always_inline __u64
xdp_frame_len(struct xdp_md *ctx)
{
    void *data = (void *) (long) ctx->data;
    void *end = (void *) (long) ctx->data_end;

    /* Else the compiler subtracts 32-bit halves, which the verifier does not
     * allow for pointers. */
    asm volatile ("" : "+r" (data), "+r" (end));
    return end - data;
}

/* Takes 'n_pop' tags off and puts 'n_push' on.  Returns false, with the packet
 * as it was, if that is impossible. */
static __always_inline _Bool
xdp_rewrite_vlans(struct xdp_md *ctx, struct xdp_packet *pkt,
                  const struct xdp_flow_action *act)
{
    int delta = 4 * ((act->n_push & 3) - (act->n_pop & 3));
    void *data = (void *) (long) ctx->data;
    __u32 macs[3];

    if (act->n_pop > pkt->n_vlans
        || data + ETH_HLEN > (void *) (long) ctx->data_end) {
        return 0;
    }
    macs[0] = xdp_get32(data);
    macs[1] = xdp_get32(data + 4);
    macs[2] = xdp_get32(data + 8);
    if (delta && bpf_xdp_adjust_head(ctx, -delta)) {
        return 0;
    }

    /* The checks below never fail: what is popped was there. */
    data = (void *) (long) ctx->data;

    void *end = (void *) (long) ctx->data_end;

    if (data + ETH_HLEN > end) {
        return 0;
    }
    *(__u32 *) data = macs[0];
    *(__u32 *) (data + 4) = macs[1];
    *(__u32 *) (data + 8) = macs[2];
    if (act->n_push) {
        int last = act->n_push > 1;

        if (data + ETH_HLEN + 4 > end) {
            return 0;
        }
        *(__u16 *) (data + 12) = act->push[last].tpid;
        *(__u16 *) (data + 14) = act->push[last].tci;
        if (last) {
            if (data + ETH_HLEN + 8 > end) {
                return 0;
            }
            *(__u16 *) (data + 16) = act->push[0].tpid;
            *(__u16 *) (data + 18) = act->push[0].tci;
        }
    }
    pkt->l3_ofs += delta;
    pkt->l4_ofs += delta;
    return 1;
}

static __always_inline void
xdp_rewrite_eth(void *data, const struct xdp_flow_action *act)
{
    __u32 *eth = data;

#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
        eth[i] = (eth[i] & ~act->eth_mask[i]) | act->eth[i];
    }
}

/* Returns what changes in the sum of the pseudo-header. */
static __always_inline __u64
xdp_rewrite_ipv4(__u8 *ip, const struct xdp_ip_rewrite *rw)
{
    __u64 old_addrs = xdp_get64(ip + 12);
    __u64 addrs = (old_addrs & ~rw->addrs_mask[0]) | rw->addrs[0];
    __u64 addrs_diff = xdp_csum_diff64(old_addrs, addrs);
    __u16 old_tos = xdp_get16(ip);
    __u16 old_ttl = xdp_get16(ip + 8);
    __u64 diff;

    *(__u64 *) (ip + 12) = addrs;
    ip[1] = (ip[1] & ~rw->tos_mask) | rw->tos;
    ip[8] = (ip[8] & ~rw->ttl_mask) | rw->ttl;
    diff = (addrs_diff + xdp_csum_diff32(old_tos, xdp_get16(ip))
            + xdp_csum_diff32(old_ttl, xdp_get16(ip + 8)));
    *(__u16 *) (ip + 10) = xdp_csum_update(xdp_get16(ip + 10), diff);
    return addrs_diff;
}

static __always_inline __u64
xdp_rewrite_ipv6(__u8 *ip, const struct xdp_ip_rewrite *rw)
{
    __u64 diff = 0;

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __u64 *word = (__u64 *) (ip + 8 + 8 * i);
        __u64 new = (*word & ~rw->addrs_mask[i]) | rw->addrs[i];

        diff += xdp_csum_diff32(*word, new);
        diff += xdp_csum_diff32(*word >> 32, new >> 32);
        *word = new;
    }

    /* The traffic class straddles two bytes; the label is in network byte
     * order and has no bits in them. */
    __u8 tos = ip[0] << 4 | ip[1] >> 4;

    tos = (tos & ~rw->tos_mask) | rw->tos;
    ip[0] = (ip[0] & 0xf0) | tos >> 4;
    ip[1] = (ip[1] & 0x0f) | tos << 4;
    *(__u32 *) ip = (xdp_get32(ip) & ~rw->label_mask) | rw->label;
    ip[7] = (ip[7] & ~rw->ttl_mask) | rw->ttl;
    return diff;
}

static __always_inline void
xdp_rewrite_arp(__u8 *arp, const struct xdp_arp_rewrite *rw)
{
    __u16 *op = (__u16 *) (arp + 6);
    __u16 *sender = (__u16 *) (arp + 8);
    __u16 *target = (__u16 *) (arp + 18);

    *op = (*op & ~rw->op_mask) | rw->op;
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
        sender[i] = (sender[i] & ~rw->sender_mask[i]) | rw->sender[i];
        target[i] = (target[i] & ~rw->target_mask[i]) | rw->target[i];
    }
}

static __always_inline _Bool
xdp_sets_sctp(const struct xdp_packet *pkt, const struct xdp_flow_action *act)
{
    return (pkt->nw_proto == IPPROTO_SCTP && act->flags & XDP_ACT_L4_PORTS
            && !(pkt->nw_frag & XDP_FRAG_LATER));
}

/* Open vSwitch, too, changes a wrong checksum into another wrong one. */
static __always_inline void
xdp_rewrite_sctp(__u8 *l4, void *end, const struct xdp_packet *pkt,
                 const struct xdp_flow_action *act)
{
    __u32 *ports = (__u32 *) l4;
    __u32 *csum = (__u32 *) (l4 + 8);

    if ((void *) (csum + 1) <= end) {
        __u32 old = *ports;

        *ports = (old & ~act->ports_mask) | act->ports;
        *csum ^= xdp_crc32c_change(old ^ *ports, pkt->l4_len);
    }
}

/* Sets ports, or type and code, and brings the transport checksum up to date
 * with them and with 'diff' of the pseudo-header. */
static __always_inline void
xdp_rewrite_l4(__u8 *l4, void *end, const struct xdp_packet *pkt,
               const struct xdp_flow_action *act, __u64 diff)
{
    __u8 proto = pkt->nw_proto;
    __u32 csum_ofs = (proto == IPPROTO_TCP ? 16
                      : proto == IPPROTO_UDP ? 6 : 2);

    if (pkt->nw_frag & XDP_FRAG_LATER
        || (proto != IPPROTO_TCP && proto != IPPROTO_UDP
            && proto != IPPROTO_ICMP && proto != IPPROTO_ICMPV6)
        || (void *) (l4 + csum_ofs + 2) > end) {
        return;
    }
    if (proto == IPPROTO_ICMP) {
        diff = 0;               /* It has no pseudo-header. */
    }
    if (act->flags & XDP_ACT_L4_PORTS) {
        __u32 old = xdp_get32(l4);
        __u32 new = (old & ~act->ports_mask) | act->ports;

        *(__u32 *) l4 = new;
        diff += xdp_csum_diff32(old, new);
    } else if (act->flags & XDP_ACT_ICMP) {
        __u16 old = xdp_get16(l4);
        __u16 new = (old & ~act->ports_mask) | act->ports;

        *(__u16 *) l4 = new;
        diff += xdp_csum_diff32(old, new);
    }

    __u16 *csum = (__u16 *) (l4 + csum_ofs);

    if (diff && !(proto == IPPROTO_UDP && !*csum)) {
        *csum = xdp_csum_update(*csum, diff);
        if (proto == IPPROTO_UDP && !*csum) {
            *csum = 0xffff;
        }
    }
}

static __always_inline _Bool
xdp_rewrite_nw(void *data, void *end, const struct xdp_packet *pkt,
               const struct xdp_flow_action *act)
{
    __u8 *l3 = data + XDP_L3_OFS(pkt);
    __u8 *l4 = data + XDP_L4_OFS(pkt);
    __u64 diff = 0;

    if (act->flags & XDP_ACT_ARP) {
        if ((void *) (l3 + 28) > end) {
            return 0;
        }
        xdp_rewrite_arp(l3, &act->arp);
        return 1;
    }
    if (act->flags & XDP_ACT_IP) {
        if (pkt->extended) {
            if ((void *) (l3 + 40) > end) {
                return 0;
            }
            diff = xdp_rewrite_ipv6(l3, &act->ip);
            if (pkt->other_addrs) {
                diff = 0;
            }
        } else {
            if ((void *) (l3 + 20) > end) {
                return 0;
            }
            diff = xdp_rewrite_ipv4(l3, &act->ip);
        }
    }
    if (xdp_sets_sctp(pkt, act)) {
        xdp_rewrite_sctp(l4, end, pkt, act);
    } else if ((void *) (l4 + 8) <= end) {
        xdp_rewrite_l4(l4, end, pkt, act, diff);
    }
    return 1;
}

/* Does to the packet what 'act' says, except for sending it.  Returns 0, or 1
 * with the packet as it was if there is no room for a VLAN tag or the packet
 * is too long for xdp_crc32c_change().  (The other failures are for the
 * verifier: the parser has seen the headers.) Not static for the verifier's
 * sake, too. */
__attribute__((noinline)) int
xdp_rewrite(struct xdp_md *ctx, struct xdp_packet *pkt,
            const struct xdp_flow_action *act)
{
    if (!pkt || !act
        || (xdp_sets_sctp(pkt, act) && pkt->l4_len > XDP_CRC32C_MAX_LEN)) {
        return 1;
    }
    if (act->flags & XDP_ACT_VLAN && !xdp_rewrite_vlans(ctx, pkt, act)) {
        return 1;
    }

    void *data = (void *) (long) ctx->data;
    void *end = (void *) (long) ctx->data_end;

    if (data + ETH_HLEN > end) {
        return 1;
    }
    if (act->flags & XDP_ACT_ETH) {
        xdp_rewrite_eth(data, act);
    }
    if (act->flags & (XDP_ACT_ARP | XDP_ACT_IP | XDP_ACT_L4_PORTS
                      | XDP_ACT_ICMP)
        && !xdp_rewrite_nw(data, end, pkt, act)) {
        return 1;
    }
    if (act->flags & XDP_ACT_TRUNCATE) {
        int excess = (int) xdp_frame_len(ctx) - act->max_len;

        if (excess > 0 && bpf_xdp_adjust_tail(ctx, -excess)) {
            return 1;
        }
    }
    return 0;
}

#endif /* xdp-rewrite.h */
