/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_OFFLOAD_XDP_H
#define NETDEV_OFFLOAD_XDP_H 1

/* The adapter between xdp-offload.h and the flow API of Open vSwitch 3.1. */

#include <stddef.h>
#include <stdbool.h>

struct dpif;
struct dpif_op;
struct smap;

/* Puts our flow API beside Open vSwitch's.  Call it once, before the first port
 * is opened. */
void netdev_offload_xdp_register(void);

/* Whenever other_config may have changed. */
void netdev_offload_xdp_configure(const struct smap *other_config);

/* For the main loop. */
void netdev_offload_xdp_run(void);
void netdev_offload_xdp_wait(void);

/* Before 'ops' are carried out on 'dpif'.  Flows that they change or delete are
 * out of the kernel afterwards, and what those have counted is complete. */
void netdev_offload_xdp_before_ops(struct dpif *dpif, struct dpif_op **ops,
                                   size_t n_ops);

/* Before all flows of a datapath are deleted. */
void netdev_offload_xdp_before_flush(struct dpif *dpif);

#endif /* netdev-offload-xdp.h */
