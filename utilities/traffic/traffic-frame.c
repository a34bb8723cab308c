/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "traffic-frame.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include "csum.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

#define TTL 64

/* The simple Internet mix, 7:4:1, spread evenly. */
static const unsigned int imix[TRAFFIC_N_STEPS] = {
    64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 64, 594,
};

struct builder {
    const struct traffic_frame *frame;
    struct traffic_send_config *config;
    uint8_t *header;
};

static size_t
l4_header_len(const struct traffic_frame *frame)
{
    return frame->tcp ? TCP_HEADER_LEN : UDP_HEADER_LEN;
}

static void
put_l2(struct builder *b)
{
    struct eth_header *eth = ALIGNED_CAST(struct eth_header *, b->header);
    ovs_be16 *type = &eth->eth_type;

    eth->eth_dst = b->frame->dst_mac;
    eth->eth_src = b->frame->src_mac;
    for (unsigned int i = 0; i < b->frame->n_vlans; i++) {
        bool outer_of_two = i + 1 < b->frame->n_vlans;

        *type = htons(outer_of_two ? ETH_TYPE_VLAN_8021AD
                      : ETH_TYPE_VLAN_8021Q);
        *++type = htons(b->frame->vlans[i]);
        type++;
    }
    *type = htons(b->frame->ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP);
    b->config->l3_ofs = (uint8_t *) (type + 1) - b->header;
}

static void
put_ipv4(struct builder *b)
{
    struct ip_header *ip = ALIGNED_CAST(struct ip_header *,
                                        b->header + b->config->l3_ofs);
    const char *src_ip = b->frame->src_ip ? b->frame->src_ip : "10.0.0.1";
    const char *dst_ip = b->frame->dst_ip ? b->frame->dst_ip : "10.255.0.1";
    ovs_be32 src, dst;

    if (!ip_parse(src_ip, &src)) {
        ovs_fatal(0, "--src-ip=%s: must be an IPv4 address", src_ip);
    }
    if (!ip_parse(dst_ip, &dst)) {
        ovs_fatal(0, "--dst-ip=%s: must be an IPv4 address", dst_ip);
    }
    ip->ip_ihl_ver = IP_IHL_VER(5, 4);
    ip->ip_frag_off = htons(IP_DF);
    ip->ip_ttl = TTL;
    ip->ip_proto = b->frame->tcp ? IPPROTO_TCP : IPPROTO_UDP;
    put_16aligned_be32(&ip->ip_dst, dst);
    b->config->src_ip = ntohl(src);
    b->config->l4_ofs = b->config->l3_ofs + IP_HEADER_LEN;
}

static void
put_ipv6(struct builder *b)
{
    struct ovs_16aligned_ip6_hdr *ip6
        = ALIGNED_CAST(struct ovs_16aligned_ip6_hdr *,
                       b->header + b->config->l3_ofs);
    const char *src_ip = b->frame->src_ip ? b->frame->src_ip : "fd00::1";
    const char *dst_ip = b->frame->dst_ip ? b->frame->dst_ip : "fd00::1:0:1";
    struct in6_addr src, dst;

    if (!ipv6_parse(src_ip, &src)) {
        ovs_fatal(0, "--src-ip=%s: must be an IPv6 address", src_ip);
    }
    if (!ipv6_parse(dst_ip, &dst)) {
        ovs_fatal(0, "--dst-ip=%s: must be an IPv6 address", dst_ip);
    }
    put_16aligned_be32(&ip6->ip6_flow, htonl(6 << 28));
    ip6->ip6_nxt = b->frame->tcp ? IPPROTO_TCP : IPPROTO_UDP;
    ip6->ip6_hlim = TTL;
    b->config->src_ip = ntohl(get_unaligned_be32(
        ALIGNED_CAST(ovs_be32 *, &src.s6_addr[12])));
    memset(&src.s6_addr[12], 0, 4);
    memcpy(&ip6->ip6_src, &src, sizeof src);
    memcpy(&ip6->ip6_dst, &dst, sizeof dst);
    b->config->is_ipv6 = true;
    b->config->l4_ofs = b->config->l3_ofs + IPV6_HEADER_LEN;
}

