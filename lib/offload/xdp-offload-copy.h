/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_COPY_H
#define XDP_OFFLOAD_COPY_H 1

/* Copies: what Open vSwitch has in its own tables, which is what decides
 * whether a flow may be in the kernel. */

#include "offload/xdp-offload-private.h"

bool xdp_offload_does(struct xdp_offload *o, const struct xdp_flow_copy *,
                      const struct nlattr *actions, size_t actions_len)
    OVS_REQUIRES(o->mutex);

/* Forgets the flow's copies that are gone, and the flow with the last.  Else,
 * if nobody is changing one and they agree, brings the flow where it belongs;
 * if not, takes it out.  Returns true if it is inside. */
bool xdp_offload_settle(struct xdp_offload *o, struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* Settles flows that are in 'list' by their change_nodes, and takes them from
 * it. */
void xdp_offload_settle_listed(struct xdp_offload *o, struct ovs_list *list)
    OVS_REQUIRES(o->mutex);

/* Looks for flows whose copies are gone although nobody has said so, at some
 * in each call. */
void xdp_offload_sweep(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex);

/* Open vSwitch has the copy.  Returns the output set that its flow waits for,
 * or XDP_MAX_OUTPUT_SETS. */
uint32_t xdp_offload_put_copy(struct xdp_offload *o,
                              struct xdp_offload_port *in_port, const void *)
    OVS_REQUIRES(o->mutex);

/* For a flow that goes although it has copies: credits them, and forgets
 * them. */
void xdp_offload_credit_copies(struct xdp_offload *o,
                               struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

#endif /* xdp-offload-copy.h */
