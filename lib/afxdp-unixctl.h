/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_UNIXCTL_H
#define AFXDP_UNIXCTL_H 1

/* The ovs-appctl commands named afxdp/ (see ovs-afxdp(8)).  Main thread. */
void afxdp_unixctl_init(void);

#endif /* afxdp-unixctl.h */
