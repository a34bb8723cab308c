/* SPDX-License-Identifier: Apache-2.0 */

/* Where ovs-afxdp steps into Open vSwitch's own, unmodified ovs-vswitchd.  The
 * linker directs calls of FUNCTION here as __wrap_FUNCTION (ld --wrap);
 * __real_FUNCTION is Open vSwitch's.  What it leaves alone is in
 * "intercepted". See also headroom.c, memory-hook.c and offload-hook.c. */

#include <config.h>

#include <stdio.h>

#include "ctl/afxdp-about.h"
#include "ctl/afxdp.h"
#include "dpdk.h"
#include "lib/vswitch-idl.h"
#include "port/netdev-afxdp.h"
#include "ovs/vswitchd/netdev-class-afxdp.h"
#include "ovs/vswitchd/netdev-offload-xdp.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "vswitchd/bridge.h"

__typeof__(bridge_init) __real_bridge_init, __wrap_bridge_init;
__typeof__(print_dpdk_version) __wrap_print_dpdk_version;
__typeof__(vlog_enable_async)
    __real_vlog_enable_async, __wrap_vlog_enable_async;
__typeof__(netdev_run) __real_netdev_run, __wrap_netdev_run;
__typeof__(netdev_wait) __real_netdev_wait, __wrap_netdev_wait;
__typeof__(ovsrec_interface_set_error)
    __real_ovsrec_interface_set_error, __wrap_ovsrec_interface_set_error;
__typeof__(ovsrec_interface_set_status)
    __real_ovsrec_interface_set_status, __wrap_ovsrec_interface_set_status;

/* The last moment before the first port can be opened. */
void
__wrap_bridge_init(const char *remote)
{
    netdev_class_afxdp_register();
    afxdp_init();
    netdev_offload_xdp_register();
    __real_bridge_init(remote);
}

/* Called once, when the daemon has detached from the terminal: what is logged
 * before that is on standard error, where scripts know each line that Open
 * vSwitch writes. */
void
__wrap_vlog_enable_async(void)
{
    __real_vlog_enable_async();
    afxdp_log_about();
}

/* The main loop. */
void
__wrap_netdev_run(void)
{
    __real_netdev_run();
    afxdp_run();
    netdev_offload_xdp_run();
}

void
__wrap_netdev_wait(void)
{
    __real_netdev_wait();
    afxdp_wait();
    netdev_offload_xdp_wait();
}

/* "--version" calls this after Open vSwitch's own version. */
void
__wrap_print_dpdk_version(void)
{
    puts(afxdp_about());
}

/* The bridge clears the column on every reconfiguration.  It knows nothing of
 * an error that leaves the port running. */
void
__wrap_ovsrec_interface_set_error(const struct ovsrec_interface *row,
                                  const char *error)
{
    char *ours = NULL;

    if (!error) {
        netdev_afxdp_get_port_error(row->name, &ours);
    }
    __real_ovsrec_interface_set_error(row, ours ? ours : error);
    free(ours);
}

/* The bridge writes the status of a port whenever that has changed: then the
 * error may have, too. */
void
__wrap_ovsrec_interface_set_status(const struct ovsrec_interface *row,
                                   const struct smap *status)
{
    char *error;

    __real_ovsrec_interface_set_status(row, status);
    if (status && netdev_afxdp_get_port_error(row->name, &error)) {
        __real_ovsrec_interface_set_error(row, error);
        free(error);
    }
}
