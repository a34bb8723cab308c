/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FLOW_KEY_H
#define XDP_FLOW_KEY_H 1

/* From Open vSwitch's idea of a match to the fast path's.  Pure functions. */

#include <stdint.h>
#include "xdp-abi.h"
#include "offload/xdp-offload-reason.h"

struct flow;
struct match;

/* The key of a packet that has the fields of 'flow' and came in through the
 * port with number 'in_port'.  With the fields of a mask and UINT16_MAX, the
 * mask's key.  Fields that the fast path does not know are left out. */
void xdp_key_from_flow(const struct flow *flow, const struct flow *types,
                       uint16_t in_port, struct xdp_key *);

/* Translates 'match', which has exact in_port and dl_type as all datapath
 * flows do, into '*key' (masked) and '*mask'.  Returns XDP_WHY_OFFLOADED if
 * the fast path can tell all its packets from all others, else what keeps it
 * from that. */
enum xdp_offload_reason xdp_key_from_match(const struct match *match,
                                           uint16_t in_port,
                                           struct xdp_key *key,
                                           struct xdp_key *mask);

#endif /* xdp-flow-key.h */
