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
#include "umem/umem-zone.h"
#include "xdp-abi.h"
#include "prog/xdp-foreign-prog.h"
#include "xsk/xsk-queue.h"

/* Protects 'afxdp_ports'. */
extern struct ovs_mutex afxdp_ports_mutex;

struct netdev_afxdp {
    struct ovs_netdev up;

    struct ovs_list list_node           /* In 'afxdp_ports'. */
        OVS_GUARDED_BY(afxdp_ports_mutex);

    /* Where packets come and go; null while the device is gone or cannot be
     * attached to.  The threads that receive and transmit read it without a
     * lock: it changes only in reconfigure(), when dpif-netdev has taken the
     * port away from all of them, and in set_config() before it has the
     * port. */
    struct afxdp_attachment *att;

    atomic_uint32_t tx_max_len;         /* Bytes. */
    atomic_uint64_t tx_detached_drops;

    /* The port's part in flow offload, null without it.  It changes when Open
     * vSwitch begins to use the flow API of the port and when it has ended:
     * who is called by that need not hold the mutex. */
    struct xdp_offload_port *offload_port;

    /* Protects all members below, and changes of 'att' and 'offload_port'.
     * Nests outside Open vSwitch's own. */
    struct ovs_mutex mutex OVS_ACQ_AFTER(afxdp_ports_mutex)
        OVS_ACQ_BEFORE(umem_mutex);

    bool started OVS_GUARDED;           /* From now on it waits for its device
                                         * when it cannot attach, and is not
                                         * refused. */
    bool deferred OVS_GUARDED;          /* Is it to be attached or detached
                                         * when the main loop has time
                                         * again? */
    struct afxdp_config config OVS_GUARDED;     /* What the operator wants. */
    char *unknown_options OVS_GUARDED;  /* And what means nothing to us, null
                                         * if there is none. */
    int wanted_n_txq OVS_GUARDED;       /* What dpif-netdev wants. */
    bool offload_pending OVS_GUARDED;   /* Does 'offload_port' not know yet
                                         * that the port is attached? */

    /* What the kernel said last of redirecting to the device. */
    enum xdp_target kernel_target OVS_GUARDED;

    /* With options:xsks-map-path, the program that was on the device last. */
    struct xdp_foreign_prog foreign_prog OVS_GUARDED;

    /* The last configuration that failed on a device as it was then, which is
     * not worth another try. */
    struct afxdp_config failed_config OVS_GUARDED;
    struct link_info failed_link OVS_GUARDED;   /* 'ifindex' 0 if there is
                                                 * none. */
    bool device_is_down OVS_GUARDED;
    bool gone OVS_GUARDED;              /* Was there no device when the port
                                         * was to be attached? */

    /* For netdev-afxdp-gso.h. */
    int vnet_hdr_ifindex OVS_GUARDED;   /* For which device do we know... */
    bool has_vnet_hdr OVS_GUARDED;      /* ...whether it is a machine's tap? */
    bool drops_too_long OVS_GUARDED;
    uint64_t n_too_long OVS_GUARDED;    /* The last time we looked, and... */
    long long int too_long_ms OVS_GUARDED;      /* ...when there were new
                                                 * ones. */

    /* What to tell the operator, null if all is well. */
    char *config_error OVS_GUARDED;
    char *mtu_error OVS_GUARDED;
    char *attach_error OVS_GUARDED;

    /* The counters of queues that are closed, by queue. */
    struct xsk_counters *retired OVS_GUARDED;
    int n_retired OVS_GUARDED;
    uint64_t retired_drops OVS_GUARDED; /* What their sockets had no room for
                                         * and no device has counted. */
    struct xdp_counters retired_xdp OVS_GUARDED;        /* Of closed
                                                         * programs. */
};

/* All ports.  ('att' changes in the main thread only.) */
extern struct ovs_list afxdp_ports OVS_GUARDED_BY(afxdp_ports_mutex);

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

/* The port is attached to the device, which is as 'link' says: notes whether
 * that is down, and logs it if it is news. */
void netdev_afxdp_note_link(struct netdev_afxdp *dev,
                            const struct link_info *link)
    OVS_REQUIRES(dev->mutex);

#endif /* netdev-afxdp-port.h */
