/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_STATS_H
#define NETDEV_AFXDP_STATS_H 1

/* What a port tells about itself: statistics, status and configuration. */

struct netdev_afxdp;
struct netdev_custom_stats;
struct netdev_stats;
struct smap;

/* Returns 0, or a positive errno if the device does not tell its part. */
int netdev_afxdp_read_stats(struct netdev_afxdp *, struct netdev_stats *);

/* Makes 'counters' of the second an array for the caller to free. */
void netdev_afxdp_read_custom_stats(struct netdev_afxdp *,
                                    struct netdev_custom_stats *);

void netdev_afxdp_read_status(struct netdev_afxdp *, struct smap *status);
void netdev_afxdp_read_config(struct netdev_afxdp *, struct smap *options);

#endif /* netdev-afxdp-stats.h */
