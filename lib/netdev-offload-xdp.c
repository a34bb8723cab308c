/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "netdev-offload-xdp.h"

#include <errno.h>

#include "dpif.h"
#include "dpif-netdev-private-flow.h"
#include "dpif-provider.h"
#include "netdev-afxdp-offload.h"
#include "netdev-afxdp-redirect.h"
#include "netdev-offload-provider.h"
#include "netdev-provider.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "xdp-offload.h"

VLOG_DEFINE_THIS_MODULE(netdev_offload_xdp);

/* How often, in ms, threads that change flows wait for a grace period; and what
 * they wait in between, in ns. */
enum { MIN_SYNCHRONIZE_INTERVAL = 100, SHORT_WAIT = 200 * 1000 };

/* What a flow_get() of this thread is part of. */
enum get_purpose {
    GET_TO_TELL,                /* Somebody wants to know the counters. */
    GET_TO_SUSPEND,             /* The flow is about to be changed. */
};

struct get_context {
    enum get_purpose purpose;
    bool busy;                  /* Was a suspended flow in use? */
};

DEFINE_STATIC_PER_THREAD_DATA(struct get_context, get_context,
                              { GET_TO_TELL, false });

/* Flow API. */

/* Was a port opened since the main loop looked at all? */
static atomic_bool ports_changed = false;

static int
init_flow_api(struct netdev *netdev)
{
    int error;

    if (!nullable_string_is_equal(netdev_get_dpif_type(netdev), "netdev")) {
        return EOPNOTSUPP;
    }
    error = netdev_afxdp_offload_open(netdev);
    if (!error) {
        atomic_store_relaxed(&ports_changed, true);
    }
    return error;
}

static int
flow_put(struct netdev *netdev, struct match *match, struct nlattr *actions,
         size_t actions_len, const ovs_u128 *ufid,
         struct offload_info *info OVS_UNUSED,
         struct dpif_flow_stats *stats OVS_UNUSED)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    if (!port) {
        return ENODEV;
    }
    xdp_offload_flow_put(port, ufid, match, actions, actions_len);
    return 0;
}

static int
flow_del(struct netdev *netdev OVS_UNUSED, const ovs_u128 *ufid,
         struct dpif_flow_stats *stats OVS_UNUSED)
{
    return xdp_offload_flow_del(ufid);
}

static int
flow_get(struct netdev *netdev OVS_UNUSED, struct match *match OVS_UNUSED,
         struct nlattr **actions OVS_UNUSED, const ovs_u128 *ufid,
         struct dpif_flow_stats *stats, struct dpif_flow_attrs *attrs,
         struct ofpbuf *buf OVS_UNUSED)
{
    /* dpif-netdev, the only caller, passes a member of the asking flow. */
    const struct dp_netdev_flow *asker = CONTAINER_OF(ufid,
                                                      struct dp_netdev_flow,
                                                      mega_ufid);
    struct get_context *context = get_context_get();
    struct xdp_offload_stats xdp_stats;
    bool offloaded;
    int error;

    if (context->purpose == GET_TO_SUSPEND) {
        context->busy |= xdp_offload_flow_suspend(ufid);
    }
    error = xdp_offload_flow_get(ufid, asker, &xdp_stats, &offloaded);
    if (error) {
        return error;
    }
    memset(stats, 0, sizeof *stats);
    stats->n_packets = xdp_stats.n_packets;
    stats->n_bytes = xdp_stats.n_bytes;
    stats->used = xdp_stats.used;
    stats->tcp_flags = xdp_stats.tcp_flags;
    memset(attrs, 0, sizeof *attrs);
    attrs->offloaded = offloaded;
    attrs->dp_layer = offloaded ? "xdp" : "ovs";
    return 0;
}

static int
flow_flush(struct netdev *netdev)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    if (port) {
        xdp_offload_port_flush(port);
    }
    return 0;
}

static int
flow_get_n_flows(struct netdev *netdev, uint64_t *n_flows)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    *n_flows = port ? xdp_offload_port_count_flows(port).kernel : 0;
    return 0;
}

static char xdp_flow_api_type[] = "xdp";

static const struct netdev_flow_api xdp_flow_api = {
    .type = xdp_flow_api_type,
    .flow_flush = flow_flush,
    .flow_put = flow_put,
    .flow_get = flow_get,
    .flow_del = flow_del,
    .flow_get_n_flows = flow_get_n_flows,
    .init_flow_api = init_flow_api,
    .uninit_flow_api = netdev_afxdp_offload_close,
};

/* Open vSwitch asks providers in random order, and its own for tc takes any
 * device, also one that is in a userspace datapath. */
static struct netdev_flow_api tc_flow_api;

static int
tc_init_flow_api(struct netdev *netdev)
{
    return (nullable_string_is_equal(netdev_get_dpif_type(netdev), "system")
            ? netdev_offload_tc.init_flow_api(netdev) : EOPNOTSUPP);
}

