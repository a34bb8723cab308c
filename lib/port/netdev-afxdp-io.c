/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-io.h"

#include <errno.h>
#include <string.h>

#include "port/afxdp-jumbo.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-tso.h"
#include "openvswitch/poll-loop.h"
#include "ovs/netdev/ovs-packet.h"
#include "ovs/netdev/umem-packet.h"
#include "packets.h"
#include "base/partial-csum.h"
#include "umem/umem.h"
#include "util.h"

/* Nothing to receive: the moment to send what the kernel did not take. */
static void
flush_txqs(struct afxdp_attachment *att, int first)
{
    for (int i = first; i < att->plan.n_txq; i += att->plan.n_rxq) {
        xsk_queue_flush_tx(att->queues[i].xsk);
    }
}

int
netdev_afxdp_receive(struct netdev_afxdp *dev, int qid,
                     struct dp_packet *packets[], size_t *n_packets)
{
    struct afxdp_attachment *att = dev->att;
    struct umem_frame frames[OVS_PACKET_BURST];
    uint32_t n_csums[N_PARTIAL_CSUM] = { 0 };

    if (OVS_UNLIKELY(!att || qid >= att->plan.n_rxq)) {
        return EAGAIN;
    }

    struct afxdp_queue *queue = &att->queues[qid];
    struct xsk_queue *xsk = queue->xsk;

    xsk_queue_rx_refill(xsk);
    uint32_t n = xsk_queue_rx_burst(xsk, frames, OVS_PACKET_BURST);
    if (!n) {
        flush_txqs(att, qid);
        return EAGAIN;
    }

    if (OVS_LIKELY(!att->plan.multi_buffer)) {
        umem_frames_to_packets(att->share, frames, n, packets);
    } else {
        n = afxdp_jumbo_receive(xsk, afxdp_attachment_max_packet_len(att),
                                &queue->partial, frames, n, packets);
    }

    bool is_zero_copy = xsk_queue_is_zero_copy(xsk);
    *n_packets = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct dp_packet *packet = packets[i];

        if (OVS_UNLIKELY(dp_packet_tailroom(packet) < XSK_QUEUE_TAILROOM)) {
            xsk_queue_count(xsk, XSK_rx_oversize_drops, 1);
            dp_packet_delete(packet);
            continue;
        }
        /* What comes from the wire has been completed. */
        if (!is_zero_copy) {
            n_csums[partial_csum_complete(dp_packet_data(packet),
                                          dp_packet_size(packet))]++;
        }
        packets[(*n_packets)++] = packet;
    }
    if (n_csums[PARTIAL_CSUM_COMPLETED]) {
        xsk_queue_count(xsk, XSK_rx_csum_completed,
                        n_csums[PARTIAL_CSUM_COMPLETED]);
    }
    if (n_csums[PARTIAL_CSUM_UNKNOWN]) {
        xsk_queue_count(xsk, XSK_rx_csum_unknown,
                        n_csums[PARTIAL_CSUM_UNKNOWN]);
    }
    return 0;
}

void
netdev_afxdp_receive_wait(const struct netdev_afxdp *dev, int qid)
{
    const struct afxdp_attachment *att = dev->att;

    if (att && qid < att->plan.n_rxq) {
        poll_fd_wait(xsk_queue_fd(att->queues[qid].xsk), POLLIN);
    }
}

/* Deletes 'n' packets; those in packet memory all at once. */
static void
delete_packets(struct dp_packet *packets[], size_t n)
{
    struct dp_packet *ours[OVS_PACKET_BURST];
    size_t n_ours = 0;

    for (size_t i = 0; i < n; i++) {
        if (OVS_LIKELY(ovs_packet_is_in_umem(packets[i]))) {
            ours[n_ours++] = packets[i];
        } else {
            dp_packet_delete(packets[i]);
        }
    }
    umem_delete_packets(ours, n_ours);
}

static inline bool
is_good_size(uint32_t size, uint32_t max_len)
{
    return size - ETH_HEADER_LEN <= max_len - ETH_HEADER_LEN;
}

/* Can all 'n' packets be sent as they are?  One in packet memory was received
 * by us and completed then. */
static bool
are_ready(struct dp_packet *const packets[], size_t n, uint32_t max_len)
{
    bool ready = true;

    for (size_t i = 0; i < n; i++) {
        ready &= is_good_size(dp_packet_size(packets[i]), max_len);
        ready &= ovs_packet_is_in_umem(packets[i]);
    }
    return ready;
}

/* Makes 'packet' one that can be sent.  Returns false, deletes and counts it
 * if that is not possible. */
static bool
make_ready(struct afxdp_queue *queue, struct dp_packet *packet,
           uint32_t max_len)
{
    uint32_t size = dp_packet_size(packet);

    if (OVS_UNLIKELY(!is_good_size(size, max_len))) {
        xsk_queue_count(queue->xsk, (size > max_len ? XSK_tx_oversize_drops
                                     : XSK_tx_runt_drops), 1);
        dp_packet_delete(packet);
        return false;
    }
    return (ovs_packet_is_in_umem(packet)
            || netdev_afxdp_complete_csum(queue, packet));
}

