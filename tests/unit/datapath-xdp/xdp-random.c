/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/datapath-xdp/xdp-random.h"

#include <netinet/in.h>
#include <string.h>

#include "crc32c.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "tests/unit/base/ovs-version.h"
#include "packets.h"
#include "random.h"
#include "util.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"

static bool
one_in(unsigned int n)
{
    return !random_range(n);
}

/* Packets. */

static void
random_vlans(struct flow *flow)
{
    int n = one_in(2) ? 0 : random_range(FLOW_MAX_VLAN_HEADERS + 1);

    for (int i = 0; i < n; i++) {
        flow->vlans[i].tpid = htons(one_in(2) ? ETH_TYPE_VLAN_8021Q
                                    : ETH_TYPE_VLAN_8021AD);
        flow->vlans[i].tci = htons(random_uint16() | VLAN_CFI);
    }
}

static void
random_nw(struct flow *flow)
{
    static const uint8_t protos[] = {
        IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_SCTP, 47,
    };
    bool ipv4 = flow->dl_type == htons(ETH_TYPE_IP);

    flow->nw_proto = (one_in(4) ? ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
                      : ipv4 && one_in(20) ? IPPROTO_IGMP
                      : protos[random_range(ARRAY_SIZE(protos))]);
    flow->nw_tos = random_uint8();
    flow->nw_ttl = random_uint8();
    if (ipv4 && one_in(6)) {
        flow->nw_frag = (one_in(2) ? FLOW_NW_FRAG_ANY
                         : FLOW_NW_FRAG_ANY | FLOW_NW_FRAG_LATER);
    }
    flow->tp_src = htons(random_uint16());
    flow->tp_dst = htons(random_uint16());
    if (flow->nw_proto == IPPROTO_ICMP || flow->nw_proto == IPPROTO_ICMPV6) {
        flow->tp_src = htons(one_in(4) ? 135 : random_uint8());
        flow->tp_dst = htons(one_in(2) ? 0 : random_uint8());
    }
    flow->tcp_flags = htons(random_uint16() & 0xfff);
}

static void
random_flow(struct flow *flow)
{
    static const uint16_t types[] = {
        ETH_TYPE_IP, ETH_TYPE_IP, ETH_TYPE_IP, ETH_TYPE_IPV6, ETH_TYPE_IPV6,
        ETH_TYPE_ARP, ETH_TYPE_RARP, 0x88b5,
    };

    memset(flow, 0, sizeof *flow);
    random_bytes(&flow->dl_dst, ETH_ADDR_LEN);
    random_bytes(&flow->dl_src, ETH_ADDR_LEN);
    flow->dl_type = htons(types[random_range(ARRAY_SIZE(types))]);
    random_vlans(flow);
    random_bytes(&flow->nw_src, sizeof flow->nw_src);
    random_bytes(&flow->nw_dst, sizeof flow->nw_dst);
    random_bytes(&flow->ipv6_src, sizeof flow->ipv6_src);
    random_bytes(&flow->ipv6_dst, sizeof flow->ipv6_dst);
    flow->ipv6_label = htonl(random_uint32() & IPV6_LABEL_MASK);
    if (is_ip_any(flow)) {
        random_nw(flow);
        random_bytes(&flow->nd_target, sizeof flow->nd_target);
    } else {
        flow->nw_proto = random_range(4);
    }
    if (flow->dl_type == htons(ETH_TYPE_ARP)
        || flow->dl_type == htons(ETH_TYPE_RARP) || one_in(2)) {
        random_bytes(&flow->arp_sha, ETH_ADDR_LEN);
    }
}

/* Makes room for 'n' bytes behind an IP header of 'header_len'. */
static uint8_t *
insert_behind_header(struct dp_packet *packet, size_t header_len, size_t n)
{
    size_t ofs = packet->l3_ofs + header_len;
    uint8_t *room;

    dp_packet_put_uninit(packet, n);
    room = (uint8_t *) dp_packet_data(packet) + ofs;
    memmove(room + n, room, dp_packet_size(packet) - ofs - n);
    packet->l4_ofs += n;
    return room;
}

static void
add_ipv4_len(struct ip_header *ip, size_t n)
{
    ip->ip_tot_len = htons(ntohs(ip->ip_tot_len) + n);
    ip->ip_csum = 0;
    ip->ip_csum = csum(ip, 4 * IP_IHL(ip->ip_ihl_ver));
}

