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

#include "crc32c.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "odp-execute.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "tests/unit/base/ovs-version.h"
#include "packets.h"
#include "base/partial-csum.h"
#include "random.h"
#include "timeval.h"
#include "util.h"
#include "offload/xdp-flow-actions.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-flow-table.h"
#include "xdp-inner.h"
#include "xdp-key.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"
#include "prog/xdp-program.h"
#include "tests/unit/datapath-xdp/xdp-random.h"
#include "xdp-sctp-csum.h"

/* One packet, what its flow does, and what became of it. */
struct test_case {
    struct dp_packet packet;
    struct flow flow;
    struct ofpbuf actions;
    struct xdp_flow_action act;
    struct xdp_outputs outputs;
    struct xdp_lab_result result;
    struct xdp_counters counted;
    struct xdp_flow_stats stats;
};

/* How often was what? */
struct tally {
    int n_forwarded, n_dropped, n_punted, n_unparsed, n_refused;
    int n_oversize, n_completed, n_inside, n_unknown;
};

static void
print_bytes(const char *title, const void *data, size_t size)
{
    fprintf(stderr, "%s: ", title);
    for (size_t i = 0; i < size; i++) {
        fprintf(stderr, "%02x", ((const uint8_t *) data)[i]);
    }
    fputc('\n', stderr);
}

static void OVS_NO_RETURN
complain(const struct test_case *tc, const char *what,
         const struct dp_packet *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    format_odp_actions(&s, tc->actions.data, tc->actions.size, NULL);
    fprintf(stderr, "%s\nactions: %s\n", what, ds_cstr(&s));
    ds_clear(&s);
    flow_format(&s, &tc->flow, NULL);
    fprintf(stderr, "flow: %s\n", ds_cstr(&s));
    print_bytes("packet", dp_packet_data(&tc->packet),
                dp_packet_size(&tc->packet));
    print_bytes("output", tc->result.data, tc->result.size);
    if (expected) {
        print_bytes("expect", dp_packet_data(expected),
                    dp_packet_size(expected));
    }
    fprintf(stderr, "verdict %"PRIu32"\n", tc->result.verdict);
    ds_destroy(&s);
    abort();
}

static void
expect_bytes(const struct test_case *tc, const struct dp_packet *expected)
{
    if (tc->result.size != dp_packet_size(expected)
        || memcmp(tc->result.data, dp_packet_data(expected),
                  tc->result.size)) {
        complain(tc, "the program and Open vSwitch differ", expected);
    }
}

static void
expect_verdict(const struct test_case *tc, uint32_t verdict)
{
    if (tc->result.verdict != verdict) {
        complain(tc, "wrong verdict", NULL);
    }
}

/* Takes the packet as it is at the first output. */
static void
take_output(void *output_, struct dp_packet_batch *batch,
            const struct nlattr *a, bool steal OVS_UNUSED)
{
    struct dp_packet **output = output_;

    if (nl_attr_type(a) == OVS_ACTION_ATTR_OUTPUT && !*output) {
        *output = dp_packet_clone(batch->packets[0]);
        dp_packet_set_size(*output,
                           dp_packet_get_send_len(batch->packets[0]));
    }
}

/* What Open vSwitch does in user space: returns the packet that it sends, null
 * if it sends none. */
static struct dp_packet *
execute(const struct test_case *tc, enum partial_csum *csum)
{
    struct dp_packet *packet = dp_packet_clone(&tc->packet);
    struct dp_packet *output = NULL;
    struct dp_packet_batch batch;
    struct flow flow;

    *csum = partial_csum_complete(dp_packet_data(packet),
                                  dp_packet_size(packet));
    flow_extract(packet, &flow);
    dp_packet_batch_init_packet(&batch, packet);
    odp_execute_actions(&output, &batch, false, tc->actions.data,
                        tc->actions.size, take_output);
    dp_packet_delete(packet);
    if (output) {
        ovs_prepare_to_send(output);
    }
    return output;
}

