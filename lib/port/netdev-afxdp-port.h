/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_PORT_H
#define NETDEV_AFXDP_PORT_H 1

/* A port of type "afxdp" or "afxdp-nonpmd": what there is of it, all ports,
 * and what is wrong with one. */

#include "port/afxdp-attachment.h"
#include "port/afxdp-config.h"
#include "base/link-info.h"
#include "openvswitch/list.h"
#include "ovs-atomic.h"
#include "ovs/netdev/ovs-netdev.h"
#include "xdp-abi.h"
#include "prog/xdp-foreign-prog.h"
#include "xsk/xsk-queue.h"

struct netdev_afxdp {
    struct ovs_netdev up;

    struct ovs_list list_node;          /* In 'afxdp_ports'. */

    /* Where packets come and go; null while the device is gone or cannot be
     * attached to.  The threads that receive and transmit read it without a
     * lock: it changes only in reconfigure(), when dpif-netdev has taken the
     * port away from all of them, and in set_config() before it has the
     * port. */
    struct afxdp_attachment *att;

    atomic_uint32_t tx_max_len;         /* Bytes. */
    atomic_uint64_t tx_detached_drops;

    /* Protects all members below, and changes of 'att'.  Nests outside
     * Open vSwitch's own. */
    struct ovs_mutex mutex;

    bool started;                       /* From now on it waits for its device
                                         * when it cannot attach, and is not
                                         * refused. */
    bool deferred;                      /* Is it to be attached or detached
                                         * when the main loop has time
                                         * again? */
    struct afxdp_config config;         /* What the operator wants. */
    char *unknown_options;              /* And what means nothing to us, null
                                         * if there is none. */
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
    bool gone;                          /* Was there no device when the port
                                         * was to be attached? */

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

/* The port that is 'netdev', for which ovs_netdev_is_ours(). */
static inline struct netdev_afxdp *
netdev_afxdp_cast(const struct netdev *netdev)
{
    return CONTAINER_OF(ovs_netdev_cast(netdev), struct netdev_afxdp, up);
}

static inline const char *
netdev_afxdp_name(const struct netdev_afxdp *dev)
{
    return netdev_get_name(ovs_netdev_up(&dev->up));
}

/* The most urgent of the port's errors: a copy for the caller to free, or
 * null. */
char *netdev_afxdp_get_error(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* Makes '*errorp', one of 'dev', a copy of "NAME: 'reason'", or null if
 * 'reason' is null.  Logs it if it is news. */
void netdev_afxdp_set_error(struct netdev_afxdp *dev, char **errorp,
                            const char *reason)
    OVS_REQUIRES(dev->mutex);

#endif /* netdev-afxdp-port.h */
