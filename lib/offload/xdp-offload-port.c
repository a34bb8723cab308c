/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-offload-port.h"

#include "flow.h"
#include "hash.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "util.h"
#include "offload/xdp-offload-copy.h"
#include "offload/xdp-offload-flow.h"
#include "offload/xdp-offload-state.h"
#include "offload/xdp-offload-waiting.h"
#include "offload/xdp-output-sets.h"
#include "prog/xdp-program.h"

VLOG_DEFINE_THIS_MODULE(xdp_offload_port);

/* Makes sure that there are tables.  The kernel takes a grace period to create
 * them: they come first, then the lock. */
static int
create_tables(struct xdp_offload *o, char **errp)
    OVS_EXCLUDED(o->mutex)
{
    struct xdp_tables *tables = NULL;
    struct xdp_limits limits;
    bool exist;
    int error;

    ovs_mutex_lock(&o->mutex);
    exist = o->tables != NULL;
    limits = o->limits;
    ovs_mutex_unlock(&o->mutex);
    if (exist) {
        return 0;
    }

    error = xdp_tables_create(&limits, &tables, errp);

    ovs_mutex_lock(&o->mutex);
    if (!error && !o->tables) {
        o->limits = limits;
        xdp_offload_set_tables(o, tables);
        tables = NULL;
    }
    ovs_mutex_unlock(&o->mutex);
    if (!error) {
        xdp_tables_destroy(tables);
    }
    return error;
}

static struct xdp_offload_port *
open_port(struct xdp_offload *o, const char *name, char **errp)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_port *port;
    uint32_t idx = 0;

    while (idx < XDP_MAX_PORTS && o->port_used[idx]) {
        idx++;
    }
    if (idx >= XDP_MAX_PORTS) {
        *errp = xasprintf("flow offload is for up to %d ports",
                          XDP_MAX_PORTS);
        return NULL;
    }
    o->port_used[idx] = true;
    port = xzalloc(sizeof *port);
    port->offload = o;
    port->idx = idx;
    port->name = xstrdup(name);
    port->odp_port = ODPP_NONE;
    ovs_list_init(&port->flows);
    ovs_list_init(&port->leaving);
    ovs_list_init(&port->outside);
    for (int i = 0; i < N_XDP_LIMITS; i++) {
        ovs_list_init(&port->waiting[i]);
    }
    ovs_list_push_back(&o->ports, &port->list_node);
    return port;
}

struct xdp_offload_port *
xdp_offload_port_open(struct xdp_offload *o, const char *name, char **errp)
{
    struct xdp_offload_port *port;

    if (create_tables(o, errp)) {
        return NULL;
    }
    ovs_mutex_lock(&o->mutex);
    port = open_port(o, name, errp);
    ovs_mutex_unlock(&o->mutex);
    return port;
}

static void
flush_port(struct xdp_offload *o, struct xdp_offload_port *port)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_flow *flow;

    LIST_FOR_EACH_SAFE (flow, port_node, &port->flows) {
        xdp_offload_credit_copies(o, flow);
        xdp_offload_flow_free(o, flow);
    }
}

/* Takes out all flows that enter through the port, for good. */
static void
stop_port(struct xdp_offload *o, struct xdp_offload_port *port)
    OVS_REQUIRES(o->mutex)
{
    port->going = true;
    xdp_offload_unlink_port_flows(o, port, true, false);
    xdp_offload_port_changed(o, port);
}

/* What the flows have counted is complete after a grace period. */
void
xdp_offload_port_flush(struct xdp_offload_port *port)
{
    struct xdp_offload *o = port->offload;

    ovs_mutex_lock(&o->mutex);
    stop_port(o, port);
    ovs_mutex_unlock(&o->mutex);

    xdp_offload_synchronize(o);

    ovs_mutex_lock(&o->mutex);
    flush_port(o, port);
    ovs_mutex_unlock(&o->mutex);
}

static void
set_odp_port(struct xdp_offload *o, struct xdp_offload_port *port,
             odp_port_t odp_port)
    OVS_REQUIRES(o->mutex)
{
    if (port->odp_port != ODPP_NONE) {
        hmap_remove(&o->ports_by_odp, &port->odp_node);
        xdp_offload_port_changed(o, port);
    }
    port->odp_port = odp_port;
    if (odp_port != ODPP_NONE) {
        hmap_insert(&o->ports_by_odp, &port->odp_node,
                    hash_odp_port(odp_port));
        xdp_offload_port_changed(o, port);
    }
}

static void
free_port(struct xdp_offload_port *port)
{
    free(port->name);
    free(port);
}

void
xdp_offload_port_close(struct xdp_offload_port *port)
{
    if (port) {
        struct xdp_offload *o = port->offload;

        xdp_offload_port_detach(port);
        ovs_mutex_lock(&o->mutex);
        port->closed = true;
        flush_port(o, port);
        set_odp_port(o, port, ODPP_NONE);
        ovs_list_remove(&port->list_node);
        o->port_used[port->idx] = false;
        ovs_mutex_unlock(&o->mutex);
        ovsrcu_postpone(free_port, port);
    }
}

