/* SPDX-License-Identifier: Apache-2.0 */

/* Room in the tables: who may have how much of it, what is in it, how it comes
 * back, and who waits for it. */

#include <config.h>
#include "offload/xdp-offload-private.h"

#include "util.h"
#include "offload/xdp-output-sets.h"

bool
xdp_offload_has_share(const struct xdp_offload_port *port)
{
    return xdp_has_share(xdp_offload.n_places[port->idx],
                         xdp_offload.tables->limits.n_flows
                         - xdp_flow_table_count(xdp_offload.table));
}

/* Fading. */

void
xdp_offload_add_stats(struct xdp_offload_stats *sum, uint32_t idx)
{
    struct xdp_flow_stats s;
    long long int used;

    xdp_flow_table_get_stats(xdp_offload.table, idx, &s);
    used = s.used / 1000000;
    sum->n_packets += s.n_packets;
    sum->n_bytes += s.n_bytes;
    sum->tcp_flags |= s.tcp_flags;
    sum->used = MAX(sum->used, used);
}

void
xdp_offload_fade(struct xdp_offload_flow *flow)
{
    struct xdp_fading *fading = xmalloc(sizeof *fading);

    fading->flow = flow;
    fading->port_idx = flow->in_port->idx;
    fading->idx = flow->idx;
    fading->has_set = flow->entry->act.flags & XDP_ACT_BROADCAST;
    fading->set = flow->set;
    fading->since = xdp_offload.n_synchronizing;
    ovs_list_push_back(&xdp_offload.fading, &fading->node);
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
release(struct xdp_fading *fading)
    OVS_REQUIRES(xdp_offload_mutex)
{
    if (fading->flow) {
        xdp_offload_add_stats(&fading->flow->past, fading->idx);
        ovs_list_remove(&fading->flow_node);
    }
    if (fading->has_set) {
        xdp_output_sets_put(xdp_offload.sets, fading->set);
    }
    xdp_flow_table_release(xdp_offload.table, fading->idx);
    xdp_offload.n_places[fading->port_idx]--;
    xdp_offload.n_released++;
    ovs_list_remove(&fading->node);
    free(fading);
}

/* Grace period number 'n' is over. */
static void
release_before(uint64_t n)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_fading *fading;

    LIST_FOR_EACH_SAFE (fading, node, &xdp_offload.fading) {
        if (fading->since >= n) {
            break;
        }
        release(fading);
    }
}

void
xdp_offload_synchronize(void)
{
    uint64_t n;

    ovs_mutex_lock(&xdp_offload_mutex);
    n = ++xdp_offload.n_synchronizing;
    ovs_mutex_unlock(&xdp_offload_mutex);

    xdp_tables_synchronize();

    ovs_mutex_lock(&xdp_offload_mutex);
    release_before(n);
    ovs_mutex_unlock(&xdp_offload_mutex);
}

/* Waiting. */

static bool
is_limit(enum xdp_offload_reason reason)
{
    return reason >= XDP_WHY_FLOWS_FULL && reason <= XDP_WHY_OUTPUT_SETS_FULL;
}

void
xdp_offload_stop_waiting(struct xdp_offload_flow *flow)
{
    if (!ovs_list_is_empty(&flow->wait_node)) {
        ovs_list_remove(&flow->wait_node);
        ovs_list_init(&flow->wait_node);
        xdp_offload.n_outside -= flow->waits_outside;
    }
}

static struct ovs_list *
find_waiting(const struct xdp_offload_flow *flow)
    OVS_REQUIRES(xdp_offload_mutex)
{
    return (flow->waits_for_set ? &xdp_offload.waiting[flow->set]
            : flow->waits_outside ? &xdp_offload.outside
            : &flow->in_port->waiting[flow->reason - XDP_WHY_FLOWS_FULL]);
}

void
xdp_offload_update_waiting(struct xdp_offload_flow *flow)
{
    xdp_offload_stop_waiting(flow);
    if (flow->settled && flow->entry && !flow->inside) {
        flow->waits_outside = (!flow->waits_for_set
                               && !is_limit(flow->reason));
        xdp_offload.n_outside += flow->waits_outside;
        ovs_list_push_back(find_waiting(flow), &flow->wait_node);
    }
}

void
xdp_offload_ports_changed(void)
{
    xdp_offload.n_to_place = xdp_offload.n_outside;
}
