/* SPDX-License-Identifier: Apache-2.0 */

/* Flows: where they are, what they have counted. */

#include <config.h>
#include "xdp-offload-private.h"

#include <errno.h>

#include "hash.h"
#include "openvswitch/match.h"
#include "timeval.h"
#include "util.h"
#include "xdp-flow-actions.h"
#include "xdp-flow-key.h"
#include "xdp-groups.h"

/* A copy of a flow that has not asked for so long, in ms, is gone: Open vSwitch
 * asks at least twice a second, unless it is very busy. */
enum { COPY_TIMEOUT = 60 * 1000 };

/* A flow that had packets since so long, in ms, may be having one now. */
enum { BUSY_TIME = 1000 };

static uint32_t
hash_ufid(const ovs_u128 *ufid)
{
    return hash_words(ufid->u32, ARRAY_SIZE(ufid->u32), 0);
}

static struct xdp_offload_flow *
find_flow(const ovs_u128 *ufid)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_offload_flow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, node, hash_ufid(ufid), &xdp_offload.flows) {
        if (ovs_u128_equals(flow->ufid, *ufid)) {
            return flow;
        }
    }
    return NULL;
}

static void
set_reason(struct xdp_offload_flow *flow, enum xdp_offload_reason reason)
{
    flow->in_port->n_flows[flow->reason]--;
    flow->reason = reason;
    flow->in_port->n_flows[reason]++;
}

/* Counters. */

static void
add_stats(struct xdp_offload_stats *sum, const struct xdp_flow_stats *s)
{
    long long int used = s->used / 1000000;

    sum->n_packets += s->n_packets;
    sum->n_bytes += s->n_bytes;
    sum->tcp_flags |= s->tcp_flags;
    sum->used = MAX(sum->used, used);
}

static struct xdp_offload_stats
get_stats(const struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_offload_stats sum = flow->past;
    struct xdp_flow_stats s;

    if (flow->place != XDP_FLOW_OUTSIDE) {
        xdp_flow_table_get_stats(xdp_offload.table, flow->idx, &s);
        add_stats(&sum, &s);
    }
    return sum;
}

/* Places. */

static void
unlink_flow(struct xdp_offload_flow *flow, enum xdp_offload_reason reason)
    OVS_REQUIRES(xdp_offload_mutex)
{
    if (flow->place == XDP_FLOW_INSIDE) {
        xdp_flow_table_unlink(xdp_offload.table, flow->idx);
        if (flow->rule->act.flags & XDP_ACT_BROADCAST) {
            xdp_groups_put(xdp_offload.groups, flow->rule->act.out_port);
        }
        flow->place = XDP_FLOW_UNLINKED;
    }
    set_reason(flow, reason);
}

static void
take_out(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    if (flow->place == XDP_FLOW_INSIDE) {
        unlink_flow(flow, flow->reason);
    }
    if (flow->place == XDP_FLOW_UNLINKED) {
        flow->past = get_stats(flow);
        xdp_flow_table_release(xdp_offload.table, flow->idx);
        flow->place = XDP_FLOW_OUTSIDE;
        xdp_offload.room_made = true;
    }
}

void
xdp_offload_flow_end_suspension(struct xdp_offload_flow *flow)
{
    if (flow->suspended) {
        flow->suspended = 0;
        xdp_offload.n_suspended--;
    }
}

static enum xdp_offload_reason
judge_output(odp_port_t odp_port)
    OVS_REQUIRES(xdp_offload_mutex)
{
    const struct xdp_offload_port *out = xdp_offload_port_by_odp(odp_port);

    return (!out ? XDP_OUTPUT_TYPE
            : !out->attached ? XDP_OUTPUT_DETACHED
            : !out->state.takes_redirect ? XDP_OUTPUT_DEVICE
            : XDP_OFFLOADED);
}