void
netdev_offload_xdp_register(void)
{
    int error = netdev_unregister_flow_api_provider(netdev_offload_tc.type);

    if (!error) {
        tc_flow_api = netdev_offload_tc;
        tc_flow_api.init_flow_api = tc_init_flow_api;
        error = netdev_register_flow_api_provider(&tc_flow_api);
    }
    if (!error) {
        error = netdev_register_flow_api_provider(&xdp_flow_api);
    }
    if (error) {
        VLOG_ERR("cannot register XDP flow offload (%s)",
                 ovs_strerror(error));
    }
}

void
netdev_offload_xdp_configure(const struct smap *other_config)
{
    static bool told;

    if (xdp_offload_configure(other_config)) {
        told = false;
    } else if (!told) {
        VLOG_WARN("other_config:xdp-offload-flows, -masks and -cache have "
                  "changed; restart ovs-vswitchd for that to take effect");
        told = true;
    }
}

/* Ports. */

static bool
update_port(struct netdev *netdev, odp_port_t odp_port, void *aux OVS_UNUSED)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    if (port) {
        const struct xdp_offload_port_state state = {
            .odp_port = odp_port,
            .takes_redirect = netdev_afxdp_takes_redirect(netdev),
            .enabled = netdev_afxdp_may_offload(netdev),
        };

        xdp_offload_port_set_state(port, &state);
    }
    return false;
}

void
netdev_offload_xdp_run(void)
{
    static uint64_t last_seq;
    uint64_t seq;
    bool changed;

    if (!netdev_is_flow_api_enabled()) {
        return;
    }
    seq = netdev_afxdp_redirect_seq();
    atomic_read_relaxed(&ports_changed, &changed);
    if (changed || seq != last_seq) {
        atomic_store_relaxed(&ports_changed, false);
        last_seq = seq;
        /* This compares pointers: only the datapath's own name will do. */
        netdev_ports_traverse(dpif_netdev_class.type, update_port, NULL);
    }
    xdp_offload_run();
}

void
netdev_offload_xdp_wait(void)
{
    if (netdev_is_flow_api_enabled()) {
        xdp_offload_wait();
    }
}

/* Flows that are changed or deleted. */

static bool
is_userspace(const struct dpif *dpif)
{
    return (netdev_is_flow_api_enabled()
            && !strcmp(dpif_normalize_type(dpif_type(dpif)), "netdev"));
}

/* Makes dpif-netdev call flow_get() for the flow. */
static void
get_flow(struct dpif *dpif, const struct nlattr *key, size_t key_len,
         const ovs_u128 *ufid, unsigned int pmd_id)
{
    uint64_t stub[DPIF_FLOW_BUFSIZE / 8];
    struct dpif_flow flow;
    struct ofpbuf buf;

    ofpbuf_use_stub(&buf, stub, sizeof stub);
    dpif_flow_get(dpif, key, key_len, ufid, pmd_id, &buf, &flow);
    ofpbuf_uninit(&buf);
}

/* Packets that have found a flow before it was suspended are done in some
 * microseconds, unless the CPU that they are on is taken away.  A grace period,
 * 10 to 20 ms, makes sure of that; with thousands of flows to delete it would
 * hold up revalidation, in which flows that are wrong by now forward on. */
static void
wait_for_packets(void)
{
    static atomic_llong last_synchronized = 0;
    long long int last;

    atomic_read_relaxed(&last_synchronized, &last);
    if (time_msec() - last >= MIN_SYNCHRONIZE_INTERVAL) {
        xdp_offload_synchronize();
        atomic_store_relaxed(&last_synchronized, time_msec());
    } else {
        xnanosleep_no_quiesce(SHORT_WAIT);
    }
}

void
netdev_offload_xdp_before_ops(struct dpif *dpif, struct dpif_op **ops,
                              size_t n_ops)
{
    struct get_context *context = get_context_get();

    if (!is_userspace(dpif)) {
        return;
    }
    context->purpose = GET_TO_SUSPEND;
    context->busy = false;
    for (size_t i = 0; i < n_ops; i++) {
        const struct dpif_op *op = ops[i];

        if (op->type == DPIF_OP_FLOW_DEL) {
            get_flow(dpif, op->flow_del.key, op->flow_del.key_len,
                     op->flow_del.ufid, op->flow_del.pmd_id);
        } else if (op->type == DPIF_OP_FLOW_PUT
                   && op->flow_put.flags & DPIF_FP_MODIFY) {
            get_flow(dpif, op->flow_put.key, op->flow_put.key_len,
                     op->flow_put.ufid, op->flow_put.pmd_id);
        }
    }
    context->purpose = GET_TO_TELL;
    if (context->busy) {
        wait_for_packets();
    }
}

void
netdev_offload_xdp_before_flush(struct dpif *dpif)
{
    if (is_userspace(dpif) && xdp_offload_suspend_all()) {
        xdp_offload_synchronize();
    }
}
