/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_REDIRECT_H
#define NETDEV_AFXDP_REDIRECT_H 1

/* Which part a port can have in flows that XDP forwards without user space:
 * what its options and, if frames go to it, the kernel say.  Flow offload is
 * told whenever that changes.  Main thread only. */

#include <stdbool.h>

#include "port/netdev-afxdp-port.h"

/* 'config' has changed, the port was detached, or it has got its part in flow
 * offload. */
void netdev_afxdp_update_redirect(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* The port was attached, or its device has changed: asks the kernel. */
void netdev_afxdp_ask_redirect(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

/* For the operator: can XDP redirect to an attached port, and if not, what to
 * do; with 'veth', for a veth device. */
const char *netdev_afxdp_redirect_to_string(const struct netdev_afxdp *dev,
                                            bool veth)
    OVS_REQUIRES(dev->mutex);

/* For the main loop. */
void netdev_afxdp_redirect_run(void);
void netdev_afxdp_redirect_wait(void);

#endif /* netdev-afxdp-redirect.h */
