/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_FRAMES_H
#define UMEM_FRAMES_H 1

/* Frames of packet memory, and who has them.
 *
 * A frame is named by its address: the offset, in bytes, of its first byte
 * from the start of the region.  Any address inside a frame names that frame,
 * so that what the kernel returns can be put back as it is.  A frame always
 * has one owner: the pool (which is also the threads' caches of it), a queue
 * (it is on the rings between us and the kernel), or Open vSwitch (it is a
 * packet).
 *
 * Thread-safety: everything may be called by any thread; frames that are not
 * in the pool belong to whoever took them there. */

#include "umem/umem-zone.h"

/* 'len' bytes from 'addr' on, on their way from or to a ring. */
struct umem_frame {
    uint64_t addr;
    uint32_t len;
    bool continued;             /* Does the packet go on in the next one? */
};

#define UMEM_NO_ADDR UINT64_MAX

/* Queues. */

/* Returns a number, unique in the region, for a queue that will own frames. */
uint16_t umem_add_queue(struct umem_share *);

/* Puts all frames that 'queue' owns into the pool, whether they are known to
 * be on a ring or not.  The kernel must have let go of them. */
void umem_remove_queue(struct umem_share *, uint16_t queue);

/* Keeps what 'queue' owns out of the pool for good, because the kernel has not
 * let go of it. */
void umem_abandon_queue(struct umem_share *, uint16_t queue);

/* The number of frames that 'queue' owns. */
uint32_t umem_count_queue(const struct umem_share *, uint16_t queue);

/* Takes up to 'n' frames for 'queue' and stores their addresses in 'addrs'.
 * Returns how many they are. */
uint32_t umem_get(struct umem_share *, uint16_t queue, uint64_t addrs[],
                  uint32_t n);

/* The same for frames to transmit from, of which there are none any more while
 * there are still some to receive into. */
uint32_t umem_get_for_tx(struct umem_share *, uint16_t queue,
                         uint64_t addrs[], uint32_t n);

/* Puts the 'n' frames at 'addrs' into the pool. */
void umem_put(struct umem_share *, const uint64_t addrs[], uint32_t n);
void umem_put_frames(struct umem *, const uint64_t addrs[], uint32_t n);

static inline void
umem_set_owner(struct umem *umem, uint64_t addr, uint16_t owner)
{
    atomic_store_relaxed(&umem->owners[umem_frame_idx(umem, addr)], owner);
}

/* Frames that are kept for receiving when the rest is in use. */
enum { UMEM_LOW = 2 * SLAB_SIZE };

static inline bool
umem_zone_is_low(const struct umem_zone *zone)
{
    return slab_pool_n_available(&zone->frames) < UMEM_LOW;
}

#endif /* umem-frames.h */
