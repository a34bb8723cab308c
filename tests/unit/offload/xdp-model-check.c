/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold after each step. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

/* In how many rounds of housekeeping all copies are looked at, also if their
 * number changes. */
enum { SWEEP = 20, ROUND = 500 };

struct model_port model_ports[DP_PORTS];
struct model_change model_changes[N_CHANGES];
bool model_tracing;

/* How many rounds of housekeeping a flow may outlive its last copy. */
static int bypassed[DP_MEGAFLOWS];

void
model_note_bypass(struct dp_flow *flow)
{
    bypassed[flow->mega - dp_megaflows] = SWEEP;
    flow->mega->is_lossy = true;
}

void
model_run(void)
{
    static long long int next_round;

    xdp_offload_run(dp_offload);
    if (kernel.now < next_round) {
        return;
    }
    next_round = kernel.now + ROUND;
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        bypassed[i] -= bypassed[i] > 0;
    }
}

bool
model_is_bypassed(const struct dp_megaflow *mega)
{
    return bypassed[mega - dp_megaflows];
}

/* Actions. */

/* What 'act' is, without what depends on ports. */
static struct xdp_flow_action
without_outputs(const struct xdp_flow_action *act)
{
    struct xdp_flow_action a = *act;

    a.flags &= ~XDP_ACT_BROADCAST;
    a.out_port = 0;
    a.set_max_len = 0;
    return a;
}

static const struct dp_actions *
find_actions(const struct xdp_flow_action *act)
{
    struct xdp_flow_action a = without_outputs(act);

    for (int i = 0; i < DP_ACTIONS; i++) {
        struct xdp_flow_action b = without_outputs(&dp_actions[i].act);

        if (dp_actions[i].translates && !memcmp(&a, &b, sizeof a)) {
            return &dp_actions[i];
        }
    }
    OVS_NOT_REACHED();
}

/* Ports. */

static const struct model_port *
output_of(const struct dp_actions *actions, size_t i)
{
    uint32_t odp_port = odp_to_u32(actions->outputs.ports[i]);

    return odp_port <= DP_PORTS ? &model_ports[odp_port - 1] : NULL;
}

static bool
may_enter(const struct model_port *port)
{
    return (port->port && !port->going && port->attached && port->is_input
            && port->may_enter && port->odp_port != ODPP_NONE);
}

static bool
may_leave(const struct model_port *port)
{
    return (port && port->port && port->odp_port != ODPP_NONE
            && port->attached && port->takes_redirect);
}

bool
model_may_offload(const struct dp_megaflow *mega,
                  const struct dp_actions *actions)
{
    bool ok = actions->translates && may_enter(&model_ports[mega->port]);

    for (size_t i = 0; ok && i < actions->outputs.n; i++) {
        ok = may_leave(output_of(actions, i));
    }
    return ok;
}

static bool
goes_to(const int ifindexes[], size_t n, int ifindex)
{
    for (size_t i = 0; i < n; i++) {
        if (ifindexes[i] == ifindex) {
            return true;
        }
    }
    return false;
}

static void
check_outputs(const struct xdp_flow_action *act,
              const struct dp_actions *actions)
{
    uint32_t max_len = UINT16_MAX;
    const int *ifindexes;
    size_t n;

    ovs_assert(!(act->flags & XDP_ACT_OUTPUT) == !actions->outputs.n);
    ovs_assert(!(act->flags & XDP_ACT_BROADCAST) == (actions->outputs.n <= 1));
    if (actions->outputs.n == 1) {
        const struct model_port *out = output_of(actions, 0);

        ovs_assert(act->out_port == out->idx
                   && kernel_device(out->idx) == out->ifindex);
    } else if (actions->outputs.n) {
        ifindexes = kernel_outputs(act->out_port, &n);
        ovs_assert(n == actions->outputs.n);
        for (size_t i = 0; i < n; i++) {
            const struct model_port *out = output_of(actions, i);

            ovs_assert(goes_to(ifindexes, n, out->ifindex));
            max_len = MIN(max_len, out->max_len);
        }
        ovs_assert(act->set_max_len == max_len);
    }
}

/* Proof. */

static bool
is_named(const struct dp_flow *flow)
{
    for (int i = 0; i < N_CHANGES; i++) {
        const struct model_change *change = &model_changes[i];

        for (int j = 0; change->state == BEGUN && j < change->n; j++) {
            ovs_u128 ufid;

            dp_packet_ufid(change->ops[j].packet, &ufid);
            if (change->all || ovs_u128_equals(ufid, flow->ufid)) {
                return true;
            }
        }
    }
    return false;
}

/* Does a copy say, or did it before a change that has not ended, that packets
 * are to be treated so? */
static bool
has_proof(const struct dp_megaflow *mega, const struct dp_actions *actions)
{
    for (int pmd = 0; pmd < DP_PMDS; pmd++) {
        const struct dp_flow *flow = dp_find(pmd, mega);

        if (flow && (dp_get_actions(flow) == actions
                     || flow->old_actions == actions)
            && !is_named(flow)) {
            return true;
        }
    }
    return false;
}

static void
check_flow(const struct kernel_flow *f)
{
    const struct dp_actions *actions = find_actions(f->act);

    ovs_assert(f->port == model_ports[f->mega->port].idx);
    ovs_assert(model_may_offload(f->mega, actions));
    check_outputs(f->act, actions);
    if (!has_proof(f->mega, actions)) {
        int i = f->mega - dp_megaflows;

        if (!model_is_bypassed(f->mega)) {
            fprintf(stderr, "megaflow %d does action %"PRIdPTR
                    " without proof\n", i, actions - dp_actions);
            OVS_NOT_REACHED();
        }
    }
}

/* No port has more than its share. */
static void
check_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        const struct model_port *port = &model_ports[i];
        uint32_t n = 0;

        for (int j = 0; j < kernel.n_flows; j++) {
            n += kernel.flows[j].mega->port == i;
        }
        ovs_assert(n <= 8 * (kernel.limits.n_flows + 1) / 9);
        ovs_assert(!port->port
                   || xdp_offload_port_count_flows(port->port).kernel == n);
    }
}

void
model_check(void)
{
    kernel_look();
    for (int i = 0; i < kernel.n_flows; i++) {
        check_flow(&kernel.flows[i]);
    }
    check_ports();
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        ovs_assert(dp_megaflows[i].n_told <= dp_megaflows[i].n_sent);
    }
}

/* A copy that a change has named, and that does not do what the change said:
 * the datapath has found another one.  Until the next change, it is proof of
 * nothing. */
static void
note_astray(const struct model_op *op)
{
    struct dp_flow *flow;
    ovs_u128 ufid;

    dp_packet_ufid(op->packet, &ufid);
    flow = dp_find_ufid(op->pmd, &ufid);
    if (flow) {
        flow->astray = dp_get_actions(flow) != op->actions;
    }
}

void
model_end_change(struct model_change *change)
{
    for (int i = 0; i < change->n_modified; i++) {
        change->modified[i]->old_actions = NULL;
        dp_unref(change->modified[i]);
    }
    for (int i = 0; !change->all && i < change->n; i++) {
        if (!change->ops[i].deletes) {
            note_astray(&change->ops[i]);
        }
    }
    change->state = IDLE;
}
