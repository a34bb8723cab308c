/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_OFFLOAD_H
#define NETDEV_AFXDP_OFFLOAD_H 1

/* Where a port meets flow offload: its part in xdp-offload follows what the
 * port has on its device. */

#include <stdint.h>

#include "port/netdev-afxdp-port.h"

struct netdev;
struct xdp_copy_class;
struct xdp_offload;
struct xdp_offload_port;

/* Open vSwitch has one datapath, and no place for a handle in what it calls:
 * this is where the one instance of flow offload is.  Init it once, before the
 * first port is opened. */
void netdev_afxdp_offload_init(const struct xdp_copy_class *);
struct xdp_offload *netdev_afxdp_offload_get(void);

/* Starts and ends offload for flows that enter through the port.  Open returns
 * 0, or a positive errno, EOPNOTSUPP for a netdev of another type. */
int netdev_afxdp_offload_open(struct netdev *);
void netdev_afxdp_offload_close(struct netdev *);

/* The port's part, null unless between open and close.  Stays valid as long as
 * the flow API of 'netdev' is in use. */
struct xdp_offload_port *netdev_afxdp_offload_port(const struct netdev *);

/* The longest packet that the port's device sends has changed. */
void netdev_afxdp_offload_set_max_len(struct netdev_afxdp *dev,
                                      uint32_t max_len)
    OVS_REQUIRES(dev->mutex);

/* For netdev-afxdp-attach.c: right after the port was attached, and right
 * before it is detached. */
void netdev_afxdp_offload_attach(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);
void netdev_afxdp_offload_detach(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* For the main loop: begins offload for ports that have been attached, as many
 * as there is time for. */
void netdev_afxdp_offload_run(void);
void netdev_afxdp_offload_wait(void);

#endif /* netdev-afxdp-offload.h */
