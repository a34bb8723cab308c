/* SPDX-License-Identifier: Apache-2.0 */

/* Drives packet memory, without a kernel behind it, for the tests in
 * umem.at. */

#include <config.h>
#undef NDEBUG

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "command-line.h"
#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/thread.h"
#include "ovs-thread.h"
#include "random.h"
#include "base/slab-pool.h"
#include "timeval.h"
#include "ovs/netdev/umem-packet.h"
#include "umem/umem.h"
#include "umem/umem-format.h"
#include "util.h"

enum { FRAME_SIZE = 2048, HEADROOM = 384 };

static struct umem_share *
create_share(uint32_t n_frames)
{
    struct umem_share *share;
    char *error = NULL;

    if (umem_share_create(n_frames, FRAME_SIZE, -1, &share, &error)) {
        ovs_fatal(0, "%s", error);
    }
    return share;
}

static uint32_t
n_frames(const struct umem_share *share)
{
    return umem_size(share) / FRAME_SIZE;
}

/* All frames that 'get' has, each of them once. */
static uint32_t
get_all(struct umem_share *share, uint16_t queue, uint64_t addrs[])
{
    uint32_t n = umem_get(share, queue, addrs, n_frames(share));
    bool *seen = xcalloc(n_frames(share), sizeof *seen);

    for (uint32_t i = 0; i < n; i++) {
        ovs_assert(addrs[i] % FRAME_SIZE == 0 && addrs[i] < umem_size(share));
        ovs_assert(!seen[addrs[i] / FRAME_SIZE]);
        seen[addrs[i] / FRAME_SIZE] = true;
    }
    free(seen);
    return n;
}

static struct dp_packet *
frame_to_packet(struct umem_share *share, uint64_t addr, uint32_t len)
{
    const struct umem_frame frame = { .addr = addr, .len = len };
    struct dp_packet *packet;

    umem_frames_to_packets(share, &frame, 1, &packet);
    return packet;
}

static uint64_t
packet_to_frame(struct umem_share *share, uint16_t queue,
                struct dp_packet *packet)
{
    struct umem_frame frame;

    umem_packets_to_frames(share, queue, &packet, 1, &frame);
    return frame.addr;
}

static void
print_memory(void)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    umem_format(&s);
    printf("%s", ds_cstr(&s));
    ds_destroy(&s);
}

/* "frames": a port's frames are all there, as packets and back. */
static void
test_frames(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct umem_share *share = create_share(1024);
    uint16_t queue = umem_add_queue(share);
    uint32_t n = n_frames(share);
    uint64_t *addrs = xcalloc(n, sizeof *addrs);
    struct dp_packet **packets = xcalloc(n, sizeof *packets);

    ovs_assert(n == 2048);

    struct dp_packet *foreign = dp_packet_new(64);
    ovs_assert(packet_to_frame(share, queue, foreign) == UMEM_NO_ADDR);
    dp_packet_delete(foreign);

    ovs_assert(get_all(share, queue, addrs) == n);
    ovs_assert(umem_get(share, queue, addrs, 1) == 0);
    ovs_assert(umem_count_queue(share, queue) == n);

    for (uint32_t i = 0; i < n; i++) {
        packets[i] = frame_to_packet(share, addrs[i] + HEADROOM, 100);
        ovs_assert(dp_packet_headroom(packets[i]) == HEADROOM);
        ovs_assert(dp_packet_size(packets[i]) == 100);
        ovs_assert(dp_packet_tailroom(packets[i])
                   == FRAME_SIZE - HEADROOM - 100);
        memset(dp_packet_push_uninit(packets[i], HEADROOM), i, HEADROOM);
    }
    ovs_assert(umem_n_packets() == n && !umem_count_queue(share, queue));

    /* While there is nothing in the pool, packets are not handed on. */
    ovs_assert(packet_to_frame(share, queue, packets[0]) == UMEM_NO_ADDR);
    ovs_assert(!umem_get_for_tx(share, queue, addrs, 1));
    umem_delete_packets(packets, n / 2);
    dp_packet_pull(packets[n / 2], HEADROOM - 4);
    uint64_t addr = packet_to_frame(share, queue, packets[n / 2]);
    ovs_assert(addr % FRAME_SIZE == HEADROOM - 4);
    ovs_assert(umem_count_queue(share, queue) == 1);
    for (uint32_t i = n / 2 + 1; i < n; i++) {
        dp_packet_delete(packets[i]);
    }
    print_memory();

    /* The kernel has sent one, and kept others when the queue was closed. */
    umem_put(share, &addr, 1);
    ovs_assert(umem_get_for_tx(share, queue, addrs, 10) == 10);
    umem_remove_queue(share, queue);
    ovs_assert(get_all(share, queue, addrs) == n);
    umem_put(share, addrs, n);
    ovs_assert(!umem_n_packets());
    umem_share_destroy(share);
    free(addrs);
    free(packets);
}

