/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_ATTACHMENT_H
#define AFXDP_ATTACHMENT_H 1

/* What a port has on its device: our BPF program, or the map of somebody
 * else's, and one socket for each queue that it receives from or transmits to.
 *
 * Thread-safety: create and destroy while no thread receives or transmits.
 * All members are constant in between; what the queues allow, their header
 * says. */

#include <stdbool.h>
#include <stdint.h>

#include "port/afxdp-config.h"
#include "port/afxdp-plan.h"
#include "openvswitch/thread.h"

struct dp_packet;
struct link_info;
struct umem_share;
struct xdp_prog;
struct xsk_queue;
struct xsks_map;

struct afxdp_queue {
    struct xsk_queue *xsk;
    struct ovs_mutex tx_mutex;  /* Protects the transmit half of 'xsk', if
                                 * more threads than one use that. */

    /* For the thread that receives: a packet, on the heap, whose rest has not
     * been received yet; or null. */
    struct dp_packet *partial;
};

struct afxdp_attachment {
    int ifindex;
    struct afxdp_config config; /* What was asked for, except for options
                                 * that apply at once: see the port's. */
    enum xsk_mode mode;         /* What it came to. */
    char *fallback_reason;      /* With "best-effort", why not a better mode;
                                 * null if there is none. */
    bool lacks_native;          /* Generic, and the kernel said that there was
                                 * nothing else. */
    bool device_counts_drops;   /* Is what its sockets have no room for in the
                                 * device's own rx_dropped? */
    struct afxdp_plan plan;
    int mtu;                    /* The device's, at the time. */
    int n_device_rx_queues;     /* Likewise. */
    struct umem_share *share;
    struct xdp_prog *prog;      /* Null if it is not ours. */
    struct xsks_map *map;       /* Then its map, otherwise null. */

    struct afxdp_queue *queues;
    int n_queues;
};

/* The longest packet, in bytes, that this attachment can send. */
uint32_t afxdp_attachment_max_packet_len(const struct afxdp_attachment *);

/* Gets packet memory for afxdp_attach() with these arguments, which is
 * possible, beforehand, until 'deadline' (see time_msec()).  Returns false if
 * it has to be called again, because there is more to get. */
bool afxdp_prepare(const struct link_info *, const struct afxdp_config *,
                   int wanted_n_txq, int numa_node, long long int deadline);

/* Attaches to the device 'devname', which is as 'link' says, with up to
 * 'wanted_n_txq' transmit queues.  Returns 0, or a positive errno with a
 * sentence in '*errp' for the caller to free and nothing attached. */
int afxdp_attach(const char *devname, const struct link_info *link,
                 const struct afxdp_config *config, int wanted_n_txq,
                 int numa_node, struct afxdp_attachment **, char **errp);

/* Detaches.  Accepts NULL. */
void afxdp_detach(struct afxdp_attachment *);

/* Can 'config' be tried at all on the device 'devname', which is as 'link'
 * says?  If not, returns false with a sentence in '*errp' for the caller to
 * free. */
bool afxdp_can_attach(const char *devname, const struct link_info *link,
                      const struct afxdp_config *config, char **errp);

/* Is everything still where it was attached? Not if the device was away in the
 * meantime, which its number need not tell, or if somebody detached the
 * program. */
bool afxdp_attachment_is_intact(const struct afxdp_attachment *);

/* Has "best-effort" come to generic mode for a cause that the kernel does not
 * see any more? */
bool afxdp_attachment_may_go_native(const struct afxdp_attachment *);

/* Is this what afxdp_attach() would make now, for the same device? */
bool afxdp_attachment_is_current(const struct afxdp_attachment *,
                                 const struct link_info *link,
                                 const struct afxdp_config *config,
                                 int wanted_n_txq);

#endif /* afxdp-attachment.h */
