/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <inttypes.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "dp-packet.h"
#include "flow.h"
#include "tests/unit/base/ovs-version.h"
#include "packets.h"
#include "random.h"
#include "util.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-flow-table.h"
#include "xdp-key.h"
#include "tests/unit/datapath-xdp/masked-key.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"
#include "prog/xdp-program.h"

/* Two ports have flows; packets come in through the first. */
enum { OTHER_PORT = XDP_LAB_OUT };

/* What the model knows of a flow. */
struct model_flow {
    uint32_t idx;
    uint32_t port;
    uint32_t action;
    struct xdp_key key, mask;
    uint64_t n_packets, n_bytes, tcp_flags;
};

/* The flow table, and flows that must be in it, in no order. */
struct model {
    struct xdp_lab lab;
    struct xdp_limits limits;
    uint32_t n_buckets;         /* 0: enough. */
    uint32_t n_actions;         /* Different ones that flows have. */
    struct model_flow *flows;
    uint32_t n;
    uint64_t n_hits, n_misses, n_full[N_XDP_OFFLOAD_REASONS];
};

/* Fields from small domains, so that flows and packets meet. */

static void
random_fields(struct flow *flow)
{
    memset(flow, 0, sizeof *flow);
    flow->dl_dst = (struct eth_addr) ETH_ADDR_C(02,00,00,00,00,01);
    flow->dl_dst.ea[5] += random_range(2);
    flow->dl_src = (struct eth_addr) ETH_ADDR_C(02,00,00,00,01,01);
    flow->dl_src.ea[5] += random_range(2);
    flow->dl_type = htons(random_range(3) ? ETH_TYPE_IP : ETH_TYPE_IPV6);
    if (!random_range(4)) {
        flow->vlans[0].tpid = htons(ETH_TYPE_VLAN_8021Q);
        flow->vlans[0].tci = htons(VLAN_CFI | random_range(2));
    }
    if (flow->dl_type == htons(ETH_TYPE_IP)) {
        flow->nw_src = htonl(0x0a000000 | random_range(4));
        flow->nw_dst = htonl(0x0a000100 | random_range(4));
    } else {
        flow->ipv6_src.s6_addr[15] = random_range(4);
        flow->ipv6_dst.s6_addr[0] = random_range(4);
    }
    flow->nw_proto = IPPROTO_TCP;
    flow->nw_ttl = 64;
    flow->tp_src = htons(random_range(4));
    flow->tp_dst = htons(random_range(4));
    flow->tcp_flags = htons(1 << random_range(12));
}

/* One of 128 masks for each of IPv4 and IPv6. */
static void
random_mask(bool ipv6, struct xdp_key *mask)
{
    uint32_t fields = random_range(128);
    uint64_t first = xdp_key_pair(UINT32_MAX, 0);
    uint64_t second = xdp_key_pair(0, UINT32_MAX);
    uint64_t mac = UINT64_MAX >> 16;
    struct xdp_key m = {
        .w[XDP_KEY_ETH_DST] = ~mac | (fields & 1 ? mac : 0),
        .w[XDP_KEY_ETH_SRC] = ~mac | (fields & 2 ? mac : 0),
        .w[XDP_KEY_VLANS] = fields & 4 ? first : 0,
        .w[XDP_KEY_NW] = xdp_key_nw(UINT8_MAX, 0, 0, 3, 0)
                         | (fields & 8 ? (uint64_t) UINT16_MAX << 32 : 0)
                         | (fields & 16 ? (uint64_t) UINT16_MAX << 48 : 0),
    };

    if (!ipv6) {
        m.w[XDP_KEY_IPV4] = ((fields & 32 ? first : 0)
                             | (fields & 64 ? second : 0));
    } else {
        m.w[XDP_KEY_IPV6_SRC + 1] = fields & 32 ? UINT64_MAX : 0;
        m.w[XDP_KEY_IPV6_DST] = fields & 64 ? UINT64_MAX : 0;
    }
    *mask = m;
}

/* What the program does with packets of a flow shows which one it was. */
static struct xdp_flow_action
number_to_action(uint32_t number)
{
    return (struct xdp_flow_action) {
        .flags = XDP_ACT_OUTPUT | XDP_ACT_ETH,
        .out_port = XDP_LAB_OUT,
        .eth = { number },
        .eth_mask = { UINT32_MAX },
    };
}

/* The model. */

static bool
matches(const struct model_flow *f, const struct xdp_key *key)
{
    return masked_key_matches(&f->key, &f->mask, key);
}

static bool
exists(const struct model *m, const struct model_flow *new)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (!memcmp(&m->flows[i].key, &new->key, sizeof new->key)
            && !memcmp(&m->flows[i].mask, &new->mask, sizeof new->mask)) {
            return true;
        }
    }
    return false;
}

