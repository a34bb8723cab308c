/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_IO_H
#define NETDEV_AFXDP_IO_H 1

/* The hot path of a port: packets from the RX ring to dpif-netdev, and from
 * there to a TX ring.  The other functions of the class that it has are
 * declared by Open vSwitch. */

struct netdev_rxq;

/* netdev_class's rxq_wait. */
void netdev_afxdp_rxq_wait(struct netdev_rxq *);

#endif /* netdev-afxdp-io.h */
