/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp-monitor.h"

#include <net/if.h>

#include "base/link-info.h"
#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-attach.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-offload.h"
#include "port/netdev-afxdp-port.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "rtnetlink.h"
#include "timeval.h"

VLOG_DEFINE_THIS_MODULE(afxdp_monitor);

enum { RETRY_INTERVAL_MS = 5000 };

/* The links that have changed since the last look.  When there are more than
 * have room, any link may have. */
enum { MAX_CHANGED_LINKS = 64 };
static struct changed_link {
    int ifindex;
    char name[IFNAMSIZ];        /* "" if it is not known. */
} changed_links[MAX_CHANGED_LINKS];
static unsigned int n_changed_links;

/* When to look again at all ports.  There need not have been an event: not
 * when queues that were in use become free, when somebody detaches a program,
 * or for somebody else's program. */
static long long int next_retry = LLONG_MIN;

/* Whatever the port has on its device, nothing longer may leave through it. */
static void
follow_mtu(struct netdev_afxdp *dev, int mtu)
    OVS_REQUIRES(dev->mutex)
{
    uint32_t max_len = MIN(afxdp_max_packet_len(mtu),
                           afxdp_attachment_max_packet_len(dev->att));

    atomic_store_relaxed(&dev->tx_max_len, max_len);
    netdev_afxdp_offload_set_max_len(dev, max_len);
}

static void
reconfigure(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    VLOG_DBG("%s: the device has changed", netdev_afxdp_name(dev));
    ovs_netdev_changed(&dev->up);
    ovs_netdev_request_reconfigure(&dev->up);
}

/* Makes the port follow its device, which may have changed. */
static void
follow_device(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    struct link_info link;

    if (dev->started
        && link_info_get(netdev_afxdp_name(dev), &link)) {
        ovs_netdev_forget_device(&dev->up);
        if (dev->att || !dev->gone) {
            reconfigure(dev);
            return;
        }
    } else if (dev->started) {
        if (dev->att && dev->att->ifindex == link.ifindex) {
            follow_mtu(dev, link.mtu);
            netdev_afxdp_note_link(dev, &link);
        }
        if (netdev_afxdp_needs_reconfigure(dev, &link)) {
            ovs_netdev_forget_device(&dev->up);
            reconfigure(dev);
            return;
        }
    }
    if (netdev_afxdp_map_poll(dev)) {
        reconfigure(dev);
    }
}

/* The notification comes with locks of netdev-linux held, which nest inside
 * all of ours, so it only takes note. */
static void
link_changed(const struct rtnetlink_change *change, void *aux OVS_UNUSED)
{
    if (!change) {
        /* Any device may have changed. */
        n_changed_links = MAX_CHANGED_LINKS + 1;
    } else if (rtnetlink_type_is_rtnlgrp_link(change->nlmsg_type)) {
        if (n_changed_links < MAX_CHANGED_LINKS) {
            struct changed_link *link = &changed_links[n_changed_links];

            link->ifindex = change->if_index;
            ovs_strlcpy(link->name, change->ifname ? change->ifname : "",
                        sizeof link->name);
        }
        if (n_changed_links <= MAX_CHANGED_LINKS) {
            n_changed_links++;
        }
    }
}

static bool
has_changed(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    if (n_changed_links > MAX_CHANGED_LINKS) {
        return true;
    }
    for (unsigned int i = 0; i < n_changed_links; i++) {
        const struct changed_link *link = &changed_links[i];

        if ((dev->att && dev->att->ifindex == link->ifindex)
            || !strcmp(link->name, netdev_afxdp_name(dev))) {
            return true;
        }
    }
    return false;
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
    struct netdev_afxdp *dev;

    if (!n_changed_links && !retry) {
        return;
    }

    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        ovs_mutex_lock(&dev->mutex);
        if (retry || has_changed(dev)) {
            follow_device(dev);
        }
        ovs_mutex_unlock(&dev->mutex);
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
    n_changed_links = 0;
    if (retry) {
        next_retry = time_msec() + RETRY_INTERVAL_MS;
    }
}

void
afxdp_monitor_wait(void)
{
    if (n_changed_links) {
        poll_immediate_wake();
    }
    poll_timer_wait_until(next_retry);
}
