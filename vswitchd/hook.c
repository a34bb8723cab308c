/* SPDX-License-Identifier: Apache-2.0 */

/* Where ovs-afxdp steps into Open vSwitch's own, unmodified ovs-vswitchd.  The
 * linker directs calls of FUNCTION here as __wrap_FUNCTION (ld --wrap);
 * __real_FUNCTION is Open vSwitch's. */

#include <config.h>

#include <stdio.h>

#include "afxdp-version.h"
#include "coverage.h"
#include "dp-packet.h"
#include "dpdk.h"
#include "dpif-netdev.h"
#include "lib/vswitch-idl.h"
#include "netdev-afxdp-class.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "vswitchd/bridge.h"

VLOG_DEFINE_THIS_MODULE(ovs_afxdp);

COVERAGE_DEFINE(afxdp_headroom_copy);

void __real_bridge_init(const char *remote);
void __wrap_bridge_init(const char *remote);
void __wrap_print_dpdk_version(void);
void __real_netdev_run(void);
void __wrap_netdev_run(void);
void __real_netdev_wait(void);
void __wrap_netdev_wait(void);
void __real_ovsrec_interface_set_error(const struct ovsrec_interface *,
                                       const char *error);
void __wrap_ovsrec_interface_set_error(const struct ovsrec_interface *,
                                       const char *error);
void __real_ovsrec_interface_set_status(const struct ovsrec_interface *,
                                        const struct smap *status);
void __wrap_ovsrec_interface_set_status(const struct ovsrec_interface *,
                                        const struct smap *status);
int __real_netdev_push_header(const struct netdev *, struct dp_packet_batch *,
                              const struct ovs_action_push_tnl *);
int __wrap_netdev_push_header(const struct netdev *, struct dp_packet_batch *,
                              const struct ovs_action_push_tnl *);

/* The last moment before the first port can be opened. */
void
__wrap_bridge_init(const char *remote)
{
    VLOG_INFO("ovs-afxdp %s", AFXDP_VERSION);
    netdev_afxdp_register();
    __real_bridge_init(remote);
}

/* The main loop. */
void
__wrap_netdev_run(void)
{
    __real_netdev_run();
    netdev_afxdp_run();
}

void
__wrap_netdev_wait(void)
{
    __real_netdev_wait();
    netdev_afxdp_wait();
}

/* "--version" calls this after Open vSwitch's own version. */
void
__wrap_print_dpdk_version(void)
{
    puts("ovs-afxdp " AFXDP_VERSION);
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

/* Open vSwitch aborts when it must enlarge a packet that is in packet memory.
 * Our headroom is enough for one tunnel header; for what is more (a tunnel in
 * a tunnel), the packet moves to the heap first. */
int
__wrap_netdev_push_header(const struct netdev *netdev,
                          struct dp_packet_batch *batch,
                          const struct ovs_action_push_tnl *data)
{
    struct dp_packet *packet;

    DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
        if (OVS_UNLIKELY(packet->source == DPBUF_AFXDP
                         && dp_packet_headroom(packet) < data->header_len)) {
            batch->packets[i] = dp_packet_clone_with_headroom(
                packet, data->header_len + DP_NETDEV_HEADROOM);
            dp_packet_delete(packet);
            COVERAGE_INC(afxdp_headroom_copy);
        }
    }
    return __real_netdev_push_header(netdev, batch, data);
}
