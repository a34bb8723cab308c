/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-offload.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-redirect.h"

#include <errno.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"
#include "offload/xdp-offload.h"
#include "prog/xdp-program.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp_offload);

static struct xdp_offload *offload;

void
netdev_afxdp_offload_init(const struct xdp_copy_class *class)
{
    offload = xdp_offload_create(class);
}

struct xdp_offload *
netdev_afxdp_offload_get(void)
{
    return offload;
}

/* The longest frame that the kernel redirects to a device which is to send up
 * to 'max_len' bytes: it has room for one VLAN tag, where we have two. */
static uint32_t
redirect_max_len(uint32_t max_len)
{
    return max_len - VLAN_HEADER_LEN;
}

/* May flows enter through the program that 'att' has? Returns
 * XDP_WHY_OFFLOADED if so. */
static enum xdp_offload_reason
judge_program(const struct afxdp_attachment *att)
{
    /* The program for offload does not handle packets of several buffers.  Of
     * a packet in the network stack it sees the bytes, not the VLAN tag nor
     * that the checksum is partial, which a device that it redirects to does
     * see. */
    return (!att->prog ? XDP_WHY_FOREIGN_PROGRAM
            : att->plan.multi_buffer ? XDP_WHY_PORT_DISABLED
            : att->mode == XSK_MODE_GENERIC ? XDP_WHY_GENERIC_MODE
            : XDP_WHY_OFFLOADED);
}

/* Is there a port with 'offload_pending'?  Main thread only. */
static bool any_pending;

void
netdev_afxdp_offload_attach(struct netdev_afxdp *dev)
{
    dev->offload_pending = dev->offload_port && dev->att;
    any_pending |= dev->offload_pending;
}

static void
begin(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    const struct afxdp_attachment *att = dev->att;
    enum xdp_offload_reason reason = judge_program(att);
    uint32_t max_len;
    char *errmsg = NULL;

    dev->offload_pending = false;
    /* The MTU may have changed since the port was attached. */
    atomic_read_relaxed(&dev->tx_max_len, &max_len);
    /* The program is another then. */
    ovs_netdev_changed(&dev->up);
    if (xdp_offload_port_attach(dev->offload_port,
                                reason == XDP_WHY_OFFLOADED ? att->prog : NULL,
                                reason, att->ifindex,
                                redirect_max_len(max_len), &errmsg)) {
        VLOG_WARN("%s: %s; all flows stay in user space",
                  netdev_afxdp_name(dev), errmsg);
        free(errmsg);
    }
}

/* The kernel looks at each program for 20 to 100 ms.  After so much of it, the
 * rest waits until the main loop has done what else it has to do. */
enum { BUDGET_MS = 50 };

void
netdev_afxdp_offload_run(void)
{
    long long int deadline = time_msec() + BUDGET_MS;
    struct netdev_afxdp *dev;
    bool begun = false;

    if (!any_pending) {
        return;
    }
    any_pending = false;
    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        ovs_mutex_lock(&dev->mutex);
        if (dev->offload_pending && (!begun || time_msec() < deadline)) {
            begin(dev);
            begun = true;
        }
        any_pending |= dev->offload_pending;
        ovs_mutex_unlock(&dev->mutex);
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);
}

void
netdev_afxdp_offload_wait(void)
{
    if (any_pending) {
        poll_immediate_wake();
    }
}

void
netdev_afxdp_offload_set_max_len(struct netdev_afxdp *dev, uint32_t max_len)
{
    if (dev->offload_port) {
        xdp_offload_port_set_max_len(dev->offload_port,
                                     redirect_max_len(max_len));
    }
}

void
netdev_afxdp_offload_detach(struct netdev_afxdp *dev)
{
    dev->offload_pending = false;
    if (dev->offload_port) {
        xdp_offload_port_detach(dev->offload_port);
    }
}

int
netdev_afxdp_offload_open(struct netdev *netdev)
{
    struct netdev_afxdp *dev;
    char *errmsg = NULL;

    if (!ovs_netdev_is_ours(netdev)) {
        return EOPNOTSUPP;
    }
    dev = netdev_afxdp_cast(netdev);
    ovs_mutex_lock(&dev->mutex);
    if (!dev->offload_port) {
        dev->offload_port = xdp_offload_port_open(
            offload, netdev_get_name(netdev), &errmsg);
        if (errmsg) {
            VLOG_WARN("%s: no flow offload: %s", netdev_get_name(netdev),
                      errmsg);
            free(errmsg);
        }
        netdev_afxdp_update_redirect(dev);
        netdev_afxdp_offload_attach(dev);
    }
    int error = dev->offload_port ? 0 : EOPNOTSUPP;
    ovs_mutex_unlock(&dev->mutex);
    return error;
}

void
netdev_afxdp_offload_close(struct netdev *netdev)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);

    ovs_mutex_lock(&dev->mutex);
    xdp_offload_port_close(dev->offload_port);
    dev->offload_port = NULL;
    dev->offload_pending = false;
    if (dev->att && dev->att->prog) {
        xdp_prog_disable_offload(dev->att->prog);
    }
    ovs_mutex_unlock(&dev->mutex);
}

struct xdp_offload_port *
netdev_afxdp_offload_port(const struct netdev *netdev)
{
    return (ovs_netdev_is_ours(netdev)
            ? netdev_afxdp_cast(netdev)->offload_port : NULL);
}
