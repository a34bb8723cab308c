/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-flow-table.h"

#include <string.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "util.h"
#include "offload/xdp-buckets.h"
#include "offload/xdp-masks.h"

/* Numbers of table entries that are not in use. */
struct id_stack {
    uint32_t *ids;
    uint32_t n;
};

/* An action that flows have. */
struct action_ref {
    struct hmap_node node;      /* In 'actions', by content. */
    uint32_t idx;
    uint32_t n_flows;
    uint32_t port;              /* That had the first of them. */
};

struct xdp_flow_table {
    struct xdp_tables *t;
    struct id_stack free_flows;
    struct id_stack free_actions;
    struct hmap actions;        /* Of 'struct action_ref's. */
    struct action_ref **refs;   /* By number of the action. */
    uint32_t n_actions[XDP_MAX_PORTS];  /* By port that had them first. */
    struct xdp_masks *masks;
};

/* Numbers. */

static void
id_stack_init(struct id_stack *s, uint32_t capacity)
{
    s->ids = xcalloc(capacity, sizeof *s->ids);
    for (s->n = 0; s->n < capacity; s->n++) {
        s->ids[s->n] = capacity - 1 - s->n;
    }
}

static void
id_stack_push(struct id_stack *s, uint32_t id)
{
    s->ids[s->n++] = id;
}

static bool
id_stack_pop(struct id_stack *s, uint32_t *idp)
{
    if (!s->n) {
        return false;
    }
    *idp = s->ids[--s->n];
    return true;
}

/* Life. */

struct xdp_flow_table *
xdp_flow_table_create(struct xdp_tables *t)
{
    struct xdp_flow_table *ft = xzalloc(sizeof *ft);

    ft->t = t;
    id_stack_init(&ft->free_flows, t->limits.n_flows);
    id_stack_init(&ft->free_actions, t->n_actions);
    hmap_init(&ft->actions);
    ft->refs = xcalloc(t->n_actions, sizeof *ft->refs);
    ft->masks = xdp_masks_create(t);
    return ft;
}

void
xdp_flow_table_destroy(struct xdp_flow_table *ft)
{
    struct action_ref *ref;

    if (!ft) {
        return;
    }
    HMAP_FOR_EACH_POP (ref, node, &ft->actions) {
        free(ref);
    }
    hmap_destroy(&ft->actions);
    free(ft->refs);
    xdp_masks_destroy(ft->masks);
    free(ft->free_flows.ids);
    free(ft->free_actions.ids);
    free(ft);
}

/* Actions. */

static uint32_t
hash_action(const struct xdp_flow_action *act)
{
    return hash_bytes(act, sizeof *act, 0);
}

static struct action_ref *
find_action(const struct xdp_flow_table *ft, const struct xdp_flow_action *act)
{
    struct action_ref *ref;

    HMAP_FOR_EACH_WITH_HASH (ref, node, hash_action(act), &ft->actions) {
        if (!memcmp(&ft->t->actions[ref->idx], act, sizeof *act)) {
            return ref;
        }
    }
    return NULL;
}

bool
xdp_flow_table_has_share(const struct xdp_flow_table *ft, uint32_t port,
                         const struct xdp_flow_action *act)
{
    return (xdp_has_share(ft->n_actions[port],
                          ft->t->n_actions - hmap_count(&ft->actions))
            || find_action(ft, act));
}

static bool
get_action(struct xdp_flow_table *ft, uint32_t port,
           const struct xdp_flow_action *act, uint32_t *idxp)
{
    struct action_ref *ref = find_action(ft, act);

    if (ref) {
        ref->n_flows++;
        *idxp = ref->idx;
        return true;
    }
    if (!id_stack_pop(&ft->free_actions, idxp)) {
        return false;
    }
    ft->t->actions[*idxp] = *act;
    ref = xmalloc(sizeof *ref);
    ref->idx = *idxp;
    ref->n_flows = 1;
    ref->port = port;
    ft->n_actions[port]++;
    hmap_insert(&ft->actions, &ref->node, hash_action(act));
    ft->refs[*idxp] = ref;
    return true;
}

static void
put_action(struct xdp_flow_table *ft, uint32_t idx)
{
    struct action_ref *ref = ft->refs[idx];

    if (!--ref->n_flows) {
        hmap_remove(&ft->actions, &ref->node);
        ft->refs[idx] = NULL;
        ft->n_actions[ref->port]--;
        free(ref);
        id_stack_push(&ft->free_actions, idx);
    }
}

/* Flows. */

static void
zero_stats(struct xdp_flow_table *ft, uint32_t idx)
{
    for (uint32_t i = 0; i < ft->t->stats_shards; i++) {
        memset(&ft->t->stats[i * ft->t->limits.n_flows + idx], 0,
               sizeof *ft->t->stats);
    }
}

