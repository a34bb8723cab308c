/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_REDIRECT_H
#define NETDEV_AFXDP_REDIRECT_H 1

/* Which ports can be part of a flow that XDP forwards without user space: what
 * their options and, for those that frames go to, the kernel say.
 *
 * These answer for any netdev, and "no" for one of another type.  Any thread,
 * and cheap: they read what the main thread keeps up to date. */

#include <stdbool.h>
#include <stdint.h>

#include "port/netdev-afxdp-port.h"

/* Can XDP redirect frames to the port's device now?  False while the port is
 * detached. */
bool netdev_afxdp_takes_redirect(const struct netdev *);

/* May flows that enter through the port be offloaded (options:xdp-offload)? */
bool netdev_afxdp_may_offload(const struct netdev *);

/* A number that changes after any of these answers has, for any port.  Read it
 * before the answers, to see later whether they still hold. */
uint64_t netdev_afxdp_redirect_seq(void);

/* 'config' has changed, or the port was detached. */
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
