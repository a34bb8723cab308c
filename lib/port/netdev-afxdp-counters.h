/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_COUNTERS_H
#define NETDEV_AFXDP_COUNTERS_H 1

/* What a port's queues and programs have counted, those that it has and those
 * that it has had. */

#include "port/netdev-afxdp-port.h"

/* Keeps what has been counted so far: the port is about to be detached. */
void netdev_afxdp_retire_counters(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);
void netdev_afxdp_get_counters(const struct netdev_afxdp *dev, int queue,
                               struct xsk_counters *)
    OVS_REQUIRES(dev->mutex);
int netdev_afxdp_n_counted_queues(const struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* Of the port's 'queue', whose counters are these: packets that its present
 * socket had no room for and that are not in the device's own rx_dropped.  For
 * closed sockets, see 'retired_drops'. */
uint64_t netdev_afxdp_get_uncounted_drops(const struct netdev_afxdp *dev,
                                          int queue,
                                          const struct xsk_counters *)
    OVS_REQUIRES(dev->mutex);

/* What all programs that the port has had have counted. */
void netdev_afxdp_get_xdp_counters(const struct netdev_afxdp *dev,
                                   struct xdp_counters *)
    OVS_REQUIRES(dev->mutex);

#endif /* netdev-afxdp-counters.h */
