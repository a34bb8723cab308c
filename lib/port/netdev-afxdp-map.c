/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-port.h"

#include <errno.h>
#include <inttypes.h>

#include "base/link-info.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"
#include "prog/xsks-map.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_map);

static bool
has_map(const struct netdev_afxdp *dev)
{
    return dev->att && dev->att->map;
}

static bool
will_have_map(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    return has_map(dev) || (!dev->att && afxdp_config_has_map(&dev->config));
}

static const char *
mode_of(const struct xdp_foreign_prog *prog)
{
    return prog->generic ? "generic" : "native";
}

static void
set_program(struct netdev_afxdp *dev, struct xdp_foreign_prog prog)
    OVS_REQUIRES(dev->mutex)
{
    const char *name = netdev_afxdp_name(dev);

    dev->foreign_prog = prog;
    if (prog.id) {
        VLOG_INFO("%s: XDP program id %"PRIu32" is attached to the device in "
                  "%s mode", name, prog.id, mode_of(&prog));
    } else {
        VLOG_WARN("%s: no XDP program is attached to the device, so nothing "
                  "arrives; attach the one that redirects to the map %s "
                  "(bpftool net attach)", name,
                  dev->att->config.xsks_map_path);
    }
    ovs_netdev_changed(&dev->up);
}

void
netdev_afxdp_map_attached(struct netdev_afxdp *dev)
{
    if (has_map(dev)) {
        VLOG_INFO("%s: the sockets are in map id %"PRIu32", %s",
                  netdev_afxdp_name(dev), xsks_map_id(dev->att->map),
                  dev->att->config.xsks_map_path);
        set_program(dev, xdp_foreign_prog_find(dev->att->ifindex));
    }
}

bool
netdev_afxdp_map_poll(struct netdev_afxdp *dev)
{
    bool new_prog, new_map, retry;
    struct xdp_foreign_prog prog;

    if (!has_map(dev)) {
        return false;
    }
    prog = xdp_foreign_prog_find(dev->att->ifindex);
    new_prog = (prog.id != dev->foreign_prog.id
                || prog.generic != dev->foreign_prog.generic);
    if (new_prog) {
        set_program(dev, prog);
    }
    new_map = xsks_map_poll(dev->att->map);
    retry = new_map || (new_prog && dev->failed_link.ifindex);
    if (retry) {
        /* What failed with another map, or because of the program, is worth
         * another try. */
        dev->failed_link.ifindex = 0;
    }
    return retry;
}

static bool
is_promiscuous(const struct netdev_afxdp *dev)
{
    enum netdev_flags flags;

    return (!ovs_netdev_update_flags(&dev->up, 0, 0, &flags)
            && flags & NETDEV_PROMISC);
}

void
netdev_afxdp_map_get_status(const struct netdev_afxdp *dev, struct smap *smap)
{
    const struct xdp_foreign_prog *prog = &dev->foreign_prog;

    if (prog->id) {
        smap_add_format(smap, "xdp-prog", "%s mode (options:xsks-map-path)",
                        mode_of(prog));
        smap_add_format(smap, "xdp-prog-id", "%"PRIu32, prog->id);
    } else {
        smap_add(smap, "xdp-prog", "none (attach one that redirects to "
                 "options:xsks-map-path)");
    }
    smap_add_format(smap, "xsks-map-id", "%"PRIu32,
                    xsks_map_id(dev->att->map));
    if (is_promiscuous(dev)) {
        smap_add(smap, "promiscuous", "true");
    } else {
        smap_add_format(smap, "promiscuous", "false (ip link set dev %s "
                        "promisc on)", netdev_afxdp_name(dev));
    }
}

void
netdev_afxdp_map_format(const struct netdev_afxdp *dev, struct ds *s)
{
    if (dev->foreign_prog.id) {
        ds_put_format(s, "XDP program id %"PRIu32, dev->foreign_prog.id);
    } else {
        ds_put_cstr(s, "no XDP program");
    }
    ds_put_format(s, " with map id %"PRIu32" (options:xsks-map-path)",
                  xsks_map_id(dev->att->map));
}

static void
warn_unpromiscuous(const struct netdev_afxdp *dev)
{
    const char *name = netdev_afxdp_name(dev);

    VLOG_WARN("%s: the device is not promiscuous, so packets to other MAC "
              "addresses may not arrive, and the daemon lacks CAP_NET_ADMIN "
              "to change that; run: ip link set dev %s promisc on", name,
              name);
}

void
netdev_afxdp_make_promiscuous(struct netdev_afxdp *dev, int ifindex)
{
    if (link_set_promiscuous(ifindex) == EPERM && !is_promiscuous(dev)) {
        warn_unpromiscuous(dev);
    }
}

/* dpif-netdev drops a port that it cannot make promiscuous.  Without the
 * privilege for that, a port whose program is not ours works as its device
 * is. */
int
netdev_afxdp_update_flags(struct netdev_afxdp *dev, enum netdev_flags off,
                          enum netdev_flags on, enum netdev_flags *old_flagsp)
{
    int error = ovs_netdev_update_flags(&dev->up, off, on, old_flagsp);

    if (error == EPERM && !off && on == NETDEV_PROMISC) {
        ovs_mutex_lock(&dev->mutex);
        if (will_have_map(dev)) {
            /* One that is not attached yet says so when it is. */
            if (dev->att) {
                warn_unpromiscuous(dev);
            }
            /* Open vSwitch must not take the flag back from whoever sets
             * it. */
            *old_flagsp |= NETDEV_PROMISC;
            error = 0;
        }
        ovs_mutex_unlock(&dev->mutex);
    }
    return error;
}
