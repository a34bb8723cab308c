/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <inttypes.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "flow.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "tests/unit/base/ovs-version.h"
#include "packets.h"
#include "random.h"
#include "util.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-flow-table.h"
#include "xdp-key.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"

/* A thread sends packets of one flow, which changes what it does all the time,
 * while others come into its buckets and go. */
struct race {
    struct xdp_lab lab;
    struct dp_packet packet;
    struct xdp_key key, mask;

    /* What the flow does is a number that grows.  'oldest' is the first that a
     * packet may still get, 'newest' the last. */
    atomic_uint oldest, newest;
    atomic_bool stop;
    uint64_t n_forwarded, n_passed;     /* The thread's. */
};

/* What others do, which no packet may get. */
#define OTHERS 0x80000000u

/* How often they come and go between two changes. */
enum { N_DISTURBANCES = 200 };

static void *
send_packets(void *race_)
{
    struct race *race = race_;
    bool stop;

    do {
        struct xdp_lab_result result;
        unsigned int oldest, newest;
        uint32_t number;

        atomic_read(&race->stop, &stop);
        atomic_read(&race->oldest, &oldest);
        xdp_lab_run(&race->lab, dp_packet_data(&race->packet),
                    dp_packet_size(&race->packet), &result);
        atomic_read(&race->newest, &newest);
        if (result.verdict == XDP_REDIRECT) {
            memcpy(&number, result.data, sizeof number);
            ovs_assert(number >= oldest && number <= newest);
            race->n_forwarded++;
        } else {
            ovs_assert(result.verdict == XDP_PASS);
            race->n_passed++;
        }
    } while (!stop);
    return NULL;
}

static bool
insert(struct race *race, uint32_t number, uint16_t tp_src, bool other_mask,
       uint32_t *idx)
{
    struct xdp_flow_action act = {
        .flags = XDP_ACT_OUTPUT | XDP_ACT_ETH, .out_port = XDP_LAB_OUT,
        .eth = { number }, .eth_mask = { UINT32_MAX },
    };
    struct xdp_key key = race->key, mask = race->mask;

    if (other_mask) {
        mask.w[XDP_KEY_IPV4] = 0;
    }
    key.w[XDP_KEY_NW] ^= (uint64_t) tp_src << 32;
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        key.w[i] &= mask.w[i];
    }
    return xdp_flow_table_insert(race->lab.flows, XDP_LAB_IN, &key, &mask,
                                 &act, idx) == XDP_WHY_OFFLOADED;
}

/* Flows that the packets do not have come and go. */
static void
disturb(struct race *race)
{
    uint32_t idxs[12];
    int n = 0;

    for (int i = 0; i < ARRAY_SIZE(idxs); i++) {
        n += insert(race, OTHERS + i, 1 + i, random_range(2), &idxs[n]);
    }
    while (n) {
        int i = random_range(n);

        xdp_lab_delete(&race->lab, idxs[i]);
        idxs[i] = idxs[--n];
    }
}

/* Changes what the flow does from 'number' - 1 to 'number'.  Returns what it
 * has counted. */
static uint64_t
change(struct race *race, uint32_t number, uint32_t *idx)
{
    struct xdp_flow_stats stats;

    atomic_store(&race->newest, number);
    xdp_flow_table_unlink(race->lab.flows, *idx);
    disturb(race);
    xdp_tables_synchronize(race->lab.tables);
    atomic_store(&race->oldest, number);
    xdp_flow_table_get_stats(race->lab.flows, *idx, &stats);
    xdp_flow_table_release(race->lab.flows, *idx);
    ovs_assert(insert(race, number, 0, random_range(2), idx));
    for (int i = 0; i < N_DISTURBANCES; i++) {
        disturb(race);
    }
    return stats.n_packets;
}

static void
prepare(struct race *race)
{
    struct flow flow = {
        .dl_type = htons(ETH_TYPE_IP), .nw_src = htonl(1), .nw_dst = htonl(2),
        .nw_proto = IPPROTO_UDP, .tp_src = htons(0x100), .tp_dst = htons(2),
    };

    dp_packet_init(&race->packet, 128);
    ovs_flow_compose(&race->packet, &flow, NULL, 0);
    xdp_key_from_flow(&flow, &flow, XDP_LAB_IN, &race->key);
    memset(&race->mask, 0xff, sizeof race->mask);
    atomic_init(&race->oldest, 1);
    atomic_init(&race->newest, 1);
    atomic_init(&race->stop, false);
}

/* "xdp-race N SEED": N changes. */
static void
test_race(struct ovs_cmdl_context *ctx)
{
    const struct xdp_limits limits = {
        .n_flows = 1024, .cache_size = 16, .n_masks = 4,
    };
    struct xdp_flow_stats stats;
    int n = atoi(ctx->argv[1]);
    uint64_t n_counted = 0;
    struct race race = { .n_forwarded = 0 };
    pthread_t thread;
    uint32_t idx;

    random_set_seed(atoi(ctx->argv[2]));
    xdp_lab_open(&race.lab, &limits, 2);
    prepare(&race);
    ovs_assert(insert(&race, 1, 0, false, &idx));
    thread = ovs_thread_create("packets", send_packets, &race);
    for (int i = 2; i < n + 2; i++) {
        n_counted += change(&race, i, &idx);
    }
    atomic_store(&race.stop, true);
    xpthread_join(thread, NULL);
    xdp_flow_table_get_stats(race.lab.flows, idx, &stats);
    ovs_assert(n_counted + stats.n_packets == race.n_forwarded);
    ovs_assert(race.n_forwarded);
    fprintf(stderr, "%"PRIu64" packets forwarded, %"PRIu64" not\n",
            race.n_forwarded, race.n_passed);
    printf("%d changes\n", n);
    dp_packet_uninit(&race.packet);
    xdp_lab_close(&race.lab);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-race", NULL, 2, 2, test_race, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
