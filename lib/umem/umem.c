/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "umem/umem.h"

#include <errno.h>

#include "id-pool.h"
#include "openvswitch/poll-loop.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "umem/umem-zone.h"
#include "util.h"

/* The frames of a region, unless one port alone needs more.  For each queue
 * of a port the kernel allocates 128 bytes for each frame that the port could
 * own (struct xdp_buff_xsk), so that regions that have no bound would cost it
 * the square of the number of ports. */
enum { USUAL_MAX_FRAMES = 65536 };

/* What is not in use stays that long: a port that is reconfigured comes back
 * at once. */
enum { UNUSED_ZONE_MS = 1000 };

/* And so long what umem_prepare() has begun: on a busy machine, its caller may
 * not come again earlier. */
enum { UNFINISHED_ZONE_MS = 10000 };

/* What umem_expect() was told of frames of this size. */
static uint64_t *
expected_frames(uint32_t frame_size)
    OVS_REQUIRES(umem_mutex)
{
    static uint64_t n_small, n_large;

    return frame_size == UMEM_SMALL_FRAME_SIZE ? &n_small : &n_large;
}

void
umem_expect(uint32_t frame_size, uint64_t n_frames)
{
    ovs_mutex_lock(&umem_mutex);
    *expected_frames(frame_size) = n_frames;
    ovs_mutex_unlock(&umem_mutex);
}

/* Regions. */

static struct umem *
umem_create(uint32_t frame_size, uint64_t max_frames)
    OVS_REQUIRES(umem_mutex)
{
    struct umem *umem = xzalloc(sizeof *umem);

    ovs_assert(IS_POW2(frame_size));
    umem->frame_size = frame_size;
    umem->frame_shift = raw_ctz(frame_size);
    umem->max_size = ROUND_UP(max_frames * frame_size, UMEM_BLOCK_SIZE);
    if (umem_reserve_addresses(umem)) {
        free(umem);
        return NULL;
    }
    umem->owners = xcalloc(umem->max_size / frame_size,
                           sizeof *umem->owners);
    umem->zone_of_block = xcalloc(umem->max_size >> UMEM_BLOCK_SHIFT, 1);
    umem->queue_ids = id_pool_create(UMEM_FIRST_QUEUE,
                                     UINT16_MAX - UMEM_FIRST_QUEUE);
    ovs_list_push_back(&umems, &umem->list_node);
    return umem;
}

static uint64_t
n_frames_in_use(const struct umem *umem)
    OVS_REQUIRES(umem_mutex)
{
    if (!umem->n_used_zones) {
        return 0;
    }

    const struct umem_zone *last = &umem->zones[umem->n_used_zones - 1];
    return (last->start + last->size) >> umem->frame_shift;
}

/* Bytes that the kernel can find without ending processes: what it says in
 * /proc/meminfo, everything if it does not. */
static uint64_t
available_memory(void)
{
    FILE *stream = fopen("/proc/meminfo", "r");
    uint64_t kib = UINT64_MAX / 1024;
    char line[128];

    while (stream && fgets(line, sizeof line, stream)
           && !ovs_scan(line, "MemAvailable: %"SCNu64, &kib)) {
        continue;
    }
    if (stream) {
        fclose(stream);
    }
    return kib * 1024;
}

/* Those of umem_expect() that no port has a right to yet. */
static uint64_t
n_frames_still_expected(uint32_t frame_size)
    OVS_REQUIRES(umem_mutex)
{
    uint64_t n = *expected_frames(frame_size);
    struct umem *umem;

    LIST_FOR_EACH (umem, list_node, &umems) {
        if (umem->frame_size == frame_size) {
            n -= MIN(n, umem->n_reserved);
        }
    }
    return n;
}

/* The frames that zones of 'umem' for 'n_frames' more should have together: at
 * least twice as many as there are, or as one port alone needs, and all that
 * are expected if there is no port yet.  What comes from a port in a newer
 * zone is copied when it goes to one in an older zone, and most switches have
 * two ports at least. */
