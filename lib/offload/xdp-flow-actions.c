/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-flow-actions.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "packets.h"
#include "util.h"

struct translation {
    const struct flow *flow;
    struct xdp_flow_action *act;
    struct xdp_outputs *outputs;
    struct xdp_flow_action sent;        /* '*act' at the last output. */
};

/* A header that a "set" action has a value and perhaps a mask for. */
struct set_field {
    const uint8_t *value;
    const uint8_t *mask;        /* Null: all bits. */
};

/* Adds 'size' bytes at 'ofs' of 'set' to what is set in '*value' already. */
static void
compose(void *value_, void *mask_, const struct set_field *set, size_t ofs,
        size_t size)
{
    uint8_t *value = value_;
    uint8_t *mask = mask_;

    for (size_t i = 0; i < size; i++) {
        uint8_t m = set->mask ? set->mask[ofs + i] : UINT8_MAX;

        value[i] = (value[i] & ~m) | (set->value[ofs + i] & m);
        mask[i] |= m;
    }
}

static enum xdp_offload_reason
set_ipv4(struct translation *t, const struct set_field *set)
{
    struct xdp_ip_rewrite *rw = &t->act->ip;
    bool has_addrs;

    compose(&rw->addrs[0], &rw->addrs_mask[0], set,
            offsetof(struct ovs_key_ipv4, ipv4_src), 8);
    compose(&rw->tos, &rw->tos_mask, set,
            offsetof(struct ovs_key_ipv4, ipv4_tos), 1);
    compose(&rw->ttl, &rw->ttl_mask, set,
            offsetof(struct ovs_key_ipv4, ipv4_ttl), 1);
    has_addrs = rw->addrs_mask[0] != 0;
    t->act->flags |= XDP_ACT_IP;

    /* There is no transport header in a later fragment, and SCTP's checksum is
     * not of the addresses. */
    return (has_addrs && t->flow->nw_frag & FLOW_NW_FRAG_LATER
            ? XDP_WHY_SET_FIELD : XDP_WHY_OFFLOADED);
}

