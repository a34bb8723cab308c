/* SPDX-License-Identifier: Apache-2.0 */

/* The hot path of a port: packets from the RX ring to dpif-netdev, and from
 * there to a TX ring. */

#include <config.h>
#include "netdev-afxdp-private.h"

#include <errno.h>
#include <string.h>

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
    struct xsk_frame frames[NETDEV_MAX_BURST];
    uint32_t n_completed = 0;

    if (OVS_UNLIKELY(!att || rxq->queue_id >= att->n_rxq)) {
        return EAGAIN;
    }

    struct xsk_queue *xsk = att->queues[rxq->queue_id].xsk;
    struct umem *umem = xsk_queue_umem(xsk);

    xsk_queue_rx_refill(xsk);
    uint32_t n = xsk_queue_rx_burst(xsk, frames, NETDEV_MAX_BURST);
    if (!n) {
        flush_txqs(att, rxq->queue_id);
        return EAGAIN;
    }

    for (uint32_t i = 0; i < n; i++) {
        struct dp_packet *packet = umem_packet(umem, frames[i].addr,
                                               frames[i].len);

        if (OVS_UNLIKELY(dp_packet_tailroom(packet) < XSK_QUEUE_TAILROOM)) {
            xsk_queue_count(xsk, XSK_rx_oversize_drops, 1);
            dp_packet_delete(packet);
            continue;
        }
        n_completed += partial_csum_complete(dp_packet_data(packet),
                                             frames[i].len);
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

/* Frees all packets in 'batch'; those in packet memory with one lock for many,
 * not one for each. */
static void
free_batch(struct dp_packet_batch *batch)
{
    struct dp_packet *frames[NETDEV_MAX_BURST];
    struct dp_packet *packet;
    size_t n_frames = 0;

    DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
        if (OVS_LIKELY(packet->source == DPBUF_AFXDP)) {
            frames[n_frames++] = packet;
        } else {
            dp_packet_delete(packet);
        }
    }
    umem_put_packets(frames, n_frames);
    dp_packet_batch_init(batch);
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

static void
send_batch(struct netdev_afxdp *dev, struct xsk_queue *xsk,
           struct dp_packet_batch *batch)
{
    struct umem *umem = xsk_queue_umem(xsk);
    struct xsk_frame frames[NETDEV_MAX_BURST];
    uint64_t addrs[NETDEV_MAX_BURST];
    uint32_t max_len;

    atomic_read_relaxed(&dev->tx_max_len, &max_len);
    drop_bad_sizes(xsk, max_len, batch);

    uint32_t n = xsk_queue_tx_reserve(xsk, addrs,
                                      dp_packet_batch_size(batch));
    for (uint32_t i = 0; i < n; i++) {
        const struct dp_packet *packet = batch->packets[i];

        frames[i].addr = addrs[i];
        frames[i].len = dp_packet_size(packet);
        memcpy((char *) umem_base(umem) + addrs[i], dp_packet_data(packet),
               frames[i].len);
    }
    xsk_queue_tx_burst(xsk, frames, n);
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
        free_batch(batch);
        return ENODEV;
    }

    struct afxdp_queue *queue = &att->queues[qid % att->n_txq];
    if (concurrent_txq) {
        ovs_mutex_lock(&queue->tx_mutex);
        send_batch(dev, queue->xsk, batch);
        ovs_mutex_unlock(&queue->tx_mutex);
    } else {
        send_batch(dev, queue->xsk, batch);
    }
    free_batch(batch);
    return 0;
}
