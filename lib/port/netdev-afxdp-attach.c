/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-attach.h"

#include <errno.h>

#include "base/link-info.h"
#include "port/netdev-afxdp-counters.h"
#include "port/netdev-afxdp-defer.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-offload.h"
#include "port/netdev-afxdp-redirect.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "prog/xdp-program.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_attach);

void
netdev_afxdp_detach(struct netdev_afxdp *dev)
{
    netdev_afxdp_offload_detach(dev);
    if (dev->att) {
        /* What comes in until then counts. */
        xdp_prog_detach(dev->att->prog);
    }
    netdev_afxdp_retire_counters(dev);
    afxdp_detach(dev->att);
    dev->att = NULL;
    dev->device_is_down = false;
    netdev_afxdp_update_redirect(dev);
}

static int
attach(struct netdev_afxdp *dev, const struct link_info *link,
       const struct afxdp_config *config, int wanted_n_txq, char **errp)
    OVS_REQUIRES(dev->mutex)
{
    const char *name = netdev_afxdp_name(dev);
    struct afxdp_attachment *att;
    int error = afxdp_attach(name, link, config, wanted_n_txq,
                             ovs_netdev_numa_node(&dev->up), &att, errp);

    netdev_afxdp_count_change();
    if (error) {
        return error;
    }
    dev->att = att;
    dev->started = true;
    ovs_netdev_set_queues(&dev->up, att->plan.n_rxq, att->plan.n_txq);
    atomic_store_relaxed(&dev->tx_max_len, afxdp_max_packet_len(link->mtu));
    netdev_afxdp_ask_redirect(dev);
    netdev_afxdp_offload_attach(dev);
    ovs_netdev_changed(&dev->up);
    VLOG_INFO("%s: attached in %s mode (%s), device queues %d to %d, %d to "
              "receive and %d to transmit", name,
              xsk_mode_to_string(att->mode),
              xsk_queue_is_zero_copy(att->queues[0].xsk) ? "zero-copy"
                                                         : "copy",
              config->start_queue, config->start_queue + att->n_queues - 1,
              att->plan.n_rxq, att->plan.n_txq);
    if (att->fallback_reason) {
        VLOG_INFO("%s: no better mode: %s", name, att->fallback_reason);
    }
    if (att->n_device_rx_queues > att->plan.n_rxq) {
        VLOG_INFO("%s: the port receives from %d of the device's %d queues; "
                  "what arrives on the others goes to the kernel's network "
                  "stack (options:n_rxq, options:start-queue, ethtool -L)",
                  name, att->plan.n_rxq, att->n_device_rx_queues);
    }
    netdev_afxdp_map_attached(dev);
    netdev_afxdp_note_link(dev, link);
    return 0;
}

/* The port has no queues on its device, or the device is another or was away:
 * there is nothing to keep. */
static void
attach_afresh(struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    char *reason = NULL;

    if (dev->att && dev->att->ifindex == link->ifindex) {
        VLOG_INFO("%s: the device was away, or the XDP program was detached; "
                  "attaching anew", netdev_afxdp_name(dev));
    }
    netdev_afxdp_detach(dev);
    dev->failed_link.ifindex = 0;
    dev->gone = false;
    if (!attach(dev, link, &dev->config, dev->wanted_n_txq, &reason)
        && dev->started) {
        /* A device that came back may not have the flag that dpif-netdev gave
         * it, or its predecessor. */
        netdev_afxdp_make_promiscuous(dev, link->ifindex);
    }
    netdev_afxdp_set_error(dev, &dev->attach_error, reason);
    free(reason);
}

/* Exchanges what the port has on its device for what the operator wants.  If
 * that fails, takes back what there was. */
static void
attach_or_roll_back(struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    const struct afxdp_config old_config = dev->att->config;
    int old_n_txq = dev->att->plan.n_txq;
    char *reason = NULL;
    int error;

    if (!afxdp_can_attach(netdev_afxdp_name(dev), link, &dev->config,
                          &reason)) {
        error = EINVAL;
    } else {
        netdev_afxdp_detach(dev);
        error = attach(dev, link, &dev->config, dev->wanted_n_txq, &reason);
    }
    if (error) {
        char *rollback_reason = NULL;
        char *s;

        dev->failed_config = dev->config;
        dev->failed_link = *link;
        if (!dev->att) {
            attach(dev, link, &old_config, old_n_txq, &rollback_reason);
        }
        s = xasprintf("%s; %s%s", reason,
                      dev->att ? "the previous configuration stays in use"
                      : "the previous configuration failed, too: ",
                      dev->att ? "" : rollback_reason);
        netdev_afxdp_set_error(dev, &dev->attach_error, s);
        free(s);
        free(rollback_reason);
    } else {
        dev->failed_link.ifindex = 0;
        netdev_afxdp_set_error(dev, &dev->attach_error, NULL);
    }
    free(reason);
}

