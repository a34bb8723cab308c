/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-fake-dp.h"

#include <inttypes.h>
#include <stdio.h>

#include "ovs-rcu.h"
#include "util.h"

/* What all copies of flows with one mega_ufid have, once one was put. */
struct dp_mark {
    struct ovs_list node;       /* In 'marks'. */
    ovs_u128 mega_ufid;
    int n;                      /* Copies that have it. */
};

struct message {
    struct ovs_list node;
    enum { ADD, MODIFY, DELETE } type;
    struct dp_flow *flow;
};

struct xdp_offload *dp_offload;
struct ovs_mutex dp_pmd_mutexes[DP_PMDS];
bool dp_is_concurrent;

/* What each PMD thread has of each megaflow. */
static ATOMIC(struct dp_flow *) tables[DP_PMDS][DP_MEGAFLOWS];
static ATOMIC(struct xdp_offload_port *) ports[DP_PORTS];

static struct ovs_mutex queue_mutex = OVS_MUTEX_INITIALIZER;
static struct ovs_list queue OVS_GUARDED_BY(queue_mutex)
    = OVS_LIST_INITIALIZER(&queue);
static struct ovs_list marks = OVS_LIST_INITIALIZER(&marks);
static atomic_int n_copies = 0;

/* What copies have been told.  Nests inside flow offload's lock. */
static struct ovs_mutex told_mutex = OVS_MUTEX_INITIALIZER;

void
dp_set_port(int port, struct xdp_offload_port *p)
{
    atomic_store(&ports[port], p);
}

struct xdp_offload_port *
dp_get_port(int port)
{
    struct xdp_offload_port *p;

    atomic_read(&ports[port], &p);
    return p;
}

/* Copies. */

static struct dp_flow *
dp_flow_cast(const void *copy)
{
    return CONST_CAST(struct dp_flow *, copy);
}

bool
dp_ref(struct dp_flow *flow)
{
    return ovs_refcount_try_ref_rcu(&flow->refs);
}

static void
free_flow(struct dp_flow *flow)
{
    int n;

    ovs_mutex_destroy(&flow->mutex);
    free(flow);
    atomic_sub(&n_copies, 1, &n);
}

void
dp_unref(struct dp_flow *flow)
{
    if (ovs_refcount_unref_relaxed(&flow->refs) == 1) {
        ovs_assert(dp_is_dead(flow));
        ovsrcu_postpone(free_flow, flow);
    }
}

int
dp_count(void)
{
    int n;

    atomic_read(&n_copies, &n);
    return n;
}

const struct dp_actions *
dp_get_actions(const struct dp_flow *flow)
{
    const struct dp_actions *actions;

    atomic_read(&dp_flow_cast(flow)->actions, &actions);
    return actions;
}

bool
dp_is_dead(const struct dp_flow *flow)
{
    bool dead;

    atomic_read(&dp_flow_cast(flow)->dead, &dead);
    return dead;
}

/* Takes an answer unless the copy has been credited since 'n_credits'. */
static bool
take_answer(struct dp_flow *flow, uint64_t n_packets, uint64_t n_credits)
{
    bool ok;

    ovs_mutex_lock(&told_mutex);
    ok = flow->n_credits == n_credits;
    if (ok) {
        if (n_packets < flow->n_got) {
            fprintf(stderr, "megaflow %"PRIdPTR", copy of pmd %u: told %"PRIu64
                    " packets after %"PRIu64"\n",
                    flow->mega - dp_megaflows, flow->pmd_id, n_packets,
                    flow->n_got);
        }
        ovs_assert(n_packets >= flow->n_got);
        flow->mega->n_told += n_packets - flow->n_got;
        flow->n_got = n_packets;
    }
    ovs_mutex_unlock(&told_mutex);
    return ok;
}

static uint64_t
get_n_credits(const struct dp_flow *flow)
{
    uint64_t n;

    ovs_mutex_lock(&told_mutex);
    n = flow->n_credits;
    ovs_mutex_unlock(&told_mutex);
    return n;
}

