/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-gso.h"

#include <inttypes.h>

#include "base/link-info.h"
#include "port/netdev-afxdp-counters.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "timeval.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_gso);

/* After so much time without such a packet, the operator has seen to it. */
enum { QUIET_MS = 60 * 1000 };

static const char *
advice(bool has_vnet_hdr)
{
    return (has_vnet_hdr
            ? "in the machine, ethtool -K DEVICE tso off; or host_tso4=off "
              "and host_tso6=off for its device in QEMU, tso4='off' and "
              "tso6='off' in <host> of its <driver> in libvirt"
            : "at the sender, ethtool -K DEVICE tso off gso off, and make "
              "MTUs equal; on a NIC, ethtool -K DEVICE gro off lro off; on "
              "veth, native mode cures it, too");
}

static void
look_at_device(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    if (!dev->att || dev->att->ifindex == dev->vnet_hdr_ifindex) {
        return;
    }
    dev->vnet_hdr_ifindex = dev->att->ifindex;
    dev->has_vnet_hdr = link_has_vnet_hdr(dev->att->ifindex);
    ovs_netdev_changed(&dev->up);
    if (dev->has_vnet_hdr) {
        VLOG_INFO("%s: a virtual machine's tap; TCP packets that the machine "
                  "leaves to it to cut up (TSO) are dropped: %s",
                  netdev_afxdp_name(dev), advice(dev->has_vnet_hdr));
    }
}

/* How many packets the port has dropped because they were too long: the
 * kernel, because they did not fit into a frame, or else we. */
static uint64_t
count_too_long(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    uint64_t n = 0;

    for (int i = 0; i < netdev_afxdp_n_counted_queues(dev); i++) {
        struct xsk_counters c;

        netdev_afxdp_get_counters(dev, i, &c);
        n += c.n[XSK_rx_too_long_drops] + c.n[XSK_rx_oversize_drops];
    }
    return n;
}

static void
look_at_drops(struct netdev_afxdp *dev, long long int now)
    OVS_REQUIRES(dev->mutex)
{
    uint64_t n = count_too_long(dev);
    bool dropped = n > dev->n_too_long;

    if (dropped) {
        dev->too_long_ms = now;
        if (!dev->drops_too_long) {
            VLOG_WARN("%s: dropped %"PRIu64" packet%s longer than the MTU, "
                      "which the sender leaves to a device to cut up (TSO, "
                      "GSO), or because its MTU is larger: %s",
                      netdev_afxdp_name(dev), n - dev->n_too_long,
                      n - dev->n_too_long == 1 ? "" : "s",
                      advice(dev->has_vnet_hdr));
        }
    } else if (now < dev->too_long_ms + QUIET_MS) {
        dropped = dev->drops_too_long;
    }
    if (dropped != dev->drops_too_long) {
        dev->drops_too_long = dropped;
        ovs_netdev_changed(&dev->up);
    }
    dev->n_too_long = n;
}

void
netdev_afxdp_gso_look(struct netdev_afxdp *dev)
{
    look_at_device(dev);
    look_at_drops(dev, time_msec());
}

void
netdev_afxdp_gso_get_status(const struct netdev_afxdp *dev, struct smap *smap)
{
    if (dev->has_vnet_hdr || dev->drops_too_long) {
        smap_add_format(smap, "rx-segmentation", "%s (%s)",
                        dev->drops_too_long
                        ? "packets longer than the MTU are being dropped"
                        : "packets longer than the MTU are dropped",
                        advice(dev->has_vnet_hdr));
    }
}