/* Is the configuration known not to work on the device as it is? */
static bool
has_failed_before(const struct netdev_afxdp *dev,
                  const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    return (dev->att && link_info_equals(&dev->failed_link, link)
            && afxdp_config_same_sockets(&dev->failed_config, &dev->config));
}

/* Is there nothing on the device that is worth to be kept? */
static bool
must_start_afresh(const struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    return (!dev->att || dev->att->ifindex != link->ifindex
            || !afxdp_attachment_is_intact(dev->att));
}

static bool
is_current(const struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    return afxdp_attachment_is_current(dev->att, link, &dev->config,
                                       dev->wanted_n_txq);
}

bool
netdev_afxdp_needs_reconfigure(struct netdev_afxdp *dev,
                               const struct link_info *link)
{
    if (must_start_afresh(dev, link)) {
        return true;
    } else if (is_current(dev, link)) {
        /* What has failed is not wanted any more. */
        return dev->attach_error != NULL;
    }
    return !has_failed_before(dev, link);
}

static void
device_is_gone(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    netdev_afxdp_count_change();
    netdev_afxdp_detach(dev);
    dev->gone = true;
    netdev_afxdp_set_error(dev, &dev->attach_error,
                           "the device is gone; the port works again when a "
                           "device of that name is back");
}

static void
reconfigure(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    struct link_info link;
    bool gone, afresh;

    if (dev->deferred && netdev_afxdp_must_defer(dev)) {
        /* Of many such, it would take long even to ask for their devices. */
        return;
    }
    dev->deferred = false;
    gone = link_info_get(netdev_afxdp_name(dev), &link) != 0;
    afresh = gone || must_start_afresh(dev, &link);
    if (!afresh && is_current(dev, &link)) {
        dev->failed_link.ifindex = 0;
        netdev_afxdp_set_error(dev, &dev->attach_error, NULL);
    } else if (!afresh && has_failed_before(dev, &link)) {
        /* Nothing to do before something changes. */
    } else if (dev->started && netdev_afxdp_must_defer(dev)) {
        /* What there is stays until then. */
    } else if (gone) {
        device_is_gone(dev);
    } else if (afresh) {
        if (dev->att || !dev->started
            || !netdev_afxdp_must_defer_attaching(dev, &link)) {
            attach_afresh(dev, &link);
        }
    } else {
        attach_or_roll_back(dev, &link);
    }
}

int
netdev_afxdp_apply_config(struct netdev_afxdp *dev)
{
    long long int start = time_msec();

    ovs_mutex_lock(&dev->mutex);
    reconfigure(dev);

    /* dpif-netdev drops a port whose reconfiguration fails.  A port that has
     * worked stays and waits for its device; a new one is refused. */
    int error = dev->started ? 0 : EINVAL;
    ovs_mutex_unlock(&dev->mutex);
    netdev_afxdp_count_time(start);
    return error;
}

/* Accepts a port that is attached later, if nothing speaks against it. */
static int
accept_for_later(struct netdev_afxdp *dev, const struct link_info *link,
                 char **errp)
    OVS_REQUIRES(dev->mutex)
{
    if (!afxdp_can_attach(netdev_afxdp_name(dev), link, &dev->config,
                          errp)) {
        dev->deferred = false;
        return EINVAL;
    }
    dev->started = true;
    /* There is nothing to receive from, but dpif-netdev divides transmit
     * queues among threads. */
    ovs_netdev_set_queues(&dev->up, 0, 1);
    return 0;
}

int
netdev_afxdp_attach_first(struct netdev_afxdp *dev, char **errp)
{
    long long int start = time_msec();
    struct link_info link;
    int error = link_info_get(netdev_afxdp_name(dev), &link);

    if (error) {
        *errp = xasprintf("cannot ask the kernel about the device (%s)",
                          ovs_strerror(error));
        return error;
    }
    if (netdev_afxdp_must_defer_attaching(dev, &link)) {
        netdev_afxdp_count_time(start);
        return accept_for_later(dev, &link, errp);
    }
    error = attach(dev, &link, &dev->config, dev->wanted_n_txq, errp);
    netdev_afxdp_count_time(start);
    return error;
}
