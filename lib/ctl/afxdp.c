/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp.h"

#include "ctl/afxdp-monitor.h"
#include "ctl/afxdp-offload-unixctl.h"
#include "ctl/afxdp-unixctl.h"
#include "port/netdev-afxdp-defer.h"
#include "port/netdev-afxdp-offload.h"
#include "port/netdev-afxdp-redirect.h"
#include "port/netdev-afxdp-watch.h"
#include "umem/umem.h"

void
afxdp_init(void)
{
    afxdp_monitor_init();
    afxdp_unixctl_init();
    afxdp_offload_unixctl_init();
}

void
afxdp_run(void)
{
    afxdp_monitor_run();
    if (!netdev_afxdp_defer_run()) {
        /* First all ports forward, then flows move into the kernel. */
        netdev_afxdp_offload_run();
    }
    netdev_afxdp_redirect_run();
    netdev_afxdp_watch_run();
    umem_run();
}

void
afxdp_wait(void)
{
    afxdp_monitor_wait();
    netdev_afxdp_offload_wait();
    netdev_afxdp_redirect_wait();
    netdev_afxdp_watch_wait();
    umem_wait();
}
