/* SPDX-License-Identifier: Apache-2.0 */

/* Changes: what Open vSwitch does to its own tables, before and after. */

#include <config.h>
#include "offload/xdp-offload.h"

#include "timeval.h"
#include "util.h"
#include "offload/xdp-offload-copy.h"
#include "offload/xdp-offload-flow.h"
#include "offload/xdp-offload-state.h"

/* A flow that had packets since so long, in ms, may be having one now. */
enum { BUSY_TIME = 1000 };

/* Does another copy, which nobody is changing, say that the flow is right? */
static bool
has_other_proof(struct xdp_offload *o, const struct xdp_flow_copy *copy)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_offload_flow *flow = copy->flow;
    const struct xdp_flow_copy *other;

    LIST_FOR_EACH (other, flow_node, &flow->copies) {
        if (other != copy && o->copy_class->is_alive(other->copy)
            && !xdp_offload_is_changing(o, other)
            && xdp_offload_does(o, other, flow->actions, flow->actions_len)) {
            return true;
        }
    }
    return false;
}

/* Takes the flow out.  Returns true if it may have packets right now. */
static bool
withdraw(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    bool busy = ((flow->inside || !ovs_list_is_empty(&flow->fading))
                 && (time_msec() - xdp_offload_flow_stats(o, flow).used
                     < BUSY_TIME));

    xdp_offload_flow_withdraw(o, flow);
    return busy;
}

static bool
withdraw_all(struct xdp_offload *o, size_t *n)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_flow *flow;
    bool busy = false;

    *n = 0;
    HMAP_FOR_EACH (flow, node, &o->flows) {
        *n += flow->inside;
        busy |= withdraw(o, flow);
    }
    return busy;
}

static bool
is_about(struct xdp_offload *o, const struct xdp_offload_change *change,
         const struct xdp_flow_copy *copy)
    OVS_REQUIRES(o->mutex)
{
    return ovs_u128_equals(*o->copy_class->ufid(copy->copy),
                           change->ufid);
}

/* Is 'copy' the one that the change replaces the actions of, if Open vSwitch
 * finds it? */
static bool
is_modified(struct xdp_offload *o, const struct xdp_offload_change *change,
            const struct xdp_flow_copy *copy)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_copy_class *class = o->copy_class;

    return (!change->deletes && class->pmd_id(copy->copy) == change->pmd_id
            && class->is_alive(copy->copy));
}

static bool
begin_change(struct xdp_offload *o, struct xdp_offload_change *change)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_flow_copy *copy;
    bool busy = false;
    size_t n;

    change->is_to_be_seen = false;
    if (change->all) {
        return withdraw_all(o, &n);
    }
    HMAP_FOR_EACH_WITH_HASH (copy, ufid_node,
                             xdp_offload_hash_ufid(&change->ufid),
                             &o->copies_by_ufid) {
        if (!is_about(o, change, copy)) {
            continue;
        }
        if (is_modified(o, change, copy)) {
            change->is_to_be_seen = !xdp_offload_does(o, copy, change->actions,
                                                      change->actions_len);
        }
        if (!(change->deletes && has_other_proof(o, copy))) {
            busy |= withdraw(o, copy->flow);
        }
    }
    return busy;
}

bool
xdp_offload_begin_changes(struct xdp_offload *o,
                          struct xdp_offload_change *changes, size_t n)
{
    bool busy = false;

    ovs_mutex_lock(&o->mutex);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].all) {
            o->n_changes_of_all++;
        } else {
            xdp_offload_add_change(o, &changes[i].ufid);
        }
    }
    for (size_t i = 0; i < n; i++) {
        busy |= begin_change(o, &changes[i]);
    }
    ovs_mutex_unlock(&o->mutex);
    return busy;
}

static void
list_flow(struct xdp_offload_flow *flow, struct ovs_list *list)
{
    if (ovs_list_is_empty(&flow->change_node)) {
        ovs_list_push_back(list, &flow->change_node);
    }
}

/* Open vSwitch has changed another copy than it has named, or none: appends to
 * 'list' all flows that it can have found one of. */
static void
list_other_flows(struct xdp_offload *o,
                 const struct xdp_offload_change *change,
                 struct ovs_list *list)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_port *port
        = xdp_offload_port_by_odp(o, change->in_port);
    struct xdp_offload_flow *flow;

    if (port) {
        LIST_FOR_EACH (flow, port_node, &port->flows) {
            list_flow(flow, list);
        }
    }
}

/* Appends to 'list' the flows whose copies have been changed. */
static void
list_changed_flows(struct xdp_offload *o,
                   const struct xdp_offload_change *change,
                   struct ovs_list *list)
    OVS_REQUIRES(o->mutex)
{
    bool is_made = change->deletes;
    struct xdp_flow_copy *copy;

    HMAP_FOR_EACH_WITH_HASH (copy, ufid_node,
                             xdp_offload_hash_ufid(&change->ufid),
                             &o->copies_by_ufid) {
        if (!is_about(o, change, copy)) {
            continue;
        }
        if (is_modified(o, change, copy)) {
            copy->astray = !xdp_offload_does(o, copy, change->actions,
                                             change->actions_len);
            is_made |= !copy->astray && change->is_to_be_seen;
        }
        list_flow(copy->flow, list);
    }
    if (!is_made) {
        list_other_flows(o, change, list);
    }
}

/* After a change of all flows, those that are left settle when Open vSwitch
 * asks for their counters. */
void
xdp_offload_end_changes(struct xdp_offload *o,
                        const struct xdp_offload_change *changes, size_t n)
{
    struct ovs_list list = OVS_LIST_INITIALIZER(&list);

    ovs_mutex_lock(&o->mutex);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].all) {
            o->n_changes_of_all--;
        } else {
            xdp_offload_remove_change(o, &changes[i].ufid);
            list_changed_flows(o, &changes[i], &list);
        }
    }
    xdp_offload_settle_listed(o, &list);
    ovs_mutex_unlock(&o->mutex);
}

size_t
xdp_offload_withdraw_all(struct xdp_offload *o)
{
    size_t n;

    ovs_mutex_lock(&o->mutex);
    withdraw_all(o, &n);
    ovs_mutex_unlock(&o->mutex);
    return n;
}
