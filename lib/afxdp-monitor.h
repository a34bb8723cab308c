/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_MONITOR_H
#define AFXDP_MONITOR_H 1

/* Watches the devices of all ports.  When one goes, comes back, is renamed or
 * changes its MTU, its port reconfigures; a port that cannot be attached to
 * its device tries again every few seconds.
 *
 * Main thread only. */

void afxdp_monitor_init(void);

/* For the main loop. */
void afxdp_monitor_run(void);
void afxdp_monitor_wait(void);

#endif /* afxdp-monitor.h */
