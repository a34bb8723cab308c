/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-waiting.h"

static bool
is_limit(enum xdp_offload_reason reason)
{
    return reason >= XDP_WHY_FLOWS_FULL && reason <= XDP_WHY_OUTPUT_SETS_FULL;
}

void
xdp_offload_stop_waiting(struct xdp_offload *o, struct xdp_offload_flow *flow)
{
    if (!ovs_list_is_empty(&flow->wait_node)) {
        ovs_list_remove(&flow->wait_node);
        ovs_list_init(&flow->wait_node);
        o->n_outside -= flow->waits_outside;
    }
}

static struct ovs_list *
find_waiting(struct xdp_offload *o, const struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    return (flow->waits_for_set ? &o->waiting[flow->set]
            : flow->waits_outside ? &o->outside
            : &flow->in_port->waiting[flow->reason - XDP_WHY_FLOWS_FULL]);
}

void
xdp_offload_update_waiting(struct xdp_offload *o,
                           struct xdp_offload_flow *flow)
{
    xdp_offload_stop_waiting(o, flow);
    if (flow->settled && flow->entry && !flow->inside) {
        flow->waits_outside = (!flow->waits_for_set
                               && !is_limit(flow->reason));
        o->n_outside += flow->waits_outside;
        ovs_list_push_back(find_waiting(o, flow), &flow->wait_node);
    }
}

void
xdp_offload_ports_changed(struct xdp_offload *o)
{
    o->n_to_place = o->n_outside;
}