/* Copies those of the 'n' packets whose frames have no address, 'n_wanted', to
 * frames of 'xsk', as far as there are any, and deletes them all.  Returns how
 * many frames 'frames' has then. */
static uint32_t
copy_packets(struct xsk_queue *xsk, struct dp_packet *const packets[],
             struct umem_frame frames[], uint32_t n, uint32_t n_wanted)
{
    struct umem_share *share = xsk_queue_share(xsk);
    uint64_t copies[OVS_PACKET_BURST];
    uint32_t n_copied = 0;
    uint32_t n_frames = 0;

    uint32_t n_copies = umem_get_for_tx(share, xsk_queue_owner(xsk), copies,
                                        n_wanted);
    for (uint32_t i = 0; i < n; i++) {
        struct umem_frame frame = frames[i];

        if (frame.addr == UMEM_NO_ADDR) {
            if (n_copied < n_copies) {
                frame.addr = copies[n_copied++];
                memcpy((char *) umem_base(share) + frame.addr,
                       dp_packet_data(packets[i]), frame.len);
            }
            dp_packet_delete(packets[i]);
        }
        if (frame.addr != UMEM_NO_ADDR) {
            frames[n_frames++] = frame;
        }
    }
    xsk_queue_count(xsk, XSK_tx_copied, n_copied);
    xsk_queue_count(xsk, XSK_tx_no_frame_drops, n_wanted - n_copied);
    return n_frames;
}

/* Sends 'n' packets that are ready for it, and deletes them. */
static void
send_ready(struct netdev_afxdp *dev, struct afxdp_queue *queue,
           struct dp_packet *packets[], uint32_t n)
{
    struct xsk_queue *xsk = queue->xsk;
    struct umem_frame frames[OVS_PACKET_BURST];

    if (OVS_UNLIKELY(dev->att->plan.multi_buffer)) {
        afxdp_jumbo_send(xsk, packets, n);
        return;
    }

    uint32_t room = xsk_queue_tx_room(xsk, n);
    uint32_t n_frames = umem_packets_to_frames(
        xsk_queue_share(xsk), xsk_queue_owner(xsk), packets, room, frames);
    xsk_queue_count(xsk, XSK_tx_zero_copied, n_frames);
    if (OVS_UNLIKELY(n_frames < room)) {
        n_frames = copy_packets(xsk, packets, frames, room, room - n_frames);
    }
    xsk_queue_tx_burst(xsk, frames, n_frames);

    if (OVS_UNLIKELY(room < n)) {
        xsk_queue_count(xsk, XSK_tx_ring_full_drops, n - room);
        delete_packets(&packets[room], n - room);
    }
}

/* Sends 'n' packets, of which some are not ready for it, in their order, and
 * deletes them. */
static void
make_ready_and_send(struct netdev_afxdp *dev, struct afxdp_queue *queue,
                    struct dp_packet *packets[], size_t n, uint32_t max_len)
{
    struct dp_packet *ready[OVS_PACKET_BURST];
    uint32_t n_ready = 0;

    for (size_t i = 0; i < n; i++) {
        if (ovs_packet_wants_segments(packets[i])) {
            send_ready(dev, queue, ready, n_ready);
            n_ready = 0;
            netdev_afxdp_send_tso(dev, queue, packets[i], max_len);
        } else if (make_ready(queue, packets[i], max_len)) {
            ready[n_ready++] = packets[i];
        }
    }
    send_ready(dev, queue, ready, n_ready);
}

/* Sends 'n' packets, however many they are, and deletes them. */
static void
send_all(struct netdev_afxdp *dev, struct afxdp_queue *queue,
         struct dp_packet *packets[], size_t n)
{
    uint32_t max_len;

    atomic_read_relaxed(&dev->tx_max_len, &max_len);
    while (n) {
        size_t n_burst = MIN(n, OVS_PACKET_BURST);

        if (OVS_LIKELY(are_ready(packets, n_burst, max_len))) {
            send_ready(dev, queue, packets, n_burst);
        } else {
            make_ready_and_send(dev, queue, packets, n_burst, max_len);
        }
        packets += n_burst;
        n -= n_burst;
    }
}

int
netdev_afxdp_send(struct netdev_afxdp *dev, int qid,
                  struct dp_packet *packets[], size_t n, bool shared)
{
    struct afxdp_attachment *att = dev->att;

    if (OVS_UNLIKELY(!att)) {
        uint64_t orig;

        atomic_add_relaxed(&dev->tx_detached_drops, n, &orig);
        for (size_t i = 0; i < n; i++) {
            dp_packet_delete(packets[i]);
        }
        return ENODEV;
    }

    struct afxdp_queue *queue = &att->queues[qid % att->plan.n_txq];
    if (shared) {
        ovs_mutex_lock(&queue->tx_mutex);
        send_all(dev, queue, packets, n);
        ovs_mutex_unlock(&queue->tx_mutex);
    } else {
        send_all(dev, queue, packets, n);
    }
    return 0;
}
