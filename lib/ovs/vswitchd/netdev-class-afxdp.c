/* SPDX-License-Identifier: Apache-2.0 */

/* Open vSwitch's netdev-afxdp.h declares most of these functions, for its own
 * classes: the linker finds ours first and leaves its object alone. */

#include <config.h>
#include "ovs/vswitchd/netdev-class-afxdp.h"

#include <errno.h>

#include "openvswitch/vlog.h"
#include "ovs/netdev/ovs-netdev.h"
#include "ovs/netdev/ovs-packet.h"
#include "port/netdev-afxdp.h"
#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-attach.h"
#include "port/netdev-afxdp-io.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-stats.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_class_afxdp);

/* A batch has room for what is received at a time. */
BUILD_ASSERT_DECL((int) OVS_PACKET_BURST <= (int) NETDEV_MAX_BURST);

/* Packets. */

int
netdev_afxdp_rxq_construct(struct netdev_rxq *rxq OVS_UNUSED)
{
    return 0;
}

void
netdev_afxdp_rxq_destruct(struct netdev_rxq *rxq OVS_UNUSED)
{
}

int
netdev_afxdp_rxq_recv(struct netdev_rxq *rxq, struct dp_packet_batch *batch,
                      int *qfill)
{
    size_t n;
    int error = netdev_afxdp_receive(netdev_afxdp_cast(rxq->netdev),
                                     rxq->queue_id, batch->packets, &n);

    if (!error) {
        batch->count = n;
        if (qfill) {
            *qfill = -ENOTSUP;
        }
    }
    return error;
}

static void
rxq_wait(struct netdev_rxq *rxq)
{
    netdev_afxdp_receive_wait(netdev_afxdp_cast(rxq->netdev), rxq->queue_id);
}

int
netdev_afxdp_batch_send(struct netdev *netdev, int qid,
                        struct dp_packet_batch *batch, bool concurrent_txq)
{
    return netdev_afxdp_send(netdev_afxdp_cast(netdev), qid, batch->packets,
                             dp_packet_batch_size(batch), concurrent_txq);
}

/* Configuration. */

int
netdev_afxdp_set_config(struct netdev *netdev, const struct smap *args,
                        char **errp)
{
    return netdev_afxdp_configure(netdev_afxdp_cast(netdev), args, errp);
}

int
netdev_afxdp_get_config(const struct netdev *netdev, struct smap *args)
{
    netdev_afxdp_read_config(netdev_afxdp_cast(netdev), args);
    return 0;
}

int
netdev_afxdp_reconfigure(struct netdev *netdev)
{
    return netdev_afxdp_apply_config(netdev_afxdp_cast(netdev));
}

static int
set_tx_multiq(struct netdev *netdev, unsigned int n_txq)
{
    netdev_afxdp_want_n_txq(netdev_afxdp_cast(netdev), n_txq);
    return 0;
}

int
netdev_afxdp_verify_mtu_size(const struct netdev *netdev OVS_UNUSED, int mtu)
{
    return afxdp_check_mtu(mtu);
}

static int
set_mtu(struct netdev *netdev, int mtu)
{
    return netdev_afxdp_set_mtu(netdev_afxdp_cast(netdev), mtu);
}

static int
update_flags(struct netdev *netdev, enum netdev_flags off,
             enum netdev_flags on, enum netdev_flags *old_flagsp)
{
    return netdev_afxdp_update_flags(netdev_afxdp_cast(netdev), off, on,
                                     old_flagsp);
}

/* What a port tells. */

int
netdev_afxdp_get_stats(const struct netdev *netdev,
                       struct netdev_stats *stats)
{
    return netdev_afxdp_read_stats(netdev_afxdp_cast(netdev), stats);
}

int
netdev_afxdp_get_custom_stats(const struct netdev *netdev,
                              struct netdev_custom_stats *stats)
{
    netdev_afxdp_read_custom_stats(netdev_afxdp_cast(netdev), stats);
    return 0;
}

int
netdev_afxdp_get_status(const struct netdev *netdev, struct smap *smap)
{
    netdev_afxdp_read_status(netdev_afxdp_cast(netdev), smap);
    return 0;
}

/* Life. */

int
netdev_afxdp_init(void)
{
    return 0;
}

static struct netdev *
alloc(void)
{
    struct netdev_afxdp *dev = xzalloc(sizeof *dev);

    return ovs_netdev_up(&dev->up);
}

static void
dealloc(struct netdev *netdev)
{
    free(netdev_afxdp_cast(netdev));
}

int
netdev_afxdp_construct(struct netdev *netdev)
{
    return netdev_afxdp_init_port(netdev_afxdp_cast(netdev));
}

void
netdev_afxdp_destruct(struct netdev *netdev)
{
    netdev_afxdp_destroy_port(netdev_afxdp_cast(netdev));
}

/* Open vSwitch calls this on exit for its own class only.  Our programs go
 * with their links. */
void
signal_remove_xdp(struct netdev *netdev OVS_UNUSED)
{
}

static int
replace_class(struct netdev_class *class, const struct netdev_class *base)
{
    int error = netdev_unregister_provider(base->type);

    if (error) {
        return error;
    }
    *class = *base;
    class->alloc = alloc;
    class->dealloc = dealloc;
    class->get_status = netdev_afxdp_get_status;
    class->set_mtu = set_mtu;
    class->update_flags = update_flags;
    class->set_tx_multiq = set_tx_multiq;
    class->rxq_wait = rxq_wait;
    return netdev_register_provider(class);
}

void
netdev_class_afxdp_register(void)
{
    int error = replace_class(&ovs_netdev_pmd_class, &netdev_afxdp_class);

    if (!error) {
        error = replace_class(&ovs_netdev_nonpmd_class,
                              &netdev_afxdp_nonpmd_class);
    }
    if (error) {
        VLOG_FATAL("cannot replace Open vSwitch's AF_XDP port types (%s)",
                   ovs_strerror(error));
    }
}
