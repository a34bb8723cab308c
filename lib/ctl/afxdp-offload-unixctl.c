/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp-offload-unixctl.h"

#include <inttypes.h>

#include "ctl/afxdp-unixctl.h"
#include "ctl/datapath-flows.h"
#include "port/netdev-afxdp-counters.h"
#include "port/netdev-afxdp-offload.h"
#include "port/netdev-afxdp-port.h"
#include "openvswitch/dynamic-string.h"
#include "unixctl.h"
#include "offload/xdp-offload.h"

static void
format_packets(struct ds *s, const struct xdp_counters *c)
{
    ds_put_format(s, "  packets: %"PRIu64" cache hits, %"PRIu64" masked hits; "
                  "%"PRIu64" misses, %"PRIu64" not parsed and %"PRIu64" not "
                  "rewritten to user space\n",
                  (uint64_t) c->n[XDP_COUNTER_CACHE_HITS],
                  (uint64_t) c->n[XDP_COUNTER_MASKED_HITS],
                  (uint64_t) c->n[XDP_COUNTER_MISSES],
                  (uint64_t) c->n[XDP_COUNTER_UNPARSED],
                  (uint64_t) c->n[XDP_COUNTER_PUNTED]);
    ds_put_format(s, "  drops: %"PRIu64" by flows, %"PRIu64" without output "
                  "device\n",
                  (uint64_t) c->n[XDP_COUNTER_FLOW_DROPS],
                  (uint64_t) c->n[XDP_COUNTER_OUTPUT_DROPS]);
    ds_put_format(s, "  checksums completed: %"PRIu64"; in unknown "
                  "encapsulations: %"PRIu64"\n",
                  (uint64_t) c->n[XDP_COUNTER_CSUM_COMPLETED],
                  (uint64_t) c->n[XDP_COUNTER_CSUM_UNKNOWN]);
}

static void
format_port(struct ds *s, struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    struct xdp_counters counters;

    ds_put_format(s, "%s:", netdev_afxdp_name(dev));
    if (!dev->offload_port) {
        ds_put_cstr(s, " no flow offload\n");
    } else if (dev->offload_pending) {
        ds_put_cstr(s, " flow offload is about to begin\n");
    } else {
        ds_put_char(s, '\n');
        xdp_offload_port_format_reasons(dev->offload_port, s);
        netdev_afxdp_get_xdp_counters(dev, &counters);
        format_packets(s, &counters);
    }
}

static void
format_others(struct ds *s)
{
    if (ovs_netdev_offload_is_enabled()) {
        datapath_flows_format_others(s);
    }
}

static void
offload_show(struct unixctl_conn *conn, int argc, const char *argv[],
             void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (argc < 2) {
        xdp_offload_format_tables(netdev_afxdp_offload_get(), &s);
    }
    afxdp_unixctl_show_ports(conn, argc < 2 ? NULL : argv[1], format_port,
                             format_others, &s);
    ds_destroy(&s);
}

static void
offload_flush(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%"PRIuSIZE" flows are in user space now and come back "
                  "when Open vSwitch asks for their counters\n",
                  xdp_offload_withdraw_all(netdev_afxdp_offload_get()));
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
afxdp_offload_unixctl_init(void)
{
    unixctl_command_register("afxdp/offload-show", "[port]", 0, 1,
                             offload_show, NULL);
    unixctl_command_register("afxdp/offload-flush", "", 0, 0, offload_flush,
                             NULL);
}
