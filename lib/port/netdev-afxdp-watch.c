/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-watch.h"

#include "openvswitch/poll-loop.h"
#include "port/netdev-afxdp-gso.h"
#include "port/netdev-afxdp-port.h"
#include "timeval.h"

enum { LOOK_INTERVAL_MS = 2000 };

static long long int next_look = LLONG_MIN;

static void
look_at_queues(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    for (int i = 0; dev->att && i < dev->att->plan.n_rxq; i++) {
        xsk_queue_look(dev->att->queues[i].xsk);
    }
}

void
netdev_afxdp_watch_run(void)
{
    long long int now = time_msec();
    struct netdev_afxdp *dev;

    if (now < next_look) {
        return;
    }
    next_look = now + LOOK_INTERVAL_MS;
    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        ovs_mutex_lock(&dev->mutex);
        look_at_queues(dev);
        netdev_afxdp_gso_look(dev);
        ovs_mutex_unlock(&dev->mutex);
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
}

void
netdev_afxdp_watch_wait(void)
{
    poll_timer_wait_until(next_look);
}
