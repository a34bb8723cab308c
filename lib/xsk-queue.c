/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "xsk-queue.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <xdp/libxdp.h>
#include <xdp/xsk.h>

#include "openvswitch/thread.h"
#include "openvswitch/vlog.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "umem.h"
#include "util.h"
#include "xdp-compat.h"

VLOG_DEFINE_THIS_MODULE(xsk_queue);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* In copy mode one sendto() takes at most this many packets off the TX ring:
 * TX_BATCH_SIZE in the kernel's net/xdp/xsk.c, 16 until kernel 5.15 and 32
 * since. */
enum { KERNEL_TX_BURST = 16 };

/* How many frames go between a ring and the pool at a time. */
enum { FRAME_BURST = 64 };

struct xsk_queue {
    /* Constant. */
    struct xsk_socket *xsk;
    struct xsk_umem *registered_umem;
    struct umem *umem;
    char *devname;
    int fd;
    uint32_t queue_id;
    uint32_t n_rxq_desc;
    bool need_wakeup;
    bool zero_copy;
    bool has_rx, has_tx;

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

const char *
xsk_counter_to_string(enum xsk_counter counter)
{
    static const char *names[N_XSK_COUNTERS] = {
#define XSK_COUNTER(NAME) #NAME,
        XSK_KERNEL_COUNTERS
        XSK_RX_COUNTERS
        XSK_TX_COUNTERS
#undef XSK_COUNTER
    };
    return names[counter];
}

static atomic_uint64_t *
own_counter(const struct xsk_queue *q_, enum xsk_counter counter)
{
    struct xsk_queue *q = CONST_CAST(struct xsk_queue *, q_);

    return (counter < XSK_tx_packets
            ? &q->rx_counters[counter - XSK_N_KERNEL_COUNTERS]
            : &q->tx_counters[counter - XSK_tx_packets]);
}

void
xsk_queue_count(struct xsk_queue *q, enum xsk_counter counter, uint64_t delta)
{
    atomic_uint64_t *c = own_counter(q, counter);
    uint64_t value;

    /* A counter has one writer, which need not pay for a locked add. */
    atomic_read_relaxed(c, &value);
    atomic_store_relaxed(c, value + delta);
}

static uint32_t
add_frames(atomic_uint32_t *count, uint32_t delta)
{
    uint32_t value;

    atomic_read_relaxed(count, &value);
    atomic_store_relaxed(count, value + delta);
    return value + delta;
}

static uint32_t
read_frames(const atomic_uint32_t *count)
{
    uint32_t value;

    atomic_read_relaxed(CONST_CAST(atomic_uint32_t *, count), &value);
    return value;
}

/* Opening and closing. */

static int
log_libxdp(enum libxdp_print_level level OVS_UNUSED, const char *format,
           va_list args)
{
    vlog_valist(&this_module, VLL_DBG, format, args);
    return 0;
}

static char *
describe_bind_failure(const struct xsk_queue_config *config, int error)
{
    const char *mode = xsk_mode_to_string(config->mode);

    switch (error) {
    case EBUSY:
        return xasprintf("queue %"PRIu32" is in use by another AF_XDP socket",
                         config->queue_id);
    case EINVAL:
    case EOPNOTSUPP:
        return xasprintf("queue %"PRIu32" of the device does not support %s "
                         "mode (%s)", config->queue_id, mode,
                         ovs_strerror(error));
    default:
        return xasprintf("cannot bind an AF_XDP socket to queue %"PRIu32
                         " in %s mode (%s)", config->queue_id, mode,
                         ovs_strerror(error));
    }
}

/* Registers the memory of 'q' with the kernel, which pins it. */
static int
register_umem(struct xsk_queue *q, const struct xsk_queue_config *config,
              char **errp)
{
    const struct xsk_umem_config umem_config = {
        .fill_size = config->n_rxq_desc,
        .comp_size = config->n_txq_desc,
        .frame_size = config->frame_size,
        .frame_headroom = XSK_QUEUE_HEADROOM - 256,
    };
    int error = -xsk_umem__create(&q->registered_umem, umem_base(q->umem),
                                  umem_size(q->umem), &q->fill, &q->comp,
                                  &umem_config);

    if (error) {
        *errp = xasprintf("cannot register %"PRIuSIZE" KiB of packet memory "
                          "for queue %"PRIu32" (%s)%s",
                          umem_size(q->umem) / 1024, config->queue_id,
                          ovs_strerror(error),
                          error == ENOBUFS ? "; raise the limit on locked "
                          "memory or give the daemon CAP_IPC_LOCK" : "");
    }
    return error;
}

/* The kernel gives a queue free some time after its socket has been closed: at
 * the end of an RCU grace period, from a work queue. */
enum { BIND_RETRY_MS = 10, BIND_RETRIES = 50 };

static int
create_socket(struct xsk_queue *q, const struct xsk_queue_config *config,
              const struct xsk_socket_config *socket_config)
{
    int error;

    for (int i = 0; ; i++) {
        error = -xsk_socket__create(&q->xsk, config->devname,
                                    config->queue_id, q->registered_umem,
                                    config->rx ? &q->rx : NULL,
                                    config->tx ? &q->tx : NULL,
                                    socket_config);
        if (error != EBUSY || i >= BIND_RETRIES) {
            return error;
        }
        xnanosleep(BIND_RETRY_MS * 1000 * 1000);
    }
}

static int
bind_socket(struct xsk_queue *q, const struct xsk_queue_config *config,
            char **errp)
{
    const struct xsk_socket_config socket_config = {
        .rx_size = config->n_rxq_desc,
        .tx_size = config->n_txq_desc,
        .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
        .bind_flags = xsk_mode_bind_flags(config->mode)
                      | (config->need_wakeup ? XDP_USE_NEED_WAKEUP : 0),
    };
    struct xdp_options options;
    socklen_t optlen = sizeof options;
    int error = create_socket(q, config, &socket_config);

    if (error) {
        *errp = describe_bind_failure(config, error);
        return error;
    }
    q->fd = xsk_socket__fd(q->xsk);
    q->zero_copy = (!getsockopt(q->fd, SOL_XDP, XDP_OPTIONS, &options, &optlen)
                    && options.flags & XDP_OPTIONS_ZEROCOPY);
    return 0;
}

static void
init_libxdp(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        libxdp_set_print(log_libxdp);
        ovsthread_once_done(&once);
    }
}