static uint32_t
count_actions(const struct model *m, uint32_t number, bool *is_new)
{
    unsigned long *seen = bitmap_allocate(m->n_actions);
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->n; i++) {
        n += !bitmap_is_set(seen, m->flows[i].action);
        bitmap_set1(seen, m->flows[i].action);
    }
    *is_new = !bitmap_is_set(seen, number);
    bitmap_free(seen);
    return n;
}

static uint32_t
count_masks(const struct model *m, const struct model_flow *new, bool *is_new)
{
    uint32_t n = 0;

    *is_new = true;
    for (uint32_t i = 0; i < m->n; i++) {
        bool first = m->flows[i].port == new->port;

        if (first && !memcmp(&m->flows[i].mask, &new->mask,
                             sizeof new->mask)) {
            *is_new = false;
        }
        for (uint32_t j = 0; first && j < i; j++) {
            first = (m->flows[j].port != new->port
                     || memcmp(&m->flows[j].mask, &m->flows[i].mask,
                               sizeof new->mask));
        }
        n += first;
    }
    return n;
}

/* What inserting 'new' must lead to, unless its buckets are full; two buckets
 * are those of all flows. */
static enum xdp_offload_reason
predict(const struct model *m, const struct model_flow *new)
{
    bool new_mask, new_action;
    uint32_t n_masks = count_masks(m, new, &new_mask);
    uint32_t n_actions = count_actions(m, new->action, &new_action);

    ovs_assert(xdp_flow_table_count(m->lab.flows) == m->n);
    ovs_assert(xdp_flow_table_n_masks(m->lab.flows, new->port) == n_masks);
    ovs_assert(xdp_flow_table_n_actions(m->lab.flows) == n_actions);
    return (m->n >= m->limits.n_flows ? XDP_WHY_FLOWS_FULL
            : new_mask && n_masks >= m->limits.n_masks ? XDP_WHY_MASKS_FULL
            : new_action && n_actions >= m->lab.tables->n_actions
            ? XDP_WHY_ACTIONS_FULL
            : m->n_buckets == 2 && m->n >= 2 * XDP_BUCKET_SLOTS
            ? XDP_WHY_FLOWS_FULL : XDP_WHY_OFFLOADED);
}

static void
expect_stats(const struct model *m, const struct model_flow *f)
{
    struct xdp_flow_stats stats;

    xdp_flow_table_get_stats(m->lab.flows, f->idx, &stats);
    ovs_assert(stats.n_packets == f->n_packets);
    ovs_assert(stats.n_bytes == f->n_bytes);
    ovs_assert(stats.tcp_flags == f->tcp_flags);
    ovs_assert(!stats.used == !f->n_packets);
}

/* Steps. */

static void
insert(struct model *m, bool predictable)
{
    enum xdp_offload_reason reason, expected = XDP_WHY_OFFLOADED;
    struct model_flow new = {
        .port = random_range(5) ? XDP_LAB_IN : OTHER_PORT,
        .action = random_range(m->n_actions),
    };
    struct xdp_flow_action act = number_to_action(new.action);
    struct flow flow;

    random_fields(&flow);
    xdp_key_from_flow(&flow, &flow, new.port, &new.key);
    random_mask(flow.dl_type == htons(ETH_TYPE_IPV6), &new.mask);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        new.key.w[i] &= new.mask.w[i];
    }
    if (exists(m, &new)) {
        return;
    }
    if (predictable) {
        expected = predict(m, &new);
    }
    reason = xdp_flow_table_insert(m->lab.flows, new.port, &new.key,
                                   &new.mask, &act, &new.idx);
    m->n_full[reason]++;
    if (reason == XDP_WHY_OFFLOADED) {
        expect_stats(m, &new);
        m->flows[m->n++] = new;
    }
    ovs_assert(!predictable || reason == expected
               || (reason == XDP_WHY_FLOWS_FULL && m->n_buckets > 2
                   && m->n >= 2 * XDP_BUCKET_SLOTS));
}

/* What this process did is over by now: there is no grace period to wait
 * for. */
static void
delete(struct model *m)
{
    uint32_t i = random_range(m->n);

    xdp_flow_table_unlink(m->lab.flows, m->flows[i].idx);
    expect_stats(m, &m->flows[i]);
    xdp_flow_table_release(m->lab.flows, m->flows[i].idx);
    m->flows[i] = m->flows[--m->n];
}

/* One of the flows that match the packet was found and has counted it. */
static void
expect_hit(struct model *m, const struct xdp_key *key,
           const struct xdp_lab_result *result, uint64_t tcp_flags)
{
    uint32_t action;

    memcpy(&action, result->data, sizeof action);
    for (uint32_t i = 0; i < m->n; i++) {
        struct model_flow *f = &m->flows[i];
        struct xdp_flow_stats stats;

        if (f->action != action || !matches(f, key)) {
            continue;
        }
        xdp_flow_table_get_stats(m->lab.flows, f->idx, &stats);
        if (stats.n_packets == f->n_packets + 1) {
            f->n_packets++;
            f->n_bytes += result->size;
            f->tcp_flags |= tcp_flags;
            expect_stats(m, f);
            return;
        }
    }
    OVS_NOT_REACHED();
}

