/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_STATE_H
#define XDP_OFFLOAD_STATE_H 1

/* All that there is, and how it is found. */

#include "offload/xdp-offload-private.h"

/* From now on, flows are in these tables, which are empty. */
void xdp_offload_set_tables(struct xdp_offload *o, struct xdp_tables *)
    OVS_REQUIRES(o->mutex);

struct xdp_offload_port *xdp_offload_port_by_odp(struct xdp_offload *o,
                                                 odp_port_t)
    OVS_REQUIRES(o->mutex);

/* Somebody begins to change what has this ufid, or is done. */
void xdp_offload_add_change(struct xdp_offload *o, const ovs_u128 *ufid)
    OVS_REQUIRES(o->mutex);
void xdp_offload_remove_change(struct xdp_offload *o, const ovs_u128 *ufid)
    OVS_REQUIRES(o->mutex);
bool xdp_offload_is_changing(struct xdp_offload *o,
                             const struct xdp_flow_copy *)
    OVS_REQUIRES(o->mutex);

static inline uint32_t
xdp_offload_hash_ufid(const ovs_u128 *ufid)
{
    return hash_words(ufid->u32, ARRAY_SIZE(ufid->u32), 0);
}

#endif /* xdp-offload-state.h */
