/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-masks.h"

#include <string.h>

#include "util.h"
#include "prog/xdp-tables.h"

/* A slot whose flows are all unlinked has left the port's order, but programs
 * that found it there may still be reading its mask: until the flows are
 * released, it keeps that. */
struct port_masks {
    uint32_t n_flows[XDP_MASK_SLOTS];   /* Not released. */
    uint32_t n_linked[XDP_MASK_SLOTS];  /* Of these. */
    uint32_t n_used;            /* Slots with linked flows. */
};

struct xdp_masks {
    struct xdp_tables *t;
    struct port_masks *ports;
    uint64_t last_cache_seq;    /* Of all ports. */
};

struct xdp_masks *
xdp_masks_create(struct xdp_tables *t)
{
    struct xdp_masks *masks = xzalloc(sizeof *masks);

    masks->t = t;
    masks->ports = xcalloc(XDP_MAX_PORTS, sizeof *masks->ports);
    return masks;
}

void
xdp_masks_destroy(struct xdp_masks *masks)
{
    if (masks) {
        free(masks->ports);
        free(masks);
    }
}

/* The union. */

/* Writes the union that the programs do not use and makes them use it.  No two
 * unions ever have the same number, not even those of two ports. */
static void
set_cache_mask(struct xdp_masks *masks, struct xdp_port *port,
               const struct xdp_key *mask)
{
    uint64_t seq = masks->last_cache_seq + 1;

    seq += (seq & 1) == (port->cache_seq & 1);
    masks->last_cache_seq = seq;

    /* A program that is late can still be reading this place.  It must see
     * that flows are gone if it sees a union without their bits. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    port->cache_masks[seq & 1] = *mask;
    xdp_publish64(&port->cache_seq, seq);
}

/* Bits stay in the union as long as the port has flows. */
static void
add_to_cache_mask(struct xdp_masks *masks, uint32_t port_idx,
                  const struct xdp_key *mask)
{
    struct xdp_port *port = &masks->t->ports[port_idx];
    struct xdp_key all = port->cache_masks[port->cache_seq & 1];

    if (!masks->ports[port_idx].n_used) {
        all = *mask;
    }
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        all.w[i] |= mask->w[i];
    }
    if (memcmp(&all, &port->cache_masks[port->cache_seq & 1], sizeof all)) {
        set_cache_mask(masks, port, &all);
    }
}

/* The order. */

static void
add_to_order(struct xdp_port *port, uint32_t slot)
{
    for (int i = 0; i < XDP_MAX_MASKS; i++) {
        if (!port->order[i] || port->order[i] == XDP_MASK_GONE) {
            xdp_publish8(&port->order[i], slot + 1);
            return;
        }
    }
    OVS_NOT_REACHED();
}

/* Others keep their places, so that no program misses them. */
static void
remove_from_order(struct xdp_port *port, uint32_t slot)
{
    int i = 0;

    while (port->order[i] != slot + 1) {
        i++;
    }
    xdp_publish8(&port->order[i], XDP_MASK_GONE);
    if (i + 1 == XDP_MAX_MASKS || !port->order[i + 1]) {
        for (; i >= 0 && port->order[i] == XDP_MASK_GONE; i--) {
            xdp_publish8(&port->order[i], 0);
        }
    }
}

/* Slots. */

/* The slot that has the mask.  Else a free slot, or XDP_MASK_SLOTS. */
static uint32_t
find_slot(const struct xdp_masks *masks, uint32_t port_idx,
          const struct xdp_key *mask)
{
    const struct xdp_port *port = &masks->t->ports[port_idx];
    const struct port_masks *pm = &masks->ports[port_idx];
    uint32_t free_slot = XDP_MASK_SLOTS;

    for (uint32_t i = 0; i < XDP_MASK_SLOTS; i++) {
        if (!pm->n_flows[i]) {
            free_slot = MIN(free_slot, i);
        } else if (!memcmp(&port->masks[i], mask, sizeof *mask)) {
            return i;
        }
    }
    return free_slot;
}

bool
xdp_masks_get(struct xdp_masks *masks, uint32_t port,
              const struct xdp_key *mask, uint32_t *slotp)
{
    struct port_masks *pm = &masks->ports[port];
    uint32_t slot = find_slot(masks, port, mask);

    if (slot == XDP_MASK_SLOTS
        || (!pm->n_linked[slot] && pm->n_used >= masks->t->limits.n_masks)) {
        return false;
    }
    if (!pm->n_flows[slot]++) {
        masks->t->ports[port].masks[slot] = *mask;
    }
    *slotp = slot;
    return true;
}

void
xdp_masks_link(struct xdp_masks *masks, uint32_t port_idx, uint32_t slot)
{
    struct xdp_port *port = &masks->t->ports[port_idx];
    struct port_masks *pm = &masks->ports[port_idx];

    if (!pm->n_linked[slot]++) {
        add_to_cache_mask(masks, port_idx, &port->masks[slot]);
        add_to_order(port, slot);
        pm->n_used++;
    }
}

void
xdp_masks_unlink(struct xdp_masks *masks, uint32_t port, uint32_t slot)
{
    struct port_masks *pm = &masks->ports[port];

    if (!--pm->n_linked[slot]) {
        remove_from_order(&masks->t->ports[port], slot);
        pm->n_used--;
    }
}

void
xdp_masks_put(struct xdp_masks *masks, uint32_t port, uint32_t slot)
{
    masks->ports[port].n_flows[slot]--;
}

uint32_t
xdp_masks_count(const struct xdp_masks *masks, uint32_t port)
{
    return masks->ports[port].n_used;
}
