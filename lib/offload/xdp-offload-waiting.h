/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_WAITING_H
#define XDP_OFFLOAD_WAITING_H 1

/* Flows that wait, for a port, for an output set or for room. */

#include "offload/xdp-offload-private.h"

/* Puts the flow to those that wait for a port, for an output set or for room,
 * or takes it from them, as it is now. */
void xdp_offload_update_waiting(struct xdp_offload *o,
                                struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* The flow goes. */
void xdp_offload_stop_waiting(struct xdp_offload_flow *);

/* The port is not what it was: flows that wait for that, by itself or by its
 * number, are to try again. */
void xdp_offload_port_changed(struct xdp_offload *o, struct xdp_offload_port *)
    OVS_REQUIRES(o->mutex);

#endif /* xdp-offload-waiting.h */
