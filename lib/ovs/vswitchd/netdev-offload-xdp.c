/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ovs/vswitchd/netdev-offload-xdp.h"

#include <errno.h>

#include "dpif.h"
#include "dpif-netdev-private-flow.h"
#include "dpif-provider.h"
#include "port/netdev-afxdp-offload.h"
#include "netdev-offload-provider.h"
#include "netdev-provider.h"
#include "odp-util.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "offload/xdp-offload.h"

VLOG_DEFINE_THIS_MODULE(netdev_offload_xdp);

/* Copies of flows, as dpif-netdev has them.
 *
 * dpif-netdev frees what a flow's classifier rule refers to only when all
 * threads have quiesced since the flow was marked dead, so that who finds it
 * alive may look at all of it. */

static struct dp_netdev_flow *
dp_netdev_flow_cast(const void *copy)
{
    return CONST_CAST(struct dp_netdev_flow *, copy);
}

static bool
copy_ref(const void *copy)
{
    return ovs_refcount_try_ref_rcu(&dp_netdev_flow_cast(copy)->ref_cnt);
}

static void
copy_unref(const void *copy)
{
    dp_netdev_flow_unref(dp_netdev_flow_cast(copy));
}

static const ovs_u128 *
copy_ufid(const void *copy)
{
    return &dp_netdev_flow_cast(copy)->ufid;
}

static const ovs_u128 *
copy_mega_ufid(const void *copy)
{
    return &dp_netdev_flow_cast(copy)->mega_ufid;
}

static unsigned int
copy_pmd_id(const void *copy)
{
    return dp_netdev_flow_cast(copy)->pmd_id;
}

static bool
copy_is_alive(const void *copy)
{
    return !*(volatile bool *) &dp_netdev_flow_cast(copy)->dead;
}

/* Open vSwitch modifies the first flow that it finds for a packet, whatever
 * mask the modification comes with: what the flow matches is in its own rule
 * and nowhere else. */
static void
copy_get_match(const void *copy, struct match *match)
{
    const struct dp_netdev_flow *flow = copy;

    memset(match, 0, sizeof *match);
    match->flow = flow->flow;
    miniflow_expand(&flow->cr.mask->mf, &match->wc.masks);
    match->wc.masks.in_port.odp_port = ODPP_NONE;
}

static const struct nlattr *
copy_get_actions(const void *copy, size_t *len)
{
    const struct dp_netdev_flow *flow = copy;
    const struct dp_netdev_actions *actions
        = ovsrcu_get(struct dp_netdev_actions *, &flow->actions);

    *len = actions->size;
    return actions->actions;
}

/* The port of the flow is not polled any more, so that its PMD thread does not
 * count. */
static void
copy_credit(const void *copy, const struct xdp_offload_stats *stats)
{
    struct dp_netdev_flow *flow = dp_netdev_flow_cast(copy);
    unsigned long long n;
    long long used;
    uint16_t flags;

    atomic_store_relaxed(&flow->netdev_flow_get_result, EOPNOTSUPP);
    atomic_read_relaxed(&flow->stats.packet_count, &n);
    atomic_store_relaxed(&flow->stats.packet_count, n + stats->n_packets);
    atomic_read_relaxed(&flow->stats.byte_count, &n);
    atomic_store_relaxed(&flow->stats.byte_count, n + stats->n_bytes);
    atomic_read_relaxed(&flow->stats.used, &used);
    atomic_store_relaxed(&flow->stats.used, MAX(used, stats->used));
    atomic_read_relaxed(&flow->stats.tcp_flags, &flags);
    atomic_store_relaxed(&flow->stats.tcp_flags, flags | stats->tcp_flags);
}

static const struct xdp_copy_class copy_class = {
    .ref = copy_ref,
    .unref = copy_unref,
    .ufid = copy_ufid,
    .mega_ufid = copy_mega_ufid,
    .pmd_id = copy_pmd_id,
    .is_alive = copy_is_alive,
    .get_match = copy_get_match,
    .get_actions = copy_get_actions,
    .credit = copy_credit,
};

/* dpif-netdev, the only caller of the flow API, always passes a member of the
 * flow that it is about. */
static const struct dp_netdev_flow *
flow_from_mega_ufid(const ovs_u128 *mega_ufid)
{
    return CONTAINER_OF(mega_ufid, struct dp_netdev_flow, mega_ufid);
}

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

/* What comes here has waited in a queue: the flow may do something else by
 * now. */
static int
flow_put(struct netdev *netdev, struct match *match OVS_UNUSED,
         struct nlattr *actions OVS_UNUSED, size_t actions_len OVS_UNUSED,
         const ovs_u128 *ufid, struct offload_info *info OVS_UNUSED,
         struct dpif_flow_stats *stats OVS_UNUSED)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    if (!port) {
        return ENODEV;
    }
    xdp_offload_flow_put(port, flow_from_mega_ufid(ufid));
    return 0;
}

static int
flow_del(struct netdev *netdev OVS_UNUSED, const ovs_u128 *ufid,
         struct dpif_flow_stats *stats OVS_UNUSED)
{
    xdp_offload_flow_del(netdev_afxdp_offload_get(), ufid,
                         flow_from_mega_ufid(ufid));
    return 0;
}

