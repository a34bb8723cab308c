/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_MONITOR_H
#define AFXDP_MONITOR_H 1

/* Watches the devices of all ports.  When one goes, comes back, is renamed or
 * changes its MTU, its port reconfigures.  What counts is not what an event
 * says, which may be one of several or lost, but whether the port has on its
 * device what it should have; and that is asked every few seconds, too.
 *
 * Main thread only. */

void afxdp_monitor_init(void);

/* For the main loop. */
void afxdp_monitor_run(void);
void afxdp_monitor_wait(void);

#endif /* afxdp-monitor.h */
