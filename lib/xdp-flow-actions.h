/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FLOW_ACTIONS_H
#define XDP_FLOW_ACTIONS_H 1

/* From datapath actions to the fast path's.  Pure functions. */

#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"
#include "xdp-abi.h"
#include "xdp-offload-reason.h"

struct flow;
struct nlattr;

/* Translates 'actions', in the form that datapaths take, of a flow that matches
 * 'flow' in at least its types and protocols.  Stores what the fast path does
 * in '*act', less the output port, which is '*output' if XDP_ACT_OUTPUT is set.
 *
 * Returns XDP_OFFLOADED, or what the fast path cannot do. */
enum xdp_offload_reason xdp_actions_translate(const struct flow *flow,
                                              const struct nlattr *actions,
                                              size_t actions_len,
                                              struct xdp_flow_action *act,
                                              odp_port_t *output);

#endif /* xdp-flow-actions.h */
