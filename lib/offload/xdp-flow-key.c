/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-flow-key.h"

#include <netinet/in.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"
#include "xdp-key.h"

static uint32_t
get32(const void *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof x);
    return x;
}

static uint16_t
get16(const void *p)
{
    uint16_t x;

    memcpy(&x, p, sizeof x);
    return x;
}

static uint64_t
eth_word(struct eth_addr ea, uint16_t other)
{
    return xdp_key_eth(get32(&ea.ea[0]), get16(&ea.ea[4]), other);
}

static uint32_t
tag_word(const union flow_vlan_hdr *vlan)
{
    return xdp_key_tag((OVS_FORCE uint16_t) vlan->tpid,
                       (OVS_FORCE uint16_t) vlan->tci);
}

/* As in Open vSwitch, for RARP, too. */
static bool
has_arp(const struct flow *flow)
{
    return (flow->dl_type == htons(ETH_TYPE_ARP)
            || flow->dl_type == htons(ETH_TYPE_RARP));
}

static bool
has_icmpv6(const struct flow *flow)
{
    return (flow->dl_type == htons(ETH_TYPE_IPV6)
            && flow->nw_proto == IPPROTO_ICMPV6);
}

static void
copy_words(struct xdp_key *key, int first, const void *data, size_t size)
{
    memcpy(&key->w[first], data, size);
}

void
xdp_key_from_flow(const struct flow *flow, const struct flow *types,
                  uint16_t in_port, struct xdp_key *key)
{
    bool tcp = is_ip_any(types) && types->nw_proto == IPPROTO_TCP;
    ovs_be16 ports[2] = { flow->tp_src, flow->tp_dst };

    memset(key, 0, sizeof *key);
    key->w[XDP_KEY_ETH_DST] = eth_word(flow->dl_dst, in_port);
    key->w[XDP_KEY_ETH_SRC] = eth_word(flow->dl_src,
                                       (OVS_FORCE uint16_t) flow->dl_type);
    key->w[XDP_KEY_VLANS] = xdp_key_pair(tag_word(&flow->vlans[0]),
                                         tag_word(&flow->vlans[1]));
    key->w[XDP_KEY_NW] = xdp_key_nw(flow->nw_proto, flow->nw_tos, flow->nw_ttl,
                                    flow->nw_frag, get32(ports));
    key->w[XDP_KEY_IPV4] = xdp_key_pair((OVS_FORCE uint32_t) flow->nw_src,
                                        (OVS_FORCE uint32_t) flow->nw_dst);
    key->w[XDP_KEY_TCP_FLAGS] = xdp_key_tcp_flags(
        tcp ? (OVS_FORCE uint16_t) flow->tcp_flags : 0,
        (OVS_FORCE uint32_t) flow->ipv6_label);
    if (has_arp(types)) {
        key->w[XDP_KEY_ARP_SHA] = eth_word(flow->arp_sha, 0);
        key->w[XDP_KEY_ARP_THA] = eth_word(flow->arp_tha, 0);
    } else if (types->dl_type == htons(ETH_TYPE_IPV6)) {
        copy_words(key, XDP_KEY_IPV6_SRC, &flow->ipv6_src,
                   sizeof flow->ipv6_src);
        copy_words(key, XDP_KEY_IPV6_DST, &flow->ipv6_dst,
                   sizeof flow->ipv6_dst);
        if (has_icmpv6(types)) {
            copy_words(key, XDP_KEY_ND_TARGET, &flow->nd_target,
                       sizeof flow->nd_target);
        }
    }
}

/* Does 'wc' look at something in the packet that no key has? */
static bool
has_other_fields(const struct flow *flow, const struct flow *wc)
{
    bool nd = has_icmpv6(flow);

    return (wc->igmp_group_ip4
            || !is_all_zeros(wc->mpls_lse, sizeof wc->mpls_lse)
            || !is_all_zeros(&wc->nsh, sizeof wc->nsh)
            || (!has_arp(flow)
                && (!eth_addr_is_zero(wc->arp_sha)
                    || !eth_addr_is_zero(wc->arp_tha)))
            || (nd && wc->tcp_flags));
}

/* Metadata is zero in all packets that come from a port: matching zero is
 * matching them all. */
static enum xdp_offload_reason
check_metadata(const struct flow *flow)
{
    if (flow->recirc_id || flow->dp_hash) {
        return XDP_WHY_RECIRCULATED;
    } else if (flow_tnl_dst_is_set(&flow->tunnel)) {
        return XDP_WHY_TUNNEL_MATCH;
    } else if (flow->ct_state || flow->ct_zone || flow->ct_mark
               || !ovs_u128_is_zero(flow->ct_label)) {
        return XDP_WHY_CT_MATCH;
    } else if (flow->skb_priority || flow->pkt_mark
               || flow->packet_type != htonl(PT_ETH)) {
        return XDP_WHY_FIELD;
    }
    return XDP_WHY_OFFLOADED;
}

/* A VLAN tag that Open vSwitch does not look at is a type to it. */
static enum xdp_offload_reason
check_eth_type(const struct flow *flow, const struct flow *wc)
{
    ovs_be16 type = flow->dl_type;

    if (wc->dl_type != OVS_BE16_MAX || ntohs(type) < ETH_TYPE_MIN
        || eth_type_mpls(type) || type == htons(ETH_TYPE_NSH)) {
        return XDP_WHY_ETH_TYPE;
    }
    return eth_type_vlan(type) ? XDP_WHY_VLAN_LIMIT : XDP_WHY_OFFLOADED;
}

enum xdp_offload_reason
xdp_key_from_match(const struct match *match, uint16_t in_port,
                   struct xdp_key *key, struct xdp_key *mask)
{
    const struct flow *flow = &match->flow;
    const struct flow *wc = &match->wc.masks;
    enum xdp_offload_reason reason = check_metadata(flow);

    if (reason == XDP_WHY_OFFLOADED) {
        reason = check_eth_type(flow, wc);
    }
    if (reason != XDP_WHY_OFFLOADED) {
        return reason;
    }
    if (has_other_fields(flow, wc)) {
        return XDP_WHY_FIELD;
    }

    xdp_key_from_flow(flow, flow, in_port, key);
    xdp_key_from_flow(wc, flow, UINT16_MAX, mask);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        key->w[i] &= mask->w[i];
    }
    return XDP_WHY_OFFLOADED;
}
