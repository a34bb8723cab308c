/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_HOOKS_H
#define XDP_HOOKS_H 1

/* Functions that a test can put in the place of ours, and of Open vSwitch's
 * clock.  Null stands for the real one. */

#include "prog/xdp-program.h"
#include "prog/xdp-tables.h"
#include "timeval.h"

struct xdp_hooks {
    __typeof__(time_msec) *time_msec;
    __typeof__(xdp_tables_create) *create;
    __typeof__(xdp_tables_synchronize) *synchronize;
    __typeof__(xdp_tables_set_device) *set_device;
    __typeof__(xdp_tables_set_outputs) *set_outputs;
    __typeof__(xdp_prog_enable_offload) *enable_offload;
};

extern struct xdp_hooks xdp_hooks;

__typeof__(xdp_tables_create) __real_xdp_tables_create;
__typeof__(xdp_prog_enable_offload) __real_xdp_prog_enable_offload;

#endif /* xdp-hooks.h */
