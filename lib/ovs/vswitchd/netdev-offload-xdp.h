/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_OFFLOAD_XDP_H
#define NETDEV_OFFLOAD_XDP_H 1

/* The adapter between xdp-offload.h and the flow API of Open vSwitch 3.1. */

#include <stddef.h>
#include <stdbool.h>
#include "openvswitch/types.h"

struct dpif;
struct dpif_op;
struct smap;
struct xdp_offload_change;

/* Puts our flow API beside Open vSwitch's.  Call it once, before the first
 * port is opened. */
void netdev_offload_xdp_register(void);

/* Whenever other_config may have changed. */
void netdev_offload_xdp_configure(const struct smap *other_config);

/* For the main loop. */
void netdev_offload_xdp_run(void);
void netdev_offload_xdp_wait(void);

/* Changes of flows that a thread is about to make. */
struct xdp_offload_changes {
    struct xdp_offload_change *changes;
    size_t n, allocated;
};

/* Before 'ops' are carried out on 'dpif'.  No packet is forwarded any more by
 * what these change or delete, and what it has counted is complete.  The same
 * for one flow that is changed in another way, or all if 'ufid' is null.
 * After either, when that has been done, netdev_offload_xdp_end_changes(). */
void netdev_offload_xdp_begin_ops(struct dpif *dpif, struct dpif_op **ops,
                                  size_t n_ops, struct xdp_offload_changes *);
void netdev_offload_xdp_begin_change(struct dpif *dpif, const ovs_u128 *ufid,
                                     bool deletes,
                                     struct xdp_offload_changes *);
void netdev_offload_xdp_end_changes(struct xdp_offload_changes *);

#endif /* netdev-offload-xdp.h */
