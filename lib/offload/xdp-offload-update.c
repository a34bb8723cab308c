/* SPDX-License-Identifier: Apache-2.0 */

/* Output sets are made and emptied. */

#include <config.h>
#include "offload/xdp-offload-private.h"

#include "timeval.h"
#include "util.h"
#include "offload/xdp-output-sets.h"
#include "prog/xdp-tables.h"

/* So long, in ms, does the main loop make output sets, one at least, before it
 * has something else to do. */
enum { BUDGET_MS = 50 };

static bool
begin(uint32_t set, struct xdp_output_set_update *update,
      struct xdp_tables **tables)
{
    bool begun;

    ovs_mutex_lock(&xdp_offload_mutex);
    *tables = xdp_offload.tables;
    begun = *tables && xdp_output_sets_begin(xdp_offload.sets, set, update);
    ovs_mutex_unlock(&xdp_offload_mutex);
    return begun;
}

/* Those that have waited for the set go on. */
static void
end(struct xdp_output_set_update *update, int error)
{
    struct ovs_list *waiting = &xdp_offload.waiting[update->idx];
    uint32_t n;

    ovs_mutex_lock(&xdp_offload_mutex);
    xdp_output_sets_end(xdp_offload.sets, update, error);
    for (n = ovs_list_size(waiting); n && !ovs_list_is_empty(waiting); n--) {
        struct xdp_offload_flow *flow = CONTAINER_OF(
            ovs_list_front(waiting), struct xdp_offload_flow, wait_node);

        if (error) {
            xdp_offload_flow_refuse(flow);
        } else {
            xdp_offload_settle(flow);
        }
    }
    ovs_mutex_unlock(&xdp_offload_mutex);
}

void
xdp_offload_update_set(uint32_t set)
{
    struct xdp_output_set_update update;
    struct xdp_tables *tables;

    if (begin(set, &update, &tables)) {
        end(&update, xdp_tables_set_outputs(tables, update.idx,
                                            update.ifindexes, update.n));
    }
}

bool
xdp_offload_update_sets(void)
{
    long long int deadline = time_msec() + BUDGET_MS;
    bool more;

    do {
        xdp_offload_update_set(XDP_MAX_OUTPUT_SETS);
        ovs_mutex_lock(&xdp_offload_mutex);
        more = (xdp_offload.sets
                && xdp_output_sets_has_update(xdp_offload.sets));
        ovs_mutex_unlock(&xdp_offload_mutex);
    } while (more && time_msec() < deadline);
    return more;
}

/* Who puts flows has time to make what they wait for. */
void
xdp_offload_flow_put(struct xdp_offload_port *in_port, const void *copy)
{
    uint32_t set;

    ovs_mutex_lock(&xdp_offload_mutex);
    set = xdp_offload_put_copy(in_port, copy);
    ovs_mutex_unlock(&xdp_offload_mutex);

    if (set < XDP_MAX_OUTPUT_SETS) {
        xdp_offload_update_set(set);
    }
}