int
xsk_queue_create(const struct xsk_queue_config *config,
                 struct xsk_queue **qp, char **errp)
{
    struct xsk_queue *q = xzalloc_cacheline(sizeof *q);
    uint32_t n_frames = (config->rx * config->n_rxq_desc
                         + config->tx * config->n_txq_desc
                         + config->n_spare_frames);
    int error;

    init_libxdp();
    *qp = NULL;
    ovs_mutex_init(&q->poller_mutex);
    q->devname = xstrdup(config->devname);
    q->fd = -1;
    q->poller_id = UINT_MAX;
    q->queue_id = config->queue_id;
    q->n_rxq_desc = config->n_rxq_desc;
    q->need_wakeup = config->need_wakeup;
    q->has_rx = config->rx;
    q->has_tx = config->tx;

    error = umem_create(n_frames, config->frame_size, config->numa_node,
                        &q->umem);
    if (error) {
        *errp = xasprintf("cannot allocate %"PRIu32" frames of %"PRIu32
                          " bytes for queue %"PRIu32" (%s)", n_frames,
                          config->frame_size, config->queue_id,
                          ovs_strerror(error));
    } else {
        error = register_umem(q, config, errp);
    }
    if (!error) {
        error = bind_socket(q, config, errp);
    }
    if (error) {
        xsk_queue_destroy(q);
        return error;
    }
    xsk_queue_rx_refill(q);
    *qp = q;
    return 0;
}

