/* SPDX-License-Identifier: Apache-2.0 */

/* Flow offload under threads like Open vSwitch's, with the real program.
 * Packets enter through port number 0. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "odp-util.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "random.h"
#include "smap.h"
#include "util.h"
#include "tests/unit/offload/xdp-fake-dp.h"
#include "tests/unit/prog/xdp-hooks.h"
#include "offload/xdp-offload.h"
#include "prog/xdp-program.h"
#include "tests/unit/offload/xdp-witness.h"

enum { LO_IFINDEX = 1, MAX_OPS = 4, N_PMDS = 2, N_REVALIDATORS = 2 };

/* Packets of port 0. */
enum { N_PACKETS = DP_VALUES * DP_VALUES };

static struct xdp_prog *prog;
static bool prog_is_ready;
static atomic_bool stop = false;
static atomic_int n_changes = 0;
static uint32_t seed;

static bool
is_over(void)
{
    bool over;

    ovsrcu_quiesce();
    atomic_read(&stop, &over);
    return over;
}

static void *
packet_main(void *aux OVS_UNUSED)
{
    int fd = bpf_prog_get_fd_by_id(xdp_prog_id(prog));

    ovs_assert(fd >= 0);
    witness_send_packets(fd, is_over);
    close(fd);
    return NULL;
}

/* PMD threads. */

static const struct dp_actions *
rule_of(const struct dp_megaflow *mega, int era)
{
    return &dp_actions[(mega - dp_megaflows + era * 7) % (DP_ACTIONS - 2)];
}

static int
get_era(void)
{
    int n;

    atomic_read(&n_changes, &n);
    return n / 50;
}

static void
install(int pmd)
{
    int packet = random_range(random_range(4) ? N_PACKETS : DP_PACKETS);
    int kind = random_range(4) ? DP_KINDS - 1 : random_range(DP_KINDS);
    struct dp_megaflow *mega = dp_megaflow(packet, kind);
    const struct dp_actions *actions = rule_of(mega, get_era());

    ovs_mutex_lock(&dp_pmd_mutexes[pmd]);
    witness_add(mega, actions);
    if (!dp_install(pmd, packet, kind, actions)) {
        witness_remove(mega, actions, 0);
    }
    ovs_mutex_unlock(&dp_pmd_mutexes[pmd]);
}

static void *
pmd_main(void *pmd)
{
    random_set_seed(seed + 1 + (intptr_t) pmd);
    while (!is_over()) {
        install((intptr_t) pmd);
        xnanosleep(100 * 1000);
    }
    return NULL;
}

/* The thread that offloads. */

static void *
offload_main(void *aux OVS_UNUSED)
{
    while (!is_over() || !dp_queue_is_empty()) {
        if (dp_queue_is_empty()) {
            xnanosleep(1000 * 1000);
        } else {
            dp_run_queue();
        }
    }
    return NULL;
}

/* Revalidators.  Each has the copies of one PMD thread to change. */

/* A change of one copy. */
struct op {
    struct dp_flow *flow;       /* That a packet finds, or the change names. */
    ovs_u128 ufid;
    bool deletes;
    const struct dp_actions *actions;

    /* What a copy did that the change has not named, until its end. */
    const struct dp_actions *old_actions;
};

static void
get(struct dp_flow *flow)
{
    dp_get(flow, dp_get_port(flow->mega->port));
}

static void
modify(struct op *op, int pmd, uint64_t begun)
{
    const struct dp_actions *old = dp_get_actions(op->flow);

    witness_add(op->flow->mega, op->actions);
    dp_set_actions(op->flow, op->actions);
    if (ovs_u128_equals(op->flow->ufid, op->ufid)) {
        witness_remove(op->flow->mega, old, begun);
    } else {
        op->old_actions = old;
    }
    dp_queue_modify(op->flow);
    ovs_assert(op->flow->pmd_id == pmd);
    get(op->flow);
}

static void
delete(struct op *op, uint64_t begun)
{
    get(op->flow);
    witness_remove(op->flow->mega, dp_get_actions(op->flow), begun);
    dp_queue_delete(op->flow);
    dp_bury(op->flow);
}

static void
carry_out(struct op *op, int pmd, int packet, uint64_t begun)
{
    ovs_mutex_lock(&dp_pmd_mutexes[pmd]);
    op->flow = (op->deletes ? dp_find_ufid(pmd, &op->ufid)
                : dp_classify(pmd, packet));
    if (op->flow && dp_ref(op->flow)) {
        if (op->deletes) {
            delete(op, begun);
        } else {
            modify(op, pmd, begun);
        }
    }
    ovs_mutex_unlock(&dp_pmd_mutexes[pmd]);
}