void
dp_get(struct dp_flow *flow, struct xdp_offload_port *port)
{
    struct xdp_offload_stats stats;
    uint64_t n_credits;
    bool offloaded;

    ovs_mutex_lock(&flow->mutex);
    do {
        n_credits = get_n_credits(flow);
        if (!port || xdp_offload_flow_get(port, flow, &stats, &offloaded)) {
            break;
        }
        ovs_assert(dp_is_concurrent
                   || stats.n_bytes == stats.n_packets * DP_PACKET_SIZE);
    } while (!take_answer(flow, stats.n_packets, n_credits));
    ovs_mutex_unlock(&flow->mutex);
}

/* The class. */

static bool
copy_ref(const void *copy)
{
    return dp_ref(dp_flow_cast(copy));
}

static void
copy_unref(const void *copy)
{
    dp_unref(dp_flow_cast(copy));
}

static const ovs_u128 *
copy_ufid(const void *copy)
{
    return &dp_flow_cast(copy)->ufid;
}

static const ovs_u128 *
copy_mega_ufid(const void *copy)
{
    return &dp_flow_cast(copy)->mega->ufid;
}

static unsigned int
copy_pmd_id(const void *copy)
{
    return dp_flow_cast(copy)->pmd_id;
}

static bool
copy_is_alive(const void *copy)
{
    return !dp_is_dead(copy);
}

static void
copy_get_match(const void *copy, struct match *match)
{
    *match = dp_flow_cast(copy)->mega->match;
}

static const struct nlattr *
copy_get_actions(const void *copy, size_t *len)
{
    const struct dp_actions *actions = dp_get_actions(copy);

    *len = actions->attrs.size;
    return actions->attrs.data;
}

static void
copy_credit(const void *copy, const struct xdp_offload_stats *stats)
{
    struct dp_flow *flow = dp_flow_cast(copy);

    ovs_mutex_lock(&told_mutex);
    ovs_assert(stats->n_packets >= flow->n_got);
    flow->mega->n_told += stats->n_packets - flow->n_got;
    flow->n_got = 0;
    flow->n_credits++;
    ovs_mutex_unlock(&told_mutex);
}

static const struct xdp_copy_class copy_class = {
    .ref = copy_ref,
    .unref = copy_unref,
    .ufid = copy_ufid,
    .mega_ufid = copy_mega_ufid,
    .pmd_id = copy_pmd_id,
    .is_alive = copy_is_alive,
    .get_match = copy_get_match,
    .get_actions = copy_get_actions,
    .credit = copy_credit,
};

void
dp_init(void)
{
    dp_init_megaflows();
    for (int i = 0; i < DP_PMDS; i++) {
        ovs_mutex_init(&dp_pmd_mutexes[i]);
    }
    dp_offload = xdp_offload_create(&copy_class);
}

void
dp_uninit(void)
{
    xdp_offload_destroy(dp_offload);
    dp_uninit_megaflows();
}

/* The tables of PMD threads. */

static struct dp_flow *
get_slot(int pmd, int i)
{
    struct dp_flow *flow;

    atomic_read(&tables[pmd][i], &flow);
    return flow;
}

struct dp_flow *
dp_find(int pmd, const struct dp_megaflow *mega)
{
    return get_slot(pmd, mega - dp_megaflows);
}

struct dp_flow *
dp_classify(int pmd, int packet)
{
    for (int kind = 0; kind < DP_KINDS; kind++) {
        struct dp_flow *flow = dp_find(pmd, dp_megaflow(packet, kind));

        if (flow) {
            return flow;
        }
    }
    return NULL;
}

struct dp_flow *
dp_find_ufid(int pmd, const ovs_u128 *ufid)
{
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        struct dp_flow *flow = get_slot(pmd, i);

        if (flow && ovs_u128_equals(flow->ufid, *ufid)) {
            return flow;
        }
    }
    return NULL;
}

static void
send_message(struct dp_flow *flow, int type)
{
    struct message *m = xmalloc(sizeof *m);

    m->type = type;
    m->flow = flow;
    ovs_refcount_ref(&flow->refs);
    ovs_mutex_lock(&queue_mutex);
    ovs_list_push_back(&queue, &m->node);
    ovs_mutex_unlock(&queue_mutex);
}

