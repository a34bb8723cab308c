/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_UPDATE_H
#define XDP_OFFLOAD_UPDATE_H 1

/* Output sets are made and emptied.  These wait for a grace period for each of
 * them, and do not hold the lock meanwhile. */

#include "offload/xdp-offload-private.h"

/* Makes or empties output set number 'set', unless that has been begun. */
void xdp_offload_update_set(struct xdp_offload *o, uint32_t set)
    OVS_EXCLUDED(o->mutex);

/* Makes and empties output sets for some time.  Returns true if there are
 * more. */
bool xdp_offload_update_sets(struct xdp_offload *o)
    OVS_EXCLUDED(o->mutex);

#endif /* xdp-offload-update.h */
