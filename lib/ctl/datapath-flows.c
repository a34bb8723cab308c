/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/datapath-flows.h"

#include <inttypes.h>

#include "dpif.h"
#include "flow.h"
#include "hash.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "sset.h"
#include "util.h"
#include "offload/xdp-offload-reason.h"

/* A port that flows enter through. */
struct in_port {
    struct hmap_node node;
    odp_port_t odp_port;
    uint64_t n_flows[N_XDP_OFFLOAD_REASONS];
};

static struct in_port *
find_in_port(const struct hmap *ports, odp_port_t odp_port)
{
    struct in_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, node, hash_odp_port(odp_port), ports) {
        if (port->odp_port == odp_port) {
            return port;
        }
    }
    return NULL;
}

static struct in_port *
add_in_port(struct hmap *ports, odp_port_t odp_port)
{
    struct in_port *port = xzalloc(sizeof *port);

    port->odp_port = odp_port;
    hmap_insert(ports, &port->node, hash_odp_port(odp_port));
    return port;
}

static void
count_flow(struct hmap *ports, const struct dpif_flow *dpif_flow)
{
    struct in_port *port;
    struct flow flow;

    if (odp_flow_key_to_flow(dpif_flow->key, dpif_flow->key_len, &flow, NULL)
        == ODP_FIT_ERROR) {
        return;
    }
    port = find_in_port(ports, flow.in_port.odp_port);
    if (!port) {
        port = add_in_port(ports, flow.in_port.odp_port);
    }
    port->n_flows[flow_tnl_dst_is_set(&flow.tunnel) ? XDP_WHY_TUNNEL_MATCH
                  : XDP_WHY_INPUT_TYPE]++;
}

static void
count_flows(struct dpif *dpif, struct hmap *ports)
{
    struct dpif_flow_dump *dump = dpif_flow_dump_create(dpif, false, NULL);
    struct dpif_flow_dump_thread *thread = dpif_flow_dump_thread_create(dump);
    struct dpif_flow flows[32];
    int n;

    while ((n = dpif_flow_dump_next(thread, flows, ARRAY_SIZE(flows)))) {
        for (int i = 0; i < n; i++) {
            count_flow(ports, &flows[i]);
        }
    }
    dpif_flow_dump_thread_destroy(thread);
    dpif_flow_dump_destroy(dump);
}

static bool
is_ours(const struct dpif_port *port)
{
    return !strcmp(port->type, "afxdp") || !strcmp(port->type, "afxdp-nonpmd");
}

static void
format_port(const struct dpif_port *dpif_port, const struct in_port *port,
            struct ds *s)
{
    uint64_t n = 0;

    for (int i = 0; i < N_XDP_OFFLOAD_REASONS; i++) {
        n += port->n_flows[i];
    }
    ds_put_format(s, "%s (type %s):\n  flows in user space: %"PRIu64"\n",
                  dpif_port->name, dpif_port->type, n);
    for (int i = 0; i < N_XDP_OFFLOAD_REASONS; i++) {
        if (port->n_flows[i]) {
            ds_put_format(s, "    %"PRIu64": %s\n", port->n_flows[i],
                          xdp_offload_reason_to_string(i));
        }
    }
}

static void
format_datapath(struct dpif *dpif, struct ds *s)
{
    struct hmap ports = HMAP_INITIALIZER(&ports);
    struct dpif_port_dump dump;
    struct dpif_port dpif_port;
    struct in_port *port;

    count_flows(dpif, &ports);
    DPIF_PORT_FOR_EACH (&dpif_port, &dump, dpif) {
        port = find_in_port(&ports, dpif_port.port_no);
        if (port && !is_ours(&dpif_port)) {
            format_port(&dpif_port, port, s);
        }
    }
    HMAP_FOR_EACH_POP (port, node, &ports) {
        free(port);
    }
    hmap_destroy(&ports);
}

void
datapath_flows_format_others(struct ds *s)
{
    struct sset names = SSET_INITIALIZER(&names);
    const char *name;

    dp_enumerate_names("netdev", &names);
    SSET_FOR_EACH (name, &names) {
        struct dpif *dpif;

        if (!dpif_open(name, "netdev", &dpif)) {
            format_datapath(dpif, s);
            dpif_close(dpif);
        }
    }
    sset_destroy(&names);
}
