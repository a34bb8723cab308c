/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "umem.h"

#include <errno.h>
#include <numa.h>
#include <sys/mman.h>

#include "dp-packet.h"
#include "openvswitch/thread.h"
#include "ovs-atomic.h"
#include "util.h"

struct umem_packet {
    struct umem *umem;
    struct dp_packet packet;
};

struct umem {
    char *base;
    uint32_t n_frames;
    uint32_t frame_size;
    unsigned int frame_shift;
    struct umem_packet *packets;        /* One for each frame. */

    struct ovs_spin lock;
    uint64_t *free_addrs OVS_GUARDED;   /* The pool, a stack: the frame put
                                         * last is the warmest in cache. */
    atomic_uint32_t n_free;             /* Written with 'lock' held. */
    uint32_t n_lost OVS_GUARDED;        /* Left on a closed socket's rings. */
    bool released OVS_GUARDED;
};

static void
umem_destroy(struct umem *umem)
{
    if (umem) {
        if (umem->base) {
            munmap(umem->base, umem_size(umem));
        }
        free_cacheline(umem->packets);
        ovs_spin_lock(&umem->lock);
        free(umem->free_addrs);
        ovs_spin_unlock(&umem->lock);
        ovs_spin_destroy(&umem->lock);
        free(umem);
    }
}

static char *
map_region(size_t size, int numa_node)
{
    char *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED) {
        return NULL;
    }
    if (numa_node >= 0 && numa_available() >= 0
        && numa_node <= numa_max_node()) {
        numa_tonode_memory(base, size, numa_node);
    }
    return base;
}

int
umem_create(uint32_t n_frames, uint32_t frame_size, int numa_node,
            struct umem **umemp)
{
    struct umem *umem = xzalloc(sizeof *umem);

    ovs_assert(IS_POW2(frame_size));
    ovs_spin_init(&umem->lock);
    umem->n_frames = n_frames;
    umem->frame_size = frame_size;
    umem->frame_shift = raw_ctz(frame_size);
    umem->packets = xzalloc_cacheline(n_frames * sizeof *umem->packets);
    umem->base = map_region(umem_size(umem), numa_node);
    if (!umem->base) {
        umem_destroy(umem);
        *umemp = NULL;
        return ENOMEM;
    }

    ovs_spin_lock(&umem->lock);
    umem->free_addrs = xmalloc(n_frames * sizeof *umem->free_addrs);
    for (uint32_t i = 0; i < n_frames; i++) {
        umem->packets[i].umem = umem;
        umem->free_addrs[i] = (uint64_t) (n_frames - 1 - i) * frame_size;
    }
    ovs_spin_unlock(&umem->lock);
    atomic_init(&umem->n_free, n_frames);
    *umemp = umem;
    return 0;
}

/* Unlocks 'umem' and destroys it if it has been released and every frame that
 * can come home is home. */
static void
umem_unlock(struct umem *umem, uint32_t n_free)
    OVS_RELEASES(umem->lock)
{
    bool unused = umem->released && n_free + umem->n_lost == umem->n_frames;

    atomic_store_relaxed(&umem->n_free, n_free);
    ovs_spin_unlock(&umem->lock);
    if (unused) {
        umem_destroy(umem);
    }
}

void
umem_release(struct umem *umem, uint32_t n_in_kernel)
{
    if (umem) {
        ovs_spin_lock(&umem->lock);
        umem->released = true;
        umem->n_lost = n_in_kernel;
        umem_unlock(umem, umem_n_free(umem));
    }
}

void *
umem_base(const struct umem *umem)
{
    return umem->base;
}

size_t
umem_size(const struct umem *umem)
{
    return (size_t) umem->n_frames * umem->frame_size;
}

uint32_t
umem_frame_size(const struct umem *umem)
{
    return umem->frame_size;
}

uint32_t
umem_n_frames(const struct umem *umem)
{
    return umem->n_frames;
}

uint32_t
umem_n_free(const struct umem *umem)
{
    uint32_t n_free;

    atomic_read_relaxed(&CONST_CAST(struct umem *, umem)->n_free, &n_free);
    return n_free;
}

uint32_t
umem_get(struct umem *umem, uint64_t addrs[], uint32_t n)
{
    ovs_spin_lock(&umem->lock);
    uint32_t n_free = umem_n_free(umem);
    n = MIN(n, n_free);
    for (uint32_t i = 0; i < n; i++) {
        addrs[i] = umem->free_addrs[--n_free];
    }
    umem_unlock(umem, n_free);
    return n;
}

void
umem_put(struct umem *umem, const uint64_t addrs[], uint32_t n)
{
    ovs_spin_lock(&umem->lock);
    uint32_t n_free = umem_n_free(umem);
    ovs_assert(n_free + n <= umem->n_frames);
    for (uint32_t i = 0; i < n; i++) {
        umem->free_addrs[n_free++] = addrs[i] & ~(uint64_t)
                                     (umem->frame_size - 1);
    }
    umem_unlock(umem, n_free);
}

struct dp_packet *
umem_packet(struct umem *umem, uint64_t addr, uint32_t size)
{
    struct dp_packet *packet = &umem->packets[addr >> umem->frame_shift].packet;

    dp_packet_use_afxdp(packet, umem->base + addr, umem->frame_size,
                        addr & (umem->frame_size - 1));
    dp_packet_set_size(packet, size);
    return packet;
}

static uint64_t
packet_addr(const struct umem_packet *up)
{
    return (uint64_t) (up - up->umem->packets) << up->umem->frame_shift;
}

void
umem_put_packets(struct dp_packet *const packets[], size_t n)
{
    enum { BURST = 32 };
    uint64_t addrs[BURST];
    struct umem *umem = NULL;
    uint32_t n_addrs = 0;

    for (size_t i = 0; i < n; i++) {
        const struct umem_packet *up = CONTAINER_OF(packets[i],
                                                    struct umem_packet,
                                                    packet);

        ovs_assert(packets[i]->source == DPBUF_AFXDP);
        if (n_addrs && (up->umem != umem || n_addrs == BURST)) {
            umem_put(umem, addrs, n_addrs);
            n_addrs = 0;
        }
        umem = up->umem;
        addrs[n_addrs++] = packet_addr(up);
    }
    if (n_addrs) {
        umem_put(umem, addrs, n_addrs);
    }
}

/* Open vSwitch calls this for a packet of source DPBUF_AFXDP. */
void
free_afxdp_buf(struct dp_packet *packet)
{
    umem_put_packets(&packet, 1);
}
