/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FLOW_TABLE_H
#define XDP_FLOW_TABLE_H 1

/* The flows that the BPF programs look for, as user space writes them.
 *
 * Nothing here waits for programs.
 *
 * Thread-safety: the caller lets one thread at a time in.  The programs read
 * all the time. */

#include <stdbool.h>
#include <stdint.h>
#include "xdp-abi.h"
#include "offload/xdp-offload-reason.h"
#include "prog/xdp-tables.h"

struct xdp_flow_table;

/* The table does not own 'tables', which must outlive it. */
struct xdp_flow_table *xdp_flow_table_create(struct xdp_tables *);
void xdp_flow_table_destroy(struct xdp_flow_table *);

/* Makes packets that come in through 'port' and whose fields are 'key' under
 * 'mask' do 'act'.  Stores the flow's number in '*idx'.  Returns
 * XDP_WHY_OFFLOADED, or which limit is reached. */
enum xdp_offload_reason xdp_flow_table_insert(struct xdp_flow_table *,
                                              uint32_t port,
                                              const struct xdp_key *key,
                                              const struct xdp_key *mask,
                                              const struct xdp_flow_action *,
                                              uint32_t *idx);

/* From now on, no packet finds the flow.  Packets that have found it may still
 * be on their way: its counters are final after a grace period
 * (xdp_tables_synchronize()).  Then, not before, xdp_flow_table_release(),
 * which gives its place to others. */
void xdp_flow_table_unlink(struct xdp_flow_table *, uint32_t idx);
void xdp_flow_table_release(struct xdp_flow_table *, uint32_t idx);

/* What the flow has counted. */
void xdp_flow_table_get_stats(const struct xdp_flow_table *, uint32_t idx,
                              struct xdp_flow_stats *);

/* What the programs read of 'port'. */
void xdp_flow_table_set_port(struct xdp_flow_table *, uint32_t port,
                             uint32_t flags, uint32_t max_len,
                             uint32_t vlan_limit);

/* How full it is. */
uint32_t xdp_flow_table_count(const struct xdp_flow_table *);
uint32_t xdp_flow_table_n_masks(const struct xdp_flow_table *, uint32_t port);
uint32_t xdp_flow_table_n_actions(const struct xdp_flow_table *);

/* Is it enough for flows of 'port' that do '*act': does one do it already, or
 * has the port a share left in the actions? */
bool xdp_flow_table_has_share(const struct xdp_flow_table *, uint32_t port,
                              const struct xdp_flow_action *act);

#endif /* xdp-flow-table.h */