void
xdp_offload_port_publish(struct xdp_offload *o,
                         const struct xdp_offload_port *port)
{
    bool lookup = (port->prog && !port->prog_failed && port->may_enter
                   && !o->stopped);

    xdp_flow_table_set_port(o->table, port->idx,
                            lookup ? XDP_PORT_LOOKUP : 0, port->max_len,
                            MIN(flow_vlan_limit, FLOW_MAX_VLAN_HEADERS));
}

/* Makes the device an output.  If that fails, the port is as it was. */
static int
set_device(struct xdp_offload *o, const struct xdp_offload_port *port,
           int ifindex, char **errp)
    OVS_REQUIRES(o->mutex)
{
    int error = xdp_tables_set_device(o->tables, port->idx, ifindex);

    if (error) {
        *errp = xasprintf("cannot make the device an output of the BPF "
                          "programs (%s)", ovs_strerror(error));
    }
    return error;
}

int
xdp_offload_port_attach(struct xdp_offload_port *port, struct xdp_prog *prog,
                        enum xdp_offload_reason why_no_prog, int ifindex,
                        uint32_t max_len, char **errp)
{
    struct xdp_offload *o = port->offload;
    struct xdp_tables *tables;
    int error;

    ovs_mutex_lock(&o->mutex);
    tables = o->tables;
    error = set_device(o, port, ifindex, errp);
    ovs_mutex_unlock(&o->mutex);

    if (error) {
        return error;
    }
    if (prog) {
        error = xdp_prog_enable_offload(prog, tables, port->idx, errp);
    }

    ovs_mutex_lock(&o->mutex);
    port->attached = true;
    port->prog = prog;
    port->why_no_prog = why_no_prog;
    port->prog_failed = error != 0;
    port->ifindex = ifindex;
    port->max_len = max_len;
    xdp_offload_port_publish(o, port);
    xdp_offload_port_changed(o, port);
    ovs_mutex_unlock(&o->mutex);
    return error;
}

void
xdp_offload_port_detach(struct xdp_offload_port *port)
{
    struct xdp_offload *o = port->offload;
    bool attached;

    ovs_mutex_lock(&o->mutex);
    attached = port->attached;
    if (attached) {
        port->attached = false;
        port->prog = NULL;
        xdp_offload_unlink_port_flows(o, port, true, true);
        xdp_offload_port_changed(o, port);
        xdp_offload_port_publish(o, port);
    }
    ovs_mutex_unlock(&o->mutex);

    if (attached) {
        xdp_offload_synchronize(o);

        ovs_mutex_lock(&o->mutex);
        xdp_tables_set_device(o->tables, port->idx, 0);
        xdp_output_sets_forget_device(o->sets, port->ifindex);
        ovs_mutex_unlock(&o->mutex);
    }
}

void
xdp_offload_port_set_max_len(struct xdp_offload_port *port, uint32_t max_len)
{
    struct xdp_offload *o = port->offload;

    ovs_mutex_lock(&o->mutex);
    if (port->attached && port->max_len != max_len) {
        port->max_len = max_len;
        xdp_offload_port_publish(o, port);
        /* Output sets with the port have a limit, too. */
        xdp_offload_unlink_port_flows(o, port, false, true);
    }
    ovs_mutex_unlock(&o->mutex);
}

void
xdp_offload_port_set_odp_port(struct xdp_offload_port *port,
                              odp_port_t odp_port)
{
    struct xdp_offload *o = port->offload;

    ovs_mutex_lock(&o->mutex);
    if (port->odp_port != odp_port) {
        xdp_offload_unlink_port_flows(o, port, true, true);
        set_odp_port(o, port, odp_port);
    }
    ovs_mutex_unlock(&o->mutex);
}

void
xdp_offload_port_set_roles(struct xdp_offload_port *port, bool takes_redirect,
                           bool may_enter)
{
    struct xdp_offload *o = port->offload;

    ovs_mutex_lock(&o->mutex);
    if (port->takes_redirect != takes_redirect) {
        VLOG_INFO("%s: the device %s redirected frames", port->name,
                  takes_redirect ? "takes" : "does not take");
        port->takes_redirect = takes_redirect;
        xdp_offload_unlink_port_flows(o, port, false, true);
        xdp_offload_port_changed(o, port);
    }
    if (port->may_enter != may_enter) {
        VLOG_DBG("%s: flows that enter through it %s be offloaded", port->name,
                 may_enter ? "may" : "may not");
        port->may_enter = may_enter;
        xdp_offload_port_publish(o, port);
        xdp_offload_unlink_port_flows(o, port, true, false);
        xdp_offload_port_changed(o, port);
    }
    ovs_mutex_unlock(&o->mutex);
}
