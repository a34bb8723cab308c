/* SPDX-License-Identifier: Apache-2.0 */

/* The hot path of a port: packets from the RX ring to dpif-netdev, and from
 * there to a TX ring. */

#include <config.h>
#include "netdev-afxdp-private.h"

#include <errno.h>
#include <string.h>

#include "afxdp-jumbo.h"
#include "dp-packet.h"
#include "openvswitch/poll-loop.h"
#include "partial-csum.h"
#include "umem.h"
#include "util.h"

/* Nothing to receive: the moment to send what the kernel did not take. */
static void
flush_txqs(struct afxdp_attachment *att, int first)
{
    for (int i = first; i < att->n_txq; i += att->n_rxq) {
        xsk_queue_flush_tx(att->queues[i].xsk);
    }
}

int
netdev_afxdp_rxq_recv(struct netdev_rxq *rxq, struct dp_packet_batch *batch,
                      int *qfill)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(rxq->netdev);
    struct afxdp_attachment *att = dev->att;
    struct umem_frame frames[NETDEV_MAX_BURST];
    uint32_t n_completed = 0;

    if (OVS_UNLIKELY(!att || rxq->queue_id >= att->n_rxq)) {
        return EAGAIN;
    }

    struct afxdp_queue *queue = &att->queues[rxq->queue_id];
    struct xsk_queue *xsk = queue->xsk;
    bool is_zero_copy = xsk_queue_is_zero_copy(xsk);

    xsk_queue_rx_refill(xsk);
    uint32_t n = xsk_queue_rx_burst(xsk, frames, NETDEV_MAX_BURST);
    if (!n) {
        flush_txqs(att, rxq->queue_id);
        return EAGAIN;
    }

    if (OVS_LIKELY(!att->multi_buffer)) {
        umem_frames_to_packets(att->share, frames, n, batch->packets);
    } else {
        n = afxdp_jumbo_receive(att, queue, frames, n, batch->packets);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct dp_packet *packet = batch->packets[i];

        if (OVS_UNLIKELY(dp_packet_tailroom(packet) < XSK_QUEUE_TAILROOM)) {
            xsk_queue_count(xsk, XSK_rx_oversize_drops, 1);
            dp_packet_delete(packet);
            continue;
        }
        /* What comes from the wire has been completed. */
        if (!is_zero_copy) {
            n_completed += partial_csum_complete(dp_packet_data(packet),
                                                 dp_packet_size(packet));
        }
        dp_packet_batch_add(batch, packet);
    }
    if (n_completed) {
        xsk_queue_count(xsk, XSK_rx_csum_completed, n_completed);
    }
    if (qfill) {
        *qfill = -ENOTSUP;
    }
    return 0;
}

void
netdev_afxdp_rxq_wait(struct netdev_rxq *rxq)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(rxq->netdev);
    struct afxdp_attachment *att = dev->att;

    if (att && rxq->queue_id < att->n_rxq) {
        poll_fd_wait(xsk_queue_fd(att->queues[rxq->queue_id].xsk), POLLIN);
    }
}

int
netdev_afxdp_rxq_construct(struct netdev_rxq *rxq OVS_UNUSED)
{
    return 0;
}

void
netdev_afxdp_rxq_destruct(struct netdev_rxq *rxq OVS_UNUSED)
{
}

/* Deletes 'n' packets; those in packet memory all at once. */
static void
delete_packets(struct dp_packet *packets[], size_t n)
{
    struct dp_packet *ours[NETDEV_MAX_BURST];
    size_t n_ours = 0;

    for (size_t i = 0; i < n; i++) {
        if (OVS_LIKELY(packets[i]->source == DPBUF_AFXDP)) {
            ours[n_ours++] = packets[i];
        } else {
            dp_packet_delete(packets[i]);
        }
    }
    umem_delete_packets(ours, n_ours);
}

/* Drops what cannot be sent at all. */
static void
drop_bad_sizes(struct xsk_queue *xsk, uint32_t max_len,
               struct dp_packet_batch *batch)
{
    const size_t n = dp_packet_batch_size(batch);
    struct dp_packet *packet;
    size_t i;

    DP_PACKET_BATCH_REFILL_FOR_EACH (i, n, packet, batch) {
        uint32_t size = dp_packet_size(packet);

        if (OVS_LIKELY(size <= max_len && size >= ETH_HEADER_LEN)) {
            dp_packet_batch_refill(batch, packet, i);
        } else {
            xsk_queue_count(xsk, (size > max_len ? XSK_tx_oversize_drops
                                  : XSK_tx_runt_drops), 1);
            dp_packet_delete(packet);
        }
    }
}

