/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_WATCH_H
#define NETDEV_AFXDP_WATCH_H 1

/* What nobody tells and the main loop has to look at, in all ports, every two
 * seconds: whether queues are polled, and what was dropped. */

void netdev_afxdp_watch_run(void);
void netdev_afxdp_watch_wait(void);

#endif /* netdev-afxdp-watch.h */
