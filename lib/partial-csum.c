/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "partial-csum.h"

#include <netinet/in.h>
#include <netinet/ip6.h>
#include <string.h>

#include "csum.h"
#include "packets.h"
#include "unaligned.h"

/* What UDP's own length says, when it is less, is what its checksum covers. */
static bool
has_odd_length(const uint8_t *l4, size_t size, uint8_t proto)
{
    const struct udp_header *udp = (const void *) l4;

    return proto == IPPROTO_UDP && ntohs(udp->udp_len) != size;
}

/* A transport header and what its pseudo-header needs. */
struct l4_segment {
    uint8_t *data;
    size_t size;                /* Header and payload, as the IP header says,
                                 * without Ethernet padding. */
    uint8_t proto;              /* IPPROTO_TCP or IPPROTO_UDP. */
    uint16_t pseudo_sum;        /* Folded. */
};

static uint32_t
word_at(const uint8_t *p)
{
    return get_unaligned_u32((const uint32_t *) (const void *) p);
}

/* Folds a sum of words in network byte order, which may have been added as 32
 * bits each. */
static uint16_t
fold(uint64_t sum)
{
    sum = (sum >> 32) + (uint32_t) sum;
    sum = (sum >> 16) + (uint16_t) sum;
    sum = (sum >> 16) + (uint16_t) sum;
    return (sum >> 16) + sum;
}

static uint16_t
ipv4_pseudo_sum(const struct ip_header *ip, uint32_t l4_size)
{
    return fold((uint64_t) word_at((const uint8_t *) &ip->ip_src)
                + word_at((const uint8_t *) &ip->ip_dst)
                + (OVS_FORCE uint32_t) htonl(l4_size + ip->ip_proto));
}

/* Where protocol 'proto' has its checksum in its header, whose size goes into
 * '*header_len'.  Returns 0 if partial checksums of it are not completed. */
static inline size_t
find_csum(uint8_t proto, size_t *header_len)
{
    switch (proto) {
    case IPPROTO_TCP:
        *header_len = TCP_HEADER_LEN;
        return offsetof(struct tcp_header, tcp_csum);
    case IPPROTO_UDP:
        *header_len = UDP_HEADER_LEN;
        return offsetof(struct udp_header, udp_csum);
    default:
        *header_len = 0;
        return 0;
    }
}

/* Skips the Ethernet header and up to two VLAN tags.  Returns the EtherType
 * that follows, or 0 if 'frame' is too short. */
static ovs_be16
skip_l2(uint8_t **frame, size_t *size)
{
    size_t ofs = 2 * ETH_ADDR_LEN;

    for (int tags = 0; tags <= 2; tags++) {
        if (*size < ofs + sizeof(ovs_be16)) {
            return 0;
        }
        ovs_be16 type = get_unaligned_be16((void *) (*frame + ofs));
        if (!eth_type_vlan(type)) {
            *frame += ofs + sizeof type;
            *size -= ofs + sizeof type;
            return type;
        }
        ofs += VLAN_HEADER_LEN;
    }
    return 0;
}

static bool
find_l4_ipv4(uint8_t *data, size_t size, struct l4_segment *l4)
{
    if (size < IP_HEADER_LEN) {
        return false;
    }

    const struct ip_header *ip = (const void *) data;
    size_t header_len = IP_IHL(ip->ip_ihl_ver) * 4;
    size_t total_len = ntohs(ip->ip_tot_len);

    if (IP_VER(ip->ip_ihl_ver) != 4 || header_len < IP_HEADER_LEN
        || total_len < header_len || total_len > size
        || IP_IS_FRAGMENT(ip->ip_frag_off)) {
        return false;
    }

    l4->data = data + header_len;
    l4->size = total_len - header_len;
    l4->proto = ip->ip_proto;
    l4->pseudo_sum = ipv4_pseudo_sum(ip, l4->size);
    return true;
}

/* Steps over the IPv6 extension header that '*l4' is about.  Returns false if
 * it is not a whole one, or one behind which the checksum is not of this
 * packet and its addresses: of a fragment, or of one that is yet to be routed
 * to its last destination. */