static void
finish(struct op *op, uint64_t ended)
{
    if (op->flow) {
        if (op->old_actions) {
            witness_remove(op->flow->mega, op->old_actions, ended);
        }
        dp_unref(op->flow);
    }
}

/* No two ops are about one packet. */
static void
plan(int n, int pmd, struct xdp_offload_change changes[], struct op ops[],
     int packets[])
{
    int first = random_range(random_range(4) ? N_PACKETS : DP_PACKETS);

    for (int i = 0; i < n; i++) {
        packets[i] = (first + i * 5) % DP_PACKETS;
        ops[i].deletes = random_range(2);
        ops[i].actions = rule_of(dp_megaflow(packets[i], DP_KINDS - 1),
                                 get_era());
        dp_packet_ufid(packets[i], &ops[i].ufid);
        changes[i].ufid = ops[i].ufid;
        changes[i].deletes = ops[i].deletes;
        if (!ops[i].deletes) {
            changes[i].actions = ops[i].actions->attrs.data;
            changes[i].actions_len = ops[i].actions->attrs.size;
            changes[i].pmd_id = pmd;
            changes[i].in_port = u32_to_odp(packets[i] / N_PACKETS + 1);
        }
    }
}

static void
change(int pmd)
{
    struct xdp_offload_change changes[MAX_OPS] = { { .all = false } };
    struct op ops[MAX_OPS] = { { .flow = NULL } };
    int packets[MAX_OPS], n = 1 + random_range(MAX_OPS), old;
    uint64_t t;

    plan(n, pmd, changes, ops, packets);
    xdp_offload_begin_changes(dp_offload, changes, n);
    t = witness_clock(true);
    xdp_offload_synchronize(dp_offload);
    for (int i = 0; i < n; i++) {
        carry_out(&ops[i], pmd, packets[i], t);
    }
    xdp_offload_end_changes(dp_offload, changes, n);
    t = witness_clock(true);
    for (int i = 0; i < n; i++) {
        finish(&ops[i], t);
    }
    atomic_add(&n_changes, 1, &old);
}

static void
get_all(void)
{
    for (int pmd = 0; pmd < N_PMDS; pmd++) {
        for (int i = 0; i < DP_MEGAFLOWS; i++) {
            struct dp_flow *flow = dp_find(pmd, &dp_megaflows[i]);

            if (flow && dp_ref(flow)) {
                get(flow);
                dp_unref(flow);
            }
        }
    }
}

static void *
revalidator_main(void *i)
{
    random_set_seed(seed + 100 + (intptr_t) i);
    while (!is_over()) {
        get_all();
        change((intptr_t) i % N_PMDS);
    }
    return NULL;
}

/* The main thread. */

static int
enable_offload(struct xdp_prog *p, const struct xdp_tables *tables,
               uint32_t port, char **errp)
{
    int error = 0;

    if (!prog_is_ready) {
        error = __real_xdp_prog_enable_offload(p, tables, port, errp);
        prog_is_ready = true;
    }
    return error;
}

static void
attach(int i, uint32_t max_len)
{
    char *error = NULL;

    if (xdp_offload_port_attach(dp_get_port(i), i ? NULL : prog,
                                XDP_WHY_FOREIGN_PROGRAM, LO_IFINDEX, max_len,
                                &error)) {
        ovs_fatal(0, "%s", error);
    }
}

static void
set_state(int i, bool takes_redirect, bool may_enter)
{
    xdp_offload_port_set_odp_port(dp_get_port(i), u32_to_odp(i + 1));
    xdp_offload_port_set_roles(dp_get_port(i), takes_redirect, may_enter);
}

static void
open_port(int i)
{
    char *error = NULL;
    struct xdp_offload_port *port = xdp_offload_port_open(dp_offload, "port",
                                                          &error);

    ovs_assert(port);
    dp_set_port(i, port);
    attach(i, 1500);
    set_state(i, true, true);
}

static void
close_port(int i)
{
    struct xdp_offload_port *port = dp_get_port(i);

    xdp_offload_port_flush(port);
    dp_set_port(i, NULL);
    xdp_offload_port_close(port);
}

/* The port that packets enter through is not closed: its program has its
 * number. */
