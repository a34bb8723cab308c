/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XSK_QUEUE_PRIVATE_H
#define XSK_QUEUE_PRIVATE_H 1

/* The insides of a queue, for xsk-queue.c (its life, and what it tells of
 * itself) and xsk-queue-io.c (what happens for each packet). */

#include <xdp/xsk.h>

#include "openvswitch/thread.h"
#include "ovs-atomic.h"
#include "util.h"
#include "xsk/xsk-queue.h"

struct xsk_queue {
    /* Constant. */
    struct xsk_socket *xsk;
    struct xsk_umem *registered_umem;
    struct umem_share *share;
    uint16_t owner;                     /* The queue, for 'share'. */
    char *devname;
    int fd;
    int ifindex;
    uint32_t queue_id;
    uint32_t n_rxq_desc;
    uint32_t n_txq_desc;
    bool need_wakeup;
    bool busy_poll;
    bool zero_copy;
    bool has_rx;
    bool multi_buffer;

    /* For the main thread: how often the queue had been polled when it looked
     * last, and whether that was more than before. */
    uint64_t seen_polls;
    bool is_polled;

    /* The receive half. */
    OVS_ALIGNED_VAR(CACHE_LINE_SIZE) struct xsk_ring_cons rx;
    struct xsk_ring_prod fill;
    unsigned int poller_id;             /* ovsthread_id_self(). */
    struct ovs_mutex poller_mutex;
    char *poller_name OVS_GUARDED;
    int poller_core OVS_GUARDED;

    /* The transmit half. */
    OVS_ALIGNED_VAR(CACHE_LINE_SIZE) struct xsk_ring_prod tx;
    struct xsk_ring_cons comp;

    /* One writer each, any reader. */
    OVS_ALIGNED_VAR(CACHE_LINE_SIZE) atomic_uint32_t n_rx_frames;
    atomic_uint64_t rx_counters[XSK_tx_packets - XSK_N_KERNEL_COUNTERS];
    OVS_ALIGNED_VAR(CACHE_LINE_SIZE) atomic_uint32_t n_tx_frames;
    atomic_bool tx_pending;             /* Did the kernel leave packets? */
    atomic_uint64_t tx_counters[N_XSK_COUNTERS - XSK_tx_packets];
};

/* The place of one of the XSK_RX_COUNTERS or XSK_TX_COUNTERS. */
static inline atomic_uint64_t *
xsk_queue_counter(const struct xsk_queue *q_, enum xsk_counter counter)
{
    struct xsk_queue *q = CONST_CAST(struct xsk_queue *, q_);

    return (counter < XSK_tx_packets
            ? &q->rx_counters[counter - XSK_N_KERNEL_COUNTERS]
            : &q->tx_counters[counter - XSK_tx_packets]);
}

static inline uint32_t
xsk_add_frames(atomic_uint32_t *count, uint32_t delta)
{
    uint32_t value;

    atomic_read_relaxed(count, &value);
    atomic_store_relaxed(count, value + delta);
    return value + delta;
}

static inline uint32_t
xsk_read_frames(const atomic_uint32_t *count)
{
    uint32_t value;

    atomic_read_relaxed(CONST_CAST(atomic_uint32_t *, count), &value);
    return value;
}

#endif /* xsk-queue-private.h */
