/* SPDX-License-Identifier: Apache-2.0 */

/* Flows: what they become, where they are, what they have counted. */

#include <config.h>
#include "offload/xdp-offload-private.h"

#include "openvswitch/match.h"
#include "util.h"
#include "offload/xdp-flow-actions.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-groups.h"

/* Life. */

static struct xdp_offload_flow *
add_flow(struct xdp_offload_port *in_port, const ovs_u128 *mega_ufid,
         const ovs_u128 *mask_id)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_offload_flow *flow = xzalloc(sizeof *flow);

    flow->mega_ufid = *mega_ufid;
    flow->mask_id = *mask_id;
    flow->in_port = in_port;
    flow->obstacle = ODPP_NONE;
    flow->reason = XDP_WHY_CHANGING;
    in_port->n_flows[XDP_WHY_CHANGING]++;
    ovs_list_init(&flow->wait_node);
    ovs_list_init(&flow->change_node);
    ovs_list_init(&flow->fading);
    ovs_list_init(&flow->copies);
    hmap_insert(&xdp_offload.flows, &flow->node,
                xdp_offload_hash_ufid(mega_ufid));
    ovs_list_push_back(&in_port->flows, &flow->port_node);
    return flow;
}

struct xdp_offload_flow *
xdp_offload_flow_find(struct xdp_offload_port *in_port,
                      const ovs_u128 *mega_ufid, const ovs_u128 *mask_id)
{
    struct xdp_offload_flow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, node, xdp_offload_hash_ufid(mega_ufid),
                             &xdp_offload.flows) {
        if (ovs_u128_equals(flow->mega_ufid, *mega_ufid)
            && ovs_u128_equals(flow->mask_id, *mask_id)
            && flow->in_port == in_port) {
            return flow;
        }
    }
    return add_flow(in_port, mega_ufid, mask_id);
}

static void
set_reason(struct xdp_offload_flow *flow, enum xdp_offload_reason reason)
    OVS_REQUIRES(xdp_offload_mutex)
{
    flow->in_port->n_flows[flow->reason]--;
    flow->reason = reason;
    flow->in_port->n_flows[reason]++;
    xdp_offload_update_waiting(flow);
}

/* Counters. */

struct xdp_offload_stats
xdp_offload_flow_stats(const struct xdp_offload_flow *flow)
{
    struct xdp_offload_stats sum = flow->past;
    const struct xdp_fading *fading;

    LIST_FOR_EACH (fading, flow_node, &flow->fading) {
        xdp_offload_add_stats(&sum, fading->idx);
    }
    if (flow->inside) {
        xdp_offload_add_stats(&sum, flow->idx);
    }
    return sum;
}

/* Places. */

static void
take_out(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    if (flow->inside) {
        xdp_flow_table_unlink(xdp_offload.table, flow->idx);
        flow->inside = false;
        xdp_offload_fade(flow);
    }
}

void
xdp_offload_flow_withdraw(struct xdp_offload_flow *flow)
{
    flow->settled = false;
    take_out(flow);
    set_reason(flow, flow->rule ? XDP_WHY_CHANGING : flow->reason);
}

static enum xdp_offload_reason
judge_output(odp_port_t odp_port)
    OVS_REQUIRES(xdp_offload_mutex)
{
    const struct xdp_offload_port *out = xdp_offload_port_by_odp(odp_port);

    return (!out ? XDP_WHY_OUTPUT_TYPE
            : !out->attached || !out->is_output ? XDP_WHY_OUTPUT_DETACHED
            : !out->takes_redirect ? XDP_WHY_OUTPUT_DEVICE
            : XDP_WHY_OFFLOADED);
}

/* Where the flow belongs as its ports are now. */
static enum xdp_offload_reason
judge(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    const struct xdp_offload_port *in = flow->in_port;

    if (xdp_offload.stopped) {
        return XDP_WHY_STOPPED;
    } else if (!in->may_enter) {
        return XDP_WHY_PORT_DISABLED;
    } else if (!in->attached || in->going || in->odp_port == ODPP_NONE) {
        /* By its number, a change finds the flows that it may have hit. */
        return XDP_WHY_PORT_DETACHED;
    } else if (!in->prog) {
        return in->why_no_prog;
    } else if (in->prog_failed) {
        return XDP_WHY_PROGRAM;
    }
    for (size_t i = 0; i < flow->rule->n_outputs; i++) {
        odp_port_t odp_port = flow->rule->outputs[i];
        enum xdp_offload_reason reason = judge_output(odp_port);

        if (reason != XDP_WHY_OFFLOADED) {
            flow->obstacle = odp_port;
            return reason;
        }
    }
    return XDP_WHY_OFFLOADED;
}

