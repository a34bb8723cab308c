/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_GSO_H
#define NETDEV_AFXDP_GSO_H 1

/* Packets that are longer than the MTU of the port that receives them, because
 * their sender has left it to a device to cut them up (GSO): a virtual
 * machine's, through its tap, or a container's, if the port is in generic
 * mode. AF_XDP cannot carry them.  They are dropped and counted; this tells
 * the operator, in the log and in the port's status, and what to do.
 *
 * For the main thread, except for the status. */

#include "port/netdev-afxdp-port.h"

struct smap;

/* Looks at what was dropped since the last time. */
void netdev_afxdp_gso_look(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

void netdev_afxdp_gso_get_status(const struct netdev_afxdp *dev, struct smap *)
    OVS_REQUIRES(dev->mutex);

#endif /* netdev-afxdp-gso.h */
