/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "xsk/xsk-queue-private.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "umem/umem.h"
#include "umem/umem-frames.h"
#include "base/xdp-compat.h"

VLOG_DEFINE_THIS_MODULE(xsk_queue);

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

/* Registers the port's share of packet memory with the kernel for 'q' alone.
 *
 * Ports have the same memory without XDP_SHARED_UMEM: an address means the
 * same in each registration, which costs the kernel 16 bytes a page.  Sockets
 * that share one registration would all have to be bound like the first (copy
 * or zero-copy, need_wakeup), to memory that never grows, and could not be
 * bound any more once the first one's device is gone. */
static int
register_umem(struct xsk_queue *q, const struct xsk_queue_config *config,
              char **errp)
{
    const struct xsk_umem_config umem_config = {
        .fill_size = config->n_rxq_desc,
        .comp_size = config->n_txq_desc,
        .frame_size = umem_frame_size(q->share),
        .frame_headroom = XSK_QUEUE_HEADROOM - XDP_PACKET_HEADROOM,
    };
    int error = -xsk_umem__create(&q->registered_umem, umem_base(q->share),
                                  umem_size(q->share), &q->fill, &q->comp,
                                  &umem_config);

    if (error) {
        *errp = xasprintf("cannot register %"PRIuSIZE" KiB of packet memory "
                          "for queue %"PRIu32" (%s)%s",
                          umem_size(q->share) / 1024, config->queue_id,
                          ovs_strerror(error),
                          error == ENOBUFS ? "; raise the limit on locked "
                          "memory or give the daemon CAP_IPC_LOCK"
                          : error == EPERM ? "; the daemon needs CAP_NET_RAW"
                          : "");
    }
    return error;
}

bool
xsk_queue_kernel_has_multi_buffer(void)
{
    /* The kernel looks at the flags before it looks for the device. */
    const struct sockaddr_xdp sxdp = {
        .sxdp_family = AF_XDP, .sxdp_flags = XDP_USE_SG | XDP_COPY,
        .sxdp_ifindex = INT_MAX,
    };
    int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    bool has = (fd >= 0
                && bind(fd, (const struct sockaddr *) &sxdp, sizeof sxdp)
                && errno == ENODEV);

    if (fd >= 0) {
        close(fd);
    }
    return has;
}

/* The kernel gives a queue free some time after its socket has been closed: at
 * the end of an RCU grace period, from a work queue. */
enum { BIND_RETRY_MS = 10, BIND_RETRIES = 50 };

/* How long a queue that closes waits for what it has sent. */
enum { DRAIN_MS = 20 };

static void
wait_for_release(void)
{
    xnanosleep_no_quiesce(BIND_RETRY_MS * 1000 * 1000);
}

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
        wait_for_release();
    }
}

static int
set_option(const struct xsk_queue *q, int level, int option, int value)
{
    return setsockopt(q->fd, level, option, &value, sizeof value) ? errno : 0;
}

/* From then on the kernel receives in our system calls, and leaves it to them
 * if the device's napi_defer_hard_irqs says so (Linux 5.11). */
