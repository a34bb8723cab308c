/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_STATS_H
#define NETDEV_AFXDP_STATS_H 1

/* What a port tells about itself: statistics and status.  The other functions
 * of the class that it has are declared by Open vSwitch. */

struct netdev;
struct smap;

/* netdev_class's get_status. */
int netdev_afxdp_get_status(const struct netdev *, struct smap *);

#endif /* netdev-afxdp-stats.h */