static enum xdp_offload_reason
insert(struct xdp_flow_table *ft, uint32_t idx, uint32_t port_idx,
       const struct xdp_key *key, const struct xdp_key *mask,
       const struct xdp_flow_action *act)
{
    struct xdp_port *port = &ft->t->ports[port_idx];
    struct xdp_flow *flow = &ft->t->flows[idx];

    if (!xdp_masks_get(ft->masks, port_idx, mask, &flow->mask)) {
        return XDP_WHY_MASKS_FULL;
    }
    if (!get_action(ft, port_idx, act, &flow->action)) {
        xdp_masks_put(ft->masks, port_idx, flow->mask);
        return XDP_WHY_ACTIONS_FULL;
    }
    zero_stats(ft, idx);
    flow->key = *key;
    /* From 0, as in memory that nobody has touched, or from an odd number. */
    xdp_publish64(&flow->seq, (flow->seq | 1) + 1);
    if (!xdp_buckets_add(ft->t, idx)) {
        xdp_publish64(&flow->seq, flow->seq + 1);
        put_action(ft, flow->action);
        xdp_masks_put(ft->masks, port_idx, flow->mask);
        return XDP_WHY_FLOWS_FULL;
    }
    /* Only now is there nothing left that can fail: what no program has seen
     * needs no grace period. */
    xdp_masks_link(ft->masks, port_idx, flow->mask);
    xdp_publish64(&port->miss_seq, port->miss_seq + 1);
    return XDP_WHY_OFFLOADED;
}

enum xdp_offload_reason
xdp_flow_table_insert(struct xdp_flow_table *ft, uint32_t port,
                      const struct xdp_key *key, const struct xdp_key *mask,
                      const struct xdp_flow_action *act, uint32_t *idxp)
{
    enum xdp_offload_reason reason;

    if (!id_stack_pop(&ft->free_flows, idxp)) {
        return XDP_WHY_FLOWS_FULL;
    }
    reason = insert(ft, *idxp, port, key, mask, act);
    if (reason != XDP_WHY_OFFLOADED) {
        id_stack_push(&ft->free_flows, *idxp);
    }
    return reason;
}

static uint32_t
flow_port(const struct xdp_flow *flow)
{
    return flow->key.w[XDP_KEY_ETH_DST] >> 48;
}

void
xdp_flow_table_unlink(struct xdp_flow_table *ft, uint32_t idx)
{
    struct xdp_flow *flow = &ft->t->flows[idx];

    xdp_buckets_remove(ft->t, idx);
    xdp_publish64(&flow->seq, flow->seq + 1);
    xdp_masks_unlink(ft->masks, flow_port(flow), flow->mask);
}

void
xdp_flow_table_release(struct xdp_flow_table *ft, uint32_t idx)
{
    const struct xdp_flow *flow = &ft->t->flows[idx];

    put_action(ft, flow->action);
    xdp_masks_put(ft->masks, flow_port(flow), flow->mask);
    id_stack_push(&ft->free_flows, idx);
}

void
xdp_flow_table_get_stats(const struct xdp_flow_table *ft, uint32_t idx,
                         struct xdp_flow_stats *sum)
{
    memset(sum, 0, sizeof *sum);
    for (uint32_t i = 0; i < ft->t->stats_shards; i++) {
        struct xdp_flow_stats *s
            = &ft->t->stats[i * ft->t->limits.n_flows + idx];
        uint64_t used = __atomic_load_n(&s->used, __ATOMIC_RELAXED);

        sum->n_packets += __atomic_load_n(&s->n_packets, __ATOMIC_RELAXED);
        sum->n_bytes += __atomic_load_n(&s->n_bytes, __ATOMIC_RELAXED);
        sum->tcp_flags |= __atomic_load_n(&s->tcp_flags, __ATOMIC_RELAXED);
        sum->used = MAX(sum->used, used);
    }
}

void
xdp_flow_table_set_port(struct xdp_flow_table *ft, uint32_t port_idx,
                        uint32_t flags, uint32_t max_len, uint32_t vlan_limit)
{
    struct xdp_port *port = &ft->t->ports[port_idx];

    xdp_publish32(&port->max_len, max_len);
    xdp_publish32(&port->vlan_limit, vlan_limit);
    xdp_publish32(&port->flags, flags);
}

uint32_t
xdp_flow_table_count(const struct xdp_flow_table *ft)
{
    return ft->t->limits.n_flows - ft->free_flows.n;
}

uint32_t
xdp_flow_table_n_masks(const struct xdp_flow_table *ft, uint32_t port)
{
    return xdp_masks_count(ft->masks, port);
}

uint32_t
xdp_flow_table_n_actions(const struct xdp_flow_table *ft)
{
    return hmap_count(&ft->actions);
}
