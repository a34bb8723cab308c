/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_ZONE_H
#define UMEM_ZONE_H 1

/* A region of packet memory, and the zones that it grows by.  umem.h is what
 * ports see of it, umem-frames.h what queues do. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/list.h"
#include "openvswitch/thread.h"
#include "base/slab-pool.h"

/* Where the memory of a zone comes from. */
enum umem_pages {
    UMEM_HUGE_PAGES,            /* Reserved ones of 2 MiB (hugetlbfs). */
    UMEM_TRANSPARENT_PAGES,     /* Of 2 MiB where the kernel finds some. */
};

/* Protects all regions. */
extern struct ovs_mutex umem_mutex OVS_ACQ_BEFORE(slab_pools_mutex);

struct umem_zone {
    uint64_t start;             /* The first frame's address. */
    uint64_t size;              /* Bytes. */
    struct slab_pool frames;    /* Those that nobody uses. */

    /* Shares that include the zone. */
    unsigned int n_shares OVS_GUARDED_BY(umem_mutex);
    bool in_memory OVS_GUARDED_BY(umem_mutex);
    uint64_t n_faulted OVS_GUARDED_BY(umem_mutex);      /* Bytes that have
                                                         * pages for sure. */
    enum umem_pages pages OVS_GUARDED_BY(umem_mutex);
    int numa_node OVS_GUARDED_BY(umem_mutex);

    /* If 'n_shares' is 0: msec. */
    long long int unused_since OVS_GUARDED_BY(umem_mutex);
};

/* A zone starts and ends at a multiple of this. */
enum { UMEM_BLOCK_SHIFT = 21, UMEM_BLOCK_SIZE = 1 << UMEM_BLOCK_SHIFT };

enum { UMEM_MAX_ZONES = 16 };

/* Owners of frames: these, or a queue. */
enum {
    UMEM_OWNER_POOL,
    UMEM_OWNER_PACKET,
    UMEM_FIRST_QUEUE,
};

struct umem {
    struct ovs_list list_node OVS_GUARDED_BY(umem_mutex);       /* In
                                                                 * 'umems'. */

    /* Constant. */
    char *base;
    uint64_t max_size;          /* Bytes reserved from 'base' on. */
    uint32_t frame_size;
    unsigned int frame_shift;

    ATOMIC(uint16_t) *owners;   /* One for each frame. */

    /* The first 'n_zones' of them are constant, except for what the mutex
     * guards. */
    struct umem_zone zones[UMEM_MAX_ZONES];
    uint8_t *zone_of_block;

    /* Zones that there ever were, those that any share includes, and frames
     * that ports have a right to. */
    unsigned int n_zones OVS_GUARDED_BY(umem_mutex);
    unsigned int n_used_zones OVS_GUARDED_BY(umem_mutex);
    uint64_t n_reserved OVS_GUARDED_BY(umem_mutex);
    struct id_pool *queue_ids OVS_GUARDED_BY(umem_mutex);
};

/* The part of a region that a port may use. */
struct umem_share {
    struct umem *umem;
    unsigned int n_zones;
    uint64_t size;
    uint32_t n_frames;          /* That the port has a right to. */
};

/* All regions. */
extern struct ovs_list umems OVS_GUARDED_BY(umem_mutex);

static inline uint32_t
umem_frame_idx(const struct umem *umem, uint64_t addr)
{
    return addr >> umem->frame_shift;
}

static inline unsigned int
umem_zone_idx(const struct umem *umem, uint64_t addr)
{
    return umem->zone_of_block[addr >> UMEM_BLOCK_SHIFT];
}

/* Reserves address space for 'umem->max_size' bytes.  Returns 0, or ENOMEM. */
int umem_reserve_addresses(struct umem *) OVS_REQUIRES(umem_mutex);
void umem_release_addresses(struct umem *) OVS_REQUIRES(umem_mutex);

/* Appends a zone of 'n_frames' frames, rounded up, with all of them in its
 * pool and no memory yet.  Returns false if there is no place for it. */
bool umem_add_zone(struct umem *, uint64_t n_frames) OVS_REQUIRES(umem_mutex);

/* Gives 'zone' memory on 'numa_node', if it has none.  Returns 0, or
 * ENOMEM. */
int umem_zone_populate(struct umem *, struct umem_zone *, int numa_node)
    OVS_REQUIRES(umem_mutex);

/* Gets pages for all of it until 'deadline', but for one block in any case.
 * Returns false if it must be called again. */
bool umem_zone_prefault(struct umem *, struct umem_zone *,
                        long long int deadline)
    OVS_REQUIRES(umem_mutex);

/* Gives the memory of 'zone' back to the kernel.  Whatever is in it is
 * gone. */
void umem_zone_depopulate(struct umem *, struct umem_zone *)
    OVS_REQUIRES(umem_mutex);

/* The number of frames of 'zone' that 'owner' has. */
uint32_t umem_zone_count(const struct umem *, const struct umem_zone *,
                         uint16_t owner);

#endif /* umem-zone.h */
