/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "base/sw-offload.h"

#include <netinet/in.h>
#include <netinet/ip6.h>
#include <string.h>

#include "crc32c.h"
#include "csum.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

/* What a transport checksum is about. */
struct l4_span {
    uint8_t proto;
    size_t size;                /* Header and payload. */
    uint32_t addresses;         /* Sum of the IP addresses. */
};

/* Follows extension headers from 'ofs' to the transport header.  Behind any
 * others than these the checksum is not of this packet and its addresses: of a
 * fragment, or of one that is yet to be routed to its last destination. */
static bool
follow_extensions(const uint8_t *packet, size_t ofs, size_t l4_ofs,
                  uint8_t *proto)
{
    while (ofs < l4_ofs) {
        const uint8_t *header = packet + ofs;
        size_t len;

        if (l4_ofs - ofs < 8) {
            return false;
        }
        switch (*proto) {
        case IPPROTO_ROUTING:
            if (header[3]) {
                return false;
            }
            /* Fall through. */
        case IPPROTO_HOPOPTS:
        case IPPROTO_DSTOPTS:
            len = (header[1] + 1) * 8;
            break;
        case IPPROTO_AH:
            len = (header[1] + 2) * 4;
            break;
        default:
            return false;
        }
        *proto = header[0];
        ofs += len;
    }
    return ofs == l4_ofs;
}

static bool
find_l4_ipv4(const uint8_t *packet, size_t size, size_t l3_ofs, size_t l4_ofs,
             struct l4_span *l4)
{
    const struct ip_header *ip = (const void *) (packet + l3_ofs);
    size_t total_len = ntohs(ip->ip_tot_len);

    if (l4_ofs - l3_ofs != IP_IHL(ip->ip_ihl_ver) * 4
        || total_len < l4_ofs - l3_ofs || total_len > size - l3_ofs
        || IP_IS_FRAGMENT(ip->ip_frag_off)) {
        return false;
    }
    l4->proto = ip->ip_proto;
    l4->size = total_len - (l4_ofs - l3_ofs);
    l4->addresses = csum_continue(0, &ip->ip_src, 2 * sizeof ip->ip_src);
    return true;
}

static bool
find_l4_ipv6(const uint8_t *packet, size_t size, size_t l3_ofs, size_t l4_ofs,
             struct l4_span *l4)
{
    const struct ovs_16aligned_ip6_hdr *ip6
        = (const void *) (packet + l3_ofs);
    size_t ext_ofs = l3_ofs + IPV6_HEADER_LEN;

    if (l4_ofs < ext_ofs) {
        return false;
    }

    size_t payload_len = ntohs(ip6->ip6_plen);
    l4->proto = ip6->ip6_nxt;
    if (payload_len < l4_ofs - ext_ofs || payload_len > size - ext_ofs
        || !follow_extensions(packet, ext_ofs, l4_ofs, &l4->proto)) {
        return false;
    }
    l4->size = payload_len - (l4_ofs - ext_ofs);
    l4->addresses = csum_continue(0, &ip6->ip6_src, 2 * sizeof ip6->ip6_src);
    return true;
}

static bool
find_l4(const uint8_t *packet, size_t size, size_t l3_ofs, size_t l4_ofs,
        struct l4_span *l4)
{
    if (l3_ofs > l4_ofs || l4_ofs > size
        || l4_ofs - l3_ofs < IP_HEADER_LEN) {
        return false;
    }
    switch (packet[l3_ofs] >> 4) {
    case 4:
        return find_l4_ipv4(packet, size, l3_ofs, l4_ofs, l4);
    case 6:
        return find_l4_ipv6(packet, size, l3_ofs, l4_ofs, l4);
    default:
        return false;
    }
}

/* The checksum of 'size' bytes at 'header', whose field must be 0. */
static ovs_be16
compute_csum(const struct l4_span *l4, const void *header, size_t size)
{
    uint32_t sum = csum_add16(l4->addresses, htons(l4->proto));

    sum = csum_add16(sum, htons(size));
    return csum_finish(csum_continue(sum, header, size));
}

static bool
complete_tcp(const struct l4_span *l4, struct tcp_header *tcp)
{
    if (l4->size < TCP_HEADER_LEN) {
        return false;
    }
    tcp->tcp_csum = 0;
    tcp->tcp_csum = compute_csum(l4, tcp, l4->size);
    return true;
}

static bool
complete_udp(const struct l4_span *l4, struct udp_header *udp)
{
    if (l4->size < UDP_HEADER_LEN || ntohs(udp->udp_len) < UDP_HEADER_LEN
        || ntohs(udp->udp_len) > l4->size) {
        return false;
    }
    udp->udp_csum = 0;
    udp->udp_csum = compute_csum(l4, udp, ntohs(udp->udp_len));
    if (!udp->udp_csum) {
        udp->udp_csum = htons(0xffff);
    }
    return true;
}