void
xsk_queue_destroy(struct xsk_queue *q)
{
    if (!q) {
        return;
    }
    if (q->xsk) {
        xsk_socket__delete(q->xsk);
    }
    if (q->registered_umem && xsk_umem__delete(q->registered_umem)) {
        VLOG_ERR("%s: queue %"PRIu32": packet memory is still registered "
                 "with the kernel", q->devname, q->queue_id);
    }
    umem_release(q->umem, (read_frames(&q->n_rx_frames)
                           + read_frames(&q->n_tx_frames)));
    ovs_mutex_lock(&q->poller_mutex);
    free(q->poller_name);
    ovs_mutex_unlock(&q->poller_mutex);
    ovs_mutex_destroy(&q->poller_mutex);
    free(q->devname);
    free_cacheline(q);
}

int
xsk_queue_fd(const struct xsk_queue *q)
{
    return q->fd;
}

uint32_t
xsk_queue_id(const struct xsk_queue *q)
{
    return q->queue_id;
}

bool
xsk_queue_has_rx(const struct xsk_queue *q)
{
    return q->has_rx;
}

bool
xsk_queue_has_tx(const struct xsk_queue *q)
{
    return q->has_tx;
}

bool
xsk_queue_is_zero_copy(const struct xsk_queue *q)
{
    return q->zero_copy;
}

struct umem *
xsk_queue_umem(const struct xsk_queue *q)
{
    return q->umem;
}

/* Receiving. */

