/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-update.h"

#include "timeval.h"
#include "util.h"
#include "offload/xdp-offload-copy.h"
#include "offload/xdp-offload-flow.h"
#include "offload/xdp-output-sets.h"
#include "prog/xdp-tables.h"

/* So long, in ms, does the main loop make output sets, one at least, before it
 * has something else to do. */
enum { BUDGET_MS = 50 };

static bool
begin(struct xdp_offload *o, uint32_t set,
      struct xdp_output_set_update *update, struct xdp_tables **tables)
{
    bool begun;

    ovs_mutex_lock(&o->mutex);
    *tables = o->tables;
    begun = *tables && xdp_output_sets_begin(o->sets, set, update);
    ovs_mutex_unlock(&o->mutex);
    return begun;
}

/* Those that have waited for the set go on. */
static void
end(struct xdp_offload *o, struct xdp_output_set_update *update, int error)
{
    struct ovs_list *waiting = &o->waiting[update->idx];
    bool refused;
    uint32_t n;

    ovs_mutex_lock(&o->mutex);
    refused = xdp_output_sets_end(o->sets, update, error);
    for (n = ovs_list_size(waiting); n && !ovs_list_is_empty(waiting); n--) {
        struct xdp_offload_flow *flow = CONTAINER_OF(
            ovs_list_front(waiting), struct xdp_offload_flow, wait_node);

        if (refused) {
            xdp_offload_flow_refuse(o, flow);
        } else {
            xdp_offload_settle(o, flow);
        }
    }
    xdp_output_sets_settled(o->sets, update->idx);
    ovs_mutex_unlock(&o->mutex);
}

void
xdp_offload_update_set(struct xdp_offload *o, uint32_t set)
{
    struct xdp_output_set_update update;
    struct xdp_tables *tables;

    if (begin(o, set, &update, &tables)) {
        end(o, &update, xdp_tables_set_outputs(tables, update.idx,
                                               update.ifindexes, update.n));
    }
}

bool
xdp_offload_update_sets(struct xdp_offload *o)
{
    long long int deadline = time_msec() + BUDGET_MS;
    bool more;

    do {
        xdp_offload_update_set(o, XDP_MAX_OUTPUT_SETS);
        ovs_mutex_lock(&o->mutex);
        more = (o->sets
                && xdp_output_sets_has_update(o->sets));
        ovs_mutex_unlock(&o->mutex);
    } while (more && time_msec() < deadline);
    return more;
}

/* Who puts flows has time to make what they wait for. */
void
xdp_offload_flow_put(struct xdp_offload_port *in_port, const void *copy)
{
    struct xdp_offload *o = in_port->offload;
    uint32_t set;

    ovs_mutex_lock(&o->mutex);
    set = xdp_offload_put_copy(o, in_port, copy);
    ovs_mutex_unlock(&o->mutex);

    if (set < XDP_MAX_OUTPUT_SETS) {
        xdp_offload_update_set(o, set);
    }
}
