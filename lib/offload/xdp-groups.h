/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_GROUPS_H
#define XDP_GROUPS_H 1

/* Groups of devices that a packet is output to, all of them: flows with the
 * same outputs share one.
 *
 * Thread-safety: the caller lets one thread at a time in. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdp_groups;
struct xdp_tables;

/* The groups do not own the tables, which must outlive them. */
struct xdp_groups *xdp_groups_create(struct xdp_tables *);
void xdp_groups_destroy(struct xdp_groups *);

/* Finds or makes the group of 'n' devices, which may take 20 ms, for one user
 * more, which is a flow from 'port'.  Returns false if there is no room, or
 * the port has its share of it. */
bool xdp_groups_get(struct xdp_groups *, uint32_t port, const int ifindexes[],
                    size_t n, uint32_t *idx);

/* Has the kernel refused one since the last call, for want of memory, say?
 * Then it is worth trying again although nothing has become free. */
bool xdp_groups_take_failure(struct xdp_groups *);

/* One user less, a grace period after the last packet can have found it.  The
 * group stays for the next. */
void xdp_groups_put(struct xdp_groups *, uint32_t idx);

/* Forgets groups without users that have the device, which goes. */
void xdp_groups_forget_device(struct xdp_groups *, int ifindex);

#endif /* xdp-groups.h */
