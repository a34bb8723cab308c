/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XSK_QUEUE_H
#define XSK_QUEUE_H 1

/* One AF_XDP socket on one queue of a device: its four rings, and the frames
 * on them.
 *
 * Thread-safety: one thread at a time may use the receive half (the functions
 * named xsk_queue_rx_*), and one thread at a time the transmit half
 * (xsk_queue_tx_*); they may be different threads at the same time.  Any
 * thread may read the counters and call xsk_queue_fd() and
 * xsk_queue_flush_tx().  Nobody may use a queue while it is destroyed. */

#include <stdbool.h>
#include <stdint.h>

#include "xsk/xsk-mode.h"

struct umem_frame;
struct umem_share;
struct xsk_queue;

struct xsk_queue_config {
    const char *devname;
    int ifindex;                /* The same device's. */
    uint32_t queue_id;          /* The device's number for the queue. */
    enum xsk_mode mode;         /* Not "best-effort". */
    bool need_wakeup;
    bool multi_buffer;          /* Packets longer than a frame? */
    bool rx, tx;                /* Which halves the socket has. */
    uint32_t n_rxq_desc;        /* Size of the RX and fill rings. */
    uint32_t n_txq_desc;        /* Size of the TX and completion rings. */
    uint32_t busy_poll_budget;  /* Packets; 0 for no busy polling. */
    uint32_t busy_poll_interval;        /* us. */
    struct umem_share *share;   /* Where its frames come from.  Outlives the
                                 * queue. */
};

/* Bytes in front of a received packet: the kernel's XDP_PACKET_HEADROOM and
 * 128 more of ours, so that the largest tunnel header (Geneve over IPv6 with
 * all options: 326 bytes) fits. */
enum { XSK_QUEUE_HEADROOM = 256 + 128 };

/* Bytes behind the longest packet that is received, for what may lengthen it:
 * an address in an FTP command that conntrack translates (46 bytes of IPv6
 * address in the place of 2). */
enum { XSK_QUEUE_TAILROOM = 64 };

/* What is counted for a queue.  'name' is the end of the statistic's name.
 *
 * Written by the kernel (XDP_STATISTICS): */
#define XSK_KERNEL_COUNTERS                                             \
    XSK_COUNTER(rx_dropped)                                             \
    XSK_COUNTER(rx_invalid_descs)                                       \
    XSK_COUNTER(tx_invalid_descs)                                       \
    XSK_COUNTER(rx_ring_full)                                           \
    XSK_COUNTER(rx_fill_ring_empty_descs)                               \
    XSK_COUNTER(tx_ring_empty_descs)
/* Computed from those: of 'rx_dropped', what was longer than a frame.  The
 * rest found no free frame, which is counted as 'rx_fill_ring_empty_descs'. */
#define XSK_COMPUTED_COUNTERS                                           \
    XSK_COUNTER(rx_too_long_drops)
/* Written by the thread that receives: */
#define XSK_RX_COUNTERS                                                 \
    XSK_COUNTER(rx_packets)                                             \
    XSK_COUNTER(rx_bytes)                                               \
    XSK_COUNTER(rx_csum_completed)                                      \
    XSK_COUNTER(rx_csum_unknown)                                        \
    XSK_COUNTER(rx_empty_polls)                                         \
    XSK_COUNTER(rx_wakeups)                                             \
    XSK_COUNTER(rx_busy_polls)                                          \
    XSK_COUNTER(rx_no_frame)                                            \
    XSK_COUNTER(rx_oversize_drops)
/* Written by the thread that transmits: */
#define XSK_TX_COUNTERS                                                 \
    XSK_COUNTER(tx_packets)                                             \
    XSK_COUNTER(tx_bytes)                                               \
    XSK_COUNTER(tx_zero_copied)                                         \
    XSK_COUNTER(tx_copied)                                              \
    XSK_COUNTER(tx_ring_full_drops)                                     \
    XSK_COUNTER(tx_no_frame_drops)                                      \
    XSK_COUNTER(tx_oversize_drops)                                      \
    XSK_COUNTER(tx_runt_drops)                                          \
    XSK_COUNTER(tx_csum_completed)                                      \
    XSK_COUNTER(tx_tso_packets)                                         \
    XSK_COUNTER(tx_tso_segments)                                        \
    XSK_COUNTER(tx_offload_drops)                                       \
    XSK_COUNTER(tx_kicks)                                               \
    XSK_COUNTER(tx_kick_errors)

