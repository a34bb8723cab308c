/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ovs/netdev/ovs-netdev.h"

#include "netdev-offload.h"
#include "netdev-provider.h"
#include "util.h"

struct netdev_class ovs_netdev_pmd_class;
struct netdev_class ovs_netdev_nonpmd_class;

bool
ovs_netdev_is_ours(const struct netdev *netdev)
{
    const struct netdev_class *class = netdev_get_class(netdev);

    return (class == &ovs_netdev_pmd_class
            || class == &ovs_netdev_nonpmd_class);
}

int
ovs_netdev_construct(struct ovs_netdev *netdev)
{
    int error = netdev_linux_construct(ovs_netdev_up(netdev));

    if (!error) {
        ovs_netdev_set_queues(netdev, 0, 0);
    }
    return error;
}

void
ovs_netdev_destruct(struct ovs_netdev *netdev)
{
    ovs_mutex_destroy(&netdev->linux_netdev.mutex);
}

void
ovs_netdev_set_queues(struct ovs_netdev *netdev, int n_rxq, int n_txq)
{
    struct netdev *up = ovs_netdev_up(netdev);

    up->n_rxq = n_rxq;
    up->n_txq = n_txq;
}

int
ovs_netdev_n_rxq(const struct ovs_netdev *netdev)
{
    return ovs_netdev_up(netdev)->n_rxq;
}

void
ovs_netdev_request_reconfigure(struct ovs_netdev *netdev)
{
    netdev_request_reconfigure(ovs_netdev_up(netdev));
}

void
ovs_netdev_changed(struct ovs_netdev *netdev)
{
    netdev_change_seq_changed(ovs_netdev_up(netdev));
}

int
ovs_netdev_get_stats(const struct ovs_netdev *netdev,
                     struct netdev_stats *stats)
{
    return get_stats_via_netlink(ovs_netdev_up(netdev), stats);
}

int
ovs_netdev_get_status(const struct ovs_netdev *netdev, struct smap *status)
{
    return netdev_linux_class.get_status(ovs_netdev_up(netdev), status);
}

int
ovs_netdev_set_mtu(struct ovs_netdev *netdev, int mtu)
{
    return netdev_linux_class.set_mtu(ovs_netdev_up(netdev), mtu);
}

int
ovs_netdev_update_flags(const struct ovs_netdev *netdev,
                        enum netdev_flags off, enum netdev_flags on,
                        enum netdev_flags *old_flags)
{
    return netdev_linux_class.update_flags(ovs_netdev_up(netdev), off, on,
                                           old_flags);
}

int
ovs_netdev_numa_node(const struct ovs_netdev *netdev)
{
    return netdev_afxdp_class.get_numa_id(ovs_netdev_up(netdev));
}

void
ovs_netdev_forget_device(struct ovs_netdev *netdev)
{
    ovs_mutex_lock(&netdev->linux_netdev.mutex);
    netdev->linux_netdev.cache_valid = 0;
    ovs_mutex_unlock(&netdev->linux_netdev.mutex);
}

bool
ovs_netdev_offload_is_enabled(void)
{
    return netdev_is_flow_api_enabled();
}