static int
prefer_busy_poll(struct xsk_queue *q, const struct xsk_queue_config *config,
                 char **errp)
{
    int error = set_option(q, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);

    if (!error) {
        error = set_option(q, SOL_SOCKET, SO_BUSY_POLL,
                           config->busy_poll_interval);
    }
    if (!error) {
        error = set_option(q, SOL_SOCKET, SO_BUSY_POLL_BUDGET,
                           config->busy_poll_budget);
    }
    if (error) {
        *errp = xasprintf("cannot turn on busy polling for queue %"PRIu32
                          " (%s)%s", config->queue_id, ovs_strerror(error),
                          error == EPERM ? "; the daemon needs CAP_NET_ADMIN"
                          : error == ENOPROTOOPT ? "; it needs Linux 5.11"
                          : "");
    }
    q->busy_poll = !error;
    return error;
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
                      | (config->need_wakeup ? XDP_USE_NEED_WAKEUP : 0)
                      | (config->multi_buffer ? XDP_USE_SG : 0),
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

    /* So many packets does one system call send in copy mode.  Kernels that
     * do not know the option send 16 or 32, which our kicks allow for. */
    if (config->tx) {
        set_option(q, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, config->n_txq_desc);
    }
    return config->busy_poll_budget ? prefer_busy_poll(q, config, errp) : 0;
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
    int error;

    init_libxdp();
    *qp = NULL;
    ovs_mutex_init(&q->poller_mutex);
    q->devname = xstrdup(config->devname);
    q->fd = -1;
    q->poller_id = UINT_MAX;
    q->is_polled = true;
    q->ifindex = config->ifindex;
    q->queue_id = config->queue_id;
    q->n_rxq_desc = config->n_rxq_desc;
    q->n_txq_desc = config->n_txq_desc;
    q->need_wakeup = config->need_wakeup;
    q->has_rx = config->rx;
    q->multi_buffer = config->multi_buffer;

    q->share = config->share;
    q->owner = umem_add_queue(q->share);
    error = register_umem(q, config, errp);
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

/* Gives 'fd' all that a socket must have before it is bound: the smallest
 * rings, and 'memory', a page. */
static int
prepare_probe(int fd, void *memory)
{
    static const int rings[] = { XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING,
                                 XDP_TX_RING };
    const struct xdp_umem_reg reg = {
        .addr = (uintptr_t) memory,
        .len = get_page_size(),
        .chunk_size = get_page_size(),
    };
    const int n_descs = 1;
    int retval = setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg);

    for (size_t i = 0; !retval && i < ARRAY_SIZE(rings); i++) {
        retval = setsockopt(fd, SOL_XDP, rings[i], &n_descs, sizeof n_descs);
    }
    return retval;
}

/* Whether the kernel has given the queue free.  Nothing tells that but another
 * socket, which can be bound to the queue then.  If there is no such queue any
 * more, it is free as well. */
static bool
queue_is_free(const struct xsk_queue *q)
{
    const struct sockaddr_xdp address = {
        .sxdp_family = AF_XDP,
        .sxdp_flags = XDP_COPY,
        .sxdp_ifindex = q->ifindex,
        .sxdp_queue_id = q->queue_id,
    };
    void *memory = xmalloc_pagealign(get_page_size());
    int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    bool is_free = false;

    if (fd >= 0 && !prepare_probe(fd, memory)) {
        is_free = (!bind(fd, (const struct sockaddr *) &address,
                         sizeof address) || errno != EBUSY);
    }
    if (fd >= 0) {
        close(fd);
    }
    free_pagealign(memory);
    return is_free;
}

/* Waits until the device has sent what is on the TX ring, if it does: without
 * zero-copy, too, some drivers send from our memory, and what they send later
 * has the contents of whatever packet is there then. */
static void
drain_tx(struct xsk_queue *q)
{
    for (int i = 0; i < DRAIN_MS; i++) {
        xsk_queue_tx_room(q, 0);
        if (!xsk_read_frames(&q->n_tx_frames)) {
            return;
        }
        xnanosleep_no_quiesce(1000 * 1000);
    }
}

/* Whether the device of a closed zero-copy socket can neither write to its
 * frames nor send them any more, or will soon. */
static bool
wait_until_free(const struct xsk_queue *q)
{
    for (int i = 0; ; i++) {
        if (queue_is_free(q)) {
            return true;
        }
        if (i >= BIND_RETRIES) {
            return false;
        }
        wait_for_release();
    }
}

void
xsk_queue_close(struct xsk_queue *q)
{
    if (q->xsk) {
        if (xsk_queue_is_bound(q)) {
            drain_tx(q);
        }
        xsk_socket__delete(q->xsk);
        q->xsk = NULL;
        q->fd = -1;
    }
    if (q->registered_umem && xsk_umem__delete(q->registered_umem)) {
        VLOG_ERR("%s: queue %"PRIu32": packet memory is still registered "
                 "with the kernel", q->devname, q->queue_id);
    }
    q->registered_umem = NULL;
}

