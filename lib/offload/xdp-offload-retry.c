/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-retry.h"

#include "coverage.h"
#include "util.h"
#include "offload/xdp-offload-copy.h"
#include "offload/xdp-offload-waiting.h"
#include "offload/xdp-output-sets.h"

COVERAGE_DEFINE(xdp_offload_placed_again);

/* How many flows at most try again before the main loop has something else to
 * do. */
enum { BATCH = 10000 };

/* How many of a port's flows that wait for the same room try again at a
 * time. */
enum { RETRY_BATCH = 1000 };

/* Settling a flow looks whether its copies still live. */
bool
xdp_offload_place_outside(struct xdp_offload *o)
{
    for (int i = 0; i < BATCH && !ovs_list_is_empty(&o->to_place); i++) {
        struct xdp_offload_flow *flow = CONTAINER_OF(
            ovs_list_front(&o->to_place), struct xdp_offload_flow, wait_node);

        COVERAGE_INC(xdp_offload_placed_again);
        xdp_offload_stop_waiting(flow);
        xdp_offload_settle(o, flow);
    }
    return !ovs_list_is_empty(&o->to_place);
}

static bool
any_waits_for_room(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex)
{
    const struct xdp_offload_port *port;

    LIST_FOR_EACH (port, list_node, &o->ports) {
        for (int i = 0; i < N_XDP_LIMITS; i++) {
            if (!ovs_list_is_empty(&port->waiting[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Lets flows that wait for the same, 'n' of them, try again.  One that is
 * refused goes to the end: another may need less. */
static void
retry(struct xdp_offload *o, struct ovs_list *waiting, uint64_t *n)
    OVS_REQUIRES(o->mutex)
{
    for (int i = 0; i < RETRY_BATCH && *n; i++) {
        if (ovs_list_is_empty(waiting)) {
            *n = 0;
            break;
        }
        xdp_offload_settle(o, CONTAINER_OF(
            ovs_list_front(waiting), struct xdp_offload_flow, wait_node));
        --*n;
    }
}

void
xdp_offload_retry(struct xdp_offload *o)
{
    bool room_made = o->n_retried != o->n_released;
    struct xdp_offload_port *port;

    if (!any_waits_for_room(o)) {
        return;
    }
    room_made |= xdp_output_sets_take_chance(o->sets);
    if (room_made) {
        o->n_retried = o->n_released;
    }
    LIST_FOR_EACH (port, list_node, &o->ports) {
        for (int i = 0; i < N_XDP_LIMITS; i++) {
            if (room_made) {
                port->n_to_retry[i] = port->n_flows[XDP_WHY_FLOWS_FULL + i];
            }
            retry(o, &port->waiting[i], &port->n_to_retry[i]);
        }
    }
}