/* The match of a flow that the packet has: any mask that has the type. */
static void
random_match(struct test_case *tc, struct xdp_key *key, struct xdp_key *mask)
{
    xdp_key_from_flow(&tc->flow, &tc->flow, XDP_LAB_IN, key);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        mask->w[i] = (random_range(2) ? UINT64_MAX
                      : random_range(2) ? 0 : random_uint64());
    }
    mask->w[XDP_KEY_ETH_DST] |= (uint64_t) UINT16_MAX << 48;
    mask->w[XDP_KEY_ETH_SRC] |= (uint64_t) UINT16_MAX << 48;
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        key->w[i] &= mask->w[i];
    }
}

/* Several outputs are one set to the program, and all the same here. */
static void
set_output(struct test_case *tc)
{
    if (tc->outputs.n > 1) {
        tc->act.flags |= XDP_ACT_BROADCAST;
        tc->act.out_port = 0;
        tc->act.set_max_len = XDP_LAB_MAX_LEN;
    } else if (tc->outputs.n) {
        tc->act.out_port = odp_to_u32(tc->outputs.ports[0]);
    }
}

static void
run(struct xdp_lab *lab, struct test_case *tc)
{
    struct xdp_counters before, after;
    struct xdp_key key, mask;
    uint32_t idx;

    set_output(tc);
    random_match(tc, &key, &mask);
    ovs_assert(xdp_flow_table_insert(lab->flows, XDP_LAB_IN, &key, &mask,
                                     &tc->act, &idx) == XDP_WHY_OFFLOADED);
    xdp_prog_get_counters(lab->prog, &before);
    xdp_lab_run(lab, dp_packet_data(&tc->packet), dp_packet_size(&tc->packet),
                &tc->result);
    xdp_prog_get_counters(lab->prog, &after);
    for (int i = 0; i < N_XDP_COUNTERS; i++) {
        tc->counted.n[i] = after.n[i] - before.n[i];
    }
    xdp_flow_table_get_stats(lab->flows, idx, &tc->stats);
    xdp_flow_table_unlink(lab->flows, idx);
    xdp_flow_table_release(lab->flows, idx);
}

/* The clock's resolution is some ms, and somebody else may have the CPU. */
static bool
was_just_used(const struct xdp_flow_stats *stats, bool hit)
{
    long long int used = stats->used / 1000000;
    long long int now = time_msec();

    return hit ? used > now - 1000 && used <= now : !used;
}

/* The counters that there must be, and no others; and those of the flow. */
static void
check_counters(const struct test_case *tc, enum xdp_counter what,
               enum xdp_counter more, enum partial_csum csum)
{
    bool hit = what == XDP_COUNTER_MASKED_HITS;
    uint16_t tcp_flags = (is_ip_any(&tc->flow)
                          && tc->flow.nw_proto == IPPROTO_TCP
                          ? ntohs(tc->flow.tcp_flags) : 0);

    for (int i = 0; i < N_XDP_COUNTERS; i++) {
        bool expected = (i == what || i == more
                         || (csum == PARTIAL_CSUM_COMPLETED
                             && i == XDP_COUNTER_CSUM_COMPLETED)
                         || (csum == PARTIAL_CSUM_UNKNOWN
                             && i == XDP_COUNTER_CSUM_UNKNOWN));

        if (tc->counted.n[i] != expected) {
            fprintf(stderr, "counter %d: %"PRIu64"\n", i,
                    (uint64_t) tc->counted.n[i]);
            complain(tc, "wrong counter", NULL);
        }
    }
    if (tc->stats.n_packets != hit || !was_just_used(&tc->stats, hit)
        || tc->stats.n_bytes != (hit ? dp_packet_size(&tc->packet) : 0)
        || tc->stats.tcp_flags != (hit ? tcp_flags : 0)) {
        complain(tc, "wrong flow counters", NULL);
    }
}

/* A packet for user space is as it was, but for its checksum. */
static void
check_punted(const struct test_case *tc, enum xdp_counter what,
             enum partial_csum csum)
{
    struct dp_packet *expected = dp_packet_clone(&tc->packet);

    if (csum == PARTIAL_CSUM_COMPLETED) {
        partial_csum_complete(dp_packet_data(expected),
                              dp_packet_size(expected));
    }
    expect_verdict(tc, XDP_PASS);
    expect_bytes(tc, expected);
    check_counters(tc, what, XDP_COUNTER_PASSED, csum);
    dp_packet_delete(expected);
}

