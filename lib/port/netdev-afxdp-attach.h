/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_ATTACH_H
#define NETDEV_AFXDP_ATTACH_H 1

/* How a port gets on its device and off it again.  Main thread only, except
 * for netdev_afxdp_detach(): whoever closes a port last detaches it. */

#include "port/netdev-afxdp-port.h"

/* Attaches a port that is not in a datapath yet, so that what is wrong can be
 * said to the one who adds it.  Returns 0, or a positive errno with a sentence
 * in '*errp' for the caller to free.  If the main loop has no time any more,
 * the port is attached later and 0 is returned. */
int netdev_afxdp_attach_first(struct netdev_afxdp *dev, char **errp)
    OVS_REQUIRES(dev->mutex);

/* Makes what the port has on its device what it should have.  For dpif-netdev,
 * while no thread uses the port.  Returns 0, or a positive errno if the port
 * has never worked. */
int netdev_afxdp_apply_config(struct netdev_afxdp *dev);

/* Is what the port has on its device, which is as 'link' says, other than what
 * it should have, and worth a try? */
bool netdev_afxdp_needs_reconfigure(struct netdev_afxdp *dev,
                                    const struct link_info *link)
    OVS_REQUIRES(dev->mutex);

/* Does nothing if the port is not attached. */
void netdev_afxdp_detach(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex);

#endif /* netdev-afxdp-attach.h */
