/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-flow.h"

#include "openvswitch/match.h"
#include "util.h"
#include "offload/xdp-flow-actions.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-offload-places.h"
#include "offload/xdp-offload-state.h"
#include "offload/xdp-offload-waiting.h"
#include "offload/xdp-output-sets.h"

/* Life. */

static struct xdp_offload_flow *
add_flow(struct xdp_offload *o, struct xdp_offload_port *in_port,
         const ovs_u128 *mega_ufid, const ovs_u128 *mask_id)
    OVS_REQUIRES(o->mutex)
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
    hmap_insert(&o->flows, &flow->node,
                xdp_offload_hash_ufid(mega_ufid));
    ovs_list_push_back(&in_port->flows, &flow->port_node);
    return flow;
}

struct xdp_offload_flow *
xdp_offload_flow_find(struct xdp_offload *o, struct xdp_offload_port *in_port,
                      const ovs_u128 *mega_ufid, const ovs_u128 *mask_id)
{
    struct xdp_offload_flow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, node, xdp_offload_hash_ufid(mega_ufid),
                             &o->flows) {
        if (ovs_u128_equals(flow->mega_ufid, *mega_ufid)
            && ovs_u128_equals(flow->mask_id, *mask_id)
            && flow->in_port == in_port) {
            return flow;
        }
    }
    return add_flow(o, in_port, mega_ufid, mask_id);
}

static void
set_reason(struct xdp_offload *o, struct xdp_offload_flow *flow,
           enum xdp_offload_reason reason)
    OVS_REQUIRES(o->mutex)
{
    flow->in_port->n_flows[flow->reason]--;
    flow->reason = reason;
    flow->in_port->n_flows[reason]++;
    xdp_offload_update_waiting(o, flow);
}

/* Counters. */

struct xdp_offload_stats
xdp_offload_flow_stats(struct xdp_offload *o,
                       const struct xdp_offload_flow *flow)
{
    struct xdp_offload_stats sum = flow->past;
    const struct xdp_fading *fading;

    LIST_FOR_EACH (fading, flow_node, &flow->fading) {
        xdp_offload_add_stats(o, &sum, fading->idx);
    }
    if (flow->inside) {
        xdp_offload_add_stats(o, &sum, flow->idx);
    }
    return sum;
}

/* Places. */

static void
set_inside(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_entry *entry = flow->entry;

    flow->inside = true;
    o->n_places[flow->in_port->idx]++;
    for (size_t i = 0; i < entry->n_outputs; i++) {
        struct xdp_entry_output *output = &entry->outputs[i];
        struct xdp_offload_port *out
            = xdp_offload_port_by_odp(o, output->odp_port);

        output->flow = flow;
        ovs_list_push_back(&out->leaving, &output->node);
    }
}

static void
take_out(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    if (flow->inside) {
        for (size_t i = 0; i < flow->entry->n_outputs; i++) {
            ovs_list_remove(&flow->entry->outputs[i].node);
        }
        xdp_flow_table_unlink(o->table, flow->idx);
        flow->inside = false;
        xdp_offload_fade(o, flow);
    }
}

void
xdp_offload_flow_withdraw(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    flow->settled = false;
    take_out(o, flow);
    set_reason(o, flow, flow->entry ? XDP_WHY_CHANGING : flow->reason);
}

static enum xdp_offload_reason
judge_output(struct xdp_offload *o, odp_port_t odp_port)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_offload_port *out = xdp_offload_port_by_odp(o, odp_port);

    return (!out ? XDP_WHY_OUTPUT_TYPE
            : !out->attached ? XDP_WHY_OUTPUT_DETACHED
            : !out->takes_redirect ? XDP_WHY_OUTPUT_DEVICE
            : XDP_WHY_OFFLOADED);
}