/* Where the flow belongs as its ports are now. */
static enum xdp_offload_reason
judge(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    const struct xdp_offload_port *in = flow->in_port;

    if (!in->state.enabled) {
        return XDP_PORT_DISABLED;
    } else if (!in->attached) {
        return XDP_PORT_DETACHED;
    } else if (!in->prog) {
        return XDP_FOREIGN_PROGRAM;
    } else if (in->prog_failed) {
        return XDP_PROGRAM;
    }
    for (size_t i = 0; i < flow->rule->n_outputs; i++) {
        odp_port_t odp_port = flow->rule->outputs[i];
        enum xdp_offload_reason reason = judge_output(odp_port);

        if (reason != XDP_OFFLOADED) {
            flow->obstacle = odp_port;
            return reason;
        }
    }
    return XDP_OFFLOADED;
}

/* Directs the rule to a group of all its outputs. */
static bool
set_group(struct xdp_rule *rule)
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
    if (!xdp_groups_get(xdp_offload.groups, ifindexes, rule->n_outputs,
                        &group)) {
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

    rule->act.flags &= ~XDP_ACT_BROADCAST;
    if (rule->n_outputs == 1) {
        rule->act.out_port = xdp_offload_port_by_odp(rule->outputs[0])->idx;
    } else if (rule->n_outputs > 1 && !set_group(rule)) {
        return XDP_GROUPS_FULL;
    }
    reason = xdp_flow_table_insert(xdp_offload.table, flow->in_port->idx,
                                   &rule->key, &rule->mask, &rule->act,
                                   &flow->idx);
    if (reason == XDP_OFFLOADED) {
        flow->place = XDP_FLOW_INSIDE;
    } else if (rule->act.flags & XDP_ACT_BROADCAST) {
        xdp_groups_put(xdp_offload.groups, rule->act.out_port);
    }
    return reason;
}

void
xdp_offload_flow_place(struct xdp_offload_flow *flow)
{
    enum xdp_offload_reason reason;

    if (!flow->rule || flow->suspended) {
        return;
    }
    reason = judge(flow);
    if (reason != XDP_OFFLOADED) {
        unlink_flow(flow, reason);
    } else if (flow->place != XDP_FLOW_INSIDE) {
        take_out(flow);
        set_reason(flow, insert(flow));
    }
}

void
xdp_offload_flow_free(struct xdp_offload_flow *flow)
{
    take_out(flow);
    xdp_offload_flow_end_suspension(flow);
    flow->in_port->n_flows[flow->reason]--;
    hmap_remove(&xdp_offload.flows, &flow->node);
    ovs_list_remove(&flow->port_node);
    free(flow->copies);
    free(flow->rule);
    free(flow);
}

