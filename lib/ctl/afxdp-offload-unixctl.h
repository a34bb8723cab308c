/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_OFFLOAD_UNIXCTL_H
#define AFXDP_OFFLOAD_UNIXCTL_H 1

/* Registers the commands of ovs-appctl that show and flush offloaded flows. */
void afxdp_offload_unixctl_init(void);

#endif /* afxdp-offload-unixctl.h */