static uint64_t
choose_size(const struct umem *umem, uint64_t n_frames)
    OVS_REQUIRES(umem_mutex)
{
    uint64_t n = n_frames_in_use(umem);
    uint64_t size = n ? 2 * n : 2 * n_frames;

    if (!umem->n_reserved) {
        size = MAX(size, n_frames_still_expected(umem->frame_size));
    }
    return MIN(umem->max_size >> umem->frame_shift,
               MAX(size, umem->n_reserved + n_frames));
}

/* Adds one zone, for up to 'n_frames' if it is new.  Returns 0, ENOSPC if
 * there is no place, or ENOMEM. */
static int
add_used_zone(struct umem *umem, uint64_t n_frames)
    OVS_REQUIRES(umem_mutex)
{
    struct umem_zone *zone = &umem->zones[umem->n_used_zones];
    bool is_new = umem->n_used_zones == umem->n_zones;
    uint64_t available = available_memory();

    if (is_new && n_frames << umem->frame_shift > available) {
        return ENOMEM;
    }
    if (is_new && !umem_add_zone(umem, n_frames)) {
        return ENOSPC;
    }
    if (!zone->in_memory && zone->size > available) {
        return ENOMEM;
    }
    umem->n_used_zones++;
    return 0;
}

/* Makes 'umem' have zones for 'n_frames' more.  Returns 0, ENOSPC if there is
 * no place, or ENOMEM. */
static int
extend(struct umem *umem, uint64_t n_frames)
    OVS_REQUIRES(umem_mutex)
{
    uint64_t needed = umem->n_reserved + n_frames;
    uint64_t size;
    uint64_t n;

    if (needed > umem->max_size >> umem->frame_shift) {
        return ENOSPC;
    }
    if (n_frames_in_use(umem) >= needed) {
        return 0;
    }
    size = choose_size(umem, n_frames);
    while ((n = n_frames_in_use(umem)) < size) {
        int error = add_used_zone(umem, size - n);

        if (error && size > needed) {
            size = needed;
        } else if (error) {
            return error;
        }
    }
    return 0;
}

static void
shorten(struct umem *umem)
    OVS_REQUIRES(umem_mutex)
{
    while (umem->n_used_zones
           && !umem->zones[umem->n_used_zones - 1].n_shares) {
        umem->zones[--umem->n_used_zones].unused_since = time_msec();
    }
}

/* Finds a region with 'n_frames' to give away.  Returns 0, or a positive
 * errno. */
static int
find_umem(uint32_t frame_size, uint32_t n_frames, struct umem **umemp)
    OVS_REQUIRES(umem_mutex)
{
    struct umem *umem;
    int error = ENOSPC;

    LIST_FOR_EACH (umem, list_node, &umems) {
        if (umem->frame_size == frame_size) {
            error = extend(umem, n_frames);
            if (error != ENOSPC) {
                break;
            }
            shorten(umem);
        }
    }
    if (error == ENOSPC) {
        umem = umem_create(frame_size, MAX(USUAL_MAX_FRAMES, n_frames));
        error = umem ? extend(umem, n_frames) : ENOMEM;
    }
    *umemp = umem;
    return error;
}

/* Ports. */

static int
populate(struct umem *umem, int numa_node)
    OVS_REQUIRES(umem_mutex)
{
    int error = 0;

    for (unsigned int i = 0; !error && i < umem->n_used_zones; i++) {
        error = umem_zone_populate(umem, &umem->zones[i], numa_node);
    }
    return error;
}

int
umem_share_create(uint32_t n_frames, uint32_t frame_size, int numa_node,
                  struct umem_share **sharep, char **errp)
{
    struct umem_share *share = NULL;
    struct umem *umem;

