/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-copy.h"

#include <errno.h>

#include "hash.h"
#include "openvswitch/match.h"
#include "util.h"
#include "offload/xdp-offload-flow.h"
#include "offload/xdp-offload-state.h"

/* In how many calls xdp_offload_sweep() sees all flows. */
enum { SWEEP_ROUNDS = 16 };

/* Copies. */

static struct xdp_flow_copy *
find_copy(struct xdp_offload *o, const void *p)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_flow_copy *copy;

    HMAP_FOR_EACH_WITH_HASH (copy, copy_node, hash_pointer(p, 0),
                             &o->copies) {
        if (copy->copy == p) {
            return copy;
        }
    }
    return NULL;
}

/* Adds 'p' to the flow that it is a copy of.  Returns null if it is not
 * alive. */
static struct xdp_flow_copy *
add_copy(struct xdp_offload *o, struct xdp_offload_port *in_port,
         const void *p)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_copy_class *class = o->copy_class;
    struct xdp_flow_copy *copy;
    struct match match;
    ovs_u128 mask_id;

    if (in_port->closed || !class->is_alive(p) || !class->ref(p)) {
        return NULL;
    }
    class->get_match(p, &match);
    hash_bytes128(&match.wc.masks, sizeof match.wc.masks, 0, &mask_id);

    copy = xzalloc(sizeof *copy);
    copy->copy = p;
    copy->flow = xdp_offload_flow_find(o, in_port, class->mega_ufid(p),
                                       &mask_id);
    ovs_list_push_back(&copy->flow->copies, &copy->flow_node);
    hmap_insert(&o->copies, &copy->copy_node, hash_pointer(p, 0));
    hmap_insert(&o->copies_by_ufid, &copy->ufid_node,
                xdp_offload_hash_ufid(class->ufid(p)));
    copy->flow->settled = false;
    return copy;
}

static void
remove_copy(struct xdp_offload *o, struct xdp_flow_copy *copy)
    OVS_REQUIRES(o->mutex)
{
    hmap_remove(&o->copies, &copy->copy_node);
    hmap_remove(&o->copies_by_ufid, &copy->ufid_node);
    ovs_list_remove(&copy->flow_node);
    o->copy_class->unref(copy->copy);
    free(copy);
}

bool
xdp_offload_does(struct xdp_offload *o, const struct xdp_flow_copy *copy,
                 const struct nlattr *actions, size_t actions_len)
{
    size_t len;
    const struct nlattr *a = o->copy_class->get_actions(copy->copy,
                                                                 &len);

    /* Those of a drop are empty, and may be null. */
    return len == actions_len && (!len || !memcmp(a, actions, len));
}

/* Settling. */

static void
remove_dead_copies(struct xdp_offload *o, struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_flow_copy *copy;

    LIST_FOR_EACH_SAFE (copy, flow_node, &flow->copies) {
        if (!o->copy_class->is_alive(copy->copy)) {
            remove_copy(o, copy);
        }
    }
}

/* Does nobody change the flow's copies, and do they all do 'actions'? */
static bool
copies_agree(struct xdp_offload *o, const struct xdp_offload_flow *flow,
             const struct nlattr *actions, size_t actions_len)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_flow_copy *copy;

    LIST_FOR_EACH (copy, flow_node, &flow->copies) {
        if (copy->astray || xdp_offload_is_changing(o, copy)
            || !xdp_offload_does(o, copy, actions, actions_len)) {
            return false;
        }
    }
    return true;
}

bool
xdp_offload_settle(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    const struct xdp_copy_class *class = o->copy_class;
    const struct xdp_flow_copy *first;
    const struct nlattr *actions;
    struct match match;
    size_t len;

    remove_dead_copies(o, flow);
    if (ovs_list_is_empty(&flow->copies)) {
        xdp_offload_flow_free(o, flow);
        return false;
    }
    first = CONTAINER_OF(ovs_list_front(&flow->copies), struct xdp_flow_copy,
                         flow_node);
    actions = class->get_actions(first->copy, &len);
    if (!copies_agree(o, flow, actions, len)) {
        xdp_offload_flow_withdraw(o, flow);
        return false;
    }
    if (!flow->actions
        || !xdp_offload_does(o, first, flow->actions, flow->actions_len)) {
        xdp_offload_flow_withdraw(o, flow);
        class->get_match(first->copy, &match);
        xdp_offload_flow_set_actions(o, flow, &match, actions, len);
    }
    flow->settled = true;
    xdp_offload_flow_place(o, flow);
    return flow->inside;
}

static bool
has_dead_copy(struct xdp_offload *o, const struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_flow_copy *copy;

    LIST_FOR_EACH (copy, flow_node, &flow->copies) {
        if (!o->copy_class->is_alive(copy->copy)) {
            return true;
        }
    }
    return false;
}

