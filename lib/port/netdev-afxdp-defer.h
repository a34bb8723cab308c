/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_DEFER_H
#define NETDEV_AFXDP_DEFER_H 1

/* To attach a port or to detach it takes 10 to 50 ms, because the kernel waits
 * for grace periods, and there may be many to do at once: how much of it is
 * done before the main loop does what else it has to do, and which ports are
 * put off.  Main thread only. */

#include "port/netdev-afxdp-port.h"

/* Is there no time to attach the port, or to detach it?  Then it is put
 * off. */
bool netdev_afxdp_must_defer(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* The same for a port that is not attached, when memory for it would take too
 * long. */
bool netdev_afxdp_must_defer_attaching(struct netdev_afxdp *dev,
                                       const struct link_info *link)
    OVS_REQUIRES(dev->mutex);

/* A port was attached, or its device is gone. */
void netdev_afxdp_count_change(void);

/* The time since 'start', in ms (see time_msec()), has been used. */
void netdev_afxdp_count_time(long long int start);

/* For the main loop, which has new time: makes ports that have been put off
 * reconfigure.  Returns false if there are none. */
bool netdev_afxdp_defer_run(void);

#endif /* netdev-afxdp-defer.h */
