/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-port.h"

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_port);

struct ovs_mutex afxdp_ports_mutex = OVS_MUTEX_INITIALIZER;
struct ovs_list afxdp_ports = OVS_LIST_INITIALIZER(&afxdp_ports);

char *
netdev_afxdp_get_error(struct netdev_afxdp *dev)
{
    return nullable_xstrdup(dev->attach_error && !dev->att ? dev->attach_error
                            : dev->config_error ? dev->config_error
                            : dev->attach_error ? dev->attach_error
                            : dev->mtu_error);
}

void
netdev_afxdp_set_error(struct netdev_afxdp *dev, char **errorp,
                       const char *reason)
{
    const char *name = netdev_afxdp_name(dev);
    char *error = reason ? xasprintf("%s: %s", name, reason) : NULL;

    if (!nullable_string_is_equal(error, *errorp)) {
        if (error) {
            VLOG_WARN("%s", error);
        }
        ovs_netdev_changed(&dev->up);
    }
    free(*errorp);
    *errorp = error;
}

void
netdev_afxdp_note_link(struct netdev_afxdp *dev, const struct link_info *link)
{
    const char *name = netdev_afxdp_name(dev);

    if (dev->device_is_down == link->is_up) {
        dev->device_is_down = !link->is_up;
        if (dev->device_is_down) {
            VLOG_INFO("%s: the device is down, so no packets come or go "
                      "(ip link set dev %s up)", name, name);
        } else {
            VLOG_INFO("%s: the device is up", name);
        }
    }
}
