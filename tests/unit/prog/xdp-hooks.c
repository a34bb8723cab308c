/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "tests/unit/prog/xdp-hooks.h"

__typeof__(time_msec) __real_time_msec, __wrap_time_msec;
__typeof__(xdp_tables_create) __wrap_xdp_tables_create;
__typeof__(xdp_tables_synchronize) __real_xdp_tables_synchronize,
    __wrap_xdp_tables_synchronize;
__typeof__(xdp_tables_set_device) __real_xdp_tables_set_device,
    __wrap_xdp_tables_set_device;
__typeof__(xdp_tables_set_outputs) __real_xdp_tables_set_outputs,
    __wrap_xdp_tables_set_outputs;
__typeof__(xdp_prog_enable_offload) __wrap_xdp_prog_enable_offload;

struct xdp_hooks xdp_hooks;

long long int
__wrap_time_msec(void)
{
    return xdp_hooks.time_msec ? xdp_hooks.time_msec() : __real_time_msec();
}

int
__wrap_xdp_tables_create(const struct xdp_limits *limits,
                         struct xdp_tables **t, char **errp)
{
    return (xdp_hooks.create ? xdp_hooks.create(limits, t, errp)
            : __real_xdp_tables_create(limits, t, errp));
}

void
__wrap_xdp_tables_synchronize(const struct xdp_tables *t)
{
    if (xdp_hooks.synchronize) {
        xdp_hooks.synchronize(t);
    } else {
        __real_xdp_tables_synchronize(t);
    }
}

int
__wrap_xdp_tables_set_device(struct xdp_tables *t, uint32_t port, int ifindex)
{
    return (xdp_hooks.set_device ? xdp_hooks.set_device(t, port, ifindex)
            : __real_xdp_tables_set_device(t, port, ifindex));
}

int
__wrap_xdp_tables_set_outputs(struct xdp_tables *t, uint32_t set,
                            const int ifindexes[], size_t n)
{
    return (xdp_hooks.set_outputs ? xdp_hooks.set_outputs(t, set, ifindexes, n)
            : __real_xdp_tables_set_outputs(t, set, ifindexes, n));
}

int
__wrap_xdp_prog_enable_offload(struct xdp_prog *prog,
                               const struct xdp_tables *t, uint32_t port,
                               char **errp)
{
    return (xdp_hooks.enable_offload
            ? xdp_hooks.enable_offload(prog, t, port, errp)
            : __real_xdp_prog_enable_offload(prog, t, port, errp));
}