static bool
complete_sctp(const struct l4_span *l4, struct sctp_header *sctp)
{
    if (l4->size < SCTP_HEADER_LEN) {
        return false;
    }
    put_16aligned_be32(&sctp->sctp_csum, 0);
    put_16aligned_be32(&sctp->sctp_csum, crc32c((void *) sctp, l4->size));
    return true;
}

bool
sw_offload_complete_csum(void *packet_, size_t size, size_t l3_ofs,
                         size_t l4_ofs)
{
    uint8_t *packet = packet_;
    void *header = packet + l4_ofs;
    struct l4_span l4;

    if (!find_l4(packet, size, l3_ofs, l4_ofs, &l4)) {
        return false;
    }
    switch (l4.proto) {
    case IPPROTO_TCP:
        return complete_tcp(&l4, header);
    case IPPROTO_UDP:
        return complete_udp(&l4, header);
    case IPPROTO_SCTP:
        return complete_sctp(&l4, header);
    default:
        return false;
    }
}

bool
tcp_segments_init(struct tcp_segments *s, const void *packet, size_t size,
                  size_t l3_ofs, size_t l4_ofs, size_t mtu)
{
    struct l4_span l4;

    if (!find_l4(packet, size, l3_ofs, l4_ofs, &l4)
        || l4.proto != IPPROTO_TCP || l4.size < TCP_HEADER_LEN) {
        return false;
    }

    const struct tcp_header *tcp
        = (const void *) ((const uint8_t *) packet + l4_ofs);
    size_t tcp_len = TCP_OFFSET(tcp->tcp_ctl) * 4;
    size_t ip_headers_len = l4_ofs - l3_ofs + tcp_len;

    if (tcp_len < TCP_HEADER_LEN || tcp_len > l4.size
        || mtu <= ip_headers_len) {
        return false;
    }
    s->packet = packet;
    s->l3_ofs = l3_ofs;
    s->l4_ofs = l4_ofs;
    s->header_len = l4_ofs + tcp_len;
    s->payload_len = l4.size - tcp_len;
    s->mss = mtu - ip_headers_len;
    s->n = MAX(DIV_ROUND_UP(s->payload_len, s->mss), 1);
    return true;
}

static size_t
segment_payload_len(const struct tcp_segments *s, uint32_t i)
{
    return MIN(s->payload_len - i * s->mss, s->mss);
}

size_t
tcp_segments_len(const struct tcp_segments *s, uint32_t i)
{
    return s->header_len + segment_payload_len(s, i);
}

/* Makes the IP header at 'l3' one of a packet whose transport header and
 * payload have 'l4_size' bytes. */
static void
fix_ip(const struct tcp_segments *s, uint32_t i, void *l3, size_t l4_size)
{
    size_t header_len = s->l4_ofs - s->l3_ofs;
    struct ip_header *ip = l3;

    if (IP_VER(ip->ip_ihl_ver) == 4) {
        ip->ip_tot_len = htons(header_len + l4_size);
        ip->ip_id = htons(ntohs(ip->ip_id) + i);
        ip->ip_csum = 0;
        ip->ip_csum = csum(ip, header_len);
    } else {
        struct ovs_16aligned_ip6_hdr *ip6 = l3;

        ip6->ip6_plen = htons(header_len - IPV6_HEADER_LEN + l4_size);
    }
}

/* Of what is said once in a packet, the first segment says that the congestion
 * window was reduced, and the last one that this is all. */
static void
fix_tcp(const struct tcp_segments *s, uint32_t i, struct tcp_header *tcp)
{
    uint16_t cleared = ((i ? TCP_CWR : 0)
                        | (i + 1 < s->n ? TCP_FIN | TCP_PSH : 0));
    uint32_t seq = ntohl(get_16aligned_be32(&tcp->tcp_seq));

    put_16aligned_be32(&tcp->tcp_seq, htonl(seq + i * s->mss));
    tcp->tcp_ctl &= htons(~cleared);
}

void
tcp_segments_write(const struct tcp_segments *s, uint32_t i, void *segment_)
{
    uint8_t *segment = segment_;
    size_t payload_len = segment_payload_len(s, i);

    memcpy(segment, s->packet, s->header_len);
    memcpy(segment + s->header_len, s->packet + s->header_len + i * s->mss,
           payload_len);
    fix_ip(s, i, segment + s->l3_ofs,
           s->header_len - s->l4_ofs + payload_len);
    fix_tcp(s, i, (void *) (segment + s->l4_ofs));
    sw_offload_complete_csum(segment, s->header_len + payload_len, s->l3_ofs,
                             s->l4_ofs);
}
