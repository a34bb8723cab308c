/* SPDX-License-Identifier: Apache-2.0 */

/* Where flow offload steps into Open vSwitch's own, unmodified code: what
 * changes flows, and the configuration.  See hook.c for how. */

#include <config.h>

#include "dpif.h"
#include "netdev-offload-xdp.h"
#include "netdev-offload.h"

void __real_netdev_set_flow_api_enabled(const struct smap *);
void __wrap_netdev_set_flow_api_enabled(const struct smap *);
void __real_dpif_operate(struct dpif *, struct dpif_op **, size_t n_ops,
                         enum dpif_offload_type);
void __wrap_dpif_operate(struct dpif *, struct dpif_op **, size_t n_ops,
                         enum dpif_offload_type);
int __real_dpif_flow_flush(struct dpif *);
int __wrap_dpif_flow_flush(struct dpif *);

/* Called with other_config before there is a port, and again later. */
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
    netdev_offload_xdp_before_ops(dpif, ops, n_ops);
    __real_dpif_operate(dpif, ops, n_ops, type);
    netdev_offload_xdp_after_ops();
}

int
__wrap_dpif_flow_flush(struct dpif *dpif)
{
    netdev_offload_xdp_before_flush(dpif);
    return __real_dpif_flow_flush(dpif);
}
