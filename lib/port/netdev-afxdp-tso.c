/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-tso.h"

#include "port/afxdp-mtu.h"
#include "port/afxdp-jumbo.h"
#include "port/netdev-afxdp-port.h"
#include "base/partial-csum.h"
#include "base/sw-offload.h"
#include "ovs/netdev/ovs-packet.h"
#include "umem/umem.h"
#include "umem/umem-frames.h"
#include "util.h"

static void
drop(struct xsk_queue *xsk, struct dp_packet *packet)
{
    xsk_queue_count(xsk, XSK_tx_offload_drops, 1);
    dp_packet_delete(packet);
}

bool
netdev_afxdp_complete_csum(struct afxdp_queue *queue, struct dp_packet *packet)
{
    void *data = dp_packet_data(packet);
    uint32_t size = dp_packet_size(packet);
    size_t l3_ofs, l4_ofs;
    bool completed;

    if (ovs_packet_wants_csum(packet)) {
        if (!ovs_packet_get_offsets(packet, &l3_ofs, &l4_ofs)
            || !sw_offload_complete_csum(data, size, l3_ofs, l4_ofs)) {
            drop(queue->xsk, packet);
            return false;
        }
        completed = true;
    } else {
        completed = (partial_csum_complete(data, size)
                     == PARTIAL_CSUM_COMPLETED);
    }
    xsk_queue_count(queue->xsk, XSK_tx_csum_completed, completed);
    return true;
}

/* How many segments go onto the ring at a time. */
enum { TSO_BURST = OVS_PACKET_BURST };

/* Sends 'n' segments of 's', from 'first' on, that fit into frames.  Returns
 * how many there was room for. */
static uint32_t
send_in_frames(struct xsk_queue *xsk, const struct tcp_segments *s,
               uint32_t first, uint32_t n)
{
    struct umem_share *share = xsk_queue_share(xsk);
    struct umem_frame frames[TSO_BURST];
    uint64_t addrs[TSO_BURST];

    uint32_t room = xsk_queue_tx_room(xsk, n);
    uint32_t n_frames = umem_get_for_tx(share, xsk_queue_owner(xsk), addrs,
                                        room);
    for (uint32_t i = 0; i < n_frames; i++) {
        frames[i] = (struct umem_frame) {
            .addr = addrs[i],
            .len = tcp_segments_len(s, first + i),
        };
        tcp_segments_write(s, first + i, (char *) umem_base(share) + addrs[i]);
    }
    xsk_queue_tx_burst(xsk, frames, n_frames);
    xsk_queue_count(xsk, XSK_tx_copied, n_frames);
    if (n_frames < n) {
        /* What follows has no better chance. */
        xsk_queue_count(xsk, (n_frames < room ? XSK_tx_no_frame_drops
                              : XSK_tx_ring_full_drops),
                        s->n - first - n_frames);
    }
    return n_frames;
}

/* The same for segments that are longer than a frame. */
static uint32_t
send_jumbo(struct xsk_queue *xsk, const struct tcp_segments *s,
           uint32_t first, uint32_t n)
{
    struct dp_packet *packets[TSO_BURST];

    for (uint32_t i = 0; i < n; i++) {
        size_t len = tcp_segments_len(s, first + i);

        packets[i] = dp_packet_new(len);
        tcp_segments_write(s, first + i, dp_packet_put_uninit(packets[i],
                                                              len));
    }
    afxdp_jumbo_send(xsk, packets, n);
    return n;
}

void
netdev_afxdp_send_tso(struct netdev_afxdp *dev, struct afxdp_queue *queue,
                      struct dp_packet *packet, uint32_t max_len)
{
    struct tcp_segments s;
    size_t l3_ofs, l4_ofs;

    /* Labels in front of the IP header count, VLAN tags do not. */
    if (!ovs_packet_get_offsets(packet, &l3_ofs, &l4_ofs)
        || max_len < MAX(l3_ofs, afxdp_max_packet_len(0))
        || !tcp_segments_init(&s, dp_packet_data(packet),
                              dp_packet_size(packet), l3_ofs, l4_ofs,
                              max_len - MAX(l3_ofs,
                                            afxdp_max_packet_len(0)))) {
        drop(queue->xsk, packet);
        return;
    }

    bool jumbo = tcp_segments_len(&s, 0) > dev->att->plan.frame_size;
    for (uint32_t first = 0; first < s.n; ) {
        uint32_t n = MIN(s.n - first, TSO_BURST);
        uint32_t n_sent = (jumbo ? send_jumbo(queue->xsk, &s, first, n)
                           : send_in_frames(queue->xsk, &s, first, n));

        first += n_sent;
        xsk_queue_count(queue->xsk, XSK_tx_tso_segments, n_sent);
        if (n_sent < n) {
            break;
        }
    }
    xsk_queue_count(queue->xsk, XSK_tx_tso_packets, 1);
    dp_packet_delete(packet);
}