static void
change_port(void)
{
    int i = random_range(DP_PORTS);

    switch (random_range(5)) {
    case 0:
        set_state(i, random_range(4), random_range(4));
        break;
    case 1:
        set_state(i, true, true);
        break;
    case 2:
        xdp_offload_port_set_max_len(dp_get_port(i),
                                     1400 + random_range(100));
        break;
    case 3:
        xdp_offload_port_detach(dp_get_port(i));
        attach(i, 1500);
        break;
    case 4:
        if (i) {
            close_port(i);
            open_port(i);
        }
        break;
    }
}

static void
run_main(int n)
{
    struct xdp_offload_flow_counts counts;
    uint64_t n_inside = 0, n_rounds = 0;

    for (int done = 0; done < n; n_rounds++) {
        xdp_offload_run(dp_offload);
        if (random_range(4) == 0) {
            change_port();
        }
        counts = xdp_offload_port_count_flows(dp_get_port(0));
        n_inside += counts.kernel;
        ovsrcu_quiesce();
        xnanosleep(2 * 1000 * 1000);
        atomic_read(&n_changes, &done);
    }
    fprintf(stderr, "%"PRIu64" flows in the kernel on average\n",
            n_inside / n_rounds);
}

/* All copies die: then everything has been told. */
static void
bury_all(void)
{
    struct xdp_offload_change all = { .all = true };
    uint64_t n_told = 0;

    xdp_offload_begin_changes(dp_offload, &all, 1);
    xdp_offload_synchronize(dp_offload);
    for (int pmd = 0; pmd < N_PMDS; pmd++) {
        for (int i = 0; i < DP_MEGAFLOWS; i++) {
            struct dp_flow *flow = dp_find(pmd, &dp_megaflows[i]);

            if (flow) {
                get(flow);
                dp_queue_delete(flow);
                dp_bury(flow);
            }
        }
    }
    xdp_offload_end_changes(dp_offload, &all, 1);
    while (!dp_queue_is_empty()) {
        dp_run_queue();
    }
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        n_told += dp_megaflows[i].n_told;
    }
    fprintf(stderr, "%"PRIu64" packets by flows, %"PRIu64" told; %"PRIu64
            " others\n", witness_n_sent, n_told, witness_n_missed);
    ovs_assert(witness_n_sent == n_told);
    for (int i = 0; i < DP_PORTS; i++) {
        close_port(i);
    }
}

static void
start(void)
{
    struct smap config = SMAP_INITIALIZER(&config);
    char *error = NULL;

    dp_init();
    smap_add(&config, "hw-offload", "true");
    smap_add(&config, "xdp-offload-flows", "1024");
    xdp_offload_configure(dp_offload, &config);
    smap_destroy(&config);
    xdp_hooks.enable_offload = enable_offload;
    dp_is_concurrent = true;
    if (xdp_prog_attach(LO_IFINDEX, XSK_MODE_GENERIC, 1, false, &prog,
                        &error)) {
        ovs_fatal(0, "%s", error);
    }
    for (int i = 0; i < DP_PORTS; i++) {
        open_port(i);
    }
}

/* "xdp-offload-threads N SEED": until N changes have been made. */
static void
test_offload_threads(struct ovs_cmdl_context *ctx)
{
    pthread_t threads[2 + N_PMDS + N_REVALIDATORS];
    int n = 0;

    seed = atoi(ctx->argv[2]);
    random_set_seed(seed);
    start();
    threads[n++] = ovs_thread_create("packets", packet_main, NULL);
    threads[n++] = ovs_thread_create("offload", offload_main, NULL);
    for (intptr_t i = 0; i < N_PMDS; i++) {
        threads[n++] = ovs_thread_create("pmd", pmd_main, (void *) i);
    }
    for (intptr_t i = 0; i < N_REVALIDATORS; i++) {
        threads[n++] = ovs_thread_create("revalidator", revalidator_main,
                                         (void *) i);
    }
    run_main(atoi(ctx->argv[1]));
    atomic_store(&stop, true);
    for (int i = 0; i < n; i++) {
        ovsrcu_quiesce_start();
        xpthread_join(threads[i], NULL);
        ovsrcu_quiesce_end();
    }
    bury_all();
    xdp_prog_destroy(prog);
    ovsrcu_exit();
    ovs_assert(!dp_count());
    dp_uninit();
    puts("ok");
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-offload-threads", NULL, 2, 2, test_offload_threads, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