    ovs_mutex_lock(&umem_mutex);
    int error = find_umem(frame_size, n_frames, &umem);
    if (!error) {
        error = populate(umem, numa_node);
    }
    if (!error) {
        share = xmalloc(sizeof *share);
        share->umem = umem;
        share->n_frames = n_frames;
        share->n_zones = umem->n_used_zones;
        share->size = n_frames_in_use(umem) << umem->frame_shift;
        umem->n_reserved += n_frames;
        for (unsigned int i = 0; i < share->n_zones; i++) {
            umem->zones[i].n_shares++;
            /* The port will register it at once. */
            umem->zones[i].n_faulted = umem->zones[i].size;
        }
    } else {
        *errp = xasprintf("cannot get %"PRIu64" KiB of packet memory, of "
                          "%"PRIu64" KiB that are available (%s); use smaller "
                          "rings or fewer queues (options:n_rxq_desc, "
                          "n_txq_desc, n_rxq)",
                          (uint64_t) n_frames * frame_size / 1024,
                          available_memory() / 1024, ovs_strerror(error));
        if (umem) {
            shorten(umem);
        }
    }
    ovs_mutex_unlock(&umem_mutex);
    *sharep = share;
    return error;
}

/* Of the zones in use. */
static uint64_t
n_bytes_to_fault(const struct umem *umem)
    OVS_REQUIRES(umem_mutex)
{
    uint64_t n = 0;

    for (unsigned int i = 0; i < umem->n_used_zones; i++) {
        n += umem->zones[i].size - umem->zones[i].n_faulted;
    }
    return n;
}

bool
umem_prepare(uint32_t n_frames, uint32_t frame_size, int numa_node,
             long long int deadline)
{
    struct umem *umem;
    bool done = true;

    ovs_mutex_lock(&umem_mutex);
    if (!find_umem(frame_size, n_frames, &umem)
        && !populate(umem, numa_node)
        && n_bytes_to_fault(umem) > 2 * (uint64_t) n_frames * frame_size) {
        for (unsigned int i = 0; done && i < umem->n_used_zones; i++) {
            done = umem_zone_prefault(umem, &umem->zones[i], deadline);
        }
    }
    if (umem) {
        shorten(umem);
    }
    ovs_mutex_unlock(&umem_mutex);
    return done;
}

void
umem_share_destroy(struct umem_share *share)
{
    if (share) {
        struct umem *umem = share->umem;

        ovs_mutex_lock(&umem_mutex);
        umem->n_reserved -= share->n_frames;
        for (unsigned int i = 0; i < share->n_zones; i++) {
            umem->zones[i].n_shares--;
        }
        shorten(umem);
        ovs_mutex_unlock(&umem_mutex);
        free(share);
    }
}

void *
umem_base(const struct umem_share *share)
{
    return share->umem->base;
}

size_t
umem_size(const struct umem_share *share)
{
    return share->size;
}

uint32_t
umem_frame_size(const struct umem_share *share)
{
    return share->umem->frame_size;
}

/* When 'zone', which no port uses, may go. */
static long long int
end_of_life(const struct umem_zone *zone)
    OVS_REQUIRES(umem_mutex)
{
    bool unfinished = zone->n_faulted && zone->n_faulted < zone->size;

    return zone->unused_since + (unfinished ? UNFINISHED_ZONE_MS
                                 : UNUSED_ZONE_MS);
}

/* Calls 'depopulate' for what no port uses, and returns when there is
 * something to do again, LLONG_MAX if never. */
static long long int
release_unused(long long int now)
{
    long long int next = LLONG_MAX;
    struct umem *umem;

    ovs_mutex_lock(&umem_mutex);
    LIST_FOR_EACH (umem, list_node, &umems) {
        for (unsigned int i = umem->n_used_zones; i < umem->n_zones; i++) {
            struct umem_zone *zone = &umem->zones[i];

            if (zone->in_memory && now >= end_of_life(zone)) {
                zone->unused_since = now;
                if (!umem_zone_count(umem, zone, UMEM_OWNER_PACKET)) {
                    umem_zone_depopulate(umem, zone);
                }
            }
            if (zone->in_memory) {
                next = MIN(next, end_of_life(zone));
            }
        }
    }
    ovs_mutex_unlock(&umem_mutex);
    return next;
}

void
umem_run(void)
{
    release_unused(time_msec());
}

void
umem_wait(void)
{
    long long int next = release_unused(LLONG_MIN);

    if (next != LLONG_MAX) {
        poll_timer_wait_until(next);
    }
}