static int
flow_get(struct netdev *netdev, struct match *match OVS_UNUSED,
         struct nlattr **actions OVS_UNUSED, const ovs_u128 *ufid,
         struct dpif_flow_stats *stats, struct dpif_flow_attrs *attrs,
         struct ofpbuf *buf OVS_UNUSED)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);
    struct xdp_offload_stats xdp_stats;
    bool offloaded;
    int error;

    if (!port) {
        return ENODEV;
    }
    error = xdp_offload_flow_get(port, flow_from_mega_ufid(ufid), &xdp_stats,
                                 &offloaded);
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

    netdev_afxdp_offload_init(&copy_class);
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
    if (!xdp_offload_configure(netdev_afxdp_offload_get(), other_config)) {
        VLOG_WARN("other_config:xdp-offload-flows, -masks and -cache have "
                  "changed; restart ovs-vswitchd for that to take effect");
    }
}

/* Ports. */

static bool
tell_number(struct netdev *netdev, odp_port_t odp_port, void *aux OVS_UNUSED)
{
    struct xdp_offload_port *port = netdev_afxdp_offload_port(netdev);

    if (port) {
        xdp_offload_port_set_odp_port(port, odp_port);
    }
    return false;
}

/* init_flow_api() is not told a port's number. */
void
netdev_offload_xdp_run(void)
{
    bool changed;

    if (!netdev_is_flow_api_enabled()) {
        return;
    }
    atomic_read_relaxed(&ports_changed, &changed);
    if (changed) {
        atomic_store_relaxed(&ports_changed, false);
        /* This compares pointers: only the datapath's own name will do. */
        netdev_ports_traverse(dpif_netdev_class.type, tell_number, NULL);
    }
    xdp_offload_run(netdev_afxdp_offload_get());
}

void
netdev_offload_xdp_wait(void)
{
    if (netdev_is_flow_api_enabled()) {
        xdp_offload_wait(netdev_afxdp_offload_get());
    }
}

/* Flows that are changed or deleted. */

static bool
is_userspace(const struct dpif *dpif)
{
    return (netdev_is_flow_api_enabled()
            && !strcmp(dpif_normalize_type(dpif_type(dpif)), "netdev"));
}

static void
begin_changes(struct xdp_offload_changes *changes)
{
    struct xdp_offload *offload = netdev_afxdp_offload_get();

    if (changes->n
        && xdp_offload_begin_changes(offload, changes->changes, changes->n)) {
        xdp_offload_wait_for_packets(offload);
    }
}

static struct xdp_offload_change *
add_change(struct xdp_offload_changes *changes, const ovs_u128 *ufid,
           bool deletes)
{
    struct xdp_offload_change *change;

    if (changes->n >= changes->allocated) {
        changes->changes = x2nrealloc(changes->changes, &changes->allocated,
                                      sizeof *changes->changes);
    }
    change = &changes->changes[changes->n++];
    memset(change, 0, sizeof *change);
    change->deletes = deletes;
    /* Without a name, Open vSwitch finds the flow by a packet that it matches:
     * rare enough not to look for it. */
    change->all = !ufid;
    if (ufid) {
        change->ufid = *ufid;
    }
    return change;
}

static odp_port_t
get_in_port(const struct nlattr *key, size_t key_len)
{
    const struct nlattr *a = nl_attr_find__(key, key_len,
                                            OVS_KEY_ATTR_IN_PORT);

    return a ? nl_attr_get_odp_port(a) : ODPP_NONE;
}

void
netdev_offload_xdp_begin_ops(struct dpif *dpif, struct dpif_op **ops,
                             size_t n_ops, struct xdp_offload_changes *changes)
{
    memset(changes, 0, sizeof *changes);
    if (!is_userspace(dpif)) {
        return;
    }
    for (size_t i = 0; i < n_ops; i++) {
        const struct dpif_op *op = ops[i];

        if (op->type == DPIF_OP_FLOW_DEL) {
            add_change(changes, op->flow_del.ufid, true);
        } else if (op->type == DPIF_OP_FLOW_PUT
                   && op->flow_put.flags & DPIF_FP_MODIFY) {
            struct xdp_offload_change *change
                = add_change(changes, op->flow_put.ufid, false);

            change->actions = op->flow_put.actions;
            change->actions_len = op->flow_put.actions_len;
            change->pmd_id = op->flow_put.pmd_id;
            change->in_port = get_in_port(op->flow_put.key,
                                          op->flow_put.key_len);
        }
    }
    begin_changes(changes);
}

void
netdev_offload_xdp_begin_change(struct dpif *dpif, const ovs_u128 *ufid,
                                bool deletes,
                                struct xdp_offload_changes *changes)
{
    memset(changes, 0, sizeof *changes);
    if (is_userspace(dpif)) {
        add_change(changes, ufid, deletes);
        begin_changes(changes);
    }
}

void
netdev_offload_xdp_end_changes(struct xdp_offload_changes *changes)
{
    if (changes->n) {
        xdp_offload_end_changes(netdev_afxdp_offload_get(), changes->changes,
                                changes->n);
        free(changes->changes);
    }
}
