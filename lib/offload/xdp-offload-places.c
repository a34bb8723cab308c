/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-places.h"

#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"
#include "offload/xdp-output-sets.h"

/* How often, in ms, threads that change flows wait for a grace period; and
 * what they wait in between, in ns. */
enum { MIN_SYNCHRONIZE_INTERVAL = 100, SHORT_WAIT = 200 * 1000 };

bool
xdp_offload_has_share(struct xdp_offload *o,
                      const struct xdp_offload_port *port)
{
    return xdp_has_share(o->n_places[port->idx],
                         o->tables->limits.n_flows
                         - xdp_flow_table_count(o->table));
}

/* Fading. */

void
xdp_offload_add_stats(struct xdp_offload *o, struct xdp_offload_stats *sum,
                      uint32_t idx)
{
    struct xdp_flow_stats s;
    long long int used;

    xdp_flow_table_get_stats(o->table, idx, &s);
    used = s.used / 1000000;
    sum->n_packets += s.n_packets;
    sum->n_bytes += s.n_bytes;
    sum->tcp_flags |= s.tcp_flags;
    sum->used = MAX(sum->used, used);
}

void
xdp_offload_fade(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    struct xdp_fading *fading = xmalloc(sizeof *fading);

    fading->flow = flow;
    fading->port_idx = flow->in_port->idx;
    fading->idx = flow->idx;
    fading->has_set = flow->entry->act.flags & XDP_ACT_BROADCAST;
    fading->set = flow->set;
    fading->since = o->n_synchronizing;
    ovs_list_push_back(&o->fading, &fading->node);
    ovs_list_push_back(&flow->fading, &fading->flow_node);
}

void
xdp_offload_forget_fading(struct xdp_offload_flow *flow)
{
    struct xdp_fading *fading;

    LIST_FOR_EACH_POP (fading, flow_node, &flow->fading) {
        fading->flow = NULL;
    }
}

/* Nobody counts in the place any more. */
static void
release(struct xdp_offload *o, struct xdp_fading *fading)
    OVS_REQUIRES(o->mutex)
{
    if (fading->flow) {
        xdp_offload_add_stats(o, &fading->flow->past, fading->idx);
        ovs_list_remove(&fading->flow_node);
    }
    if (fading->has_set) {
        xdp_output_sets_put(o->sets, fading->set);
    }
    xdp_flow_table_release(o->table, fading->idx);
    o->n_places[fading->port_idx]--;
    o->n_released++;
    ovs_list_remove(&fading->node);
    free(fading);
}

/* Grace period number 'n' is over. */
static void
release_before(struct xdp_offload *o, uint64_t n)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_fading *fading;

    LIST_FOR_EACH_SAFE (fading, node, &o->fading) {
        if (fading->since >= n) {
            break;
        }
        release(o, fading);
    }
}

void
xdp_offload_synchronize(struct xdp_offload *o)
{
    const struct xdp_tables *tables;
    uint64_t n;

    ovs_mutex_lock(&o->mutex);
    n = ++o->n_synchronizing;
    tables = o->tables;
    ovs_mutex_unlock(&o->mutex);

    if (tables) {
        xdp_tables_synchronize(tables);
    }

    ovs_mutex_lock(&o->mutex);
    release_before(o, n);
    ovs_mutex_unlock(&o->mutex);
}

/* Packets that have found a flow before it left the kernel are done in some
 * microseconds, unless the CPU that they are on is taken away.  A grace
 * period, 10 to 20 ms, makes sure of that; with thousands of flows to delete
 * it would hold up revalidation, in which flows that are wrong by now forward
 * on. */
void
xdp_offload_wait_for_packets(struct xdp_offload *o)
{
    bool is_time;

    ovs_mutex_lock(&o->mutex);
    is_time = (time_msec() - o->last_synchronized
               >= MIN_SYNCHRONIZE_INTERVAL);
    ovs_mutex_unlock(&o->mutex);

    if (is_time) {
        xdp_offload_synchronize(o);

        ovs_mutex_lock(&o->mutex);
        o->last_synchronized = time_msec();
        ovs_mutex_unlock(&o->mutex);
    } else {
        xnanosleep_no_quiesce(SHORT_WAIT);
    }
}