/* Directs the rule to a group of all its outputs. */
static bool
set_group(struct xdp_rule *rule, uint32_t port_idx)
    OVS_REQUIRES(xdp_offload_mutex)
{
    int ifindexes[XDP_MAX_OUTPUTS];
    uint32_t max_len = UINT16_MAX;
    uint32_t group;

    for (size_t i = 0; i < rule->n_outputs; i++) {
        const struct xdp_offload_port *out
            = xdp_offload_port_by_odp(rule->outputs[i]);

        ifindexes[i] = out->ifindex;
        max_len = MIN(max_len, out->max_len);
    }
    if (!xdp_groups_get(xdp_offload.groups, port_idx, ifindexes,
                        rule->n_outputs, &group)) {
        return false;
    }
    rule->act.flags |= XDP_ACT_BROADCAST;
    rule->act.out_port = group;
    rule->act.group_max_len = max_len;
    return true;
}

static enum xdp_offload_reason
insert(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_rule *rule = flow->rule;
    enum xdp_offload_reason reason;

    if (!xdp_offload_has_share(flow->in_port)) {
        return XDP_WHY_FLOWS_FULL;
    }
    rule->act.flags &= ~XDP_ACT_BROADCAST;
    if (rule->n_outputs == 1) {
        rule->act.out_port = xdp_offload_port_by_odp(rule->outputs[0])->idx;
    } else if (rule->n_outputs > 1 && !set_group(rule, flow->in_port->idx)) {
        return XDP_WHY_GROUPS_FULL;
    }
    reason = (xdp_flow_table_has_share(xdp_offload.table, flow->in_port->idx,
                                       &rule->act)
              ? xdp_flow_table_insert(xdp_offload.table, flow->in_port->idx,
                                      &rule->key, &rule->mask, &rule->act,
                                      &flow->idx)
              : XDP_WHY_ACTIONS_FULL);
    if (reason == XDP_WHY_OFFLOADED) {
        flow->inside = true;
        xdp_offload.n_places[flow->in_port->idx]++;
    } else if (rule->act.flags & XDP_ACT_BROADCAST) {
        xdp_groups_put(xdp_offload.groups, rule->act.out_port);
    }
    return reason;
}

void
xdp_offload_flow_place(struct xdp_offload_flow *flow)
{
    enum xdp_offload_reason reason;

    if (!flow->rule || !flow->settled) {
        return;
    }
    reason = judge(flow);
    if (reason != XDP_WHY_OFFLOADED) {
        take_out(flow);
        set_reason(flow, reason);
    } else if (!flow->inside) {
        set_reason(flow, insert(flow));
    }
}

static bool
leaves_through(const struct xdp_offload_flow *flow,
               const struct xdp_offload_port *port)
{
    for (size_t i = 0; i < flow->rule->n_outputs; i++) {
        if (flow->rule->outputs[i] == port->odp_port) {
            return true;
        }
    }
    return false;
}

void
xdp_offload_unlink_port_flows(struct xdp_offload_port *port, bool entering,
                              bool leaving)
{
    struct xdp_offload_flow *flow;

    HMAP_FOR_EACH (flow, node, &xdp_offload.flows) {
        if (flow->inside
            && ((entering && flow->in_port == port)
                || (leaving && leaves_through(flow, port)))) {
            take_out(flow);
            set_reason(flow, XDP_WHY_CHANGING);
        }
    }
    xdp_offload_ports_changed();
}

/* What a flow does. */

static struct xdp_rule *
translate(const struct xdp_offload_port *in_port, const struct match *match,
          const struct nlattr *actions, size_t actions_len,
          enum xdp_offload_reason *reason)
{
    struct xdp_flow_action act;
    struct xdp_outputs outputs;
    struct xdp_key key, mask;
    struct xdp_rule *rule;

    *reason = xdp_key_from_match(match, in_port->idx, &key, &mask);
    if (*reason == XDP_WHY_OFFLOADED) {
        *reason = xdp_actions_translate(&match->flow, actions, actions_len,
                                        &act, &outputs);
    }
    if (*reason != XDP_WHY_OFFLOADED) {
        return NULL;
    }
    rule = xmalloc(offsetof(struct xdp_rule, outputs)
                   + outputs.n * sizeof outputs.ports[0]);
    rule->key = key;
    rule->mask = mask;
    rule->act = act;
    rule->n_outputs = outputs.n;
    memcpy(rule->outputs, outputs.ports, outputs.n * sizeof outputs.ports[0]);
    return rule;
}

void
xdp_offload_flow_set_actions(struct xdp_offload_flow *flow,
                             const struct match *match,
                             const struct nlattr *actions, size_t actions_len)
{
    enum xdp_offload_reason reason;

    free(flow->rule);
    free(flow->actions);
    flow->rule = translate(flow->in_port, match, actions, actions_len,
                           &reason);
    flow->actions = xmemdup(actions, actions_len);
    flow->actions_len = actions_len;
    set_reason(flow, flow->rule ? XDP_WHY_CHANGING : reason);
}

void
xdp_offload_flow_free(struct xdp_offload_flow *flow)
{
    take_out(flow);
    xdp_offload_forget_fading(flow);
    xdp_offload_stop_waiting(flow);
    flow->in_port->n_flows[flow->reason]--;
    hmap_remove(&xdp_offload.flows, &flow->node);
    ovs_list_remove(&flow->port_node);
    free(flow->actions);
    free(flow->rule);
    free(flow);
}
