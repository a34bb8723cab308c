/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "base/partial-csum.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "csum.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"
#include "xdp-inner.h"

/* A packet in a tunnel in a tunnel has three checksums. */
enum { MAX_FOUND = 3 };

static uint16_t
ipv4_pseudo_sum(const struct ip_header *ip, uint32_t l4_size)
{
    const uint32_t *src = (const void *) &ip->ip_src;
    const uint32_t *dst = (const void *) &ip->ip_dst;

    return xdp_fold((uint64_t) get_unaligned_u32(src) + get_unaligned_u32(dst)
                    + (OVS_FORCE uint32_t) htonl(l4_size + ip->ip_proto));
}

static uint16_t
get_u16(const uint8_t *p)
{
    return get_unaligned_u16((const uint16_t *) (const void *) p);
}

/* Most packets are plain IPv4 and have all of their checksum.  Returns true
 * for these, false for those that need a closer look. */
static inline bool
is_plainly_complete(const uint8_t *frame, size_t size)
{
    const struct ip_header *ip = (const void *) (frame + ETH_HEADER_LEN);
    const uint8_t *l4 = (const uint8_t *) (ip + 1);
    size_t csum_ofs;

    if (size < ETH_HEADER_LEN + IP_HEADER_LEN + TCP_HEADER_LEN
        || get_u16(frame + 2 * ETH_ADDR_LEN)
           != (OVS_FORCE uint16_t) htons(ETH_TYPE_IP)
        || ip->ip_ihl_ver != IP_IHL_VER(5, 4)) {
        return false;
    }
    if (ip->ip_proto == IPPROTO_TCP) {
        csum_ofs = offsetof(struct tcp_header, tcp_csum);
    } else if (ip->ip_proto != IPPROTO_UDP) {
        return !xdp_is_tunnel_proto(ip->ip_proto);
    } else if (xdp_is_tunnel_port(xdp_ntohs(get_u16(l4 + 2)))) {
        return false;
    } else {
        csum_ofs = offsetof(struct udp_header, udp_csum);
    }

    /* With a bad length this is of no consequence. */
    return (get_u16(l4 + csum_ofs)
            != ipv4_pseudo_sum(ip, ntohs(ip->ip_tot_len) - IP_HEADER_LEN));
}

static void
complete(uint8_t *frame, const struct xdp_inner *w)
{
    uint8_t *l4 = frame + w->l4_ofs;
    ovs_be16 *field = (ovs_be16 *) (void *) (l4 + w->csum_ofs);
    ovs_be16 csum;

    put_unaligned_be16(field, 0);
    csum = csum_finish(csum_continue(w->pseudo_sum, l4, w->l4_len));
    if (w->csum_ofs == offsetof(struct udp_header, udp_csum) && !csum) {
        csum = htons(0xffff);
    }
    put_unaligned_be16(field, csum);
}

/* Walks through the frame and notes the headers with partial checksums in
 * 'found', '*n' of them. */
static enum xdp_inner_result
find_partial(const uint8_t *frame, size_t size,
             struct xdp_inner found[MAX_FOUND], int *n)
{
    enum xdp_inner_result result = XDP_INNER_MORE;
    struct xdp_inner w;

    *n = 0;
    xdp_inner_start(&w, 0, size, XDP_INNER_ETHERNET);
    for (int i = 0; result == XDP_INNER_MORE && i < XDP_INNER_STEPS; i++) {
        uint64_t header[XDP_INNER_HEADER / 8] = { 0 };

        memcpy(header, frame + w.ofs, MIN(w.len, sizeof header));
        result = xdp_inner_step(&w, (const uint8_t *) header);
        if (w.csum_ofs && *n < MAX_FOUND) {
            found[(*n)++] = w;
        }
    }
    return result;
}

enum partial_csum
partial_csum_complete(void *frame, size_t size)
{
    struct xdp_inner found[MAX_FOUND];
    enum xdp_inner_result result;
    int n;

    if (is_plainly_complete(frame, size)) {
        return PARTIAL_CSUM_NONE;
    }
    result = find_partial(frame, size, found, &n);

    /* One of them is partial, at most, and the others by chance: those around
     * it are right once it is complete. */
    for (int i = n - 1; i >= 0; i--) {
        complete(frame, &found[i]);
    }
    return (n ? PARTIAL_CSUM_COMPLETED
            : result == XDP_INNER_END ? PARTIAL_CSUM_NONE
            : PARTIAL_CSUM_UNKNOWN);
}