enum xsk_counter {
#define XSK_COUNTER(NAME) XSK_##NAME,
    XSK_KERNEL_COUNTERS
    XSK_COMPUTED_COUNTERS
    XSK_RX_COUNTERS
    XSK_TX_COUNTERS
#undef XSK_COUNTER
    N_XSK_COUNTERS,
    XSK_N_KERNEL_COUNTERS = XSK_rx_packets,
};

struct xsk_counters {
    uint64_t n[N_XSK_COUNTERS];
};

const char *xsk_counter_to_string(enum xsk_counter);

/* Where the frames of a queue are.  They add up to 'n_frames', which is
 * counted otherwise, when no thread moves one meanwhile. */
struct xsk_frames {
    uint32_t n_frames;
    uint32_t n_rx;              /* On the fill and RX rings. */
    uint32_t n_tx;              /* On the TX and completion rings. */
};

/* Opens the socket, binds it and fills its fill ring.  Returns 0, or a
 * positive errno with a sentence in '*errp' for the caller to free:
 * EOPNOTSUPP if the device cannot do 'mode', EBUSY if another socket has the
 * queue. */
int xsk_queue_create(const struct xsk_queue_config *, struct xsk_queue **,
                     char **errp);

/* Closes the socket, for good.  Detach the program first.  In copy mode, waits
 * up to 20 ms for what the device has not sent yet. */
void xsk_queue_close(struct xsk_queue *);

/* Closes the socket, if it is not, and puts the frames on its rings back into
 * the pool.  In zero-copy mode, waits until the driver has let go of them,
 * half a second at most, and then does without them.  Accepts NULL. */
void xsk_queue_destroy(struct xsk_queue *);

/* Readable when there is something to receive. */
int xsk_queue_fd(const struct xsk_queue *);
uint32_t xsk_queue_id(const struct xsk_queue *);
bool xsk_queue_has_rx(const struct xsk_queue *);
bool xsk_queue_is_zero_copy(const struct xsk_queue *);

/* Is the socket still bound to the device? The kernel takes it off a device
 * that is deleted or moves to another network namespace, for good, even if the
 * device comes back.  Any thread. */
bool xsk_queue_is_bound(const struct xsk_queue *);
struct umem_share *xsk_queue_share(const struct xsk_queue *);

/* The queue's number for umem_get() and its like. */
uint16_t xsk_queue_owner(const struct xsk_queue *);

/* Fills the fill ring from the pool as far as both allow. */
void xsk_queue_rx_refill(struct xsk_queue *);

/* Takes up to 'n' received packets off the RX ring; their frames are the
 * caller's.  Returns how many.  Counts an empty poll if there is none, and
 * wakes up a driver that asks for it. */
uint32_t xsk_queue_rx_burst(struct xsk_queue *, struct umem_frame *,
                            uint32_t n);

/* Can this kernel carry packets that are longer than a frame? */
bool xsk_queue_kernel_has_multi_buffer(void);

/* Returns for how many of 'n' frames the TX ring has room.  Puts frames that
 * the kernel has sent into the pool. */
uint32_t xsk_queue_tx_room(struct xsk_queue *, uint32_t n);

/* Puts 'n' frames, as many as xsk_queue_tx_room() said at most, which the
 * queue owns, on the TX ring and tells the kernel. */
void xsk_queue_tx_burst(struct xsk_queue *, const struct umem_frame *,
                        uint32_t n);

/* Tells the kernel again about packets that it did not take at once, if there
 * are any. */
void xsk_queue_flush_tx(struct xsk_queue *);

/* Adds 'delta' to one of the XSK_RX_COUNTERS or XSK_TX_COUNTERS; only for the
 * thread that has that half. */
void xsk_queue_count(struct xsk_queue *, enum xsk_counter, uint64_t delta);

/* Adds the queue's counters to '*counters'. */
void xsk_queue_add_counters(const struct xsk_queue *,
                            struct xsk_counters *counters);

void xsk_queue_get_frames(const struct xsk_queue *, struct xsk_frames *);

/* The thread that polls the queue, for display: Open vSwitch's name of it,
 * e.g. "pmd-c01/id:8", and the core it ran on when it was noted.  The string
 * is the caller's to free; null if nobody has polled yet.  */
char *xsk_queue_get_poller(const struct xsk_queue *, int *core);

/* Main thread only.  Look every few seconds: does anybody still poll the
 * queue? */
void xsk_queue_look(struct xsk_queue *);
bool xsk_queue_is_polled(const struct xsk_queue *);

#endif /* xsk-queue.h */
