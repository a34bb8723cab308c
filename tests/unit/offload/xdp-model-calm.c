/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold when nothing happens for some seconds. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-rcu.h"
#include "random.h"
#include "util.h"

/* Open vSwitch asks for counters about twice a second.  When places become
 * free, flows that wait try after half a second or so. */
enum { ROUND = 500, N_ROUNDS = 6, N_LONG_ROUNDS = 25 };

static void
ask_for_counters(void)
{
    for (int pmd = 0; pmd < DP_PMDS; pmd++) {
        for (int i = 0; i < DP_MEGAFLOWS; i++) {
            struct dp_flow *flow = dp_find(pmd, &dp_megaflows[i]);

            if (flow) {
                dp_get(flow, dp_get_port(dp_megaflows[i].port));
            }
        }
    }
}

/* What the copies of 'mega' do, or null if there are none, or they do not
 * agree.  Stores whether one of them is no proof. */
static const struct dp_actions *
agreed_actions(const struct dp_megaflow *mega, bool *astray)
{
    const struct dp_actions *actions = NULL;
    bool agree = true;

    *astray = false;
    for (int pmd = 0; pmd < DP_PMDS; pmd++) {
        const struct dp_flow *flow = dp_find(pmd, mega);

        if (flow) {
            agree &= !actions || actions == dp_get_actions(flow);
            actions = dp_get_actions(flow);
            *astray |= flow->astray;
        }
    }
    return agree ? actions : NULL;
}

static bool
has_room_for_flow(const struct dp_megaflow *mega)
{
    uint32_t n_free = kernel.limits.n_flows - kernel.n_flows;
    uint32_t n = 0;

    for (int i = 0; i < kernel.n_flows; i++) {
        n += kernel.flows[i].mega->port == mega->port;
    }
    return n < n_free * 8;
}

static bool
has_room_for_mask(const struct dp_megaflow *mega)
{
    unsigned int kinds = 0;

    for (int i = 0; i < kernel.n_flows; i++) {
        if (kernel.flows[i].mega->port == mega->port) {
            kinds |= 1 << kernel.flows[i].mega->kind;
        }
    }
    return (kinds & 1 << mega->kind
            || count_1bits(kinds) < kernel.limits.n_masks);
}

/* Even if all that there are belong to the flow's port? */
static bool
has_room_for_action(void)
{
    uint32_t n = 0;

    for (int i = 0; i < kernel.n_flows; i++) {
        bool first = true;

        for (int j = 0; j < i; j++) {
            first &= kernel.flows[i].act != kernel.flows[j].act;
        }
        n += first;
    }
    return n < (kernel.n_actions - n) * 8;
}

/* All that has been counted has been reported, by whatever copies there were,
 * except if the last was gone before anybody knew. */
static void
check_counters(struct dp_megaflow *mega)
{
    if (mega->is_lossy) {
        mega->n_lost = mega->n_sent - mega->n_told;
        mega->is_lossy = model_is_bypassed(mega);
    }
    if (mega->n_told + mega->n_lost != mega->n_sent) {
        fprintf(stderr, "megaflow %"PRIdPTR": %"PRIu64" packets, told %"PRIu64
                ", lost %"PRIu64"\n", mega - dp_megaflows, mega->n_sent,
                mega->n_told, mega->n_lost);
    }
    ovs_assert(mega->n_told + mega->n_lost == mega->n_sent);
}

static void
check_megaflow(struct dp_megaflow *mega)
{
    const struct dp_actions *actions;
    bool inside = kernel_has(mega);
    bool astray, may;

    actions = agreed_actions(mega, &astray);
    may = actions && model_may_offload(mega, actions);
    if (inside && !may && !model_is_bypassed(mega)) {
        fprintf(stderr, "megaflow %"PRIdPTR" does not belong there\n",
                mega - dp_megaflows);
        OVS_NOT_REACHED();
    }
    if (may && !inside && !astray && has_room_for_flow(mega)
        && has_room_for_mask(mega) && has_room_for_action()) {
        fprintf(stderr, "megaflow %"PRIdPTR" is not offloaded\n",
                mega - dp_megaflows);
        OVS_NOT_REACHED();
    }
    check_counters(mega);
}

void
model_check_calm(void)
{
    int n_rounds = random_range(4) ? N_ROUNDS : N_LONG_ROUNDS;

    kernel_finish_packets();
    if (kernel.failing) {
        kernel.failing = 0;
        model_renew_ports();
        kernel.failing = 2;
    }
    for (int i = 0; i < n_rounds; i++) {
        kernel.failing = i < 2 ? kernel.failing : 0;
        ask_for_counters();
        kernel.now += ROUND;
        model_run();
        model_check();
    }
    for (int i = 0; i < DP_PORTS; i++) {
        if (model_ports[i].port) {
            struct ds s = DS_EMPTY_INITIALIZER;

            xdp_offload_port_format_reasons(model_ports[i].port, &s);
            TRACE("port %d:\n%s", i + 1, ds_cstr(&s));
            ds_destroy(&s);
        }
    }
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        check_megaflow(&dp_megaflows[i]);
    }
}

void
model_check_empty(void)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < 3; i++) {
        kernel.now += ROUND;
        model_run();
        ovsrcu_quiesce();
    }
    kernel_look();
    ovs_assert(!kernel.n_flows);
    ovs_assert(!dp_count());
    xdp_offload_format_tables(dp_offload, &s);
    /* Unless there never was a port. */
    ovs_assert(strstr(ds_cstr(&s), "there is no port")
               || (strstr(ds_cstr(&s), "flows: 0 of")
                   && strstr(ds_cstr(&s), "actions: 0 of")));
    ds_destroy(&s);
}