static void
put_l4(struct builder *b)
{
    void *l4 = b->header + b->config->l4_ofs;

    if (b->frame->tcp) {
        struct tcp_header *tcp = l4;

        tcp->tcp_dst = htons(b->frame->dst_port);
        tcp->tcp_ctl = TCP_CTL(TCP_ACK, TCP_HEADER_LEN / 4);
        tcp->tcp_winsz = OVS_BE16_MAX;
        b->config->is_tcp = true;
    } else {
        struct udp_header *udp = l4;

        udp->udp_dst = htons(b->frame->dst_port);
    }
    b->config->src_port = b->frame->src_port;
    b->config->payload_ofs = b->config->l4_ofs + l4_header_len(b->frame);
}

/* The largest mask that keeps all source ports below 65536. */
static uint16_t
port_mask(uint16_t src_port)
{
    uint32_t mask = UINT16_MAX;

    while (src_port + mask > UINT16_MAX) {
        mask >>= 1;
    }
    return mask;
}

/* The frame whose length in memory is 'length'. */
static void
prepare_size(const struct builder *b, uint32_t length,
             struct traffic_size *size)
{
    const uint8_t *l3 = b->header + b->config->l3_ofs;
    const uint8_t *l4 = b->header + b->config->l4_ofs;
    uint16_t l4_length = length - b->config->l4_ofs;
    ovs_be32 magic = htonl(TRAFFIC_MAGIC);
    uint32_t sum;

    size->length = length;
    size->udp_length = htons(l4_length);
    if (b->frame->ipv6) {
        struct ovs_16aligned_ip6_hdr ip6;

        memcpy(&ip6, l3, sizeof ip6);
        ip6.ip6_plen = size->l3_length = htons(l4_length);
        sum = packet_csum_pseudoheader6(&ip6);
    } else {
        struct ip_header ip;

        memcpy(&ip, l3, sizeof ip);
        ip.ip_tot_len = size->l3_length = htons(l4_length + IP_HEADER_LEN);
        size->ip_sum = csum_continue(0, &ip, sizeof ip);
        sum = packet_csum_pseudoheader(&ip);
    }
    sum = csum_continue(sum, l4, l4_header_len(b->frame));
    if (!b->frame->tcp) {
        sum = csum_add16(sum, size->udp_length);
    }
    size->l4_sum = csum_add32(sum, magic);
}

void
traffic_frame_prepare(struct traffic_frame *frame,
                      struct traffic_send_config *config,
                      uint64_t header[TRAFFIC_HEADER_WORDS],
                      struct traffic_size sizes[TRAFFIC_N_STEPS])
{
    struct builder b = {
        .frame = frame, .config = config, .header = (uint8_t *) header,
    };
    unsigned int min;

    memset(header, 0, TRAFFIC_HEADER_WORDS * sizeof *header);
    put_l2(&b);
    if (frame->ipv6) {
        put_ipv6(&b);
    } else {
        put_ipv4(&b);
    }
    put_l4(&b);
    config->port_mask = port_mask(frame->src_port);

    min = MAX(TRAFFIC_MIN_SIZE, config->payload_ofs + TRAFFIC_FCS_LEN
                                + sizeof(struct traffic_payload));
    if (!frame->size) {
        frame->size = min;
    }
    if (frame->size < min) {
        ovs_fatal(0, "--size=%u: such a frame of %s over %s with %u VLAN tags "
                  "has at least %u bytes", frame->size,
                  frame->tcp ? "TCP" : "UDP", frame->ipv6 ? "IPv6" : "IPv4",
                  frame->n_vlans, min);
    }
    config->n_steps = frame->imix ? TRAFFIC_N_STEPS : 1;
    for (unsigned int i = 0; i < config->n_steps; i++) {
        unsigned int size = frame->imix ? MAX(imix[i], min) : frame->size;

        prepare_size(&b, size - TRAFFIC_FCS_LEN, &sizes[i]);
        config->max_length = MAX(config->max_length, sizes[i].length);
    }
}