void
xsk_queue_destroy(struct xsk_queue *q)
{
    if (!q) {
        return;
    }
    xsk_queue_close(q);
    if (!q->zero_copy || wait_until_free(q)) {
        umem_remove_queue(q->share, q->owner);
    } else {
        VLOG_WARN("%s: queue %"PRIu32": the driver does not let go of packet "
                  "memory; %"PRIu32" frames are lost until the daemon "
                  "restarts", q->devname, q->queue_id,
                  umem_count_queue(q->share, q->owner));
        umem_abandon_queue(q->share, q->owner);
    }
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
xsk_queue_is_zero_copy(const struct xsk_queue *q)
{
    return q->zero_copy;
}

bool
xsk_queue_is_bound(const struct xsk_queue *q)
{
    /* The kernel looks whether the socket is bound, and then refuses to send
     * in a call that may wait: nothing else happens. */
    return send(q->fd, NULL, 0, 0) >= 0 || errno != ENXIO;
}

struct umem_share *
xsk_queue_share(const struct xsk_queue *q)
{
    return q->share;
}

uint16_t
xsk_queue_owner(const struct xsk_queue *q)
{
    return q->owner;
}

/* Reading. */

/* With multi-buffer, the kernel also drops for want of several frames, but it
 * has no packets that are too long; in zero-copy mode, the driver drops. */
static uint64_t
count_too_long(const struct xsk_queue *q, const struct xdp_statistics *stats)
{
    return (!q->multi_buffer && !q->zero_copy
            && stats->rx_dropped > stats->rx_fill_ring_empty_descs
            ? stats->rx_dropped - stats->rx_fill_ring_empty_descs : 0);
}

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
        counters->n[XSK_rx_too_long_drops] += count_too_long(q, &stats);
    }
    for (int i = XSK_N_KERNEL_COUNTERS; i < N_XSK_COUNTERS; i++) {
        uint64_t value;

        atomic_read_relaxed(xsk_queue_counter(q, i), &value);
        counters->n[i] += value;
    }
}

void
xsk_queue_get_frames(const struct xsk_queue *q, struct xsk_frames *f)
{
    f->n_frames = umem_count_queue(q->share, q->owner);
    f->n_rx = xsk_read_frames(&q->n_rx_frames);
    f->n_tx = xsk_read_frames(&q->n_tx_frames);
}

const char *
xsk_counter_to_string(enum xsk_counter counter)
{
    static const char *names[N_XSK_COUNTERS] = {
#define XSK_COUNTER(NAME) #NAME,
        XSK_KERNEL_COUNTERS
        XSK_COMPUTED_COUNTERS
        XSK_RX_COUNTERS
        XSK_TX_COUNTERS
#undef XSK_COUNTER
    };
    return names[counter];
}

char *
xsk_queue_get_poller(const struct xsk_queue *q, int *core)
{
    ovs_mutex_lock(&q->poller_mutex);
    char *name = nullable_xstrdup(q->poller_name);
    *core = q->poller_core;
    ovs_mutex_unlock(&q->poller_mutex);
    return name;
}

/* Each poll counts a packet or else that it was empty. */
void
xsk_queue_look(struct xsk_queue *q)
{
    uint64_t n_packets, n_empty;

    atomic_read_relaxed(xsk_queue_counter(q, XSK_rx_packets), &n_packets);
    atomic_read_relaxed(xsk_queue_counter(q, XSK_rx_empty_polls), &n_empty);
    q->is_polled = !q->seen_polls || n_packets + n_empty != q->seen_polls;
    q->seen_polls = n_packets + n_empty;
}

bool
xsk_queue_is_polled(const struct xsk_queue *q)
{
    return q->is_polled;
}