static void
add_ipv6_len(struct ovs_16aligned_ip6_hdr *ip6, size_t n)
{
    ip6->ip6_plen = htons(ntohs(ip6->ip6_plen) + n);
}

static void
add_ipv4_options(struct dp_packet *packet, size_t n)
{
    struct ip_header *ip;

    memset(insert_behind_header(packet, IP_HEADER_LEN, n), 1, n); /* No-op. */
    ip = dp_packet_l3(packet);
    ip->ip_ihl_ver = IP_IHL_VER(5 + n / 4, 4);
    add_ipv4_len(ip, n);
}

/* flow_compose() makes only SCTP's header. */
static void
add_sctp_data(struct dp_packet *packet, const struct flow *flow,
              const void *data, size_t n)
{
    struct sctp_header *sctp;
    ovs_be32 value;

    dp_packet_put(packet, data, n);
    if (flow->dl_type == htons(ETH_TYPE_IP)) {
        add_ipv4_len(dp_packet_l3(packet), n);
    } else {
        add_ipv6_len(dp_packet_l3(packet), n);
    }
    sctp = dp_packet_l4(packet);
    put_16aligned_be32(&sctp->sctp_csum, 0);
    value = crc32c((uint8_t *) sctp, SCTP_HEADER_LEN + n);
    put_16aligned_be32(&sctp->sctp_csum,
                       one_in(4) ? htonl(random_uint32()) : value);
}

/* Puts an extension header in front of those that are there. */
static void
add_extension(struct dp_packet *packet, uint8_t kind)
{
    static const ovs_be16 offsets[] = {
        CONSTANT_HTONS(0), CONSTANT_HTONS(1), CONSTANT_HTONS(6),
        CONSTANT_HTONS(0x0100),
    };
    size_t n = (kind == IPPROTO_FRAGMENT ? 8
                : kind == IPPROTO_AH ? 8 + 4 * random_range(6)
                : 8 + 8 * random_range(4));
    uint8_t *header = insert_behind_header(packet, IPV6_HEADER_LEN, n);
    struct ovs_16aligned_ip6_hdr *ip6 = dp_packet_l3(packet);

    random_bytes(header, n);
    header[0] = ip6->ip6_nxt;
    header[1] = kind == IPPROTO_AH ? n / 4 - 2 : n / 8 - 1;
    if (kind == IPPROTO_ROUTING && one_in(2)) {
        header[3] = 0;
    } else if (kind == IPPROTO_FRAGMENT) {
        memcpy(&header[2], &offsets[random_range(ARRAY_SIZE(offsets))], 2);
    }
    ip6->ip6_nxt = kind;
    add_ipv6_len(ip6, n);
}

static void
add_extensions(struct dp_packet *packet)
{
    static const uint8_t kinds[] = {
        IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS, IPPROTO_AH,
        IPPROTO_FRAGMENT,
    };

    for (int n = one_in(4) ? random_range(8) : 1; n > 0; n--) {
        add_extension(packet, kinds[random_range(ARRAY_SIZE(kinds))]);
    }
}

static ovs_be16 *
csum_field(struct dp_packet *packet, uint8_t proto)
{
    return ((void *) ((uint8_t *) dp_packet_l4(packet)
                      + (proto == IPPROTO_TCP ? 16 : 6)));
}

/* What senders leave to a device: the sum of the pseudo-header. */
static ovs_be16
partial_csum(struct dp_packet *packet, const struct flow *flow)
{
    uint32_t sum = (flow->dl_type == htons(ETH_TYPE_IP)
                    ? packet_csum_pseudoheader(dp_packet_l3(packet))
                    : packet_csum_pseudoheader6(dp_packet_l3(packet)));

    return (OVS_FORCE ovs_be16) ~(OVS_FORCE uint16_t) csum_finish(sum);
}

/* Complete, partial, absent, odd. */
static void
vary_csum(struct dp_packet *packet, const struct flow *flow)
{
    ovs_be16 *csum = csum_field(packet, flow->nw_proto);

    switch (random_range(8)) {
    case 0:
    case 1:
    case 2:
        *csum = partial_csum(packet, flow);
        break;
    case 3:
        *csum = 0;
        break;
    case 4:
        *csum = htons(one_in(2) ? UINT16_MAX : random_uint16());
        break;
    }
    if (flow->nw_proto == IPPROTO_UDP && one_in(8)) {
        struct udp_header *udp = dp_packet_l4(packet);

        udp->udp_len = htons(ntohs(udp->udp_len) + random_range(9) - 4);
    }
}

