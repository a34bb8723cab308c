/* SPDX-License-Identifier: Apache-2.0 */

/* Has a port send more packets at once than it handles at a time, for the test
 * in send.at.  A ring is made up: what goes onto it is written down. */

#include <config.h>
#undef NDEBUG

#include <stdio.h>
#include <string.h>

#include "dp-packet.h"
#include "ovs-thread.h"
#include "ovs/netdev/ovs-packet.h"
#include "ovs/netdev/umem-packet.h"
#include "port/netdev-afxdp-io.h"
#include "port/netdev-afxdp-port.h"
#include "umem/umem.h"
#include "util.h"

enum { N_PACKETS = 3 * OVS_PACKET_BURST + 5, LEN = 100 };

__typeof__(xsk_queue_share) __wrap_xsk_queue_share;
__typeof__(xsk_queue_owner) __wrap_xsk_queue_owner;
__typeof__(xsk_queue_count) __wrap_xsk_queue_count;
__typeof__(xsk_queue_tx_room) __wrap_xsk_queue_tx_room;
__typeof__(xsk_queue_tx_burst) __wrap_xsk_queue_tx_burst;

/* The ring. */
static struct umem_share *share;
static uint16_t owner;
static uint32_t room;               /* Packets that it takes. */
static uint64_t counters[N_XSK_COUNTERS];
static uint32_t sent[N_PACKETS];    /* The numbers of those on it. */
static uint32_t n_sent;
static uint32_t longest_burst;

struct umem_share *
__wrap_xsk_queue_share(const struct xsk_queue *q OVS_UNUSED)
{
    return share;
}

uint16_t
__wrap_xsk_queue_owner(const struct xsk_queue *q OVS_UNUSED)
{
    return owner;
}

void
__wrap_xsk_queue_count(struct xsk_queue *q OVS_UNUSED,
                       enum xsk_counter counter, uint64_t delta)
{
    counters[counter] += delta;
}

uint32_t
__wrap_xsk_queue_tx_room(struct xsk_queue *q OVS_UNUSED, uint32_t n)
{
    return MIN(n, room);
}

void
__wrap_xsk_queue_tx_burst(struct xsk_queue *q OVS_UNUSED,
                          const struct umem_frame frames[], uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&sent[n_sent++], (char *) umem_base(share) + frames[i].addr,
               sizeof *sent);
        umem_put(share, &frames[i].addr, 1);
    }
    longest_burst = MAX(longest_burst, n);
    room -= n;
}

/* Packet number 'i', in packet memory or not. */
static struct dp_packet *
make_packet(uint32_t i, bool in_umem)
{
    struct dp_packet *packet;

    if (in_umem) {
        struct umem_frame frame = { .len = LEN };

        ovs_assert(umem_get(share, owner, &frame.addr, 1) == 1);
        umem_frames_to_packets(share, &frame, 1, &packet);
    } else {
        packet = dp_packet_new(LEN);
        dp_packet_put_zeros(packet, LEN);
    }
    memcpy(dp_packet_data(packet), &i, sizeof i);
    return packet;
}

/* Sends packets, of which each 'every'th is in packet memory, on a ring with
 * room for 'n_room'. */
static void
send_packets(struct netdev_afxdp *dev, uint32_t every, uint32_t n_room)
{
    struct dp_packet *packets[N_PACKETS];

    for (uint32_t i = 0; i < N_PACKETS; i++) {
        packets[i] = make_packet(i, i % every == 0);
    }
    memset(counters, 0, sizeof counters);
    room = n_room;
    n_sent = longest_burst = 0;
    ovs_assert(!netdev_afxdp_send(dev, 0, packets, N_PACKETS, true));

    ovs_assert(n_sent == MIN(N_PACKETS, n_room));
    for (uint32_t i = 0; i < n_sent; i++) {
        ovs_assert(sent[i] == i);
    }
    ovs_assert(longest_burst == MIN(OVS_PACKET_BURST, n_sent));
    ovs_assert(counters[XSK_tx_zero_copied] + counters[XSK_tx_copied]
               == n_sent);
    ovs_assert(counters[XSK_tx_ring_full_drops] == N_PACKETS - n_sent);
    ovs_assert(!umem_n_packets());
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    struct afxdp_queue queue = { .xsk = NULL };
    struct afxdp_attachment att = {
        .queues = &queue, .n_queues = 1,
        .plan = { .n_txq = 1, .frame_size = 2048 },
    };
    struct netdev_afxdp dev = { .att = &att };
    char *error = NULL;

    set_program_name(argv[0]);
    if (umem_share_create(1024, 2048, -1, &share, &error)) {
        ovs_fatal(0, "%s", error);
    }
    owner = umem_add_queue(share);
    ovs_mutex_init(&queue.tx_mutex);
    atomic_init(&dev.tx_max_len, 1522);
    for (int jumbo = 0; jumbo < 2; jumbo++) {
        att.plan.multi_buffer = jumbo;
        send_packets(&dev, 1, UINT32_MAX);
        send_packets(&dev, 3, UINT32_MAX);
        send_packets(&dev, 1, OVS_PACKET_BURST + 7);
        send_packets(&dev, 3, OVS_PACKET_BURST + 7);
        send_packets(&dev, 3, 0);
    }
    puts("ok");
    return 0;
}
