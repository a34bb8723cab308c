/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_PRIVATE_H
#define NETDEV_AFXDP_PRIVATE_H 1

/* A port of type "afxdp" or "afxdp-nonpmd", for the files that make up its
 * class. */

#include "afxdp-attachment.h"
#include "afxdp-config.h"
#include "link-info.h"
#include "netdev-linux-private.h"
#include "openvswitch/list.h"
#include "ovs-atomic.h"
#include "xdp-abi.h"
#include "xdp-foreign-prog.h"
#include "xsk-queue.h"

struct netdev_afxdp {
    /* First, so that Open vSwitch's Linux functions work on us. */
    struct netdev_linux up;

    struct ovs_list list_node;          /* In 'afxdp_ports'. */

    /* Where packets come and go; null while the device is gone or cannot be
     * attached to.  The threads that receive and transmit read it without a
     * lock: it changes only in reconfigure(), when dpif-netdev has taken the
     * port away from all of them, and in set_config() before it has the
     * port. */
    struct afxdp_attachment *att;

    atomic_uint32_t tx_max_len;         /* Bytes. */
    atomic_uint64_t tx_detached_drops;

    /* For netdev-afxdp-redirect.h.  Written under 'mutex'. */
    atomic_bool takes_redirect;
    atomic_bool may_offload;

    /* Protects all members below, and changes of 'att'.  Nests outside
     * 'up.mutex'. */
    struct ovs_mutex mutex;

    bool started;                       /* From now on it waits for its device
                                         * when it cannot attach, and is not
                                         * refused. */
    bool deferred;                      /* Is it to be attached or detached when
                                         * the main loop has time again? */
    struct afxdp_config config;         /* What the operator wants. */
    int wanted_n_txq;                   /* What dpif-netdev wants. */

    /* The port's part in flow offload, null without it. */
    struct xdp_offload_port *offload_port;
    bool offload_pending;               /* Does that not know yet that the port
                                         * is attached? */

    /* What the kernel said last of redirecting to the device. */
    enum xdp_target kernel_target;

    /* With options:xsks-map-path, the program that was on the device last. */
    struct xdp_foreign_prog foreign_prog;

    /* The last configuration that failed on a device as it was then, which is
     * not worth another try. */
    struct afxdp_config failed_config;
    struct link_info failed_link;       /* 'ifindex' 0 if there is none. */

    /* For netdev-afxdp-gso.h. */
    int vnet_hdr_ifindex;               /* For which device do we know... */
    bool has_vnet_hdr;                  /* ...whether it is a machine's tap? */
    bool drops_too_long;
    uint64_t n_too_long;                /* The last time we looked, and... */
    long long int too_long_ms;          /* ...when there were new ones. */

    /* What to tell the operator, null if all is well. */
    char *config_error;
    char *mtu_error;
    char *attach_error;

    /* The counters of queues that are closed, by queue. */
    struct xsk_counters *retired;
    int n_retired;
    struct xdp_counters retired_xdp;    /* Of closed programs. */
};

/* All ports, under 'afxdp_ports_mutex', which nests outside a port's
 * mutex.  ('att' changes in the main thread only.) */
extern struct ovs_mutex afxdp_ports_mutex;
extern struct ovs_list afxdp_ports;

static inline struct netdev_afxdp *
netdev_afxdp_cast(const struct netdev *netdev)
{
    return CONTAINER_OF(netdev_linux_cast(netdev), struct netdev_afxdp, up);
}

/* Is 'netdev' a struct netdev_afxdp? */
bool netdev_afxdp_is_port(const struct netdev *netdev);

/* The most urgent of the port's errors: a copy for the caller to free, or
 * null. */
char *netdev_afxdp_get_error(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* netdev-afxdp-attach.c */

/* Makes '*errorp', one of 'dev', a copy of "NAME: 'reason'", or null if 'reason'
 * is null.  Logs it if it is news. */
void netdev_afxdp_set_error(struct netdev_afxdp *dev, char **errorp,
                            const char *reason)
    OVS_REQUIRES(dev->mutex);

/* Attaches a port that is not in a datapath yet, so that what is wrong can be
 * said to the one who adds it.  Returns 0, or a positive errno with a sentence
 * in '*errp' for the caller to free.  If the main loop has no time any more, the
 * port is attached later and 0 is returned. */
int netdev_afxdp_attach_first(struct netdev_afxdp *dev, char **errp)
    OVS_REQUIRES(dev->mutex);

/* For the main loop, which has new time: makes ports that have been put off
 * reconfigure.  Returns false if there are none. */
bool netdev_afxdp_attach_run(void);

/* Is what the port has on its device, which is as 'link' says, other than what
 * it should have, and worth a try? */
bool netdev_afxdp_needs_reconfigure(struct netdev_afxdp *dev,
                                    const struct link_info *link)
    OVS_REQUIRES(dev->mutex);

/* Does nothing if the port is not attached. */
void netdev_afxdp_detach(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* netdev-afxdp-stats.c */
int netdev_afxdp_get_status(const struct netdev *, struct smap *);
void netdev_afxdp_retire_counters(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);
void netdev_afxdp_get_counters(const struct netdev_afxdp *dev, int queue,
                               struct xsk_counters *)
    OVS_REQUIRES(dev->mutex);
int netdev_afxdp_n_counted_queues(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* What all programs that the port has had have counted. */
void netdev_afxdp_get_xdp_counters(const struct netdev_afxdp *dev,
                                   struct xdp_counters *)
    OVS_REQUIRES(dev->mutex);

/* netdev-afxdp-redirect.c */

/* 'config' has changed, or the port was detached. */
void netdev_afxdp_update_redirect(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* The port was attached, or its device has changed: asks the kernel. */
void netdev_afxdp_ask_redirect(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* For the operator: can XDP redirect to an attached port, and if not, what to
 * do; with 'veth', for a veth device. */
const char *netdev_afxdp_redirect_to_string(const struct netdev_afxdp *dev,
                                            bool veth)
    OVS_REQUIRES(dev->mutex);

/* netdev-afxdp-io.c */
void netdev_afxdp_rxq_wait(struct netdev_rxq *);

#endif /* netdev-afxdp-private.h */
