/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_MONITOR_H
#define AFXDP_MONITOR_H 1

/* Watches the devices of all ports: one that goes, comes back, is renamed or
 * changes its MTU makes its port reconfigure.  Main thread. */
void afxdp_monitor_init(void);

#endif /* afxdp-monitor.h */
