/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-redirect.h"

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"
#include "base/xdp-features.h"
#include "offload/xdp-offload.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_redirect);

/* Can XDP redirect frames to the port's device? */
static bool
takes_redirect(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    enum xdp_target option = dev->config.redirect_target;

    return (dev->att
            && (option != XDP_TARGET_UNKNOWN ? option : dev->kernel_target)
               == XDP_TARGET_YES);
}

/* May flows that enter through the port be offloaded?  XDP redirects no packet
 * of several buffers to a device that does not say that it takes them. */
static bool
may_offload(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    return dev->config.offload && !(dev->att && dev->att->plan.multi_buffer);
}

void
netdev_afxdp_update_redirect(struct netdev_afxdp *dev)
{
    if (dev->offload_port) {
        xdp_offload_port_set_roles(dev->offload_port, takes_redirect(dev),
                                   may_offload(dev));
    }
}

void
netdev_afxdp_ask_redirect(struct netdev_afxdp *dev)
{
    enum xdp_target target = (dev->att
                              ? xdp_features_query_target(dev->att->ifindex)
                              : XDP_TARGET_UNKNOWN);

    if (dev->kernel_target != target) {
        VLOG_DBG("%s: the kernel says of XDP_REDIRECT to the device: %s",
                 netdev_afxdp_name(dev), xdp_target_to_string(target));
        dev->kernel_target = target;
        ovs_netdev_changed(&dev->up);
    }
    netdev_afxdp_update_redirect(dev);
}

const char *
netdev_afxdp_redirect_to_string(const struct netdev_afxdp *dev, bool veth)
{
    if (dev->config.redirect_target != XDP_TARGET_UNKNOWN) {
        return (dev->config.redirect_target == XDP_TARGET_YES
                ? "yes (options:xdp-redirect-target)"
                : "no (options:xdp-redirect-target)");
    }
    switch (dev->kernel_target) {
    case XDP_TARGET_YES:
        return "yes";

    case XDP_TARGET_NO:
        return (veth ? "no (enable GRO on the veth peer or attach an XDP "
                       "program to it)"
                : "no (the device's driver does not take it now)");

    case XDP_TARGET_UNKNOWN:
    default:
        return "unknown (the kernel does not tell before 6.3 and so it is "
               "not used; see options:xdp-redirect-target)";
    }
}

void
netdev_afxdp_redirect_run(void)
{
    struct netdev_afxdp *dev;

    if (!xdp_features_run()) {
        return;
    }
    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        ovs_mutex_lock(&dev->mutex);
        netdev_afxdp_ask_redirect(dev);
        if (dev->att && afxdp_attachment_may_go_native(dev->att)) {
            ovs_netdev_request_reconfigure(&dev->up);
        }
        ovs_mutex_unlock(&dev->mutex);
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
}

void
netdev_afxdp_redirect_wait(void)
{
    xdp_features_wait();
}
