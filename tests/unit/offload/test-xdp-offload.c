/* SPDX-License-Identifier: Apache-2.0 */

/* Flow offload against a model of it: threads of Open vSwitch that take turns,
 * step by step, in random order. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"
#include "tests/unit/offload/xdp-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovs-rcu.h"
#include "random.h"
#include "util.h"

/* What it takes to tell packets of a port from others. */
static int kinds[DP_PORTS];

static bool ports_rest;         /* Ports stay as they are for a while. */
static bool is_calm;            /* As everything does. */

/* Somebody has found a copy and its port, and is late. */
static struct {
    struct dp_flow *flow;
    struct xdp_offload_port *port;
} latecomers[4];

/* PMD threads. */

static void
install(void)
{
    int pmd = random_range(DP_PMDS);
    int packet = random_range(DP_PACKETS);
    int kind = random_range(8) ? kinds[packet / DP_VALUES / DP_VALUES]
                               : random_range(DP_KINDS);
    const struct dp_actions *actions = random_range(50)
        ? model_rule_of(dp_megaflow(packet, kind)) : model_random_actions();

    if (!model_is_locked(pmd) && dp_install(pmd, packet, kind, actions)) {
        TRACE("%d: pmd %d: new copy of megaflow %"PRIdPTR", action %"PRIdPTR
              ", for packet %d\n", model_step, pmd,
              dp_megaflow(packet, kind) - dp_megaflows, actions - dp_actions,
              packet);
    }
}

/* A copy goes, and flow offload hears of it only from the queue, or not at
 * all. */
static void
bypass(void)
{
    struct dp_flow *flow = model_random_flow();

    if (flow && !model_is_locked(flow->pmd_id) && !flow->old_actions) {
        TRACE("%d: pmd %d: copy of megaflow %"PRIdPTR" dies unseen\n",
              model_step, flow->pmd_id, flow->mega - dp_megaflows);
        dp_queue_delete(flow);
        model_note_bypass(flow);
        dp_bury(flow);
    }
}

/* Revalidators, and whoever else asks for counters. */

static void
get(void)
{
    struct dp_flow *flow = model_random_flow();

    if (flow) {
        dp_get(flow, dp_get_port(flow->mega->port));
    }
}

static void
get_late(int i)
{
    struct dp_flow *flow = latecomers[i].flow;

    if (flow) {
        TRACE("%d: megaflow %"PRIdPTR": counters, late\n", model_step,
              flow->mega - dp_megaflows);
        dp_get(flow, latecomers[i].port);
        dp_unref(flow);
        latecomers[i].flow = NULL;
    }
}

static void
come_late(void)
{
    int i = random_range(ARRAY_SIZE(latecomers));
    struct dp_flow *flow = model_random_flow();

    get_late(i);
    if (flow && dp_ref(flow)) {
        latecomers[i].flow = flow;
        latecomers[i].port = dp_get_port(flow->mega->port);
    }
}

/* What they knew may be freed when nobody is late. */
static void
quiesce(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(latecomers); i++) {
        if (latecomers[i].flow) {
            return;
        }
    }
    ovsrcu_quiesce();
}

/* The rules change: copies that are there are changed later. */
static void
change_rules(void)
{
    int port = random_range(DP_PORTS);

    if (random_range(4)) {
        model_change_rule(random_range(DP_MEGAFLOWS));
    } else {
        kinds[port] = random_range(4) ? DP_KINDS - 1 : random_range(DP_KINDS);
    }
}

/* Main. */

static void
run(void)
{
    kernel.now += random_range(100);
    model_run();
}

static void
send_packet(void)
{
    if (kernel.n_flows && random_range(2)) {
        kernel_start_packet(random_range(kernel.n_flows));
    } else {
        kernel_finish_packet();
    }
}

static void
flush_all(void)
{
    size_t n = kernel.n_flows;

    if (random_range(100) == 0) {
        ovs_assert(xdp_offload_withdraw_all(dp_offload) == n);
    }
}

static void
change_port(void)
{
    if (!ports_rest || random_range(100) == 0) {
        model_change_port();
    }
}

static void
advance_some(void)
{
    model_advance(&model_changes[random_range(N_CHANGES)]);
}

static void
run_queue(void)
{
    if (!dp_queue_is_empty()) {
        dp_run_queue();
    }
}