static enum xdp_offload_reason
set_ipv6(struct translation *t, const struct set_field *set)
{
    struct xdp_ip_rewrite *rw = &t->act->ip;

    compose(rw->addrs, rw->addrs_mask, set,
            offsetof(struct ovs_key_ipv6, ipv6_src), 32);
    compose(&rw->label, &rw->label_mask, set,
            offsetof(struct ovs_key_ipv6, ipv6_label), 4);
    compose(&rw->tos, &rw->tos_mask, set,
            offsetof(struct ovs_key_ipv6, ipv6_tclass), 1);
    compose(&rw->ttl, &rw->ttl_mask, set,
            offsetof(struct ovs_key_ipv6, ipv6_hlimit), 1);
    rw->label &= htonl(IPV6_LABEL_MASK);
    rw->label_mask &= htonl(IPV6_LABEL_MASK);
    t->act->flags |= XDP_ACT_IP;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
set_arp(struct translation *t, const struct set_field *set)
{
    struct xdp_arp_rewrite *rw = &t->act->arp;

    compose(&rw->op, &rw->op_mask, set,
            offsetof(struct ovs_key_arp, arp_op), 2);
    compose(&rw->sender[0], &rw->sender_mask[0], set,
            offsetof(struct ovs_key_arp, arp_sha), ETH_ADDR_LEN);
    compose(&rw->sender[3], &rw->sender_mask[3], set,
            offsetof(struct ovs_key_arp, arp_sip), 4);
    compose(&rw->target[0], &rw->target_mask[0], set,
            offsetof(struct ovs_key_arp, arp_tha), ETH_ADDR_LEN);
    compose(&rw->target[3], &rw->target_mask[3], set,
            offsetof(struct ovs_key_arp, arp_tip), 4);
    t->act->flags |= XDP_ACT_ARP;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
set_eth(struct translation *t, const struct set_field *set)
{
    uint8_t *value = (uint8_t *) t->act->eth;
    uint8_t *mask = (uint8_t *) t->act->eth_mask;

    compose(value, mask, set,
            offsetof(struct ovs_key_ethernet, eth_dst), ETH_ADDR_LEN);
    compose(value + ETH_ADDR_LEN, mask + ETH_ADDR_LEN, set,
            offsetof(struct ovs_key_ethernet, eth_src), ETH_ADDR_LEN);
    t->act->flags |= XDP_ACT_ETH;
    return XDP_WHY_OFFLOADED;
}

/* Ports, which have the same place in all headers and attributes. */
static enum xdp_offload_reason
set_ports(struct translation *t, const struct set_field *set)
{
    BUILD_ASSERT_DECL(sizeof(struct ovs_key_tcp) == 4);
    BUILD_ASSERT_DECL(sizeof(struct ovs_key_udp) == 4);
    BUILD_ASSERT_DECL(sizeof(struct ovs_key_sctp) == 4);

    compose(&t->act->ports, &t->act->ports_mask, set, 0, 4);
    t->act->flags |= XDP_ACT_L4_PORTS;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
set_icmp(struct translation *t, const struct set_field *set)
{
    BUILD_ASSERT_DECL(sizeof(struct ovs_key_icmp) == 2);
    BUILD_ASSERT_DECL(sizeof(struct ovs_key_icmpv6) == 2);

    compose(&t->act->ports, &t->act->ports_mask, set, 0, 2);
    t->act->flags |= XDP_ACT_ICMP;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
translate_set(struct translation *t, const struct nlattr *key, bool masked)
{
    size_t size = nl_attr_get_size(key) / (masked ? 2 : 1);
    struct set_field set = { .value = nl_attr_get(key) };

    set.mask = masked ? set.value + size : NULL;
    switch (nl_attr_type(key)) {
    case OVS_KEY_ATTR_ETHERNET: return set_eth(t, &set);
    case OVS_KEY_ATTR_IPV4:     return set_ipv4(t, &set);
    case OVS_KEY_ATTR_IPV6:     return set_ipv6(t, &set);
    case OVS_KEY_ATTR_TCP:      return set_ports(t, &set);
    case OVS_KEY_ATTR_UDP:      return set_ports(t, &set);
    case OVS_KEY_ATTR_SCTP:     return set_ports(t, &set);
    case OVS_KEY_ATTR_ARP:      return set_arp(t, &set);
    case OVS_KEY_ATTR_ICMP:     return set_icmp(t, &set);
    case OVS_KEY_ATTR_ICMPV6:   return set_icmp(t, &set);
    case OVS_KEY_ATTR_TUNNEL:   return XDP_WHY_TUNNEL;
    default:                    return XDP_WHY_SET_FIELD;
    }
}

/* Truncation comes last, as far as the fast path is concerned, and what is cut
 * off is what was too long at the time. */
static bool
is_truncated(const struct translation *t)
{
    return (t->act->flags & XDP_ACT_TRUNCATE) != 0;
}

static enum xdp_offload_reason
translate_pop_vlan(struct translation *t)
{
    if (is_truncated(t)) {
        return XDP_WHY_ACTION;
    } else if (t->act->n_push) {
        t->act->n_push--;
        memset(&t->act->push[t->act->n_push], 0, sizeof t->act->push[0]);
    } else if (t->act->n_pop >= 2) {
        return XDP_WHY_ACTION;
    } else {
        t->act->n_pop++;
    }
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
translate_push_vlan(struct translation *t, const struct nlattr *a)
{
    const struct ovs_action_push_vlan *push = nl_attr_get(a);
    struct xdp_flow_action *act = t->act;

    if (is_truncated(t) || act->n_push >= ARRAY_SIZE(act->push)) {
        return XDP_WHY_ACTION;
    }
    act->push[act->n_push].tpid = push->vlan_tpid;
    act->push[act->n_push].tci = push->vlan_tci & htons(~VLAN_CFI);
    act->n_push++;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
translate_trunc(struct translation *t, const struct nlattr *a)
{
    const struct ovs_action_trunc *trunc = nl_attr_get(a);

    if (trunc->max_len < ETH_HEADER_LEN || trunc->max_len > UINT16_MAX) {
        return XDP_WHY_ACTION;
    }
    t->act->flags |= XDP_ACT_TRUNCATE;
    t->act->max_len = trunc->max_len;
    return XDP_WHY_OFFLOADED;
}

/* All outputs of a packet send the same. */
static enum xdp_offload_reason
translate_output(struct translation *t, const struct nlattr *a)
{
    struct xdp_outputs *outputs = t->outputs;

    t->act->flags &= ~XDP_ACT_VLAN;
    if (t->act->n_pop || t->act->n_push) {
        t->act->flags |= XDP_ACT_VLAN;
    }
    if (outputs->n
        && (memcmp(t->act, &t->sent, sizeof t->sent)
            || t->act->flags & XDP_ACT_TRUNCATE
            || outputs->n >= ARRAY_SIZE(outputs->ports))) {
        return XDP_WHY_SEVERAL_OUTPUTS;
    }
    t->act->flags |= XDP_ACT_OUTPUT;
    outputs->ports[outputs->n++] = nl_attr_get_odp_port(a);
    t->sent = *t->act;
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
translate(struct translation *t, const struct nlattr *a)
{
    switch (nl_attr_type(a)) {
    case OVS_ACTION_ATTR_OUTPUT:
        return translate_output(t, a);
    case OVS_ACTION_ATTR_SET:
        return translate_set(t, nl_attr_get(a), false);
    case OVS_ACTION_ATTR_SET_MASKED:
        return translate_set(t, nl_attr_get(a), true);
    case OVS_ACTION_ATTR_PUSH_VLAN:
        return translate_push_vlan(t, a);
    case OVS_ACTION_ATTR_POP_VLAN:
        return translate_pop_vlan(t);
    case OVS_ACTION_ATTR_TRUNC:
        return translate_trunc(t, a);
    case OVS_ACTION_ATTR_DROP:
        return XDP_WHY_OFFLOADED;
    case OVS_ACTION_ATTR_USERSPACE:
    case OVS_ACTION_ATTR_SAMPLE:
        return XDP_WHY_USERSPACE;
    case OVS_ACTION_ATTR_CT:
    case OVS_ACTION_ATTR_CT_CLEAR:
        return XDP_WHY_CONNTRACK;
    case OVS_ACTION_ATTR_RECIRC:
    case OVS_ACTION_ATTR_HASH:
        return XDP_WHY_RECIRCULATE;
    case OVS_ACTION_ATTR_TUNNEL_PUSH:
    case OVS_ACTION_ATTR_TUNNEL_POP:
        return XDP_WHY_TUNNEL;
    case OVS_ACTION_ATTR_METER:
        return XDP_WHY_METER;
    default:
        return XDP_WHY_ACTION;
    }
}

enum xdp_offload_reason
xdp_actions_translate(const struct flow *flow, const struct nlattr *actions,
                      size_t actions_len, struct xdp_flow_action *act,
                      struct xdp_outputs *outputs)
{
    struct translation t = { .flow = flow, .act = act, .outputs = outputs };
    const struct nlattr *a;
    unsigned int left;

    memset(act, 0, sizeof *act);
    outputs->n = 0;
    NL_ATTR_FOR_EACH_UNSAFE (a, left, actions, actions_len) {
        enum xdp_offload_reason reason = translate(&t, a);

        if (reason != XDP_WHY_OFFLOADED) {
            return reason;
        }
    }

    /* What changes the packet after its last output, or is dropped with it,
     * does not matter. */
    *act = t.sent;
    return XDP_WHY_OFFLOADED;
}
