/* SPDX-License-Identifier: Apache-2.0 */

/* How a port gets on its device and off it again. */

#include <config.h>
#include "netdev-afxdp-private.h"

#include <errno.h>

#include "link-info.h"
#include "netdev-afxdp-map.h"
#include "netdev-afxdp-offload.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_attach);

void
netdev_afxdp_set_error(struct netdev_afxdp *dev, char **errorp,
                       const char *reason)
{
    const char *name = netdev_get_name(&dev->up.up);
    char *error = reason ? xasprintf("%s: %s", name, reason) : NULL;

    if (!nullable_string_is_equal(error, *errorp)) {
        if (error) {
            VLOG_WARN("%s", error);
        }
        netdev_change_seq_changed(&dev->up.up);
    }
    free(*errorp);
    *errorp = error;
}

/* Attaching and detaching. */

void
netdev_afxdp_detach(struct netdev_afxdp *dev)
{
    netdev_afxdp_offload_detach(dev);
    netdev_afxdp_retire_counters(dev);
    afxdp_detach(dev->att);
    dev->att = NULL;
    netdev_afxdp_update_redirect(dev);
}

static int
numa_node(const struct netdev_afxdp *dev)
{
    return netdev_afxdp_class.get_numa_id(&dev->up.up);
}

static int
attach(struct netdev_afxdp *dev, const struct link_info *link,
       const struct afxdp_config *config, int wanted_n_txq, char **errp)
    OVS_REQUIRES(dev->mutex)
{
    struct netdev *netdev = &dev->up.up;
    struct afxdp_attachment *att;
    int error = afxdp_attach(netdev_get_name(netdev), link, config,
                             wanted_n_txq, numa_node(dev), &att, errp);

    if (error) {
        return error;
    }
    dev->att = att;
    dev->started = true;
    netdev->n_rxq = att->n_rxq;
    netdev->n_txq = att->n_txq;
    atomic_store_relaxed(&dev->tx_max_len, afxdp_max_packet_len(link->mtu));
    netdev_afxdp_ask_redirect(dev);
    netdev_afxdp_offload_attach(dev);
    netdev_change_seq_changed(netdev);
    VLOG_INFO("%s: attached in %s mode (%s), device queues %d to %d, %d to "
              "receive and %d to transmit", netdev_get_name(netdev),
              xsk_mode_to_string(att->mode),
              xsk_queue_is_zero_copy(att->queues[0].xsk) ? "zero-copy"
                                                         : "copy",
              config->start_queue, config->start_queue + att->n_queues - 1,
              att->n_rxq, att->n_txq);
    if (att->fallback_reason) {
        VLOG_INFO("%s: no better mode: %s", netdev_get_name(netdev),
                  att->fallback_reason);
    }
    if (att->n_device_rx_queues > att->n_rxq) {
        VLOG_INFO("%s: the port receives from %d of the device's %d queues; "
                  "what arrives on the others goes to the kernel's network "
                  "stack (options:n_rxq, options:start-queue, ethtool -L)",
                  netdev_get_name(netdev), att->n_rxq,
                  att->n_device_rx_queues);
    }
    netdev_afxdp_map_attached(dev);
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
                  "attaching anew", netdev_get_name(&dev->up.up));
    }
    netdev_afxdp_detach(dev);
    dev->failed_link.ifindex = 0;
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
    int old_n_txq = dev->att->n_txq;
    char *reason = NULL;
    int error;

    if (!afxdp_can_attach(netdev_get_name(&dev->up.up), link, &dev->config,
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

int
netdev_afxdp_reconfigure(struct netdev *netdev)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    struct link_info link;

    ovs_mutex_lock(&dev->mutex);
    int error = link_info_get(netdev_get_name(netdev), &link);
    if (error) {
        netdev_afxdp_detach(dev);
        netdev_afxdp_set_error(dev, &dev->attach_error,
                               "the device is gone; the port works again "
                               "when a device of that name is back");
    } else if (must_start_afresh(dev, &link)) {
        attach_afresh(dev, &link);
    } else if (is_current(dev, &link)) {
        dev->failed_link.ifindex = 0;
        netdev_afxdp_set_error(dev, &dev->attach_error, NULL);
    } else if (!has_failed_before(dev, &link)) {
        attach_or_roll_back(dev, &link);
    }

    /* dpif-netdev drops a port whose reconfiguration fails.  A port that has
     * worked stays and waits for its device; a new one is refused. */
    error = dev->started ? 0 : EINVAL;
    ovs_mutex_unlock(&dev->mutex);
    return error;
}

int
netdev_afxdp_attach_first(struct netdev_afxdp *dev, char **errp)
{
    struct link_info link;
    int error = link_info_get(netdev_get_name(&dev->up.up), &link);

    if (error) {
        *errp = xasprintf("cannot ask the kernel about the device (%s)",
                          ovs_strerror(error));
        return error;
    }
    return attach(dev, &link, &dev->config, dev->wanted_n_txq, errp);
}
