/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "afxdp-monitor.h"

#include "link-info.h"
#include "netdev-afxdp-offload.h"
#include "netdev-afxdp-private.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "rtnetlink.h"
#include "timeval.h"

VLOG_DEFINE_THIS_MODULE(afxdp_monitor);

enum { RETRY_INTERVAL_MS = 5000 };

/* Does any port have 'link_changed' set? */
static bool any_link_changed;

/* When to look again at the ports that are detached. */
static long long int next_retry = LLONG_MAX;

/* netdev-linux looks up the port of an event by the device's name, and so does
 * not see that a renamed or moved device is no longer its own. */
static void
forget_device(struct netdev_afxdp *dev)
{
    ovs_mutex_lock(&dev->up.mutex);
    dev->up.cache_valid = 0;
    ovs_mutex_unlock(&dev->up.mutex);
}

/* Returns true if what 'dev' has on its device is not what it should be. */
static bool
needs_reconfigure(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    const struct afxdp_attachment *att = dev->att;
    struct link_info link;
    uint32_t max_len;

    if (!dev->started) {
        return false;
    }
    if (link_info_get(netdev_get_name(&dev->up.up), &link)) {
        forget_device(dev);
        return att != NULL;
    }
    if (!att || att->ifindex != link.ifindex) {
        return true;
    }
    max_len = MIN(afxdp_max_packet_len(link.mtu),
                  afxdp_attachment_max_packet_len(att));
    atomic_store_relaxed(&dev->tx_max_len, max_len);
    netdev_afxdp_offload_set_max_len(dev, max_len);
    return !afxdp_attachment_is_current(att, &link, &dev->config,
                                        dev->wanted_n_txq);
}

/* The notification comes with locks of netdev-linux held, so it only takes
 * note. */
static void
link_changed(const struct rtnetlink_change *change, void *aux OVS_UNUSED)
{
    struct netdev_afxdp *dev;

    if (change && !rtnetlink_type_is_rtnlgrp_link(change->nlmsg_type)) {
        return;
    }
    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        /* 'change' is null when any device may have changed. */
        if (!change
            || (dev->att && dev->att->ifindex == change->if_index)
            || (change->ifname
                && !strcmp(change->ifname, netdev_get_name(&dev->up.up)))) {
            dev->link_changed = any_link_changed = true;
        }
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
}

void
afxdp_monitor_init(void)
{
    rtnetlink_notifier_create(link_changed, NULL);
}

void
afxdp_monitor_run(void)
{
    bool retry = time_msec() >= next_retry;
    bool look_again = false;
    struct netdev_afxdp *dev;

    if (!any_link_changed && !retry) {
        return;
    }
    any_link_changed = false;

    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        ovs_mutex_lock(&dev->mutex);
        bool detached = dev->started && !dev->att;
        if ((dev->link_changed || (retry && detached))
            && needs_reconfigure(dev)) {
            VLOG_DBG("%s: the device has changed",
                     netdev_get_name(&dev->up.up));
            netdev_change_seq_changed(&dev->up.up);
            netdev_request_reconfigure(&dev->up.up);
            look_again = true;
        }
        dev->link_changed = false;
        look_again |= detached;
        ovs_mutex_unlock(&dev->mutex);
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
    next_retry = look_again ? time_msec() + RETRY_INTERVAL_MS : LLONG_MAX;
}

void
afxdp_monitor_wait(void)
{
    if (any_link_changed) {
        poll_immediate_wake();
    }
    if (next_retry != LLONG_MAX) {
        poll_timer_wait_until(next_retry);
    }
}