static void
look_up(struct model *m)
{
    struct xdp_lab_result result;
    struct dp_packet packet;
    struct xdp_key key;
    struct flow flow;
    bool hit = false;

    random_fields(&flow);
    dp_packet_init(&packet, 128);
    ovs_flow_compose(&packet, &flow, NULL, 0);
    xdp_key_from_flow(&flow, &flow, XDP_LAB_IN, &key);
    for (uint32_t i = 0; i < m->n && !hit; i++) {
        hit = matches(&m->flows[i], &key);
    }
    xdp_lab_run(&m->lab, dp_packet_data(&packet), dp_packet_size(&packet),
                &result);
    ovs_assert(result.verdict == (hit ? XDP_REDIRECT : XDP_PASS));
    if (hit) {
        expect_hit(m, &key, &result, ntohs(flow.tcp_flags));
    }
    m->n_hits += hit;
    m->n_misses += !hit;
    dp_packet_uninit(&packet);
}

static void
check_all(const struct model *m)
{
    struct xdp_counters c;

    for (uint32_t i = 0; i < m->n; i++) {
        expect_stats(m, &m->flows[i]);
    }
    xdp_prog_get_counters(m->lab.prog, &c);
    ovs_assert(c.n[XDP_COUNTER_CACHE_HITS] + c.n[XDP_COUNTER_MASKED_HITS]
               == m->n_hits);
    ovs_assert(c.n[XDP_COUNTER_MISSES] == m->n_misses);
}

/* Programs count in the shard of the CPU that they run on. */
static void
change_cpu(int i)
{
    static cpu_set_t all;
    cpu_set_t one;
    int cpu;

    if (!CPU_COUNT(&all)) {
        ovs_assert(!sched_getaffinity(0, sizeof all, &all));
    }
    for (cpu = 0; !CPU_ISSET(cpu, &all) || i-- % CPU_COUNT(&all); cpu++) {
        continue;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ovs_assert(!sched_setaffinity(0, sizeof one, &one));
}

static void
run_steps(struct model *m, int n, uint32_t max_flows)
{
    /* Fills up, empties, fills up again. */
    bool growing = true;

    for (int i = 0; i < n; i++) {
        if (i % 100 == 0) {
            change_cpu(i / 100);
        }
        if (m->n >= max_flows || random_range(2000) == 0) {
            growing = false;
        } else if (!m->n || random_range(2000) == 0) {
            growing = true;
        }
        if (m->n && random_range(8) < (growing ? 2 : 6)) {
            delete(m);
        } else {
            insert(m, i % 8 == 0);
        }
        look_up(m);
    }
    check_all(m);
}

/* "xdp-table N SEED N_FLOWS N_BUCKETS N_MASKS N_ACTIONS MAX_FLOWS": N flows
 * that come and go, up to MAX_FLOWS at a time, with one of N_ACTIONS actions
 * each, in a table with the limits N_FLOWS and N_MASKS. */
static void
test_table(struct ovs_cmdl_context *ctx)
{
    struct model m = {
        .limits.n_flows = atoi(ctx->argv[3]),
        .limits.n_masks = atoi(ctx->argv[5]),
        .limits.cache_size = 256,
        .n_buckets = atoi(ctx->argv[4]),
        .n_actions = atoi(ctx->argv[6]),
    };

    random_set_seed(atoi(ctx->argv[2]));
    xdp_lab_open(&m.lab, &m.limits, m.n_buckets);
    m.flows = xcalloc(m.limits.n_flows, sizeof *m.flows);
    run_steps(&m, atoi(ctx->argv[1]), atoi(ctx->argv[7]));
    fprintf(stderr, "inserted %"PRIu64", flows full %"PRIu64", masks full "
            "%"PRIu64", actions full %"PRIu64", hits %"PRIu64", misses "
            "%"PRIu64", at the end %"PRIu32" flows\n",
            m.n_full[XDP_WHY_OFFLOADED], m.n_full[XDP_WHY_FLOWS_FULL],
            m.n_full[XDP_WHY_MASKS_FULL], m.n_full[XDP_WHY_ACTIONS_FULL],
            m.n_hits, m.n_misses, m.n);
    for (int i = XDP_WHY_OFFLOADED + 1; i < N_XDP_OFFLOAD_REASONS; i++) {
        if (m.n_full[i]) {
            puts(xdp_offload_reason_to_string(i));
        }
    }
    while (m.n) {
        delete(&m);
    }
    ovs_assert(!xdp_flow_table_count(m.lab.flows)
               && !xdp_flow_table_n_masks(m.lab.flows, XDP_LAB_IN)
               && !xdp_flow_table_n_actions(m.lab.flows));
    puts("ok");
    free(m.flows);
    xdp_lab_close(&m.lab);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-table", NULL, 7, 7, test_table, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
