/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_FLOW_H
#define XDP_OFFLOAD_FLOW_H 1

/* Flows: what they become, where they are, what they have counted. */

#include "offload/xdp-offload-private.h"

/* Finds the flow, or adds it.  It has no copies then. */
struct xdp_offload_flow *xdp_offload_flow_find(
    struct xdp_offload *o, struct xdp_offload_port *in_port,
    const ovs_u128 *mega_ufid, const ovs_u128 *mask_id)
    OVS_REQUIRES(o->mutex);

/* Makes the flow, which is outside, do 'actions'.  Its copies match
 * 'match'. */
void xdp_offload_flow_set_actions(struct xdp_offload *o,
                                  struct xdp_offload_flow *,
                                  const struct match *match,
                                  const struct nlattr *actions,
                                  size_t actions_len)
    OVS_REQUIRES(o->mutex);

/* Brings the flow where it belongs as it and its ports are now. */
void xdp_offload_flow_place(struct xdp_offload *o, struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* Takes the flow out until it has settled again. */
void xdp_offload_flow_withdraw(struct xdp_offload *o,
                               struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* For a flow that has no copies any more. */
void xdp_offload_flow_free(struct xdp_offload *o, struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

struct xdp_offload_stats xdp_offload_flow_stats(
    struct xdp_offload *o, const struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* Takes out the flows that enter, or leave, through the port.  They become
 * CHANGING and come back when they can. */
void xdp_offload_unlink_port_flows(struct xdp_offload *o,
                                   struct xdp_offload_port *, bool entering,
                                   bool leaving)
    OVS_REQUIRES(o->mutex);

/* For a flow whose output set could not be made: it waits for room. */
void xdp_offload_flow_refuse(struct xdp_offload *o, struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

#endif /* xdp-offload-flow.h */