/* Moves those of the 'n' packets for which 'addrs' has no address to frames of
 * 'xsk', as far as there are any.  Returns how many such packets there
 * were. */
static uint32_t
copy_packets(struct xsk_queue *xsk, struct dp_packet *const packets[],
             uint32_t n, uint64_t addrs[])
{
    struct umem_share *share = xsk_queue_share(xsk);
    uint64_t copies[NETDEV_MAX_BURST];
    uint32_t n_wanted = 0;
    uint32_t n_copied = 0;

    for (uint32_t i = 0; i < n; i++) {
        n_wanted += addrs[i] == UMEM_NO_ADDR;
    }

    uint32_t n_copies = umem_get_for_tx(share, xsk_queue_owner(xsk), copies,
                                        n_wanted);
    for (uint32_t i = 0; i < n && n_copied < n_copies; i++) {
        if (addrs[i] == UMEM_NO_ADDR) {
            addrs[i] = copies[n_copied++];
            memcpy((char *) umem_base(share) + addrs[i],
                   dp_packet_data(packets[i]), dp_packet_size(packets[i]));
            dp_packet_delete(packets[i]);
        }
    }
    xsk_queue_count(xsk, XSK_tx_copied, n_copied);
    xsk_queue_count(xsk, XSK_tx_no_frame_drops, n_wanted - n_copied);
    return n_wanted;
}

/* Sends the packets in 'batch' and deletes them. */
static void
send_batch(struct netdev_afxdp *dev, struct afxdp_queue *queue,
           struct dp_packet_batch *batch)
{
    struct xsk_queue *xsk = queue->xsk;
    struct umem_frame frames[NETDEV_MAX_BURST];
    uint64_t addrs[NETDEV_MAX_BURST];
    uint32_t lens[NETDEV_MAX_BURST];
    uint32_t n_frames = 0;
    uint32_t max_len;

    atomic_read_relaxed(&dev->tx_max_len, &max_len);
    drop_bad_sizes(xsk, max_len, batch);
    if (OVS_UNLIKELY(dev->att->multi_buffer)) {
        afxdp_jumbo_send(dev->att, queue, batch->packets,
                         dp_packet_batch_size(batch));
        return;
    }

    uint32_t n = xsk_queue_tx_room(xsk, dp_packet_batch_size(batch));
    for (uint32_t i = 0; i < n; i++) {
        lens[i] = dp_packet_size(batch->packets[i]);
    }
    umem_packets_to_frames(xsk_queue_share(xsk), xsk_queue_owner(xsk),
                           batch->packets, n, addrs);
    uint32_t n_zero_copied = n - copy_packets(xsk, batch->packets, n, addrs);
    for (uint32_t i = 0; i < n; i++) {
        if (OVS_LIKELY(addrs[i] != UMEM_NO_ADDR)) {
            frames[n_frames].addr = addrs[i];
            frames[n_frames].len = lens[i];
            frames[n_frames++].continued = false;
        } else {
            dp_packet_delete(batch->packets[i]);
        }
    }
    xsk_queue_count(xsk, XSK_tx_zero_copied, n_zero_copied);
    xsk_queue_tx_burst(xsk, frames, n_frames);

    if (OVS_UNLIKELY(n < dp_packet_batch_size(batch))) {
        uint32_t n_dropped = dp_packet_batch_size(batch) - n;

        xsk_queue_count(xsk, XSK_tx_ring_full_drops, n_dropped);
        delete_packets(&batch->packets[n], n_dropped);
    }
}

int
netdev_afxdp_batch_send(struct netdev *netdev, int qid,
                        struct dp_packet_batch *batch, bool concurrent_txq)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    struct afxdp_attachment *att = dev->att;

    if (OVS_UNLIKELY(!att)) {
        uint64_t orig;

        atomic_add_relaxed(&dev->tx_detached_drops,
                           dp_packet_batch_size(batch), &orig);
        dp_packet_delete_batch(batch, true);
        return ENODEV;
    }

    struct afxdp_queue *queue = &att->queues[qid % att->n_txq];
    if (concurrent_txq) {
        ovs_mutex_lock(&queue->tx_mutex);
        send_batch(dev, queue, batch);
        ovs_mutex_unlock(&queue->tx_mutex);
    } else {
        send_batch(dev, queue, batch);
    }
    return 0;
}
