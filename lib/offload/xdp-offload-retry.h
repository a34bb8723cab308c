/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_RETRY_H
#define XDP_OFFLOAD_RETRY_H 1

/* Flows that wait for a port or for room try again. */

#include "offload/xdp-offload-private.h"

/* Lets some of the flows try again whose port has changed, or that have been
 * taken out for a change.  Returns true if there are more. */
bool xdp_offload_place_outside(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex);

/* Lets some of the flows that wait for room try again: each does once after
 * places have been given back, or there is a chance of an output set. */
void xdp_offload_retry(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex);

#endif /* xdp-offload-retry.h */