struct dp_flow *
dp_install(int pmd, int packet, int kind, const struct dp_actions *actions)
{
    struct dp_megaflow *mega = dp_megaflow(packet, kind);
    struct dp_flow *flow;
    int n;

    if (dp_classify(pmd, packet)) {
        return NULL;
    }
    flow = xzalloc(sizeof *flow);
    flow->mega = mega;
    flow->pmd_id = pmd;
    dp_packet_ufid(packet, &flow->ufid);
    atomic_init(&flow->actions, actions);
    atomic_init(&flow->dead, false);
    ovs_refcount_init(&flow->refs);
    ovs_mutex_init(&flow->mutex);
    atomic_add(&n_copies, 1, &n);
    atomic_store(&tables[pmd][mega - dp_megaflows], flow);
    send_message(flow, ADD);
    return flow;
}

void
dp_set_actions(struct dp_flow *flow, const struct dp_actions *actions)
{
    atomic_store(&flow->actions, actions);
}

void
dp_queue_modify(struct dp_flow *flow)
{
    send_message(flow, MODIFY);
}

void
dp_queue_delete(struct dp_flow *flow)
{
    atomic_store(&tables[flow->pmd_id][flow->mega - dp_megaflows], NULL);
    send_message(flow, DELETE);
}

void
dp_bury(struct dp_flow *flow)
{
    atomic_store(&flow->dead, true);
    dp_unref(flow);
}

/* Messages.  A copy of a megaflow that has a mark gets the mark and nothing
 * else; the last that loses it is taken out. */

bool
dp_queue_is_empty(void)
{
    bool empty;

    ovs_mutex_lock(&queue_mutex);
    empty = ovs_list_is_empty(&queue);
    ovs_mutex_unlock(&queue_mutex);
    return empty;
}

static struct dp_mark *
find_mark(const ovs_u128 *mega_ufid)
{
    struct dp_mark *mark;

    LIST_FOR_EACH (mark, node, &marks) {
        if (ovs_u128_equals(mark->mega_ufid, *mega_ufid)) {
            return mark;
        }
    }
    return NULL;
}

static void
leave_mark(struct dp_flow *flow)
{
    struct xdp_offload_port *port = dp_get_port(flow->mega->port);
    struct dp_mark *mark = flow->mark;

    if (mark) {
        flow->mark = NULL;
        if (!--mark->n) {
            if (port) {
                xdp_offload_flow_del(dp_offload, &flow->mega->ufid, flow);
            }
            ovs_list_remove(&mark->node);
            free(mark);
        }
        dp_unref(flow);
    }
}

static void
join_mark(struct dp_flow *flow, struct dp_mark *mark)
{
    if (!flow->mark) {
        ovs_refcount_ref(&flow->refs);
        flow->mark = mark;
        mark->n++;
    }
}

static void
put(struct dp_flow *flow, bool modify)
{
    struct xdp_offload_port *port = dp_get_port(flow->mega->port);
    struct dp_mark *mark = find_mark(&flow->mega->ufid);

    if (dp_is_dead(flow)) {
        return;
    }
    if (mark && !(modify && flow->mark)) {
        join_mark(flow, mark);
    } else if (!port) {
        leave_mark(flow);
    } else {
        xdp_offload_flow_put(port, flow);
        if (!mark) {
            mark = xzalloc(sizeof *mark);
            mark->mega_ufid = flow->mega->ufid;
            ovs_list_push_back(&marks, &mark->node);
        }
        join_mark(flow, mark);
    }
}

void
dp_run_queue(void)
{
    struct message *m;

    ovs_mutex_lock(&queue_mutex);
    m = CONTAINER_OF(ovs_list_pop_front(&queue), struct message, node);
    ovs_mutex_unlock(&queue_mutex);
    if (m->type == DELETE) {
        leave_mark(m->flow);
    } else {
        put(m->flow, m->type == MODIFY);
    }
    dp_unref(m->flow);
    free(m);
}
