/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_H
#define AFXDP_H 1

/* All that ports of type "afxdp" and "afxdp-nonpmd" need, for the daemon.
 * Main thread only. */

/* Makes the port types and the commands that show them known.  Call it once,
 * before the first port is opened. */
void afxdp_init(void);

/* For the main loop, beside netdev_run() and netdev_wait(). */
void afxdp_run(void);
void afxdp_wait(void);

#endif /* afxdp.h */
