/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_HOOKS_H
#define XDP_HOOKS_H 1

/* Functions that a test can put in the place of ours, and of Open vSwitch's
 * clock.  Null stands for the real one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdp_limits;
struct xdp_prog;
struct xdp_tables;

struct xdp_hooks {
    long long int (*time_msec)(void);
    int (*create)(const struct xdp_limits *, struct xdp_tables **,
                  char **errp);
    void (*synchronize)(void);
    int (*set_device)(struct xdp_tables *, uint32_t port, int ifindex);
    int (*set_group)(struct xdp_tables *, uint32_t group,
                     const int ifindexes[], size_t n);
    int (*enable_offload)(struct xdp_prog *, const struct xdp_tables *,
                          uint32_t port, char **errp);
};

extern struct xdp_hooks xdp_hooks;

int __real_xdp_tables_create(const struct xdp_limits *, struct xdp_tables **,
                             char **errp);
int __real_xdp_prog_enable_offload(struct xdp_prog *,
                                   const struct xdp_tables *, uint32_t port,
                                   char **errp);

#endif /* xdp-hooks.h */