/* "zones": what ports have of each other's frames, and when memory comes and
 * goes. */
static void
test_zones(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct umem_share *first = create_share(1024);
    struct umem_share *second = create_share(1000);
    uint16_t first_queue = umem_add_queue(first);
    uint16_t second_queue;
    uint64_t addr;

    puts("two ports in one zone:");
    print_memory();
    ovs_assert(umem_size(first) == umem_size(second));

    struct umem_share *third = create_share(4096);
    uint16_t third_queue = umem_add_queue(third);
    puts("the third does not fit:");
    print_memory();
    ovs_assert(umem_size(first) < umem_size(third));
    ovs_assert(umem_base(first) == umem_base(third));

    /* From an older port to a newer one, but not the other way. */
    ovs_assert(umem_get(first, first_queue, &addr, 1) == 1);
    struct dp_packet *packet = frame_to_packet(first, addr, 60);
    ovs_assert(packet_to_frame(third, third_queue, packet) == addr);
    umem_put(third, &addr, 1);
    ovs_assert(umem_get(third, third_queue, &addr, 1) == 1);
    packet = frame_to_packet(third, addr, 60);
    ovs_assert(packet_to_frame(first, first_queue, packet) == UMEM_NO_ADDR);

    /* A zone stays as long as a packet in it. */
    umem_remove_queue(third, third_queue);
    umem_share_destroy(third);
    xsleep(2);
    umem_run();
    memset(dp_packet_data(packet), 1, 60);
    dp_packet_delete(packet);
    puts("the third is gone:");
    print_memory();
    xsleep(2);
    umem_run();
    puts("and its memory, too:");
    print_memory();

    third = create_share(4096);
    third_queue = umem_add_queue(third);
    ovs_assert(umem_get(third, third_queue, &addr, 1) == 1);
    memset((char *) umem_base(third) + addr, 1, FRAME_SIZE);
    umem_remove_queue(third, third_queue);
    umem_share_destroy(third);

    second_queue = umem_add_queue(second);
    ovs_assert(second_queue != first_queue);
    umem_remove_queue(first, first_queue);
    umem_remove_queue(second, second_queue);
    umem_share_destroy(first);
    umem_share_destroy(second);
    xsleep(2);
    umem_run();
    puts("all ports are gone:");
    print_memory();
}

/* "expected": ports that were announced have the same frames. */
static void
test_expected(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    umem_expect(FRAME_SIZE, 3 * 4096);
    for (int i = 0; i < 2; i++) {
        struct umem_share *first = create_share(4096);
        struct umem_share *second = create_share(8192);

        print_memory();
        ovs_assert(umem_size(first) == umem_size(second));
        umem_share_destroy(first);
        umem_share_destroy(second);
        umem_expect(FRAME_SIZE, 16384);
    }
}

/* "attached-anew": what older ports take to receive into, when they come back,
 * leaves enough of a zone for its packets to be handed on. */
static void
test_attached_anew(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct umem_share *old = create_share(1024);
    struct umem_share *new = create_share(2048);
    uint16_t new_queue = umem_add_queue(new);
    uint64_t addrs[1024];

    ovs_assert(umem_size(old) < umem_size(new));
    ovs_assert(umem_get(new, new_queue, addrs, 1024) == 1024);
    struct dp_packet *packet = frame_to_packet(new, addrs[0], 60);

    umem_share_destroy(old);
    old = create_share(1024);
    uint16_t old_queue = umem_add_queue(old);
    ovs_assert(umem_size(old) == umem_size(new));
    for (int i = 0; i < 1024; i += 64) {
        ovs_assert(umem_get(old, old_queue, addrs, 64) == 64);
    }
    ovs_assert(packet_to_frame(old, old_queue, packet) != UMEM_NO_ADDR);
    umem_remove_queue(old, old_queue);
    umem_remove_queue(new, new_queue);
    umem_share_destroy(old);
    umem_share_destroy(new);
    puts("ok");
}

/* "refusal": more than there is address space for. */
static void
test_refusal(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct umem_share *share;
    char *error = NULL;

    ovs_assert(umem_share_create(UINT32_MAX, 4096, -1, &share, &error));
    ovs_assert(!share);
    puts(error);
    free(error);
}

