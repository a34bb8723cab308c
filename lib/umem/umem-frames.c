/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "umem/umem-frames.h"

#include "id-pool.h"
#include "ovs-thread.h"
#include "util.h"

/* How many frames are handled at a time. */
enum { PUT_BURST = 64 };

/* Takes up to 'n' frames for 'queue' from zones that keep 'n_left' at least,
 * the newest first: older ports have no other frames than those of older
 * zones.  Returns how many. */
static uint32_t
get_frames(struct umem_share *share, uint16_t queue, uint32_t n_left,
           uint64_t addrs[], uint32_t n)
{
    struct umem *umem = share->umem;
    uint32_t n_got = 0;

    for (int i = share->n_zones - 1; i >= 0 && n_got < n; i--) {
        struct umem_zone *zone = &umem->zones[i];

        if (!n_left || slab_pool_n_available(&zone->frames) >= n_left) {
            n_got += slab_pool_get(&zone->frames, &addrs[n_got], n - n_got);
        }
    }
    for (uint32_t i = 0; i < n_got; i++) {
        umem_set_owner(umem, addrs[i], queue);
    }
    return n_got;
}

uint32_t
umem_get(struct umem_share *share, uint16_t queue, uint64_t addrs[],
         uint32_t n)
{
    /* Not the last ones of a zone as long as there are others: packets in a
     * zone that is low are copied. */
    uint32_t n_got = get_frames(share, queue, 2 * UMEM_LOW, addrs, n);

    return (OVS_LIKELY(n_got == n) ? n
            : n_got + get_frames(share, queue, 0, &addrs[n_got], n - n_got));
}

uint32_t
umem_get_for_tx(struct umem_share *share, uint16_t queue, uint64_t addrs[],
                uint32_t n)
{
    return get_frames(share, queue, UMEM_LOW, addrs, n);
}

void
umem_put_frames(struct umem *umem, const uint64_t addrs[], uint32_t n)
{
    uint64_t frames[PUT_BURST];

    while (n) {
        unsigned int zone = umem_zone_idx(umem, addrs[0]);
        uint32_t k = 0;

        /* Mostly they are all of one zone. */
        while (k < n && k < PUT_BURST
               && umem_zone_idx(umem, addrs[k]) == zone) {
            frames[k] = addrs[k] & ~(uint64_t) (umem->frame_size - 1);
            umem_set_owner(umem, addrs[k], UMEM_OWNER_POOL);
            k++;
        }
        slab_pool_put(&umem->zones[zone].frames, frames, k);
        addrs += k;
        n -= k;
    }
}

void
umem_put(struct umem_share *share, const uint64_t addrs[], uint32_t n)
{
    umem_put_frames(share->umem, addrs, n);
}

/* Queues. */

uint16_t
umem_add_queue(struct umem_share *share)
{
    uint32_t id;

    ovs_mutex_lock(&umem_mutex);
    bool ok = id_pool_alloc_id(share->umem->queue_ids, &id);
    ovs_mutex_unlock(&umem_mutex);
    ovs_assert(ok);
    return id;
}

void
umem_remove_queue(struct umem_share *share, uint16_t queue)
{
    struct umem *umem = share->umem;
    uint64_t addrs[SLAB_SIZE];
    uint32_t n = 0;

    for (uint64_t addr = 0; addr < share->size; addr += umem->frame_size) {
        uint16_t owner;

        atomic_read_relaxed(&umem->owners[umem_frame_idx(umem, addr)],
                            &owner);
        if (owner == queue) {
            addrs[n++] = addr;
        }
        if (n == ARRAY_SIZE(addrs)) {
            umem_put(share, addrs, n);
            n = 0;
        }
    }
    umem_put(share, addrs, n);
    ovs_mutex_lock(&umem_mutex);
    id_pool_free_id(umem->queue_ids, queue);
    ovs_mutex_unlock(&umem_mutex);
}

void
umem_abandon_queue(struct umem_share *share, uint16_t queue)
{
    uint32_t n = umem_count_queue(share, queue);

    /* Ports to come get memory as if it were still one of theirs. */
    ovs_mutex_lock(&umem_mutex);
    share->umem->n_reserved += n;
    ovs_mutex_unlock(&umem_mutex);
}

uint32_t
umem_count_queue(const struct umem_share *share, uint16_t queue)
{
    uint32_t n = 0;

    for (unsigned int i = 0; i < share->n_zones; i++) {
        n += umem_zone_count(share->umem, &share->umem->zones[i], queue);
    }
    return n;
}