/* Where the flow belongs as its ports are now. */
static enum xdp_offload_reason
judge(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_offload_port *in = flow->in_port;

    if (o->stopped) {
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
    for (size_t i = 0; i < flow->entry->n_outputs; i++) {
        odp_port_t odp_port = flow->entry->outputs[i].odp_port;
        enum xdp_offload_reason reason = judge_output(o, odp_port);

        if (reason != XDP_WHY_OFFLOADED) {
            flow->obstacle = odp_port;
            return reason;
        }
    }
    return XDP_WHY_OFFLOADED;
}

/* Directs the flow to a set of all its outputs.  Returns XDP_WHY_OFFLOADED, or
 * what it has to wait for. */
static enum xdp_offload_reason
set_outputs(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_entry *entry = flow->entry;
    int ifindexes[XDP_MAX_OUTPUTS];
    uint32_t max_len = UINT16_MAX;
    enum xdp_output_set_answer answer;

    for (size_t i = 0; i < entry->n_outputs; i++) {
        const struct xdp_offload_port *out
            = xdp_offload_port_by_odp(o, entry->outputs[i].odp_port);

        ifindexes[i] = out->ifindex;
        max_len = MIN(max_len, out->max_len);
    }
    answer = xdp_output_sets_get(o->sets, flow->in_port->idx,
                                 ifindexes, entry->n_outputs, &flow->set);
    flow->waits_for_set = answer == XDP_OUTPUT_SET_WANTED;
    if (answer != XDP_OUTPUT_SET_READY) {
        return (flow->waits_for_set ? XDP_WHY_CHANGING
                : XDP_WHY_OUTPUT_SETS_FULL);
    }
    entry->act.flags |= XDP_ACT_BROADCAST;
    entry->act.out_port = flow->set;
    entry->act.set_max_len = max_len;
    return XDP_WHY_OFFLOADED;
}

/* Sets what the flow's action says of its outputs. */
static enum xdp_offload_reason
direct(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_entry *entry = flow->entry;

    entry->act.flags &= ~XDP_ACT_BROADCAST;
    if (entry->n_outputs > 1) {
        return set_outputs(o, flow);
    } else if (entry->n_outputs) {
        entry->act.out_port
            = xdp_offload_port_by_odp(o, entry->outputs[0].odp_port)->idx;
    }
    return XDP_WHY_OFFLOADED;
}

static enum xdp_offload_reason
insert(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_entry *entry = flow->entry;
    enum xdp_offload_reason reason;

    if (!xdp_offload_has_share(o, flow->in_port)) {
        return XDP_WHY_FLOWS_FULL;
    }
    reason = direct(o, flow);
    if (reason != XDP_WHY_OFFLOADED) {
        return reason;
    }
    reason = (xdp_flow_table_has_share(o->table, flow->in_port->idx,
                                       &entry->act)
              ? xdp_flow_table_insert(o->table, flow->in_port->idx,
                                      &entry->key, &entry->mask, &entry->act,
                                      &flow->idx)
              : XDP_WHY_ACTIONS_FULL);
    if (reason == XDP_WHY_OFFLOADED) {
        set_inside(o, flow);
    } else if (entry->act.flags & XDP_ACT_BROADCAST) {
        xdp_output_sets_put(o->sets, flow->set);
    }
    return reason;
}

void
xdp_offload_flow_place(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    enum xdp_offload_reason reason;

    if (!flow->entry || !flow->settled) {
        return;
    }
    flow->waits_for_set = false;
    reason = judge(o, flow);
    if (reason != XDP_WHY_OFFLOADED) {
        take_out(o, flow);
        set_reason(o, flow, reason);
    } else if (!flow->inside) {
        set_reason(o, flow, insert(o, flow));
    }
}

void
xdp_offload_flow_refuse(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    flow->waits_for_set = false;
    set_reason(o, flow, XDP_WHY_OUTPUT_SETS_FULL);
}

static void
unlink_flow(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    if (flow->inside) {
        take_out(o, flow);
        set_reason(o, flow, XDP_WHY_CHANGING);
    }
}

void
xdp_offload_unlink_port_flows(struct xdp_offload *o,
                              struct xdp_offload_port *port, bool entering,
                              bool leaving)
{
    struct xdp_offload_flow *flow;

    if (entering) {
        LIST_FOR_EACH (flow, port_node, &port->flows) {
            unlink_flow(o, flow);
        }
    }
    while (leaving && !ovs_list_is_empty(&port->leaving)) {
        unlink_flow(o, CONTAINER_OF(ovs_list_front(&port->leaving),
                                 struct xdp_entry_output, node)->flow);
    }
}

/* What a flow does. */

static struct xdp_entry *
translate(const struct xdp_offload_port *in_port, const struct match *match,
          const struct nlattr *actions, size_t actions_len,
          enum xdp_offload_reason *reason)
{
    struct xdp_flow_action act;
    struct xdp_outputs outputs;
    struct xdp_key key, mask;
    struct xdp_entry *entry;

    *reason = xdp_key_from_match(match, in_port->idx, &key, &mask);
    if (*reason == XDP_WHY_OFFLOADED) {
        *reason = xdp_actions_translate(&match->flow, actions, actions_len,
                                        &act, &outputs);
    }
    if (*reason != XDP_WHY_OFFLOADED) {
        return NULL;
    }
    entry = xmalloc(offsetof(struct xdp_entry, outputs)
                    + outputs.n * sizeof entry->outputs[0]);
    entry->key = key;
    entry->mask = mask;
    entry->act = act;
    entry->n_outputs = outputs.n;
    for (size_t i = 0; i < outputs.n; i++) {
        entry->outputs[i].odp_port = outputs.ports[i];
    }
    return entry;
}

void
xdp_offload_flow_set_actions(struct xdp_offload *o,
                             struct xdp_offload_flow *flow,
                             const struct match *match,
                             const struct nlattr *actions, size_t actions_len)
{
    enum xdp_offload_reason reason;

    free(flow->entry);
    free(flow->actions);
    flow->entry = translate(flow->in_port, match, actions, actions_len,
                           &reason);
    flow->actions = xmemdup(actions, actions_len);
    flow->actions_len = actions_len;
    set_reason(o, flow, flow->entry ? XDP_WHY_CHANGING : reason);
}

void
xdp_offload_flow_free(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    take_out(o, flow);
    xdp_offload_forget_fading(flow);
    xdp_offload_stop_waiting(flow);
    flow->in_port->n_flows[flow->reason]--;
    hmap_remove(&o->flows, &flow->node);
    ovs_list_remove(&flow->port_node);
    free(flow->actions);
    free(flow->entry);
    free(flow);
}
