/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_MAP_H
#define NETDEV_AFXDP_MAP_H 1

/* A port with options:xsks-map-path, whose XDP program is somebody else's, in
 * a daemon that may lack the privilege for more: what the port depends on and
 * cannot see to, it tells the operator.
 *
 * The caller holds the port's mutex, except for
 * netdev_afxdp_update_flags(). */

#include <stdbool.h>
#include "netdev.h"

struct ds;
struct netdev_afxdp;
struct smap;

/* For netdev-afxdp.c: the port was attached.  Does nothing if the program is
 * ours, like netdev_afxdp_map_poll(). */
void netdev_afxdp_map_attached(struct netdev_afxdp *);

/* Looks whether the program on the device is another than before.  Returns
 * true if the port should reconfigure, because another map is at the path or
 * because a change that the program stood in the way of may work now. */
bool netdev_afxdp_map_poll(struct netdev_afxdp *);

/* For the operator, of an attached port whose program is not ours. */
void netdev_afxdp_map_get_status(const struct netdev_afxdp *, struct smap *);
void netdev_afxdp_map_format(const struct netdev_afxdp *, struct ds *);

/* Makes the port's device promiscuous, or says that it is not. */
void netdev_afxdp_make_promiscuous(struct netdev_afxdp *, int ifindex);

/* Turns flags of the port's device off and on and stores what they were in
 * '*old_flagsp'.  Returns 0, or a positive errno. */
int netdev_afxdp_update_flags(struct netdev_afxdp *, enum netdev_flags off,
                              enum netdev_flags on,
                              enum netdev_flags *old_flagsp);

#endif /* netdev-afxdp-map.h */
