/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-waiting.h"

#include "hash.h"
#include "util.h"

static bool
is_limit(enum xdp_offload_reason reason)
{
    return reason >= XDP_WHY_FLOWS_FULL && reason <= XDP_WHY_OUTPUT_SETS_FULL;
}

static bool
is_about_output(enum xdp_offload_reason reason)
{
    return (reason == XDP_WHY_OUTPUT_TYPE || reason == XDP_WHY_OUTPUT_DEVICE
            || reason == XDP_WHY_OUTPUT_DETACHED);
}

static struct xdp_obstacle *
find_obstacle(struct xdp_offload *o, odp_port_t odp_port)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_obstacle *obstacle;

    HMAP_FOR_EACH_WITH_HASH (obstacle, node, hash_odp_port(odp_port),
                             &o->obstacles) {
        if (obstacle->odp_port == odp_port) {
            return obstacle;
        }
    }
    return NULL;
}

/* It stays: there are no more of them than port numbers. */
static struct xdp_obstacle *
find_or_add_obstacle(struct xdp_offload *o, odp_port_t odp_port)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_obstacle *obstacle = find_obstacle(o, odp_port);

    if (!obstacle) {
        obstacle = xmalloc(sizeof *obstacle);
        obstacle->odp_port = odp_port;
        ovs_list_init(&obstacle->flows);
        hmap_insert(&o->obstacles, &obstacle->node, hash_odp_port(odp_port));
    }
    return obstacle;
}

void
xdp_offload_stop_waiting(struct xdp_offload_flow *flow)
{
    ovs_list_remove(&flow->wait_node);
    ovs_list_init(&flow->wait_node);
}

static struct ovs_list *
find_waiting(struct xdp_offload *o, const struct xdp_offload_flow *flow)
    OVS_REQUIRES(o->mutex)
{
    return (flow->waits_for_set ? &o->waiting[flow->set]
            : flow->reason == XDP_WHY_CHANGING ? &o->to_place
            : is_limit(flow->reason)
            ? &flow->in_port->waiting[flow->reason - XDP_WHY_FLOWS_FULL]
            : is_about_output(flow->reason)
            ? &find_or_add_obstacle(o, flow->obstacle)->flows
            : &flow->in_port->outside);
}

void
xdp_offload_update_waiting(struct xdp_offload *o,
                           struct xdp_offload_flow *flow)
{
    xdp_offload_stop_waiting(flow);
    if (flow->settled && flow->entry && !flow->inside) {
        ovs_list_push_back(find_waiting(o, flow), &flow->wait_node);
    }
}

void
xdp_offload_port_changed(struct xdp_offload *o, struct xdp_offload_port *port)
{
    struct xdp_obstacle *obstacle = find_obstacle(o, port->odp_port);

    ovs_list_push_back_all(&o->to_place, &port->outside);
    if (obstacle) {
        ovs_list_push_back_all(&o->to_place, &obstacle->flows);
    }
}
