/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-counters.h"

#include <string.h>

#include "util.h"
#include "prog/xdp-program.h"

void
netdev_afxdp_get_xdp_counters(const struct netdev_afxdp *dev,
                              struct xdp_counters *sum)
{
    struct xdp_counters counters = { .n = { 0 } };

    if (dev->att && dev->att->prog) {
        xdp_prog_get_counters(dev->att->prog, &counters);
    }
    for (int i = 0; i < N_XDP_COUNTERS; i++) {
        sum->n[i] = dev->retired_xdp.n[i] + counters.n[i];
    }
}

/* Packets that the sockets had no room for. */
static uint64_t
no_room_drops(const struct xsk_counters *c)
{
    return c->n[XSK_rx_dropped] + c->n[XSK_rx_ring_full];
}

uint64_t
netdev_afxdp_get_uncounted_drops(const struct netdev_afxdp *dev, int queue,
                                 const struct xsk_counters *c)
{
    uint64_t retired = (queue < dev->n_retired
                        ? no_room_drops(&dev->retired[queue]) : 0);

    return (dev->att && !dev->att->device_counts_drops
            ? no_room_drops(c) - retired : 0);
}

void
netdev_afxdp_retire_counters(struct netdev_afxdp *dev)
{
    const struct afxdp_attachment *att = dev->att;

    if (!att) {
        return;
    }
    netdev_afxdp_get_xdp_counters(dev, &dev->retired_xdp);
    if (dev->n_retired < att->n_queues) {
        dev->retired = xrealloc(dev->retired,
                                att->n_queues * sizeof *dev->retired);
        memset(&dev->retired[dev->n_retired], 0,
               (att->n_queues - dev->n_retired) * sizeof *dev->retired);
        dev->n_retired = att->n_queues;
    }
    for (int i = 0; i < att->n_queues; i++) {
        struct xsk_counters c;

        netdev_afxdp_get_counters(dev, i, &c);
        dev->retired_drops += netdev_afxdp_get_uncounted_drops(dev, i, &c);
        dev->retired[i] = c;
    }
}

int
netdev_afxdp_n_counted_queues(const struct netdev_afxdp *dev)
{
    return MAX(dev->n_retired, dev->att ? dev->att->n_queues : 0);
}

void
netdev_afxdp_get_counters(const struct netdev_afxdp *dev, int queue,
                          struct xsk_counters *counters)
{
    memset(counters, 0, sizeof *counters);
    if (queue < dev->n_retired) {
        *counters = dev->retired[queue];
    }
    if (dev->att && queue < dev->att->n_queues) {
        xsk_queue_add_counters(dev->att->queues[queue].xsk, counters);
    }
}