void
xsk_queue_rx_refill(struct xsk_queue *q)
{
    uint32_t n_rx = read_frames(&q->n_rx_frames);

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
        n = umem_get(q->umem, addrs, n);
        if (OVS_UNLIKELY(!n)) {
            xsk_queue_count(q, XSK_rx_no_frame, 1);
            break;
        }
        xsk_ring_prod__reserve(&q->fill, n, &idx);
        for (uint32_t i = 0; i < n; i++) {
            *xsk_ring_prod__fill_addr(&q->fill, idx + i) = addrs[i];
        }
        xsk_ring_prod__submit(&q->fill, n);
        n_rx = add_frames(&q->n_rx_frames, n);
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

static void
wake_rx(struct xsk_queue *q)
{
    if (q->need_wakeup && xsk_ring_prod__needs_wakeup(&q->fill)) {
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
xsk_queue_rx_burst(struct xsk_queue *q, struct xsk_frame frames[], uint32_t n)
{
    uint64_t n_bytes = 0;
    uint32_t idx;

    note_poller(q);
    n = xsk_ring_cons__peek(&q->rx, n, &idx);
    if (!n) {
        xsk_queue_count(q, XSK_rx_empty_polls, 1);
        wake_rx(q);
        return 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&q->rx, idx + i);

        frames[i].addr = desc->addr;
        frames[i].len = desc->len;
        n_bytes += desc->len;
    }
    xsk_ring_cons__release(&q->rx, n);
    add_frames(&q->n_rx_frames, -n);
    xsk_queue_count(q, XSK_rx_packets, n);
    xsk_queue_count(q, XSK_rx_bytes, n_bytes);
    return n;
}

char *
xsk_queue_get_poller(const struct xsk_queue *q, int *core)
{
    ovs_mutex_lock(&q->poller_mutex);
    char *name = q->poller_name ? xstrdup(q->poller_name) : NULL;
    *core = q->poller_core;
    ovs_mutex_unlock(&q->poller_mutex);
    return name;
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
        add_frames(&q->n_tx_frames, -n);
        umem_put(q->umem, addrs, n);
    }
}

uint32_t
xsk_queue_tx_reserve(struct xsk_queue *q, uint64_t addrs[], uint32_t n)
{
    complete_tx(q);

    uint32_t room = MIN(n, xsk_prod_nb_free(&q->tx, n));
    uint32_t n_frames = room ? umem_get(q->umem, addrs, room) : 0;

    if (OVS_UNLIKELY(n_frames < n)) {
        xsk_queue_count(q, XSK_tx_ring_full_drops, n - room);
        xsk_queue_count(q, XSK_tx_no_frame_drops, room - n_frames);
        xsk_queue_flush_tx(q);
    }
    return n_frames;
}

/* Makes the kernel take packets off the TX ring.  In copy mode, it takes only
 * so many at a time and says EAGAIN when it left some, for that reason or
 * because the device cannot take more now; the number of calls is bounded, and
 * what is left is for the next one.  Stores in '*n_calls' how many calls it
 * took.  Returns 0, or the last call's errno. */
static int
kick_tx(struct xsk_queue *q, int *n_calls)
{
    int max_calls = 1;
    int error = 0;

    if (!q->zero_copy) {
        max_calls += read_frames(&q->n_tx_frames) / KERNEL_TX_BURST;
    }
    atomic_store_relaxed(&q->tx_pending, false);
    for (*n_calls = 1; ; ++*n_calls) {
        if (sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0) {
            return 0;
        }
        error = errno;
        /* ENETDOWN, ENXIO: the device is down or gone.  The packets stay on
         * the ring until that changes. */
        if ((error != EAGAIN && error != EBUSY && error != ENOBUFS)
            || *n_calls >= max_calls) {
            break;
        }
    }
    atomic_store_relaxed(&q->tx_pending, true);
    return error;
}

void
xsk_queue_tx_burst(struct xsk_queue *q, const struct xsk_frame frames[],
                   uint32_t n)
{
    uint64_t n_bytes = 0;
    uint32_t idx;

    if (!n) {
        return;
    }
    /* xsk_queue_tx_reserve() has seen that there is room. */
    uint32_t n_reserved = xsk_ring_prod__reserve(&q->tx, n, &idx);
    ovs_assert(n_reserved == n);
    for (uint32_t i = 0; i < n; i++) {
        struct xdp_desc *desc = xsk_ring_prod__tx_desc(&q->tx, idx + i);

        *desc = (struct xdp_desc) { .addr = frames[i].addr,
                                    .len = frames[i].len };
        n_bytes += frames[i].len;
    }
    xsk_ring_prod__submit(&q->tx, n);
    add_frames(&q->n_tx_frames, n);
    xsk_queue_count(q, XSK_tx_packets, n);
    xsk_queue_count(q, XSK_tx_bytes, n_bytes);

    if (!q->need_wakeup || xsk_ring_prod__needs_wakeup(&q->tx)) {
        int n_calls;
        int error = kick_tx(q, &n_calls);

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

        kick_tx(q, &n_calls);
    }
}

/* Reading. */

void
xsk_queue_add_counters(const struct xsk_queue *q,
                       struct xsk_counters *counters)
{
    struct xdp_statistics stats;
    socklen_t optlen = sizeof stats;

    memset(&stats, 0, sizeof stats);
    if (!getsockopt(q->fd, SOL_XDP, XDP_STATISTICS, &stats, &optlen)) {
#define XSK_COUNTER(NAME) counters->n[XSK_##NAME] += stats.NAME;
        XSK_KERNEL_COUNTERS
#undef XSK_COUNTER
    }
    for (int i = XSK_N_KERNEL_COUNTERS; i < N_XSK_COUNTERS; i++) {
        uint64_t value;

        atomic_read_relaxed(own_counter(q, i), &value);
        counters->n[i] += value;
    }
}

void
xsk_queue_get_frames(const struct xsk_queue *q, struct xsk_frames *f)
{
    f->n_frames = umem_n_frames(q->umem);
    f->n_free = umem_n_free(q->umem);
    f->n_rx = read_frames(&q->n_rx_frames);
    f->n_tx = read_frames(&q->n_tx_frames);
    f->n_packets = f->n_frames - f->n_free - f->n_rx - f->n_tx;
}