static bool
skip_extension(struct l4_segment *l4)
{
    size_t len;

    if (l4->size < 8
        || (l4->proto == IPPROTO_ROUTING && l4->data[3])) {
        return false;
    }
    switch (l4->proto) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
        len = (l4->data[1] + 1) * 8;
        break;
    case IPPROTO_AH:
        len = (l4->data[1] + 2) * 4;
        break;
    default:
        return false;
    }
    if (len > l4->size) {
        return false;
    }
    l4->proto = l4->data[0];
    l4->data += len;
    l4->size -= len;
    return true;
}

static bool
find_l4_ipv6(uint8_t *data, size_t size, struct l4_segment *l4)
{
    if (size < IPV6_HEADER_LEN) {
        return false;
    }

    const struct ovs_16aligned_ip6_hdr *ip6 = (const void *) data;
    size_t payload_len = ntohs(ip6->ip6_plen);

    if ((ip6->ip6_vfc >> 4) != 6 || payload_len > size - IPV6_HEADER_LEN) {
        return false;
    }

    l4->data = data + IPV6_HEADER_LEN;
    l4->size = payload_len;
    l4->proto = ip6->ip6_nxt;
    while (l4->proto != IPPROTO_TCP && l4->proto != IPPROTO_UDP) {
        if (!skip_extension(l4)) {
            return false;
        }
    }
    uint64_t sum = (OVS_FORCE uint32_t) htonl(l4->size + l4->proto);
    for (int i = 0; i < 32; i += 4) {
        sum += word_at((const uint8_t *) &ip6->ip6_src + i);
    }
    l4->pseudo_sum = fold(sum);
    return true;
}

/* Most packets are plain IPv4 and have all of their checksum.  Returns true for
 * these, false for those that need a closer look. */
static inline bool
is_plainly_complete(const uint8_t *frame, size_t size)
{
    const struct ip_header *ip = (const void *) (frame + ETH_HEADER_LEN);
    size_t csum_ofs, header_len;

    if (size < ETH_HEADER_LEN + IP_HEADER_LEN + TCP_HEADER_LEN
        || get_unaligned_be16((const ovs_be16 *) (const void *)
                              (frame + 2 * ETH_ADDR_LEN))
           != htons(ETH_TYPE_IP)
        || ip->ip_ihl_ver != IP_IHL_VER(5, 4)) {
        return false;
    }
    csum_ofs = find_csum(ip->ip_proto, &header_len);
    if (!csum_ofs) {
        return true;
    }

    /* With a bad length this is of no consequence. */
    uint16_t pseudo_sum = ipv4_pseudo_sum(
        ip, ntohs(ip->ip_tot_len) - IP_HEADER_LEN);
    return (get_unaligned_be16((const ovs_be16 *) (const void *)
                               ((const uint8_t *) (ip + 1) + csum_ofs))
            != (OVS_FORCE ovs_be16) pseudo_sum);
}

bool
partial_csum_complete(void *frame, size_t size)
{
    if (is_plainly_complete(frame, size)) {
        return false;
    }

    uint8_t *data = frame;
    ovs_be16 type = skip_l2(&data, &size);
    struct l4_segment l4;

    if (!(type == htons(ETH_TYPE_IP) && find_l4_ipv4(data, size, &l4))
        && !(type == htons(ETH_TYPE_IPV6) && find_l4_ipv6(data, size, &l4))) {
        return false;
    }

    size_t header_len;
    size_t csum_ofs = find_csum(l4.proto, &header_len);
    if (!csum_ofs || l4.size < header_len
        || has_odd_length(l4.data, l4.size, l4.proto)) {
        return false;
    }

    ovs_be16 *field = (ovs_be16 *) (void *) (l4.data + csum_ofs);
    if (get_unaligned_be16(field) != (OVS_FORCE ovs_be16) l4.pseudo_sum) {
        return false;
    }

    put_unaligned_be16(field, 0);
    ovs_be16 csum = csum_finish(csum_continue(l4.pseudo_sum, l4.data,
                                              l4.size));
    if (l4.proto == IPPROTO_UDP && !csum) {
        csum = htons(0xffff);
    }
    put_unaligned_be16(field, csum);
    return true;
}
