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

/* Packets that the queues' sockets had no room for, and that the device has
 * not counted. */
static uint64_t
count_drops(const struct afxdp_attachment *att)
{
    struct xsk_counters c = { .n = { 0 } };

    for (int i = 0; i < att->n_queues; i++) {
        xsk_queue_add_counters(att->queues[i].xsk, &c);
    }
    return (att->device_counts_drops ? 0
            : c.n[XSK_rx_dropped] + c.n[XSK_rx_ring_full]);
}

uint64_t
netdev_afxdp_count_drops(const struct netdev_afxdp *dev)
{
    return dev->retired_drops + (dev->att ? count_drops(dev->att) : 0);
}

void
netdev_afxdp_retire_counters(struct netdev_afxdp *dev)
{
    const struct afxdp_attachment *att = dev->att;

    if (!att) {
        return;
    }
    dev->retired_drops += count_drops(att);
    netdev_afxdp_get_xdp_counters(dev, &dev->retired_xdp);
    if (dev->n_retired < att->n_queues) {
        dev->retired = xrealloc(dev->retired,
                                att->n_queues * sizeof *dev->retired);
        memset(&dev->retired[dev->n_retired], 0,
               (att->n_queues - dev->n_retired) * sizeof *dev->retired);
        dev->n_retired = att->n_queues;
    }
    for (int i = 0; i < att->n_queues; i++) {
        xsk_queue_add_counters(att->queues[i].xsk, &dev->retired[i]);
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
