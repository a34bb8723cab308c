/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_PLACES_H
#define XDP_OFFLOAD_PLACES_H 1

/* Places in the tables: who may have how many of them, what has been counted
 * there, and how they come back. */

#include "offload/xdp-offload-private.h"

/* Adds what has been counted in place 'idx'. */
void xdp_offload_add_stats(struct xdp_offload *o, struct xdp_offload_stats *,
                           uint32_t idx)
    OVS_REQUIRES(o->mutex);

/* May a flow that enters through 'port' have a place more? */
bool xdp_offload_has_share(struct xdp_offload *o,
                           const struct xdp_offload_port *)
    OVS_REQUIRES(o->mutex);

/* Nobody finds the flow any more in the place that it had. */
void xdp_offload_fade(struct xdp_offload *o, struct xdp_offload_flow *)
    OVS_REQUIRES(o->mutex);

/* The flow goes. */
void xdp_offload_forget_fading(struct xdp_offload_flow *);

#endif /* xdp-offload-places.h */
