/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "xsk/xsk-queue-private.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "base/slab-pool.h"
#include "umem/umem.h"
#include "umem/umem-frames.h"
#include "base/xdp-compat.h"

VLOG_DEFINE_THIS_MODULE(xsk_queue_io);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* In copy mode one sendto() takes at most this many packets off the TX ring:
 * TX_BATCH_SIZE in the kernel's net/xdp/xsk.c.  Newer kernels take more, which
 * only makes our bound on the number of calls a little generous. */
enum { KERNEL_TX_BURST = 16 };

/* How many frames go between a ring and the pool at a time. */
enum { FRAME_BURST = 64 };

void
xsk_queue_count(struct xsk_queue *q, enum xsk_counter counter, uint64_t delta)
{
    atomic_uint64_t *c = xsk_queue_counter(q, counter);
    uint64_t value;

    /* A counter has one writer, which need not pay for a locked add. */
    atomic_read_relaxed(c, &value);
    atomic_store_relaxed(c, value + delta);
}

/* Receiving. */

void
xsk_queue_rx_refill(struct xsk_queue *q)
{
    uint32_t n_rx = xsk_read_frames(&q->n_rx_frames);

    while (q->has_rx && n_rx < q->n_rxq_desc) {
        uint64_t addrs[FRAME_BURST];
        uint32_t n = MIN(q->n_rxq_desc - n_rx, FRAME_BURST);
        uint32_t idx = 0;

        /* The fill ring has room for all frames that are not on the RX ring,
         * but the kernel says so only once in a while. */
        n = MIN(n, xsk_prod_nb_free(&q->fill, n));
        if (!n) {
            break;
        }
        n = umem_get(q->share, q->owner, addrs, n);
        if (OVS_UNLIKELY(!n)) {
            xsk_queue_count(q, XSK_rx_no_frame, 1);
            break;
        }
        xsk_ring_prod__reserve(&q->fill, n, &idx);
        for (uint32_t i = 0; i < n; i++) {
            *xsk_ring_prod__fill_addr(&q->fill, idx + i) = addrs[i];
        }
        xsk_ring_prod__submit(&q->fill, n);
        n_rx = xsk_add_frames(&q->n_rx_frames, n);
    }
}

static void
note_poller(struct xsk_queue *q)
{
    unsigned int self = ovsthread_id_self();

    if (OVS_UNLIKELY(q->poller_id != self)) {
        q->poller_id = self;
        ovs_mutex_lock(&q->poller_mutex);
        free(q->poller_name);
        q->poller_name = xstrdup(get_subprogram_name());
        q->poller_core = sched_getcpu();
        ovs_mutex_unlock(&q->poller_mutex);
    }
}

/* There is nothing to receive: gives the kernel the chance to. */
static void
wake_rx(struct xsk_queue *q)
{
    if (q->busy_poll) {
        xsk_queue_count(q, XSK_rx_busy_polls, 1);
        recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
    } else if (q->need_wakeup && xsk_ring_prod__needs_wakeup(&q->fill)) {
        struct pollfd pfd = { .fd = q->fd, .events = POLLIN };

        xsk_queue_count(q, XSK_rx_wakeups, 1);
        if (poll(&pfd, 1, 0) < 0 && errno != EINTR) {
            VLOG_WARN_RL(&rl, "%s: queue %"PRIu32": cannot wake up the "
                         "driver to receive (%s)", q->devname, q->queue_id,
                         ovs_strerror(errno));
        }
    }
}

uint32_t
xsk_queue_rx_burst(struct xsk_queue *q, struct umem_frame frames[], uint32_t n)
{
    uint64_t n_bytes = 0;
    uint32_t n_packets = 0;
    uint32_t idx;

    note_poller(q);
    slab_pool_use_caches();
    n = xsk_ring_cons__peek(&q->rx, n, &idx);
    if (!n) {
        xsk_queue_count(q, XSK_rx_empty_polls, 1);
        wake_rx(q);
        return 0;
    }

    const char *base = umem_base(q->share);
    for (uint32_t i = 0; i < n; i++) {
        const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&q->rx, idx + i);

        frames[i].addr = desc->addr;
        frames[i].len = desc->len;
        frames[i].continued = desc->options & XDP_PKT_CONTD;
        /* Whoever looks at the headers waits for them otherwise, one packet
         * after the other: another processor wrote them. */
        OVS_PREFETCH(base + desc->addr);
        n_packets += !frames[i].continued;
        n_bytes += desc->len;
    }
    xsk_ring_cons__release(&q->rx, n);
    xsk_add_frames(&q->n_rx_frames, -n);
    xsk_queue_count(q, XSK_rx_packets, n_packets);
    xsk_queue_count(q, XSK_rx_bytes, n_bytes);
    return n;
}

