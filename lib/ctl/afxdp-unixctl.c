/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp-unixctl.h"

#include <inttypes.h>

#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-counters.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-port.h"
#include "openvswitch/dynamic-string.h"
#include "ovs/netdev/umem-packet.h"
#include "umem/umem-format.h"
#include "unixctl.h"
#include "prog/xdp-program.h"

static void
format_frames(struct ds *s, const struct xsk_queue *xsk)
{
    struct xsk_frames f;

    xsk_queue_get_frames(xsk, &f);
    ds_put_format(s, "    frames: %"PRIu32" = %"PRIu32" fill/rx rings + "
                  "%"PRIu32" tx/completion rings\n", f.n_frames, f.n_rx,
                  f.n_tx);
}

static void
format_poller(struct ds *s, const struct xsk_queue *xsk)
{
    int core;
    char *name = xsk_queue_get_poller(xsk, &core);

    if (!xsk_queue_has_rx(xsk)) {
        ds_put_cstr(s, " transmit only");
    } else if (name) {
        ds_put_format(s, " %s by %s on core %d",
                      xsk_queue_is_polled(xsk) ? "polled"
                      : "not polled any more, last",
                      name[0] ? name : "main thread", core);
    } else {
        ds_put_cstr(s, " not polled yet");
    }
    free(name);
}

static void
format_counters(struct ds *s, const struct xsk_counters *c, int from, int to)
{
    const char *separator = "    ";

    for (int i = from; i < to; i++) {
        if (c->n[i]) {
            ds_put_format(s, "%s%s: %"PRIu64, separator,
                          xsk_counter_to_string(i), c->n[i]);
            separator = ", ";
        }
    }
    if (*separator == ',') {
        ds_put_char(s, '\n');
    }
}

static void
format_queue(struct ds *s, const struct netdev_afxdp *dev, int i)
    OVS_REQUIRES(dev->mutex)
{
    const struct xsk_queue *xsk = dev->att->queues[i].xsk;
    struct xsk_counters c;

    netdev_afxdp_get_counters(dev, i, &c);
    ds_put_format(s, "  queue %d (device queue %"PRIu32"):", i,
                  xsk_queue_id(xsk));
    format_poller(s, xsk);
    ds_put_char(s, '\n');
    format_frames(s, xsk);
    format_counters(s, &c, XSK_rx_packets, XSK_tx_packets);
    format_counters(s, &c, XSK_tx_packets, N_XSK_COUNTERS);
    format_counters(s, &c, 0, XSK_N_KERNEL_COUNTERS);
}

static void
format_program(struct ds *s, const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    if (dev->att->prog) {
        ds_put_format(s, "XDP program id %"PRIu32,
                      xdp_prog_id(dev->att->prog));
    } else {
        netdev_afxdp_map_format(dev, s);
    }
}

static void
format_port(struct ds *s, struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    const struct netdev *netdev = ovs_netdev_up(&dev->up);
    const struct afxdp_attachment *att = dev->att;
    char *error = netdev_afxdp_get_error(dev);

    ds_put_format(s, "%s: %s, ", netdev_get_name(netdev),
                  netdev_get_type(netdev));
    if (!att) {
        ds_put_format(s, "%s\n", dev->deferred ? "attaching" : "detached");
    } else {
        int mtu;

        if (netdev_get_mtu(netdev, &mtu)) {
            mtu = att->mtu;
        }
        ds_put_format(s, "%s mode (%s), need-wakeup %s, ",
                      xsk_mode_to_string(att->mode),
                      xsk_queue_is_zero_copy(att->queues[0].xsk)
                      ? "zero-copy" : "copy",
                      att->config.need_wakeup ? "on" : "off");
        format_program(s, dev);
        ds_put_format(s, "\n  rings: %d rx, %d tx descriptors; frames of "
                      "%"PRIu32" bytes; MTU %d, limit %d\n",
                      att->config.n_rxq_desc, att->config.n_txq_desc,
                      att->plan.frame_size, mtu, afxdp_max_mtu());
    }
    if (error) {
        ds_put_format(s, "  error: %s\n", error);
    }
    if (att && dev->device_is_down) {
        ds_put_format(s, "  the device is down (ip link set dev %s up)\n",
                      netdev_get_name(netdev));
    }
    for (int i = 0; att && i < att->n_queues; i++) {
        format_queue(s, dev, i);
    }
    free(error);
}

void
afxdp_unixctl_show_ports(struct unixctl_conn *conn, const char *name,
                         afxdp_format_port *format,
                         void (*format_rest)(struct ds *), struct ds *s)
{
    struct netdev_afxdp *dev;
    bool found = !name;

    ovs_mutex_lock(&afxdp_ports_mutex);
    LIST_FOR_EACH (dev, list_node, &afxdp_ports) {
        if (!name || !strcmp(name, netdev_afxdp_name(dev))) {
            found = true;
            ovs_mutex_lock(&dev->mutex);
            format(s, dev);
            ovs_mutex_unlock(&dev->mutex);
        }
    }
    ovs_mutex_unlock(&afxdp_ports_mutex);

    if (!name && format_rest) {
        format_rest(s);
    }
    if (found) {
        unixctl_command_reply(conn, ds_cstr(s));
    } else {
        ds_put_format(s, "%s: no port of type afxdp or afxdp-nonpmd has "
                      "this name", name);
        unixctl_command_reply_error(conn, ds_cstr(s));
    }
}

static void
afxdp_show(struct unixctl_conn *conn, int argc, const char *argv[],
           void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    afxdp_unixctl_show_ports(conn, argc < 2 ? NULL : argv[1], format_port,
                             NULL, &s);
    ds_destroy(&s);
}

static void
afxdp_memory_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    umem_format(&s);
    ds_put_format(&s, "packets: %"PRIu32"\n", umem_n_packets());
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
afxdp_unixctl_init(void)
{
    unixctl_command_register("afxdp/memory-show", "", 0, 0, afxdp_memory_show,
                             NULL);
    unixctl_command_register("afxdp/show", "[port]", 0, 1, afxdp_show, NULL);
}
