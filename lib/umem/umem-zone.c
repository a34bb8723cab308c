/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "umem/umem-zone.h"

#include <errno.h>
#include <numa.h>
#include <sys/mman.h>

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(umem_zone);

struct ovs_mutex umem_mutex = OVS_MUTEX_INITIALIZER;
struct ovs_list umems = OVS_LIST_INITIALIZER(&umems);

int
umem_reserve_addresses(struct umem *umem)
{
    size_t size = umem->max_size + UMEM_BLOCK_SIZE;
    char *p = mmap(NULL, size, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        return ENOMEM;
    }
    /* Large pages need the alignment. */
    umem->base = (char *) ROUND_UP((uintptr_t) p, UMEM_BLOCK_SIZE);
    if (umem->base > p) {
        munmap(p, umem->base - p);
    }
    munmap(umem->base + umem->max_size,
           p + size - (umem->base + umem->max_size));
    return 0;
}

void
umem_release_addresses(struct umem *umem)
{
    if (umem->base) {
        munmap(umem->base, umem->max_size);
    }
}

static void
fill_pool(const struct umem *umem, struct umem_zone *zone)
{
    uint64_t addrs[SLAB_SIZE];
    uint32_t n = 0;

    /* Downwards: what is put last is taken first. */
    for (uint64_t ofs = zone->size; ofs > 0; ofs -= umem->frame_size) {
        addrs[n++] = zone->start + ofs - umem->frame_size;
        if (n == ARRAY_SIZE(addrs)) {
            slab_pool_put(&zone->frames, addrs, n);
            n = 0;
        }
    }
    ovs_assert(!n);
}

bool
umem_add_zone(struct umem *umem, uint64_t n_frames)
{
    struct umem_zone *zone = &umem->zones[umem->n_zones];
    uint64_t start = (umem->n_zones ? zone[-1].start + zone[-1].size : 0);
    uint64_t size = ROUND_UP(n_frames * umem->frame_size, UMEM_BLOCK_SIZE);

    if (umem->n_zones >= UMEM_MAX_ZONES || start + size > umem->max_size
        || !slab_pool_init(&zone->frames)) {
        return false;
    }
    zone->start = start;
    zone->size = size;
    for (uint64_t addr = start; addr < start + size; addr += UMEM_BLOCK_SIZE) {
        umem->zone_of_block[addr >> UMEM_BLOCK_SHIFT] = umem->n_zones;
    }
    fill_pool(umem, zone);
    umem->n_zones++;
    return true;
}

/* Puts reserved huge pages in the place of 'size' bytes at 'place'. */
static bool
place_huge_pages(char *place, size_t size)
{
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB
                   | UMEM_BLOCK_SHIFT << MAP_HUGE_SHIFT, -1, 0);

    if (p == MAP_FAILED) {
        return false;
    }
    if (mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place)
        == MAP_FAILED) {
        munmap(p, size);
        return false;
    }
    return true;
}

int
umem_zone_populate(struct umem *umem, struct umem_zone *zone, int numa_node)
{
    char *base = umem->base + zone->start;

    if (zone->in_memory) {
        return 0;
    }
    if (place_huge_pages(base, zone->size)) {
        zone->pages = UMEM_HUGE_PAGES;
    } else if (mprotect(base, zone->size, PROT_READ | PROT_WRITE)) {
        return errno;
    } else {
        madvise(base, zone->size, MADV_HUGEPAGE);
        zone->pages = UMEM_TRANSPARENT_PAGES;
    }
    zone->numa_node = -1;
    if (numa_node >= 0 && numa_available() >= 0
        && numa_node <= numa_max_node()) {
        numa_tonode_memory(base, zone->size, numa_node);
        zone->numa_node = numa_node;
    }
    zone->in_memory = true;
    return 0;
}

bool
umem_zone_prefault(struct umem *umem, struct umem_zone *zone,
                   long long int deadline)
{
    while (zone->n_faulted < zone->size) {
        if (madvise(umem->base + zone->start + zone->n_faulted,
                    UMEM_BLOCK_SIZE, MADV_POPULATE_WRITE)) {
            /* Before Linux 5.14, or there are not enough: then it happens, or
             * fails, when it is registered. */
            zone->n_faulted = zone->size;
            return true;
        }
        zone->n_faulted += UMEM_BLOCK_SIZE;
        if (time_msec() >= deadline) {
            break;
        }
    }
    return zone->n_faulted >= zone->size;
}

void
umem_zone_depopulate(struct umem *umem, struct umem_zone *zone)
{
    if (mmap(umem->base + zone->start, zone->size, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
        == MAP_FAILED) {
        VLOG_WARN("cannot release %"PRIu64" KiB of packet memory (%s)",
                  zone->size / 1024, ovs_strerror(errno));
        return;
    }
    zone->in_memory = false;
    zone->n_faulted = 0;
}

uint32_t
umem_zone_count(const struct umem *umem, const struct umem_zone *zone,
                uint16_t owner)
{
    uint32_t first = umem_frame_idx(umem, zone->start);
    uint32_t n_frames = zone->size >> umem->frame_shift;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_frames; i++) {
        uint16_t value;

        atomic_read_relaxed(&umem->owners[first + i], &value);
        n += value == owner;
    }
    return n;
}