static bool
leaves_through(const struct xdp_offload_flow *flow,
               const struct xdp_offload_port *port)
{
    for (size_t i = 0; i < flow->rule->n_outputs; i++) {
        if (flow->rule->outputs[i] == port->state.odp_port) {
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
        if (flow->place == XDP_FLOW_INSIDE
            && ((entering && flow->in_port == port)
                || (leaving && leaves_through(flow, port)))) {
            unlink_flow(flow, XDP_CHANGING);
        }
    }
    xdp_offload.dirty = true;
}

/* The interface. */

static struct xdp_offload_flow *
add_flow(struct xdp_offload_port *in_port, const ovs_u128 *ufid)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_offload_flow *flow = xzalloc(sizeof *flow);

    flow->ufid = *ufid;
    flow->in_port = in_port;
    flow->obstacle = ODPP_NONE;
    flow->reason = XDP_CHANGING;
    in_port->n_flows[XDP_CHANGING]++;
    hmap_insert(&xdp_offload.flows, &flow->node, hash_ufid(ufid));
    ovs_list_push_back(&in_port->flows, &flow->port_node);
    return flow;
}

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
    if (*reason == XDP_OFFLOADED) {
        *reason = xdp_actions_translate(&match->flow, actions, actions_len,
                                        &act, &outputs);
    }
    if (*reason != XDP_OFFLOADED) {
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
xdp_offload_flow_put(struct xdp_offload_port *in_port, const ovs_u128 *ufid,
                     const struct match *match, const struct nlattr *actions,
                     size_t actions_len)
{
    enum xdp_offload_reason reason;
    struct xdp_rule *rule = translate(in_port, match, actions, actions_len,
                                      &reason);
    struct xdp_offload_flow *flow;

    ovs_mutex_lock(&xdp_offload_mutex);
    if (in_port->closed) {
        ovs_mutex_unlock(&xdp_offload_mutex);
        free(rule);
        return;
    }
    flow = find_flow(ufid);
    if (!flow) {
        flow = add_flow(in_port, ufid);
    }
    take_out(flow);
    xdp_offload_flow_end_suspension(flow);
    free(flow->rule);
    flow->rule = rule;
    set_reason(flow, reason);
    xdp_offload_flow_place(flow);
    ovs_mutex_unlock(&xdp_offload_mutex);
}

int
xdp_offload_flow_del(const ovs_u128 *ufid)
{
    struct xdp_offload_flow *flow;

    ovs_mutex_lock(&xdp_offload_mutex);
    flow = find_flow(ufid);
    if (flow) {
        xdp_offload_flow_free(flow);
    }
    ovs_mutex_unlock(&xdp_offload_mutex);
    return flow ? 0 : ENOENT;
}

/* Finds the copy, or adds it and forgets those that are gone. */
static struct xdp_flow_copy *
get_copy(struct xdp_offload_flow *flow, const void *id)
{
    long long int now = time_msec();
    size_t n = 0;

    for (size_t i = 0; i < flow->n_copies; i++) {
        if (flow->copies[i].id == id) {
            flow->copies[i].asked = now;
            return &flow->copies[i];
        }
    }
    for (size_t i = 0; i < flow->n_copies; i++) {
        if (now - flow->copies[i].asked < COPY_TIMEOUT) {
            flow->copies[n++] = flow->copies[i];
        }
    }
    flow->copies = xrealloc(flow->copies, (n + 1) * sizeof *flow->copies);
    flow->copies[n] = (struct xdp_flow_copy) { .id = id, .asked = now };
    flow->n_copies = n + 1;
    return &flow->copies[n];
}

/* Makes '*stats', of the flow, what 'copy' is to be told. */
static void
tell(struct xdp_offload_flow *flow, struct xdp_flow_copy *copy,
     struct xdp_offload_stats *stats)
{
    copy->n_packets += stats->n_packets - flow->told_packets;
    copy->n_bytes += stats->n_bytes - flow->told_bytes;
    flow->told_packets = stats->n_packets;
    flow->told_bytes = stats->n_bytes;
    stats->n_packets = copy->n_packets;
    stats->n_bytes = copy->n_bytes;
}

int
xdp_offload_flow_get(const ovs_u128 *ufid, const void *copy,
                     struct xdp_offload_stats *stats, bool *offloaded)
{
    struct xdp_offload_flow *flow;

    ovs_mutex_lock(&xdp_offload_mutex);
    flow = find_flow(ufid);
    if (flow) {
        *stats = get_stats(flow);
        *offloaded = flow->place == XDP_FLOW_INSIDE;
        tell(flow, get_copy(flow, copy), stats);
    }
    ovs_mutex_unlock(&xdp_offload_mutex);
    return flow ? 0 : ENOENT;
}

static bool
suspend(struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    bool busy;

    if (flow->place != XDP_FLOW_INSIDE) {
        return false;
    }
    busy = time_msec() - get_stats(flow).used < BUSY_TIME;
    unlink_flow(flow, XDP_CHANGING);
    flow->suspended = time_msec();
    xdp_offload.n_suspended++;
    return busy;
}

bool
xdp_offload_flow_suspend(const ovs_u128 *ufid)
{
    struct xdp_offload_flow *flow;
    bool busy;

    ovs_mutex_lock(&xdp_offload_mutex);
    flow = find_flow(ufid);
    busy = flow && suspend(flow);
    ovs_mutex_unlock(&xdp_offload_mutex);
    return busy;
}

size_t
xdp_offload_suspend_all(void)
{
    struct xdp_offload_flow *flow;
    size_t n = 0;

    ovs_mutex_lock(&xdp_offload_mutex);
    HMAP_FOR_EACH (flow, node, &xdp_offload.flows) {
        n += flow->place == XDP_FLOW_INSIDE;
        suspend(flow);
    }
    ovs_mutex_unlock(&xdp_offload_mutex);
    return n;
}

void
xdp_offload_synchronize(void)
{
    xdp_tables_synchronize();
}
