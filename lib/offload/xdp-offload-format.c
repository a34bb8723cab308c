/* SPDX-License-Identifier: Apache-2.0 */

/* Flow offload for people. */

#include <config.h>
#include "offload/xdp-offload.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "offload/xdp-offload-state.h"
#include "prog/xdp-tables.h"

static struct xdp_offload_flow_counts
count_flows(const struct xdp_offload_port *port)
{
    struct xdp_offload_flow_counts counts = {
        .kernel = port->n_flows[XDP_WHY_OFFLOADED],
    };

    for (int i = XDP_WHY_OFFLOADED + 1; i < N_XDP_OFFLOAD_REASONS; i++) {
        counts.user_space += port->n_flows[i];
    }
    return counts;
}

struct xdp_offload_flow_counts
xdp_offload_port_count_flows(const struct xdp_offload_port *port)
{
    struct xdp_offload *o = port->offload;
    struct xdp_offload_flow_counts counts;

    ovs_mutex_lock(&o->mutex);
    counts = count_flows(port);
    ovs_mutex_unlock(&o->mutex);
    return counts;
}

void
xdp_offload_format_tables(struct xdp_offload *o, struct ds *s)
{
    ovs_mutex_lock(&o->mutex);
    if (!o->tables) {
        ds_put_cstr(s, "flow offload is off (other_config:hw-offload=true "
                    "turns it on) or there is no port of type afxdp\n");
    } else {
        const struct xdp_tables *t = o->tables;

        if (o->stopped) {
            ds_put_cstr(s, "flow offload is off "
                        "(other_config:hw-offload=true turns it on)\n");
        }
        ds_put_format(s, "flows: %"PRIu32" of up to %"PRIu32
                      ", different actions: %"PRIu32" of up to %"PRIu32
                      ", masks: up to %"PRIu32" a port, cache: %"PRIu32
                      " entries a CPU, memory: %"PRIu64" MiB\n",
                      xdp_flow_table_count(o->table),
                      t->limits.n_flows,
                      xdp_flow_table_n_actions(o->table),
                      t->n_actions, t->limits.n_masks, t->limits.cache_size,
                      xdp_tables_memory(t) >> 20);
    }
    ovs_mutex_unlock(&o->mutex);
}

static bool
is_about_output(enum xdp_offload_reason reason)
{
    return (reason == XDP_WHY_OUTPUT_TYPE || reason == XDP_WHY_OUTPUT_DEVICE
            || reason == XDP_WHY_OUTPUT_DETACHED);
}

/* Flows that stay in user space because of their output port, by that. */
static void
format_outputs(struct xdp_offload *o, const struct xdp_offload_port *port,
               enum xdp_offload_reason reason, struct ds *s)
    OVS_REQUIRES(o->mutex)
{
    const char *text = xdp_offload_reason_to_string(reason);
    uint64_t n[XDP_MAX_PORTS] = { 0 };
    const struct xdp_offload_flow *flow;
    const struct xdp_offload_port *out;
    odp_port_t example = ODPP_NONE;
    uint64_t n_unknown = 0;

    LIST_FOR_EACH (flow, port_node, &port->flows) {
        if (flow->reason == reason) {
            out = xdp_offload_port_by_odp(o, flow->obstacle);
            if (out) {
                n[out->idx]++;
            } else {
                n_unknown++;
                example = flow->obstacle;
            }
        }
    }
    LIST_FOR_EACH (out, list_node, &o->ports) {
        if (n[out->idx]) {
            ds_put_format(s, "    %"PRIu64": output port %s: %s\n",
                          n[out->idx], out->name,
                          text + strlen("output port: "));
        }
    }
    if (n_unknown) {
        ds_put_format(s, "    %"PRIu64": %s (port %"PRIu32" of dpctl/show)\n",
                      n_unknown, text, odp_to_u32(example));
    }
}

void
xdp_offload_port_format_reasons(const struct xdp_offload_port *port,
                                struct ds *s)
{
    struct xdp_offload *o = port->offload;
    struct xdp_offload_flow_counts counts;

    ovs_mutex_lock(&o->mutex);
    counts = count_flows(port);
    ds_put_format(s, "  flows in the kernel: %"PRIu64", masks: %"PRIu32"\n",
                  counts.kernel,
                  xdp_flow_table_n_masks(o->table, port->idx));
    ds_put_format(s, "  flows in user space: %"PRIu64"\n", counts.user_space);
    for (int i = XDP_WHY_OFFLOADED + 1; i < N_XDP_OFFLOAD_REASONS; i++) {
        if (!port->n_flows[i]) {
            continue;
        }
        if (is_about_output(i)) {
            format_outputs(o, port, i, s);
        } else {
            ds_put_format(s, "    %"PRIu64": %s\n", port->n_flows[i],
                          xdp_offload_reason_to_string(i));
        }
    }
    ovs_mutex_unlock(&o->mutex);
}
