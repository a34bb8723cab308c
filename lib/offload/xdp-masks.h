/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_MASKS_H
#define XDP_MASKS_H 1

/* The masks of each port's flows, and the union of them, as user space writes
 * them.
 *
 * Thread-safety: the caller lets one thread at a time in.  The programs read
 * all the time. */

#include <stdbool.h>
#include <stdint.h>
#include "xdp-abi.h"

struct xdp_masks;
struct xdp_tables;

/* The masks do not own the tables, which must outlive them. */
struct xdp_masks *xdp_masks_create(struct xdp_tables *);
void xdp_masks_destroy(struct xdp_masks *);

/* Stores in '*slotp' where 'port' has 'mask', for one flow more, which is to
 * come into the buckets.  Returns false if there is no room, because the port
 * has as many masks as it may have or because all other slots are for flows
 * that have not been released. */
bool xdp_masks_get(struct xdp_masks *, uint32_t port, const struct xdp_key *,
                   uint32_t *slotp);

/* The flow is in the buckets: programs look for it. */
void xdp_masks_link(struct xdp_masks *, uint32_t port, uint32_t slot);

/* It is not there any more. */
void xdp_masks_unlink(struct xdp_masks *, uint32_t port, uint32_t slot);

/* It is released, a grace period later, or has never been linked. */
void xdp_masks_put(struct xdp_masks *, uint32_t port, uint32_t slot);

/* How many masks the port's flows in the buckets have. */
uint32_t xdp_masks_count(const struct xdp_masks *, uint32_t port);

#endif /* xdp-masks.h */
