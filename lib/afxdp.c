/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "afxdp.h"

#include "afxdp-monitor.h"
#include "afxdp-offload-unixctl.h"
#include "afxdp-unixctl.h"
#include "netdev-afxdp-attach.h"
#include "netdev-afxdp-class.h"
#include "netdev-afxdp-gso.h"
#include "netdev-afxdp-offload.h"
#include "netdev-afxdp-redirect.h"
#include "umem.h"

void
afxdp_init(void)
{
    netdev_afxdp_register();
    afxdp_monitor_init();
    afxdp_unixctl_init();
    afxdp_offload_unixctl_init();
}

void
afxdp_run(void)
{
    afxdp_monitor_run();
    if (!netdev_afxdp_attach_run()) {
        /* First all ports forward, then flows move into the kernel. */
        netdev_afxdp_offload_run();
    }
    netdev_afxdp_redirect_run();
    netdev_afxdp_gso_run();
    umem_run();
}

void
afxdp_wait(void)
{
    afxdp_monitor_wait();
    netdev_afxdp_offload_wait();
    netdev_afxdp_redirect_wait();
    netdev_afxdp_gso_wait();
    umem_wait();
}