static void
check_forwarded(const struct test_case *tc, const struct dp_packet *expected,
                enum partial_csum csum, struct tally *tally)
{
    if (!expected) {
        tally->n_dropped++;
        expect_verdict(tc, XDP_DROP);
        check_counters(tc, XDP_COUNTER_MASKED_HITS, XDP_COUNTER_FLOW_DROPS,
                       csum);
    } else {
        tally->n_forwarded++;
        expect_verdict(tc, XDP_REDIRECT);
        expect_bytes(tc, expected);
        check_counters(tc, XDP_COUNTER_MASKED_HITS, N_XDP_COUNTERS, csum);
    }
}

/* Can the packet's partial checksum be one that only user space completes? */
static bool
may_be_inside(const struct test_case *tc)
{
    const struct flow *flow = &tc->flow;

    return (flow->nw_proto == IPPROTO_UDP
            ? xdp_is_tunnel_port(ntohs(flow->tp_dst))
            : xdp_is_tunnel_proto(flow->nw_proto));
}

/* Will the packet be longer than the kernel redirects? */
static bool
is_oversize(const struct test_case *tc)
{
    int size = dp_packet_size(&tc->packet);

    size += 4 * (tc->act.n_push - tc->act.n_pop);
    if (tc->act.flags & XDP_ACT_TRUNCATE) {
        size = MIN(size, tc->act.max_len);
    }
    return tc->act.flags & XDP_ACT_OUTPUT && size > XDP_LAB_MAX_LEN;
}

static void
check(const struct test_case *tc, struct tally *tally)
{
    int n_tags = flow_count_vlan_headers(&tc->flow);
    enum partial_csum csum;
    struct dp_packet *expected = execute(tc, &csum);

    tally->n_completed += csum == PARTIAL_CSUM_COMPLETED;
    tally->n_unknown += csum == PARTIAL_CSUM_UNKNOWN;
    if (tc->counted.n[XDP_COUNTER_UNPARSED]) {
        tally->n_unparsed++;
        check_punted(tc, XDP_COUNTER_UNPARSED, PARTIAL_CSUM_NONE);
    } else if (is_oversize(tc)) {
        tally->n_oversize++;
        check_punted(tc, XDP_COUNTER_PUNTED, PARTIAL_CSUM_NONE);
    } else if (csum == PARTIAL_CSUM_COMPLETED && may_be_inside(tc)
               && tc->counted.n[XDP_COUNTER_PUNTED]
               && !tc->counted.n[XDP_COUNTER_CSUM_COMPLETED]) {
        tally->n_inside++;
        check_punted(tc, XDP_COUNTER_PUNTED, PARTIAL_CSUM_NONE);
    } else if (tc->act.n_pop > n_tags) {
        tally->n_punted++;
        check_punted(tc, XDP_COUNTER_PUNTED, csum);
    } else {
        check_forwarded(tc, expected, csum, tally);
    }
    dp_packet_delete(expected);
}

static uint16_t *
udp_csum(struct dp_packet *packet)
{
    struct udp_header *udp = dp_packet_l4(packet);

    return (OVS_FORCE uint16_t *) &udp->udp_csum;
}

/* Changes the payload of a UDP packet, whose checksum is partial, so that the
 * complete one is zero. */
static void
aim_completion_at_zero(struct test_case *tc)
{
    struct dp_packet *complete = dp_packet_clone(&tc->packet);
    uint16_t *payload = udp_csum(&tc->packet) + 1;

    if (dp_packet_l4_size(&tc->packet) >= UDP_HEADER_LEN + 2) {
        partial_csum_complete(dp_packet_data(complete),
                              dp_packet_size(complete));
        *payload = ~(OVS_FORCE uint16_t) csum_finish(*payload
                                                     + *udp_csum(complete));
    }
    dp_packet_delete(complete);
}

/* Changes the checksum of a UDP packet so that it comes out as zero, which is
 * sent as ffff.  Chance does that too rarely. */
