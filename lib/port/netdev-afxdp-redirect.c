/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-redirect.h"

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"
#include "base/xdp-features.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_redirect);

static atomic_uint64_t redirect_seq = 1;

static bool
read_answer(const atomic_bool *answer)
{
    bool value;

    atomic_read_explicit(CONST_CAST(atomic_bool *, answer), &value,
                         memory_order_acquire);
    return value;
}

bool
netdev_afxdp_takes_redirect(const struct netdev *netdev)
{
    return (netdev_afxdp_is_port(netdev)
            && read_answer(&netdev_afxdp_cast(netdev)->takes_redirect));
}

bool
netdev_afxdp_may_offload(const struct netdev *netdev)
{
    return (netdev_afxdp_is_port(netdev)
            && read_answer(&netdev_afxdp_cast(netdev)->may_offload));
}

uint64_t
netdev_afxdp_redirect_seq(void)
{
    uint64_t seq;

    atomic_read_explicit(&redirect_seq, &seq, memory_order_acquire);
    return seq;
}

static bool
set_answer(atomic_bool *answer, bool value)
{
    bool old_value;

    atomic_read_relaxed(answer, &old_value);
    atomic_store_explicit(answer, value, memory_order_release);
    return value != old_value;
}

void
netdev_afxdp_update_redirect(struct netdev_afxdp *dev)
{
    enum xdp_target option = dev->config.redirect_target;
    enum xdp_target target = (option != XDP_TARGET_UNKNOWN ? option
                              : dev->kernel_target);
    bool takes_redirect = dev->att && target == XDP_TARGET_YES;
    /* XDP redirects no packet of several buffers to a device that does not say
     * that it takes them. */
    bool may_offload = (dev->config.offload
                        && !(dev->att && dev->att->multi_buffer));
    bool changed = set_answer(&dev->may_offload, may_offload);

    changed |= set_answer(&dev->takes_redirect, takes_redirect);
    if (changed) {
        uint64_t seq;

        atomic_add_explicit(&redirect_seq, 1, &seq, memory_order_release);
        VLOG_DBG("%s: offloaded flows %s come from it, %s go to it",
                 netdev_get_name(&dev->up.up),
                 dev->config.offload ? "may" : "may not",
                 takes_redirect ? "may" : "may not");
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
                 netdev_get_name(&dev->up.up), xdp_target_to_string(target));
        dev->kernel_target = target;
        netdev_change_seq_changed(&dev->up.up);
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
            netdev_request_reconfigure(&dev->up.up);
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
