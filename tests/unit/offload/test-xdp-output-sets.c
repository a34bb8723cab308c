/* SPDX-License-Identifier: Apache-2.0 */

/* Flow offload while the kernel makes a set of outputs, which takes it a grace
 * period, and when it refuses. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "odp-util.h"
#include "ovs-rcu.h"
#include "util.h"
#include "offload/xdp-offload.h"
#include "tests/unit/offload/xdp-fake-dp.h"
#include "tests/unit/offload/xdp-fake-kernel.h"

/* Actions with several outputs, all of them different. */
static const int several[] = { 3, 6, 9 };

static struct dp_flow *flows[ARRAY_SIZE(several)];
static int n_made;

static bool
is_inside(const struct dp_flow *flow)
{
    kernel_look();
    return kernel_has(flow->mega);
}

static void
get(struct dp_flow *flow)
{
    dp_get(flow, dp_get_port(flow->mega->port));
}

/* Whoever asks for counters now, asks no flow offload that is waiting. */
static void
ask_meanwhile(void)
{
    n_made++;
    for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
        if (flows[i]) {
            get(flows[i]);
        }
    }
}

static int
attach(int i)
{
    char *error = NULL;
    int retval = xdp_offload_port_attach(dp_get_port(i), (void *) &kernel,
                                         XDP_WHY_OFFLOADED, 100 + i, 1500,
                                         &error);

    ovs_assert(!retval == !error);
    free(error);
    kernel_name_port(i, kernel.last_port);
    return retval;
}

static void
open_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        char *error = NULL;

        dp_set_port(i, xdp_offload_port_open(dp_offload, "port", &error));
        ovs_assert(dp_get_port(i));
        xdp_offload_port_set_odp_port(dp_get_port(i), u32_to_odp(i + 1));
        xdp_offload_port_set_roles(dp_get_port(i), true, true);
    }
}

static void
close_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        xdp_offload_port_close(dp_get_port(i));
        dp_set_port(i, NULL);
    }
}

static void
install(int i)
{
    flows[i] = dp_install(0, i, DP_KINDS - 1, &dp_actions[several[i]]);
    ovs_assert(flows[i]);
}

static void
run_queue(void)
{
    while (!dp_queue_is_empty()) {
        dp_run_queue();
    }
}

static void
run(void)
{
    kernel.now += 600;
    xdp_offload_run(dp_offload);
}

/* As it says in afxdp/offload-show. */
static bool
port_says(int i, const char *sentence)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool found;

    xdp_offload_port_format_reasons(dp_get_port(i), &s);
    found = strstr(ds_cstr(&s), sentence) != NULL;
    ds_destroy(&s);
    return found;
}

static void
test_put(void)
{
    install(0);
    run_queue();
    ovs_assert(n_made == 1 && is_inside(flows[0]));
    puts("a flow that is put waits for its outputs, and nobody else does");
}

/* Only the main loop is left to make them. */
static void
test_get(void)
{
    install(1);
    get(flows[1]);
    ovs_assert(n_made == 1 && !is_inside(flows[1]));
    ovs_assert(port_says(0, "1: being changed"));
    run();
    ovs_assert(n_made == 2 && is_inside(flows[1]));
    run_queue();
    ovs_assert(n_made == 2);
    puts("who asks for counters does not wait, the main loop does");
}

static void
test_refusal(void)
{
    install(2);
    kernel.failing = 1;
    run_queue();
    run();
    ovs_assert(!is_inside(flows[2]));
    ovs_assert(port_says(0, "1: limit: different sets of several outputs"));
    kernel.failing = 0;
    run();
    run();
    ovs_assert(is_inside(flows[2]));
    puts("outputs that the kernel refuses are tried again");
}

/* The flow's last output is the fourth port. */
static void
test_stale(void)
{
    install(0);
    get(flows[0]);
    ovs_assert(port_says(0, "1: being changed"));
    xdp_offload_port_detach(dp_get_port(3));
    kernel.failing = 1;
    run();
    kernel.failing = 0;
    ovs_assert(port_says(0, "1: output port port: not attached"));
    ovs_assert(!attach(3));
    run();
    run();
    ovs_assert(is_inside(flows[0]));
    puts("outputs whose device goes meanwhile are made when it is back");

    dp_queue_delete(flows[0]);
    dp_bury(flows[0]);
    flows[0] = NULL;
    run_queue();
    xdp_offload_port_detach(dp_get_port(3));
    run();
    ovs_assert(!attach(3));
    n_made = 0;
}

static bool
any_inside(void)
{
    return (is_inside(flows[0]) || is_inside(flows[1])
            || is_inside(flows[2]));
}

/* All flows enter through the first port, and output to the fourth or, number
 * 2, to it. */
static void
test_device(void)
{
    xdp_offload_port_detach(dp_get_port(0));
    ovs_assert(!any_inside());
    kernel.failing = 1;
    ovs_assert(attach(0));
    kernel.failing = 0;
    run();
    for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
        get(flows[i]);
    }
    ovs_assert(!any_inside() && !kernel_device(kernel.last_port));
    ovs_assert(port_says(0, "not attached to its device"));
    ovs_assert(!attach(0));
    run();
    run();
    ovs_assert(is_inside(flows[0]) && is_inside(flows[1])
               && is_inside(flows[2]));
    puts("a port whose device the kernel refuses is not attached");
}

static void
bury_all(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
        dp_queue_delete(flows[i]);
        dp_bury(flows[i]);
        flows[i] = NULL;
    }
    run_queue();
    close_ports();
    for (int i = 0; i < 3; i++) {
        run();
        ovsrcu_quiesce();
    }
    ovs_assert(!dp_count());
}

/* "xdp-output-sets" */
static void
test_output_sets(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    const struct xdp_limits limits = {
        .n_flows = 64, .cache_size = 64, .n_masks = 4,
    };

    kernel_init(&limits, 16);
    kernel.others = ask_meanwhile;
    dp_init();
    open_ports();
    for (int i = 0; i < DP_PORTS; i++) {
        ovs_assert(!attach(i));
    }
    test_stale();
    test_put();
    test_get();
    test_refusal();
    test_device();
    bury_all();
    dp_uninit();
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-output-sets", NULL, 0, 0, test_output_sets, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
