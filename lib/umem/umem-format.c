/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "umem/umem-format.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "umem/umem-zone.h"
#include "util.h"

/* Where the frames of some zones are. */
struct frame_counts {
    uint64_t size;              /* Bytes. */
    uint32_t n_frames;
    uint32_t n_pool;
    uint32_t n_cached;
    uint32_t n_packets;
    uint32_t n_rings;
};

static void
count_zone(const struct umem *umem, struct umem_zone *zone,
           struct frame_counts *c)
    OVS_REQUIRES(umem_mutex)
{
    uint32_t n_frames = zone->size >> umem->frame_shift;
    uint32_t n_packets = umem_zone_count(umem, zone, UMEM_OWNER_PACKET);
    uint32_t n_pool, n_cached;

    slab_pool_count(&zone->frames, &n_pool, &n_cached);
    c->size += zone->size;
    c->n_frames += n_frames;
    c->n_pool += n_pool;
    c->n_cached += n_cached;
    c->n_packets += n_packets;
    c->n_rings += (n_frames - n_packets
                   - umem_zone_count(umem, zone, UMEM_OWNER_POOL));
}

static void
format_zone(struct ds *s, const struct umem_zone *zone)
    OVS_REQUIRES(umem_mutex)
{
    ds_put_format(s, "  zone of %"PRIu64" KiB: %u port%s, %s",
                  zone->size / 1024, zone->n_shares,
                  zone->n_shares == 1 ? "" : "s",
                  zone->pages == UMEM_HUGE_PAGES
                  ? "huge pages" : "transparent huge pages where possible");
    if (zone->numa_node >= 0) {
        ds_put_format(s, ", NUMA node %d", zone->numa_node);
    }
    ds_put_char(s, '\n');
}

static void
format_umem(struct ds *s, struct umem *umem)
    OVS_REQUIRES(umem_mutex)
{
    struct frame_counts c = { .n_frames = 0 };
    unsigned int n_zones = 0;

    for (unsigned int i = 0; i < umem->n_zones; i++) {
        if (umem->zones[i].in_memory) {
            count_zone(umem, &umem->zones[i], &c);
            n_zones++;
        }
    }
    if (n_zones) {
        ds_put_format(s, "packet memory: %"PRIu64" KiB, frames of %"PRIu32
                      " bytes\n", c.size / 1024, umem->frame_size);
        ds_put_format(s, "  frames: %"PRIu32" = %"PRIu32" free + %"PRIu32
                      " in threads' caches + %"PRIu32" on rings + %"PRIu32
                      " packets\n", c.n_frames, c.n_pool, c.n_cached,
                      c.n_rings, c.n_packets);
        for (unsigned int i = 0; i < umem->n_zones; i++) {
            if (umem->zones[i].in_memory) {
                format_zone(s, &umem->zones[i]);
            }
        }
    }
}

void
umem_format(struct ds *s)
{
    struct umem *umem;

    ovs_mutex_lock(&umem_mutex);
    LIST_FOR_EACH (umem, list_node, &umems) {
        format_umem(s, umem);
    }
    ovs_mutex_unlock(&umem_mutex);
}
