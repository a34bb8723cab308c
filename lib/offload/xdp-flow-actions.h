/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FLOW_ACTIONS_H
#define XDP_FLOW_ACTIONS_H 1

/* From datapath actions to the fast path's.  Pure functions. */

#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"
#include "xdp-abi.h"
#include "offload/xdp-offload-reason.h"

struct flow;
struct nlattr;

/* The most outputs that one flow can have. */
enum { XDP_MAX_OUTPUTS = 64 };

/* Where a flow's packets go. */
struct xdp_outputs {
    size_t n;
    odp_port_t ports[XDP_MAX_OUTPUTS];
};

/* Translates 'actions', in the form that datapaths take, of a flow that
 * matches 'flow' in at least its types and protocols.  Stores what the fast
 * path does in '*act', less the outputs, which are in '*outputs'.
 *
 * Returns XDP_WHY_OFFLOADED, or what the fast path cannot do. */
enum xdp_offload_reason xdp_actions_translate(const struct flow *flow,
                                              const struct nlattr *actions,
                                              size_t actions_len,
                                              struct xdp_flow_action *act,
                                              struct xdp_outputs *outputs);

#endif /* xdp-flow-actions.h */
