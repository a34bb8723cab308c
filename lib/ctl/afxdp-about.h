/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_ABOUT_H
#define AFXDP_ABOUT_H 1

/* What this daemon is: its version, and the package of Open vSwitch's source
 * that it was built from, if it was one. */
const char *afxdp_about(void);

/* Logs that, and warns if Open vSwitch's scripts and tools on this machine
 * (OVS_PKGDATADIR) are another version of Open vSwitch than this daemon.  Main
 * thread, once. */
void afxdp_log_about(void);

#endif /* afxdp-about.h */
