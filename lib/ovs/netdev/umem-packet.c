/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ovs/netdev/umem-packet.h"

#include "dp-packet.h"
#include "ovs-thread.h"
#include "util.h"

/* A packet and where it is.  There are as many of them as there ever were
 * packets at a time: few enough to stay in the processor's caches, where one
 * for each frame would not. */
struct umem_packet {
    struct umem *umem;
    uint64_t addr;              /* Anywhere in its frame. */
    struct dp_packet packet;
};

/* Those that are not in use, as items of a pool: pointers. */
static struct slab_pool idle_packets;
static atomic_count n_umem_packets = ATOMIC_COUNT_INIT(0);

/* How many packets are handled at a time. */
enum { PUT_BURST = 64 };

static void
init_idle_packets(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        bool ok = slab_pool_init(&idle_packets);

        ovs_assert(ok);
        ovsthread_once_done(&once);
    }
}

/* Stores 'n' packets that are not in use in 'items'. */
static void
get_idle_packets(uint64_t items[], uint32_t n)
{
    init_idle_packets();
    for (uint32_t i = slab_pool_get(&idle_packets, items, n); i < n; i++) {
        struct umem_packet *up = xmalloc_cacheline(sizeof *up);

        dp_packet_use_afxdp(&up->packet, NULL, 0, 0);
        items[i] = (uintptr_t) up;
        atomic_count_inc(&n_umem_packets);
    }
}

void
umem_frames_to_packets(struct umem_share *share,
                       const struct umem_frame frames[], uint32_t n,
                       struct dp_packet *packets[])
{
    struct umem *umem = share->umem;
    uint64_t items[PUT_BURST];

    ovs_assert(n <= PUT_BURST);
    get_idle_packets(items, n);
    for (uint32_t i = 0; i < n; i++) {
        struct umem_packet *up = (struct umem_packet *) (uintptr_t) items[i];
        struct dp_packet *packet = &up->packet;
        uint64_t addr = frames[i].addr;

        up->umem = umem;
        up->addr = addr;
        umem_set_owner(umem, addr, UMEM_OWNER_PACKET);

        /* Not dp_packet_use_afxdp(), which clears the metadata: dpif-netdev
         * does that again. */
        uint64_t ofs = addr & (umem->frame_size - 1);
        dp_packet_set_base(packet, umem->base + addr - ofs);
        dp_packet_set_allocated(packet, umem->frame_size);
        dp_packet_set_data(packet, umem->base + addr);
        dp_packet_set_size(packet, frames[i].len);
        dp_packet_reset_offsets(packet);
        dp_packet_reset_cutlen(packet);
        dp_packet_reset_offload(packet);
        packet->packet_type = htonl(PT_ETH);
        packets[i] = packet;
    }
}

static struct umem_packet *
umem_packet_cast(struct dp_packet *packet)
{
    ovs_assert(packet->source == DPBUF_AFXDP);
    return CONTAINER_OF(packet, struct umem_packet, packet);
}

uint32_t
umem_packets_to_frames(struct umem_share *share, uint16_t queue,
                       struct dp_packet *const packets[], uint32_t n,
                       struct umem_frame frames[])
{
    struct umem *umem = share->umem;
    uint64_t items[PUT_BURST];
    uint32_t n_items = 0;

    ovs_assert(n <= PUT_BURST);
    for (uint32_t i = 0; i < n; i++) {
        frames[i].addr = UMEM_NO_ADDR;
        frames[i].len = dp_packet_size(packets[i]);
        frames[i].continued = false;
        if (OVS_UNLIKELY(packets[i]->source != DPBUF_AFXDP)) {
            continue;
        }

        struct umem_packet *up = umem_packet_cast(packets[i]);
        if (OVS_UNLIKELY(up->umem != umem || up->addr >= share->size
                         || umem_zone_is_low(&umem->zones[umem_zone_idx(
                                                 umem, up->addr)]))) {
            continue;
        }
        frames[i].addr = (char *) dp_packet_data(packets[i]) - umem->base;
        umem_set_owner(umem, up->addr, queue);
        items[n_items++] = (uintptr_t) up;
    }
    if (OVS_LIKELY(n_items)) {
        slab_pool_put(&idle_packets, items, n_items);
    }
    return n_items;
}

void
umem_delete_packets(struct dp_packet *const packets[], uint32_t n)
{
    uint64_t items[PUT_BURST], addrs[PUT_BURST];

    while (n) {
        struct umem *umem = umem_packet_cast(packets[0])->umem;
        uint32_t k = 0;

        while (k < n && k < PUT_BURST) {
            struct umem_packet *up = umem_packet_cast(packets[k]);

            if (up->umem != umem) {
                break;
            }
            items[k] = (uintptr_t) up;
            addrs[k] = up->addr;
            k++;
        }
        umem_put_frames(umem, addrs, k);
        slab_pool_put(&idle_packets, items, k);
        packets += k;
        n -= k;
    }
}

/* Open vSwitch calls this for a packet of source DPBUF_AFXDP. */
void
free_afxdp_buf(struct dp_packet *packet)
{
    umem_delete_packets(&packet, 1);
}

uint32_t
umem_n_packets(void)
{
    uint32_t n_pool, n_cached;

    init_idle_packets();
    slab_pool_count(&idle_packets, &n_pool, &n_cached);
    return atomic_count_get(&n_umem_packets) - n_pool - n_cached;
}
