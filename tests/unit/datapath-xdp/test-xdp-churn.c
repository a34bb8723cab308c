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

/* One thread sends packets, to each of N_ADDRS addresses in turn.  There is a
 * flow for every other address, all the time.  No flow matches the others, but
 * flows come and go that do under another's mask, beside others that come into
 * the same buckets and go. */
enum { N_ADDRS = 8, N_CHURNING = 10 };
#define STAYS 0x1000u           /* Plus the address: what such flows do. */

struct churn {
    struct xdp_lab lab;
    atomic_bool stop;
    atomic_uint64_t n_packets;
};

static struct flow
make_flow(int addr)
{
    return (struct flow) {
        .dl_type = htons(ETH_TYPE_IP), .nw_src = htonl(0x0a000001),
        .nw_dst = htonl(0x0b000000 + (addr << 16) + (addr << 8) + addr),
        .nw_proto = IPPROTO_UDP, .nw_ttl = 64,
        .tp_src = htons(1000), .tp_dst = htons(2000),
    };
}

static void *
send_packets(void *churn_)
{
    struct churn *churn = churn_;
    struct dp_packet packets[N_ADDRS];
    bool stop = false;

    for (int i = 0; i < N_ADDRS; i++) {
        struct flow flow = make_flow(i);

        dp_packet_init(&packets[i], 128);
        ovs_flow_compose(&packets[i], &flow, NULL, 0);
    }
    for (uint64_t n = 0; !stop; n++) {
        struct xdp_lab_result result;
        int i = n % N_ADDRS;
        uint32_t number;

        xdp_lab_run(&churn->lab, dp_packet_data(&packets[i]),
                    dp_packet_size(&packets[i]), &result);
        if (i % 2) {
            ovs_assert(result.verdict == XDP_PASS);
        } else {
            memcpy(&number, result.data, sizeof number);
            ovs_assert(result.verdict == XDP_REDIRECT && number == STAYS + i);
        }
        atomic_store(&churn->n_packets, n + 1);
        atomic_read(&churn->stop, &stop);
    }
    for (int i = 0; i < N_ADDRS; i++) {
        dp_packet_uninit(&packets[i]);
    }
    return NULL;
}

static uint32_t
insert(struct churn *churn, uint32_t port, const struct flow *flow,
       ovs_be32 dst_mask, ovs_be16 src_mask, uint32_t number)
{
    struct xdp_flow_action act = {
        .flags = XDP_ACT_OUTPUT | XDP_ACT_ETH, .out_port = XDP_LAB_OUT,
        .eth = { number }, .eth_mask = { UINT32_MAX },
    };
    enum xdp_offload_reason reason;
    struct xdp_key key, mask;
    struct flow wc;
    uint32_t idx;

    memset(&wc, 0xff, sizeof wc);
    wc.nw_dst = dst_mask;
    wc.tp_src = src_mask;
    xdp_key_from_flow(flow, flow, port, &key);
    xdp_key_from_flow(&wc, flow, UINT16_MAX, &mask);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        key.w[i] &= mask.w[i];
    }
    reason = xdp_flow_table_insert(churn->lab.flows, port, &key, &mask, &act,
                                   &idx);
    if (reason == XDP_WHY_MASKS_FULL) {
        xdp_lab_settle(&churn->lab);
        reason = xdp_flow_table_insert(churn->lab.flows, port, &key, &mask,
                                       &act, &idx);
    }
    ovs_assert(reason == XDP_WHY_OFFLOADED);
    return idx;
}

/* A flow to 11.N.0.0 that no packet has: because its mask is 24 bits or
 * longer, or because of the source port.  Under another mask, packets would
 * have it.  Or one of another port, for the buckets alone. */
static uint32_t
insert_churning(struct churn *churn, uint32_t i)
{
    struct flow flow = make_flow(1 + 2 * random_range(N_ADDRS / 2));
    bool other_port = random_range(3) == 0;
    bool by_addr = !other_port && random_range(2);
    int n_bits = by_addr ? 24 + random_range(9) : 16 + random_range(17);

    flow.nw_dst &= htonl(0xffff0000);
    flow.tp_src = by_addr ? htons(1000) : htons(3000 + i);
    return insert(churn, other_port ? XDP_LAB_OUT : XDP_LAB_IN, &flow,
                  be32_prefix_mask(n_bits),
                  htons(0xff00 | random_range(256)), i);
}

/* Changes between two packets, so that a packet meets few or many. */
static void
change(struct churn *churn, uint32_t idxs[N_CHURNING], uint32_t *n, uint32_t i)
{
    if (*n == N_CHURNING || (*n && random_range(2))) {
        uint32_t j = random_range(*n);

        xdp_lab_delete(&churn->lab, idxs[j]);
        idxs[j] = idxs[--*n];
    } else {
        idxs[(*n)++] = insert_churning(churn, i);
    }
}

/* "xdp-churn N SEED": N changes, and as many packets at least. */
static void
test_churn(struct ovs_cmdl_context *ctx)
{
    const struct xdp_limits limits = {
        .n_flows = 8192, .cache_size = 64, .n_masks = N_CHURNING + 1,
    };
    uint32_t n_changes = atoi(ctx->argv[1]), n = 0;
    uint32_t idxs[N_CHURNING];
    uint64_t n_packets = 0;
    struct churn churn;
    pthread_t thread;

    random_set_seed(atoi(ctx->argv[2]));
    xdp_lab_open(&churn.lab, &limits, 2);
    for (int i = 0; i < N_ADDRS; i += 2) {
        struct flow flow = make_flow(i);

        insert(&churn, XDP_LAB_IN, &flow, OVS_BE32_MAX, OVS_BE16_MAX,
               STAYS + i);
    }
    atomic_init(&churn.stop, false);
    atomic_init(&churn.n_packets, 0);
    thread = ovs_thread_create("packets", send_packets, &churn);
    for (uint32_t i = 0; i < n_changes || n_packets < n_changes; i++) {
        change(&churn, idxs, &n, i % 1000);
        atomic_read(&churn.n_packets, &n_packets);
    }
    atomic_store(&churn.stop, true);
    xpthread_join(thread, NULL);
    fprintf(stderr, "%"PRIu64" packets\n", n_packets);
    puts("ok");
    xdp_lab_close(&churn.lab);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-churn", NULL, 2, 2, test_churn, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