/* Somebody waits, others need not. */
static void
take_other_steps(void)
{
    static void (*const functions[])(void) = {
        send_packet, send_packet, get, install, run_queue, flush_all,
        change_port,
    };

    for (int i = random_range(10); i > 0; i--) {
        functions[random_range(ARRAY_SIZE(functions))]();
        kernel_look();
    }
}

/* Somebody who is not to wait for that makes an output set. */
static void
take_small_steps(void)
{
    static void (*const functions[])(void) = {
        send_packet, send_packet, get, install, come_late, flush_all,
    };

    kernel_look();
    for (int i = random_range(6); i > 0 && !is_calm; i--) {
        functions[random_range(ARRAY_SIZE(functions))]();
        kernel_look();
    }
}

/* What can happen next, and how often it does. */
static const struct {
    void (*function)(void);
    int weight;
} choices[] = {
    { send_packet, 200 },
    { install, 100 },
    { get, 100 },
    { run_queue, 60 },
    { advance_some, 80 },
    { run, 20 },
    { come_late, 10 },
    { quiesce, 10 },
    { change_rules, 10 },
    { flush_all, 5 },
    { bypass, 2 },
    { change_port, 8 },
};

static void
take_step(void)
{
    int sum = 0;

    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        sum += choices[i].weight;
    }
    sum = random_range(sum);
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        sum -= choices[i].weight;
        if (sum < 0) {
            choices[i].function();
            break;
        }
    }
    model_check();
}

static bool
any_changes(void)
{
    for (int i = 0; i < N_CHANGES; i++) {
        if (model_changes[i].state != IDLE) {
            return true;
        }
    }
    return false;
}

/* Everybody gets done what is under way. */
static void
calm_down(void)
{
    while (any_changes()) {
        struct model_change *change = &model_changes[random_range(N_CHANGES)];

        if (change->state != IDLE) {
            model_advance(change);
            model_check();
        }
    }
    is_calm = true;
    for (size_t i = 0; i < ARRAY_SIZE(latecomers); i++) {
        get_late(i);
    }
    while (!dp_queue_is_empty()) {
        dp_run_queue();
        model_check();
    }
    ovsrcu_quiesce();
    TRACE("%d: calm\n", model_step);
    model_check_calm();
    is_calm = false;
}

static void
change_mood(void)
{
    kernel.failing = random_range(4) ? 0 : 8;
    ports_rest = random_range(3) != 0;
    if (random_range(2)) {
        model_raise_ports();
    }
    model_check();
}

static void
empty(void)
{
    for (int pmd = 0; pmd < DP_PMDS; pmd++) {
        for (int i = 0; i < DP_MEGAFLOWS; i++) {
            struct dp_flow *flow = dp_find(pmd, &dp_megaflows[i]);

            if (flow) {
                dp_queue_delete(flow);
                model_note_bypass(flow);
                dp_bury(flow);
            }
        }
    }
    TRACE("%d: empty\n", model_step);
    is_calm = true;
    while (!dp_queue_is_empty()) {
        dp_run_queue();
    }
    model_close_ports();
    model_check_empty();
    is_calm = false;
}

/* "xdp-offload N SEED [TRACE]": takes N steps, and from number TRACE on says
 * which. */
static void
test_offload(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[1]);
    int seed = atoi(ctx->argv[2]);
    int trace = ctx->argc > 3 ? atoi(ctx->argv[3]) : INT_MAX;
    struct xdp_limits limits = { .cache_size = 64 };

    fprintf(stderr, "seed %d\n", seed);
    random_set_seed(seed);
    limits.n_flows = 16 << seed % 3;
    limits.n_masks = 2 + seed / 3 % 3;
    kernel_init(&limits, 6 + seed * 5 % DP_ACTIONS);
    kernel.others = take_small_steps;
    model_others = take_other_steps;
    dp_init();
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        model_change_rule(i);
    }
    for (model_step = 0; model_step < n; model_step++) {
        model_tracing = model_step >= trace;
        take_step();
        if (random_range(1000) == 0) {
            calm_down();
            if (random_range(20) == 0) {
                empty();
            }
            change_mood();
        }
    }
    calm_down();
    empty();
    fprintf(stderr, "%"PRIu64" packets, %"PRIu64" of them late; %d changes of "
            "other copies than named\n", kernel.n_packets, kernel.n_late,
            model_n_misled);
    dp_uninit();
    puts("ok");
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-offload", NULL, 2, 3, test_offload, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
