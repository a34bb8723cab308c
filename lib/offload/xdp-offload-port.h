/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_PORT_H
#define XDP_OFFLOAD_PORT_H 1

/* Ports: most of what they do is in xdp-offload.h. */

#include "offload/xdp-offload-private.h"

/* Tells the programs what is in 'port'. */
void xdp_offload_port_publish(struct xdp_offload *o,
                              const struct xdp_offload_port *port)
    OVS_REQUIRES(o->mutex);

#endif /* xdp-offload-port.h */
