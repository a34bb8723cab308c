/* SPDX-License-Identifier: Apache-2.0 */

/* All that there is, and how it is found. */

#include <config.h>
#include "offload/xdp-offload-private.h"

#include "flow.h"
#include "hash.h"
#include "util.h"

struct ovs_mutex xdp_offload_mutex = OVS_MUTEX_INITIALIZER;
struct xdp_offload xdp_offload OVS_GUARDED_BY(xdp_offload_mutex) = {
    .limits = { XDP_DEFAULT_FLOWS, XDP_DEFAULT_CACHE, XDP_DEFAULT_MASKS },
    .flows = HMAP_INITIALIZER(&xdp_offload.flows),
    .copies = HMAP_INITIALIZER(&xdp_offload.copies),
    .copies_by_ufid = HMAP_INITIALIZER(&xdp_offload.copies_by_ufid),
    .changes = HMAP_INITIALIZER(&xdp_offload.changes),
    .outside = OVS_LIST_INITIALIZER(&xdp_offload.outside),
    .fading = OVS_LIST_INITIALIZER(&xdp_offload.fading),
    .ports_by_odp = HMAP_INITIALIZER(&xdp_offload.ports_by_odp),
    .ports = OVS_LIST_INITIALIZER(&xdp_offload.ports),
    .vlan_limit = FLOW_MAX_VLAN_HEADERS,
};

struct xdp_offload_port *
xdp_offload_port_by_odp(odp_port_t odp_port)
{
    struct xdp_offload_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, odp_node, hash_odp_port(odp_port),
                             &xdp_offload.ports_by_odp) {
        if (port->odp_port == odp_port) {
            return port;
        }
    }
    return NULL;
}

/* Changes. */

static struct xdp_change *
find_change(const ovs_u128 *ufid)
    OVS_REQUIRES(xdp_offload_mutex)
{
    struct xdp_change *change;

    HMAP_FOR_EACH_WITH_HASH (change, node, xdp_offload_hash_ufid(ufid),
                             &xdp_offload.changes) {
        if (ovs_u128_equals(change->ufid, *ufid)) {
            return change;
        }
    }
    return NULL;
}

void
xdp_offload_add_change(const ovs_u128 *ufid)
{
    struct xdp_change *change = find_change(ufid);

    if (!change) {
        change = xzalloc(sizeof *change);
        change->ufid = *ufid;
        hmap_insert(&xdp_offload.changes, &change->node,
                    xdp_offload_hash_ufid(ufid));
    }
    change->n++;
}

void
xdp_offload_remove_change(const ovs_u128 *ufid)
{
    struct xdp_change *change = find_change(ufid);

    if (!--change->n) {
        hmap_remove(&xdp_offload.changes, &change->node);
        free(change);
    }
}

bool
xdp_offload_is_changing(const struct xdp_flow_copy *copy)
{
    return (xdp_offload.n_changes_of_all
            || (!hmap_is_empty(&xdp_offload.changes)
                && find_change(xdp_offload.copy_class->ufid(copy->copy))));
}