/* Transmitting. */

/* Puts the frames that the kernel has sent back into the pool. */
static void
complete_tx(struct xsk_queue *q)
{
    for (;;) {
        uint64_t addrs[FRAME_BURST];
        uint32_t idx;
        uint32_t n = xsk_ring_cons__peek(&q->comp, FRAME_BURST, &idx);

        if (!n) {
            break;
        }
        for (uint32_t i = 0; i < n; i++) {
            addrs[i] = *xsk_ring_cons__comp_addr(&q->comp, idx + i);
        }
        xsk_ring_cons__release(&q->comp, n);
        xsk_add_frames(&q->n_tx_frames, -n);
        umem_put(q->share, addrs, n);
    }
}

uint32_t
xsk_queue_tx_room(struct xsk_queue *q, uint32_t n)
{
    complete_tx(q);

    /* A queue that is stuck holds no more frames than its port has a right
     * to. */
    uint32_t room = MIN(n, q->n_txq_desc - xsk_read_frames(&q->n_tx_frames));
    room = MIN(room, xsk_prod_nb_free(&q->tx, n));
    if (OVS_UNLIKELY(room < n)) {
        /* If the ring became full while the device was down, nobody else will
         * tell the kernel that it has packets. */
        atomic_store_relaxed(&q->tx_pending, true);
        xsk_queue_flush_tx(q);
    }
    return room;
}

/* Makes the kernel take packets off the TX ring, with up to 'max_calls' system
 * calls.  In copy mode the kernel takes only so many at a time and says EAGAIN
 * when it left some, for that reason or because the device cannot take more
 * now; a call that achieves nothing is the last one, and what is left is for
 * the next time.  Stores in '*n_calls' how many calls it took.  Returns 0, or
 * the last call's errno. */
static int
kick_tx(struct xsk_queue *q, int max_calls, int *n_calls)
{
    int error;

    for (*n_calls = 1; ; ++*n_calls) {
        uint32_t consumer = __atomic_load_n(q->tx.consumer, __ATOMIC_RELAXED);

        error = (sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0
                 ? errno : 0);
        if (error != EAGAIN || *n_calls >= max_calls
            || __atomic_load_n(q->tx.consumer, __ATOMIC_RELAXED) == consumer) {
            break;
        }
    }
    /* Other errors (ENETDOWN, ENXIO) mean that the device is down or gone: the
     * packets stay on the ring until there is something else to send. */
    atomic_store_relaxed(&q->tx_pending, (error == EAGAIN || error == EBUSY
                                          || error == ENOBUFS));
    return error;
}

void
xsk_queue_tx_burst(struct xsk_queue *q, const struct umem_frame frames[],
                   uint32_t n)
{
    uint64_t n_bytes = 0;
    uint32_t n_packets = 0;
    uint32_t idx;

    if (!n) {
        return;
    }
    /* xsk_queue_tx_room() has seen that there is room. */
    uint32_t n_reserved = xsk_ring_prod__reserve(&q->tx, n, &idx);
    ovs_assert(n_reserved == n);
    for (uint32_t i = 0; i < n; i++) {
        struct xdp_desc *desc = xsk_ring_prod__tx_desc(&q->tx, idx + i);

        *desc = (struct xdp_desc) {
            .addr = frames[i].addr,
            .len = frames[i].len,
            .options = frames[i].continued ? XDP_PKT_CONTD : 0,
        };
        n_packets += !frames[i].continued;
        n_bytes += frames[i].len;
    }
    xsk_ring_prod__submit(&q->tx, n);
    xsk_add_frames(&q->n_tx_frames, n);
    xsk_queue_count(q, XSK_tx_packets, n_packets);
    xsk_queue_count(q, XSK_tx_bytes, n_bytes);

    if (!q->need_wakeup || xsk_ring_prod__needs_wakeup(&q->tx)) {
        int max_calls = (q->zero_copy ? 1 : 1 + xsk_read_frames(
                             &q->n_tx_frames) / KERNEL_TX_BURST);
        int n_calls;
        int error = kick_tx(q, max_calls, &n_calls);

        xsk_queue_count(q, XSK_tx_kicks, n_calls);
        xsk_queue_count(q, XSK_tx_kick_errors, error && error != EAGAIN);
    }
}

void
xsk_queue_flush_tx(struct xsk_queue *q)
{
    bool pending;

    atomic_read_relaxed(&q->tx_pending, &pending);
    if (OVS_UNLIKELY(pending)) {
        int n_calls;

        kick_tx(q, 1, &n_calls);
    }
}