/* Puts the packet, an Ethernet frame, into a tunnel: VXLAN, Geneve, one that
 * nobody knows, or GRE. */
static void
encapsulate(struct dp_packet *packet)
{
    static const uint16_t ports[] = { 4789, 8472, 6081, 2152 };
    uint16_t port = ports[random_range(ARRAY_SIZE(ports))];
    bool gre = one_in(4);
    uint8_t tunnel[16] = { 0 };
    size_t tunnel_len = gre ? 4 : sizeof tunnel;
    size_t len = dp_packet_size(packet) + tunnel_len;
    struct eth_header *eth;
    struct ip_header *ip;

    if (gre) {
        memcpy(tunnel, (uint8_t []) { 0, 0, 0x65, 0x58 }, 4);
    } else {
        memcpy(tunnel, (uint8_t []) { 0, 9, port >> 8, port, len >> 8, len },
               6);
        memcpy(&tunnel[8], port == 6081 ? "\0\0\x65\x58\0\0\7"
               : "\x8\0\0\0\0\0\7", 7);
    }
    tunnel[one_in(16) ? random_range(tunnel_len) : 0] ^= one_in(16);
    dp_packet_push(packet, tunnel, tunnel_len);
    ip = dp_packet_push_zeros(packet, sizeof *ip);
    ip->ip_ihl_ver = IP_IHL_VER(5, 4);
    ip->ip_tot_len = htons(sizeof *ip + len);
    ip->ip_ttl = 9;
    ip->ip_proto = gre ? IPPROTO_GRE : IPPROTO_UDP;
    ip->ip_csum = csum(ip, sizeof *ip);
    eth = dp_packet_push_zeros(packet, sizeof *eth);
    eth->eth_type = htons(ETH_TYPE_IP);
}

void
xdp_random_packet(struct dp_packet *packet)
{
    uint8_t payload[1500];
    struct flow flow;
    size_t size;

    random_flow(&flow);
    size = random_range(one_in(8) ? sizeof payload : 100);
    random_bytes(payload, size);
    dp_packet_clear(packet);
    ovs_flow_compose(packet, &flow, payload, size);
    if ((flow.nw_proto == IPPROTO_TCP || flow.nw_proto == IPPROTO_UDP)
        && is_ip_any(&flow) && !(flow.nw_frag & FLOW_NW_FRAG_LATER)) {
        vary_csum(packet, &flow);
    } else if (flow.nw_proto == IPPROTO_SCTP && is_ip_any(&flow)
               && !(flow.nw_frag & FLOW_NW_FRAG_LATER)) {
        add_sctp_data(packet, &flow, payload, size);
    }
    if (flow.dl_type == htons(ETH_TYPE_IP) && one_in(4)) {
        add_ipv4_options(packet, 4 * (1 + random_range(10)));
    } else if (flow.dl_type == htons(ETH_TYPE_IPV6) && one_in(3)) {
        add_extensions(packet);
    }
    if (one_in(8) && dp_packet_size(packet) < sizeof payload - 100) {
        encapsulate(packet);
    } else if (!is_ip_any(&flow) || one_in(4)) {
        dp_packet_put(packet, payload, random_range(20));
    }
}

/* Actions. */

/* Fills 'key' and its mask, behind it, with 'size' bytes each. */
static void
random_masked(uint8_t *key, size_t size)
{
    int kind = random_range(4);

    random_bytes(key, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t mask = (kind == 0 ? UINT8_MAX
                        : kind == 1 ? random_uint8()
                        : one_in(2) ? UINT8_MAX : 0);

        key[size + i] = mask;
        key[i] &= mask;
    }
}

