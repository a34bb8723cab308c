/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_MAP_H
#define NETDEV_AFXDP_MAP_H 1

/* A port with options:xsks-map-path, whose XDP program is somebody else's, in
 * a daemon that may lack the privilege for more: what the port depends on and
 * cannot see to, it tells the operator. */

#include <stdbool.h>
#include "netdev.h"
#include "port/netdev-afxdp-port.h"

struct ds;
struct smap;

/* For netdev-afxdp.c: the port was attached.  Does nothing if the program is
 * ours, like netdev_afxdp_map_poll(). */
void netdev_afxdp_map_attached(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* Looks whether the program on the device is another than before.  Returns
 * true if the port should reconfigure, because another map is at the path or
 * because a change that the program stood in the way of may work now. */
bool netdev_afxdp_map_poll(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* For the operator, of an attached port whose program is not ours. */
void netdev_afxdp_map_get_status(const struct netdev_afxdp *dev, struct smap *)
    OVS_REQUIRES(dev->mutex);
void netdev_afxdp_map_format(const struct netdev_afxdp *dev, struct ds *)
    OVS_REQUIRES(dev->mutex);

/* Makes the port's device promiscuous, or says that it is not. */
void netdev_afxdp_make_promiscuous(struct netdev_afxdp *dev, int ifindex)
    OVS_REQUIRES(dev->mutex);

/* Turns flags of the port's device off and on and stores what they were in
 * '*old_flagsp'.  Returns 0, or a positive errno. */
int netdev_afxdp_update_flags(struct netdev_afxdp *dev,
                              enum netdev_flags off, enum netdev_flags on,
                              enum netdev_flags *old_flagsp)
    OVS_EXCLUDED(dev->mutex);

#endif /* netdev-afxdp-map.h */
