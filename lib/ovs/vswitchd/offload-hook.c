/* SPDX-License-Identifier: Apache-2.0 */

/* Where flow offload steps into Open vSwitch's own, unmodified code: what
 * changes flows, and the configuration.  See hook.c for how. */

#include <config.h>

#include "dpif.h"
#include "netdev-offload.h"
#include "ovs/vswitchd/netdev-offload-xdp.h"

__typeof__(netdev_set_flow_api_enabled)
    __real_netdev_set_flow_api_enabled, __wrap_netdev_set_flow_api_enabled;
__typeof__(dpif_operate) __real_dpif_operate, __wrap_dpif_operate;
__typeof__(dpif_flow_flush) __real_dpif_flow_flush, __wrap_dpif_flow_flush;
__typeof__(dpif_flow_put) __real_dpif_flow_put, __wrap_dpif_flow_put;
__typeof__(dpif_flow_del) __real_dpif_flow_del, __wrap_dpif_flow_del;

/* Called with other_config before there is a port, and again later.  Flows
 * that are there when offload is turned on reach it when revalidators ask for
 * their counters. */
void
__wrap_netdev_set_flow_api_enabled(const struct smap *other_config)
{
    netdev_offload_xdp_configure(other_config);
    __real_netdev_set_flow_api_enabled(other_config);
}

/* dpif-netdev acknowledges a change when its own tables have it and tells flow
 * offload later, from another thread. */
void
__wrap_dpif_operate(struct dpif *dpif, struct dpif_op **ops, size_t n_ops,
                    enum dpif_offload_type type)
{
    struct xdp_offload_changes changes;

    netdev_offload_xdp_begin_ops(dpif, ops, n_ops, &changes);
    __real_dpif_operate(dpif, ops, n_ops, type);
    netdev_offload_xdp_end_changes(&changes);
}

/* The next two call dpif_operate() within their own object, where the linker
 * does not direct it here.  They are for dpctl, which makes up a name for a
 * flow that comes without one; what is modified is what each PMD thread finds
 * for the flow's packet, whatever it is called. */
int
__wrap_dpif_flow_put(struct dpif *dpif, enum dpif_flow_put_flags flags,
                     const struct nlattr *key, size_t key_len,
                     const struct nlattr *mask, size_t mask_len,
                     const struct nlattr *actions, size_t actions_len,
                     const ovs_u128 *ufid, const unsigned pmd_id,
                     struct dpif_flow_stats *stats)
{
    struct xdp_offload_changes changes = { .n = 0 };
    int error;

    if (flags & DPIF_FP_MODIFY) {
        netdev_offload_xdp_begin_change(dpif, NULL, false, &changes);
    }
    error = __real_dpif_flow_put(dpif, flags, key, key_len, mask, mask_len,
                                 actions, actions_len, ufid, pmd_id, stats);
    netdev_offload_xdp_end_changes(&changes);
    return error;
}

int
__wrap_dpif_flow_del(struct dpif *dpif, const struct nlattr *key,
                     size_t key_len, const ovs_u128 *ufid,
                     const unsigned pmd_id, struct dpif_flow_stats *stats)
{
    struct xdp_offload_changes changes;
    int error;

    netdev_offload_xdp_begin_change(dpif, ufid, true, &changes);
    error = __real_dpif_flow_del(dpif, key, key_len, ufid, pmd_id, stats);
    netdev_offload_xdp_end_changes(&changes);
    return error;
}

int
__wrap_dpif_flow_flush(struct dpif *dpif)
{
    struct xdp_offload_changes changes;
    int error;

    netdev_offload_xdp_begin_change(dpif, NULL, true, &changes);
    error = __real_dpif_flow_flush(dpif);
    netdev_offload_xdp_end_changes(&changes);
    return error;
}