static void
aim_at_zero(struct test_case *tc)
{
    enum partial_csum partial;
    struct dp_packet *output = execute(tc, &partial);
    uint16_t *csum = udp_csum(&tc->packet);

    if (output && partial == PARTIAL_CSUM_NONE && *csum) {
        uint16_t zero = ~(OVS_FORCE uint16_t) csum_finish(
            *csum + (uint16_t) ~*udp_csum(output));

        *csum = zero ? zero : UINT16_MAX;
    } else if (partial == PARTIAL_CSUM_COMPLETED && !may_be_inside(tc)) {
        aim_completion_at_zero(tc);
    }
    dp_packet_delete(output);
}

static void
run_random_case(struct xdp_lab *lab, struct test_case *tc,
                struct tally *tally)
{
    xdp_random_packet(&tc->packet);
    flow_extract(&tc->packet, &tc->flow);
    ofpbuf_clear(&tc->actions);
    xdp_random_actions(&tc->flow, &tc->actions);
    if (xdp_actions_translate(&tc->flow, tc->actions.data, tc->actions.size,
                              &tc->act, &tc->outputs) != XDP_WHY_OFFLOADED) {
        tally->n_refused++;
        return;
    }
    if (is_ip_any(&tc->flow) && tc->flow.nw_proto == IPPROTO_UDP
        && !(tc->flow.nw_frag & FLOW_NW_FRAG_LATER) && !random_range(4)) {
        aim_at_zero(tc);
    }
    run(lab, tc);
    check(tc, tally);
}

/* "xdp-rewrite N SEED": N random packets with random actions do in the kernel
 * what they do in user space. */
static void
test_rewrite(struct ovs_cmdl_context *ctx)
{
    const struct xdp_limits limits = {
        .n_flows = 8192, .cache_size = 1024, .n_masks = XDP_MAX_MASKS,
    };
    int n = atoi(ctx->argv[1]);
    struct tally tally = { 0 };
    struct test_case tc;
    struct xdp_lab lab;
    const int lo = 1;

    random_set_seed(atoi(ctx->argv[2]));
    odp_execute_init();
    xdp_lab_open(&lab, &limits, 0);
    ovs_assert(!xdp_tables_set_outputs(lab.tables, 0, &lo, 1));
    dp_packet_init(&tc.packet, 2048);
    ofpbuf_init(&tc.actions, 0);
    for (int i = 0; i < n; i++) {
        run_random_case(&lab, &tc, &tally);
    }
    fprintf(stderr, "forwarded %d, dropped %d, oversize %d, punted %d, "
            "unparsed %d, not translated %d, checksums completed %d, of these "
            "inside %d, unknown %d\n",
            tally.n_forwarded, tally.n_dropped, tally.n_oversize,
            tally.n_punted, tally.n_unparsed, tally.n_refused,
            tally.n_completed, tally.n_inside, tally.n_unknown);

    /* Else the cases are not such that they test anything. */
    ovs_assert(tally.n_forwarded > n / 2 && tally.n_completed > n / 20
               && tally.n_inside > n / 200 && tally.n_unknown > n / 1000);
    printf("%d cases\n", n);
    ofpbuf_uninit(&tc.actions);
    dp_packet_uninit(&tc.packet);
    xdp_lab_close(&lab);
}

/* "xdp-crc32c": the change of a checksum, for packets of all lengths. */
static void
test_crc32c(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint32_t data[XDP_CRC32C_MAX_LEN / 4 + 1];

    random_set_seed(1);
    for (uint32_t len = 4; len <= XDP_CRC32C_MAX_LEN; len++) {
        uint32_t diff = random_uint32();
        ovs_be32 old;

        random_bytes(data, len);
        old = crc32c((const uint8_t *) data, len);
        data[0] ^= diff;
        ovs_assert(crc32c((const uint8_t *) data, len)
                   == (old ^ (OVS_FORCE ovs_be32) xdp_crc32c_change(diff,
                                                                    len)));
    }
    puts("ok");
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-crc32c", NULL, 0, 0, test_crc32c, OVS_RO },
    { "xdp-rewrite", NULL, 2, 2, test_rewrite, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
