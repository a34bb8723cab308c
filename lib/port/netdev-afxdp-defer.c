/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-defer.h"

#include "timeval.h"
#include "util.h"

/* So long.  A few are done in any case, however busy the machine is. */
enum { BUDGET_MS = 100, MIN_CHANGES = 4 };

static long long int used_ms;
static unsigned int n_changes;
static bool any_deferred;

bool
netdev_afxdp_must_defer(struct netdev_afxdp *dev)
{
    dev->deferred = n_changes >= MIN_CHANGES && used_ms >= BUDGET_MS;
    any_deferred |= dev->deferred;
    return dev->deferred;
}

bool
netdev_afxdp_must_defer_attaching(struct netdev_afxdp *dev,
                                  const struct link_info *link)
{
    char *reason = NULL;

    if (!netdev_afxdp_must_defer(dev)
        && afxdp_can_attach(netdev_afxdp_name(dev), link, &dev->config,
                            &reason)) {
        long long int deadline = time_msec() + BUDGET_MS - used_ms;

        dev->deferred = !afxdp_prepare(link, &dev->config, dev->wanted_n_txq,
                                       ovs_netdev_numa_node(&dev->up),
                                       deadline);
        any_deferred |= dev->deferred;
    }
    free(reason);
    return dev->deferred;
}

void
netdev_afxdp_count_change(void)
{
    n_changes++;
}

void
netdev_afxdp_count_time(long long int start)
{
    used_ms += time_msec() - start;
}

bool
netdev_afxdp_defer_run(void)
{
    bool any = any_deferred;
    struct netdev_afxdp *dev;

    used_ms = 0;
    n_changes = 0;
    any_deferred = false;
    if (any) {
        ovs_mutex_lock(&afxdp_ports_mutex);
        LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
            ovs_mutex_lock(&dev->mutex);
            if (dev->deferred) {
                ovs_netdev_request_reconfigure(&dev->up);
            }
            ovs_mutex_unlock(&dev->mutex);
        }
        ovs_mutex_unlock(&afxdp_ports_mutex);
    }
    return any;
}
