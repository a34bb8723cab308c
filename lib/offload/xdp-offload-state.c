/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-state.h"

#include "flow.h"
#include "hash.h"
#include "util.h"
#include "offload/xdp-output-sets.h"
#include "prog/xdp-tables.h"

struct xdp_offload *
xdp_offload_create(const struct xdp_copy_class *copy_class)
{
    struct xdp_offload *o = xzalloc(sizeof *o);

    o->copy_class = copy_class;
    ovs_mutex_init(&o->mutex);
    ovs_mutex_lock(&o->mutex);
    o->limits = (struct xdp_limits) {
        XDP_DEFAULT_FLOWS, XDP_DEFAULT_CACHE, XDP_DEFAULT_MASKS
    };
    hmap_init(&o->flows);
    hmap_init(&o->copies);
    hmap_init(&o->copies_by_ufid);
    hmap_init(&o->changes);
    hmap_init(&o->ports_by_odp);
    ovs_list_init(&o->ports);
    for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
        ovs_list_init(&o->waiting[i]);
    }
    hmap_init(&o->obstacles);
    ovs_list_init(&o->to_place);
    ovs_list_init(&o->fading);
    o->vlan_limit = FLOW_MAX_VLAN_HEADERS;
    ovs_mutex_unlock(&o->mutex);
    return o;
}

void
xdp_offload_set_tables(struct xdp_offload *o, struct xdp_tables *tables)
{
    o->tables = tables;
    o->table = xdp_flow_table_create(tables);
    o->sets = xdp_output_sets_create();
}

/* Places that flows have had are in tables that go. */
static void
free_fading(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_fading *fading;

    LIST_FOR_EACH_POP (fading, node, &o->fading) {
        free(fading);
    }
}

static void
free_obstacles(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_obstacle *obstacle;

    HMAP_FOR_EACH_POP (obstacle, node, &o->obstacles) {
        free(obstacle);
    }
    hmap_destroy(&o->obstacles);
}

void
xdp_offload_destroy(struct xdp_offload *o)
{
    if (!o) {
        return;
    }
    ovs_mutex_lock(&o->mutex);
    ovs_assert(ovs_list_is_empty(&o->ports) && hmap_is_empty(&o->flows)
               && hmap_is_empty(&o->changes));
    free_fading(o);
    free_obstacles(o);
    hmap_destroy(&o->flows);
    hmap_destroy(&o->copies);
    hmap_destroy(&o->copies_by_ufid);
    hmap_destroy(&o->changes);
    hmap_destroy(&o->ports_by_odp);
    xdp_output_sets_destroy(o->sets);
    xdp_flow_table_destroy(o->table);
    xdp_tables_destroy(o->tables);
    free(o->limits_complaints);
    ovs_mutex_unlock(&o->mutex);
    ovs_mutex_destroy(&o->mutex);
    free(o);
}

struct xdp_offload_port *
xdp_offload_port_by_odp(struct xdp_offload *o, odp_port_t odp_port)
{
    struct xdp_offload_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, odp_node, hash_odp_port(odp_port),
                             &o->ports_by_odp) {
        if (port->odp_port == odp_port) {
            return port;
        }
    }
    return NULL;
}

/* Changes. */

static struct xdp_change *
find_change(struct xdp_offload *o, const ovs_u128 *ufid)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_change *change;

    HMAP_FOR_EACH_WITH_HASH (change, node, xdp_offload_hash_ufid(ufid),
                             &o->changes) {
        if (ovs_u128_equals(change->ufid, *ufid)) {
            return change;
        }
    }
    return NULL;
}

void
xdp_offload_add_change(struct xdp_offload *o, const ovs_u128 *ufid)
{
    struct xdp_change *change = find_change(o, ufid);

    if (!change) {
        change = xzalloc(sizeof *change);
        change->ufid = *ufid;
        hmap_insert(&o->changes, &change->node,
                    xdp_offload_hash_ufid(ufid));
    }
    change->n++;
}

void
xdp_offload_remove_change(struct xdp_offload *o, const ovs_u128 *ufid)
{
    struct xdp_change *change = find_change(o, ufid);

    if (!--change->n) {
        hmap_remove(&o->changes, &change->node);
        free(change);
    }
}

bool
xdp_offload_is_changing(struct xdp_offload *o,
                        const struct xdp_flow_copy *copy)
{
    return (o->n_changes_of_all
            || (!hmap_is_empty(&o->changes)
                && find_change(o, o->copy_class->ufid(copy->copy))));
}
