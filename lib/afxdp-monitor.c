/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "afxdp-monitor.h"

#include "link-info.h"
#include "netdev-afxdp-private.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "rtnetlink.h"

VLOG_DEFINE_THIS_MODULE(afxdp_monitor);

/* netdev-linux looks up the port of an event by the device's name, and so does
 * not see that a renamed or moved device is no longer its own. */
static void
forget_device(struct netdev_afxdp *dev)
{
    ovs_mutex_lock(&dev->up.mutex);
    dev->up.cache_valid = 0;
    ovs_mutex_unlock(&dev->up.mutex);
}

static void
check_port(struct netdev_afxdp *dev)
{
    struct netdev *netdev = &dev->up.up;
    struct link_info link;
    bool reconfigure;

    ovs_mutex_lock(&dev->mutex);
    const struct afxdp_attachment *att = dev->att;
    int error = link_info_get(netdev_get_name(netdev), &link);
    if (!dev->started) {
        reconfigure = false;
    } else if (error) {
        reconfigure = att || !dev->attach_error;
        forget_device(dev);
    } else if (!att || att->ifindex != link.ifindex) {
        reconfigure = true;
    } else {
        reconfigure = !afxdp_attachment_is_current(att, &link, &dev->config,
                                                   dev->wanted_n_txq);
        atomic_store_relaxed(&dev->tx_max_len,
                             MIN(afxdp_max_packet_len(link.mtu),
                                 att->frame_size));
    }
    ovs_mutex_unlock(&dev->mutex);

    if (reconfigure) {
        VLOG_DBG("%s: the device has changed", netdev_get_name(netdev));
        netdev_change_seq_changed(netdev);
        netdev_request_reconfigure(netdev);
    }
}

/* Is the event 'change', null if any device may have changed, about the device
 * that 'dev' has or waits for? */
static bool
concerns_port(struct netdev_afxdp *dev, const struct rtnetlink_change *change)
{
    if (!change) {
        return true;
    }

    ovs_mutex_lock(&dev->mutex);
    int ifindex = dev->att ? dev->att->ifindex : 0;
    ovs_mutex_unlock(&dev->mutex);
    return (change->if_index == ifindex
            || (change->ifname
                && !strcmp(change->ifname, netdev_get_name(&dev->up.up))));
}

static void
link_changed(const struct rtnetlink_change *change, void *aux OVS_UNUSED)
{
    struct netdev_afxdp *dev;

    if (change && !rtnetlink_type_is_rtnlgrp_link(change->nlmsg_type)) {
        return;
    }
    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        if (concerns_port(dev, change)) {
            check_port(dev);
        }
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
}

void
afxdp_monitor_init(void)
{
    rtnetlink_notifier_create(link_changed, NULL);
}