/* How much of the share's memory has pages. */
static size_t
n_resident(const struct umem_share *share)
{
    size_t n_pages = umem_size(share) / get_page_size();
    unsigned char *pages = xmalloc(n_pages);
    size_t n = 0;

    ovs_assert(!mincore(umem_base(share), umem_size(share), pages));
    for (size_t i = 0; i < n_pages; i++) {
        n += pages[i] & 1;
    }
    free(pages);
    return n * get_page_size();
}

/* "prepare": with no time at all, pages come block by block. */
static void
test_prepare(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    int n_calls = 1;

    /* Not for one port that is alone. */
    ovs_assert(umem_prepare(4096, FRAME_SIZE, -1, LLONG_MIN));

    umem_expect(FRAME_SIZE, 16384);
    while (!umem_prepare(4096, FRAME_SIZE, -1, LLONG_MIN)) {
        n_calls++;
    }

    struct umem_share *share = create_share(4096);
    printf("%d calls, KiB: %"PRIuSIZE" of %"PRIuSIZE"\n", n_calls,
           n_resident(share) / 1024, umem_size(share) / 1024);
    umem_share_destroy(share);
    ovs_assert(umem_prepare(4096, FRAME_SIZE, -1, LLONG_MIN));
}

/* Threads that hand packets to each other. */

enum { N_SLOTS = 64 };

static struct ovs_mutex slots_mutex = OVS_MUTEX_INITIALIZER;
static struct dp_packet *slots[N_SLOTS] OVS_GUARDED_BY(slots_mutex);

static struct dp_packet *
exchange_slot(int i, struct dp_packet *packet)
{
    ovs_mutex_lock(&slots_mutex);
    struct dp_packet *old = slots[i];
    slots[i] = packet;
    ovs_mutex_unlock(&slots_mutex);
    return old;
}

/* As a port does: takes frames to receive into, makes packets of some, gets
 * others from other threads, and sends or deletes those. */
static void *
forward_packets(void *share_)
{
    struct umem_share *share = share_;
    uint16_t queue = umem_add_queue(share);
    uint32_t n_rounds = 20000 + random_range(20000);

    if (queue % 4) {
        slab_pool_use_caches();
    }
    for (uint32_t i = 0; i < n_rounds; i++) {
        uint64_t addrs[32];
        uint32_t n = umem_get(share, queue, addrs, 1 + random_range(32));

        for (uint32_t j = 0; j < n; j++) {
            struct dp_packet *packet = frame_to_packet(
                share, addrs[j] + HEADROOM, 60);
            memset(dp_packet_data(packet), queue, 60);
            packet = exchange_slot(random_range(N_SLOTS), packet);
            if (!packet) {
                continue;
            }

            uint8_t *data = dp_packet_data(packet);
            ovs_assert(data[0] == data[59]);
            uint64_t addr = (random_range(2)
                             ? packet_to_frame(share, queue, packet)
                             : UMEM_NO_ADDR);
            if (addr == UMEM_NO_ADDR) {
                dp_packet_delete(packet);
            } else if (random_range(1000)) {
                umem_put(share, &addr, 1);
            }
        }
    }
    umem_remove_queue(share, queue);
    return NULL;
}

/* "threads": nothing is lost or doubled by threads that come and go. */
static void
test_threads(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct umem_share *share = create_share(2048);
    pthread_t threads[6];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
            threads[i] = ovs_thread_create("forwarder", forward_packets,
                                           share);
        }
        for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
            xpthread_join(threads[i], NULL);
        }
    }
    for (int i = 0; i < N_SLOTS; i++) {
        dp_packet_delete(exchange_slot(i, NULL));
    }
    printf("packets: %"PRIu32"\n", umem_n_packets());
    print_memory();

    uint16_t queue = umem_add_queue(share);
    uint64_t *addrs = xcalloc(n_frames(share), sizeof *addrs);
    ovs_assert(get_all(share, queue, addrs) == n_frames(share));
    free(addrs);
    umem_remove_queue(share, queue);
    umem_share_destroy(share);
}

static const struct ovs_cmdl_command commands[] = {
    { "frames", NULL, 0, 0, test_frames, OVS_RO },
    { "zones", NULL, 0, 0, test_zones, OVS_RO },
    { "expected", NULL, 0, 0, test_expected, OVS_RO },
    { "attached-anew", NULL, 0, 0, test_attached_anew, OVS_RO },
    { "prepare", NULL, 0, 0, test_prepare, OVS_RO },
    { "refusal", NULL, 0, 0, test_refusal, OVS_RO },
    { "threads", NULL, 0, 0, test_threads, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

int
main(int argc, char *argv[])
{
    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };

    set_program_name(argv[0]);
    ovs_cmdl_run_command(&ctx, commands);
    return 0;
}