static void
set_field(struct ofpbuf *actions, enum ovs_key_attr type, size_t size,
          bool masked)
{
    union {
        uint8_t bytes[2 * sizeof(struct ovs_key_ipv6)];
        struct ovs_key_ipv6 ipv6[2];
    } u;
    size_t start;

    random_masked(u.bytes, size);
    if (!masked) {
        random_bytes(u.bytes, size);
    }
    if (type == OVS_KEY_ATTR_IPV6) {
        u.ipv6[0].ipv6_label &= htonl(IPV6_LABEL_MASK);
        u.ipv6[1].ipv6_label &= htonl(IPV6_LABEL_MASK);
    }
    start = nl_msg_start_nested(actions, masked ? OVS_ACTION_ATTR_SET_MASKED
                                : OVS_ACTION_ATTR_SET);
    nl_msg_put_unspec(actions, type, u.bytes, masked ? 2 * size : size);
    nl_msg_end_nested(actions, start);
}

static void
set_nw(const struct flow *flow, struct ofpbuf *actions, bool masked)
{
    if (flow->dl_type == htons(ETH_TYPE_IP)) {
        set_field(actions, OVS_KEY_ATTR_IPV4, sizeof(struct ovs_key_ipv4),
                  masked);
    } else if (flow->dl_type == htons(ETH_TYPE_IPV6)) {
        set_field(actions, OVS_KEY_ATTR_IPV6, sizeof(struct ovs_key_ipv6),
                  masked);
    } else if (flow->dl_type != htons(0x88b5)) {
        set_field(actions, OVS_KEY_ATTR_ARP, sizeof(struct ovs_key_arp),
                  masked);
    }
}

static void
set_tp(const struct flow *flow, struct ofpbuf *actions, bool masked)
{
    if (!is_ip_any(flow) || flow->nw_frag & FLOW_NW_FRAG_LATER) {
        return;
    } else if (flow->nw_proto == IPPROTO_TCP) {
        set_field(actions, OVS_KEY_ATTR_TCP, sizeof(struct ovs_key_tcp),
                  masked);
    } else if (flow->nw_proto == IPPROTO_UDP) {
        set_field(actions, OVS_KEY_ATTR_UDP, sizeof(struct ovs_key_udp),
                  masked);
    } else if (flow->nw_proto == IPPROTO_SCTP) {
        set_field(actions, OVS_KEY_ATTR_SCTP, sizeof(struct ovs_key_sctp),
                  masked);
    } else if (flow->nw_proto == IPPROTO_ICMP) {
        set_field(actions, OVS_KEY_ATTR_ICMP, sizeof(struct ovs_key_icmp),
                  false);
    } else if (flow->nw_proto == IPPROTO_ICMPV6) {
        set_field(actions, OVS_KEY_ATTR_ICMPV6, sizeof(struct ovs_key_icmpv6),
                  false);
    }
}

static void
push_vlan(struct ofpbuf *actions)
{
    struct ovs_action_push_vlan push = {
        .vlan_tpid = htons(one_in(2) ? ETH_TYPE_VLAN_8021Q
                           : ETH_TYPE_VLAN_8021AD),
        .vlan_tci = htons(random_uint16() | VLAN_CFI),
    };

    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_PUSH_VLAN, &push, sizeof push);
}

static void
random_action(const struct flow *flow, struct ofpbuf *actions)
{
    bool masked = !one_in(4);

    switch (random_range(12)) {
    case 0:
    case 1:
        set_field(actions, OVS_KEY_ATTR_ETHERNET,
                  sizeof(struct ovs_key_ethernet), masked);
        break;
    case 2:
    case 3:
    case 4:
        set_nw(flow, actions, masked);
        break;
    case 5:
    case 6:
    case 7:
        set_tp(flow, actions, masked);
        break;
    case 8:
        push_vlan(actions);
        break;
    case 9:
        nl_msg_put_flag(actions, OVS_ACTION_ATTR_POP_VLAN);
        break;
    case 10:
        if (one_in(4)) {
            struct ovs_action_trunc trunc = { 14 + random_range(200) };

            nl_msg_put_unspec(actions, OVS_ACTION_ATTR_TRUNC, &trunc,
                              sizeof trunc);
        }
        break;
    }
}

void
xdp_random_actions(const struct flow *flow, struct ofpbuf *actions)
{
    for (int n = random_range(6); n > 0; n--) {
        random_action(flow, actions);
    }
    for (int n = one_in(8) ? random_range(3) : 1; n > 0; n--) {
        nl_msg_put_odp_port(actions, OVS_ACTION_ATTR_OUTPUT,
                            u32_to_odp(XDP_LAB_OUT + random_range(3)));
    }
    if (one_in(8)) {
        random_action(flow, actions);
    }
}