void
xdp_offload_sweep(struct xdp_offload *o)
{
    size_t n = hmap_count(&o->flows) / SWEEP_ROUNDS + 1;

    while (n--) {
        struct hmap_node *node = hmap_at_position(&o->flows,
                                                  &o->sweep);
        struct xdp_offload_flow *flow;

        if (!node) {
            break;
        }
        flow = CONTAINER_OF(node, struct xdp_offload_flow, node);
        if (has_dead_copy(o, flow)) {
            xdp_offload_settle(o, flow);
        }
    }
}

/* Open vSwitch has just looked at the copy.  Returns true if its flow is
 * inside. */
static bool
see(struct xdp_offload *o, struct xdp_flow_copy *copy)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_flow *flow = copy->flow;

    return (flow->settled
            && xdp_offload_does(o, copy, flow->actions, flow->actions_len)
            ? flow->inside : xdp_offload_settle(o, flow));
}

static struct xdp_flow_copy *
find_or_add_copy(struct xdp_offload *o, struct xdp_offload_port *in_port,
                 const void *p)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_flow_copy *copy = find_copy(o, p);

    return copy ? copy : add_copy(o, in_port, p);
}

uint32_t
xdp_offload_put_copy(struct xdp_offload *o, struct xdp_offload_port *in_port,
                     const void *p)
{
    struct xdp_flow_copy *copy = find_or_add_copy(o, in_port, p);

    if (copy) {
        see(o, copy);
        copy = find_copy(o, p);
    }
    return (copy && copy->flow->waits_for_set
            ? copy->flow->set : XDP_MAX_OUTPUT_SETS);
}

/* Makes '*stats', of the flow, what 'copy' is to be told. */
static void
tell(struct xdp_flow_copy *copy, struct xdp_offload_stats *stats)
{
    struct xdp_offload_flow *flow = copy->flow;

    copy->n_packets += stats->n_packets - flow->told_packets;
    copy->n_bytes += stats->n_bytes - flow->told_bytes;
    flow->told_packets = stats->n_packets;
    flow->told_bytes = stats->n_bytes;
    stats->n_packets = copy->n_packets;
    stats->n_bytes = copy->n_bytes;
}

void
xdp_offload_credit_copies(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    struct xdp_flow_copy *copy;

    LIST_FOR_EACH_SAFE (copy, flow_node, &flow->copies) {
        struct xdp_offload_stats stats = xdp_offload_flow_stats(o, flow);

        tell(copy, &stats);
        o->copy_class->credit(copy->copy, &stats);
        remove_copy(o, copy);
    }
}

int
xdp_offload_flow_get(struct xdp_offload_port *in_port, const void *p,
                     struct xdp_offload_stats *stats, bool *offloaded)
{
    struct xdp_offload *o = in_port->offload;
    struct xdp_flow_copy *copy;

    ovs_mutex_lock(&o->mutex);
    copy = find_or_add_copy(o, in_port, p);
    if (copy) {
        *stats = xdp_offload_flow_stats(o, copy->flow);
        if (o->copy_class->is_alive(p)) {
            tell(copy, stats);
        } else {
            /* What is new is for those that live. */
            stats->n_packets = copy->n_packets;
            stats->n_bytes = copy->n_bytes;
        }
        *offloaded = see(o, copy);
    }
    ovs_mutex_unlock(&o->mutex);
    return copy ? 0 : ENOENT;
}

void
xdp_offload_settle_listed(struct xdp_offload *o, struct ovs_list *list)
{
    while (!ovs_list_is_empty(list)) {
        struct xdp_offload_flow *flow = CONTAINER_OF(
            ovs_list_pop_front(list), struct xdp_offload_flow, change_node);

        ovs_list_init(&flow->change_node);
        xdp_offload_settle(o, flow);
    }
}

/* dpif-netdev says so before it marks the copy dead.  Until then, somebody may
 * ask for the copy's counters. */
static struct xdp_offload_flow *
withdraw_living(struct xdp_offload *o, const void *p)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_flow_copy *copy = find_copy(o, p);

    if (copy && o->copy_class->is_alive(p)) {
        xdp_offload_flow_withdraw(o, copy->flow);
        return copy->flow;
    }
    return NULL;
}

void
xdp_offload_flow_del(struct xdp_offload *o, const ovs_u128 *mega_ufid,
                     const void *p)
{
    struct ovs_list list = OVS_LIST_INITIALIZER(&list);
    const struct xdp_offload_flow *withdrawn;
    struct xdp_offload_flow *flow;

    ovs_mutex_lock(&o->mutex);
    withdrawn = withdraw_living(o, p);
    HMAP_FOR_EACH_WITH_HASH (flow, node, xdp_offload_hash_ufid(mega_ufid),
                             &o->flows) {
        if (ovs_u128_equals(flow->mega_ufid, *mega_ufid)
            && flow != withdrawn) {
            ovs_list_push_back(&list, &flow->change_node);
        }
    }
    xdp_offload_settle_listed(o, &list);
    ovs_mutex_unlock(&o->mutex);
}
