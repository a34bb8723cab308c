/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVS_NETDEV_H
#define OVS_NETDEV_H 1

/* The part of a port that is Open vSwitch's: a device of the kernel, on which
 * all of its functions for such devices work.  Nothing else knows what is in
 * struct netdev, struct netdev_linux and struct netdev_class. */

#include <stdbool.h>

#include "netdev.h"
#include "netdev-linux-private.h"

struct smap;

struct ovs_netdev {
    struct netdev_linux linux_netdev;
};

/* The classes of our ports, for who registers them. */
extern struct netdev_class ovs_netdev_pmd_class;
extern struct netdev_class ovs_netdev_nonpmd_class;

/* Is 'netdev' of one of them? */
bool ovs_netdev_is_ours(const struct netdev *);

/* That of 'netdev', which is of one of them, and back. */
static inline struct ovs_netdev *
ovs_netdev_cast(const struct netdev *netdev)
{
    return CONTAINER_OF(netdev_linux_cast(netdev), struct ovs_netdev,
                        linux_netdev);
}

static inline struct netdev *
ovs_netdev_up(const struct ovs_netdev *netdev)
{
    return CONST_CAST(struct netdev *, &netdev->linux_netdev.up);
}

/* Life.  A new one has no queues.  Returns 0, or a positive errno. */
int ovs_netdev_construct(struct ovs_netdev *);
void ovs_netdev_destruct(struct ovs_netdev *);

/* The queues that dpif-netdev divides among its threads. */
void ovs_netdev_set_queues(struct ovs_netdev *, int n_rxq, int n_txq);
int ovs_netdev_n_rxq(const struct ovs_netdev *);

/* For dpif-netdev: have the port reconfigured, once no thread uses it. */
void ovs_netdev_request_reconfigure(struct ovs_netdev *);

/* For the bridge: what the port tells about itself has changed. */
void ovs_netdev_changed(struct ovs_netdev *);

/* What Open vSwitch knows of the device and does with it, like members of
 * struct netdev_class. */
int ovs_netdev_get_stats(const struct ovs_netdev *, struct netdev_stats *);
int ovs_netdev_get_status(const struct ovs_netdev *, struct smap *);
int ovs_netdev_set_mtu(struct ovs_netdev *, int mtu);
int ovs_netdev_update_flags(const struct ovs_netdev *, enum netdev_flags off,
                            enum netdev_flags on,
                            enum netdev_flags *old_flags);
int ovs_netdev_numa_node(const struct ovs_netdev *);

/* Has Open vSwitch ask the kernel again.  It looks up the port of an event by
 * the device's name, and so does not see that a renamed or moved device is no
 * longer the port's. */
void ovs_netdev_forget_device(struct ovs_netdev *);

/* Is flow offload turned on? */
bool ovs_netdev_offload_is_enabled(void);

#endif /* ovs-netdev.h */
