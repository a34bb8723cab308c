/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "packets.h"
#include "util.h"
#include "offload/xdp-flow-key.h"
#include "offload/xdp-flow-table.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"

/* How the 'i'th of some values of a field goes into a flow. */
typedef void set_field(struct flow *, uint32_t i);

static void
set_eth_src(struct flow *flow, uint32_t i)
{
    flow->dl_src.be16[2] = htons(i);
}

static void
set_eth_dst(struct flow *flow, uint32_t i)
{
    flow->dl_dst.be16[2] = htons(i);
}

static void
set_vlan(struct flow *flow, uint32_t i)
{
    flow->vlans[0].tpid = htons(ETH_TYPE_VLAN_8021Q);
    flow->vlans[0].tci = htons(VLAN_CFI | i);
}

static void
set_ip_src(struct flow *flow, uint32_t i)
{
    flow->nw_src = htonl(0x0a000000 + i);
}

static void
set_ip_dst(struct flow *flow, uint32_t i)
{
    flow->nw_dst = htonl(0xc0a80000 + i);
}

static void
set_ipv6_src(struct flow *flow, uint32_t i)
{
    flow->dl_type = htons(ETH_TYPE_IPV6);
    flow->ipv6_src.s6_addr32[3] = htonl(i);
}

static void
set_ipv6_dst(struct flow *flow, uint32_t i)
{
    flow->dl_type = htons(ETH_TYPE_IPV6);
    flow->ipv6_dst.s6_addr32[3] = htonl(i);
}

static void
set_port_src(struct flow *flow, uint32_t i)
{
    flow->tp_src = htons(40000 + i);
}

static void
set_port_dst(struct flow *flow, uint32_t i)
{
    flow->tp_dst = htons(1024 + i);
}

static const struct field {
    const char *name;
    set_field *set;
} fields[][2] = {
    { { "ip source", set_ip_src }, { "ip destination", set_ip_dst } },
    { { "ip source", set_ip_src }, { "port source", set_port_src } },
    { { "ip source", set_ip_src }, { "port destination", set_port_dst } },
    { { "ip destination", set_ip_dst }, { "port source", set_port_src } },
    { { "ip destination", set_ip_dst }, { "port destination", set_port_dst } },
    { { "port source", set_port_src }, { "port destination", set_port_dst } },
    { { "eth source", set_eth_src }, { "eth destination", set_eth_dst } },
    { { "eth destination", set_eth_dst }, { "ip source", set_ip_src } },
    { { "vlan", set_vlan }, { "ip destination", set_ip_dst } },
    { { "ipv6 source", set_ipv6_src }, { "ipv6 destination", set_ipv6_dst } },
    { { "ipv6 source", set_ipv6_src }, { "port destination", set_port_dst } },
};

/* Inserts a flow whose fields have the values number 'a' and 'b'. */
static bool
insert(const struct xdp_lab *lab, const struct field pair[2], uint32_t a,
       uint32_t b, uint32_t *idx)
{
    const struct xdp_flow_action drop = { .flags = 0 };
    struct flow flow = {
        .dl_type = htons(ETH_TYPE_IP), .nw_proto = IPPROTO_TCP, .nw_ttl = 64,
    };
    struct xdp_key key, mask;

    pair[0].set(&flow, a);
    pair[1].set(&flow, b);
    xdp_key_from_flow(&flow, &flow, XDP_LAB_IN, &key);
    memset(&mask, 0xff, sizeof mask);
    return xdp_flow_table_insert(lab->flows, XDP_LAB_IN, &key, &mask, &drop,
                                 idx) == XDP_WHY_OFFLOADED;
}

/* How many of 'n' x 'n' flows there is room for. */
static uint32_t
count_room(const struct xdp_lab *lab, const struct field pair[2], uint32_t n)
{
    uint32_t *idxs = xcalloc(n * n, sizeof *idxs);
    uint32_t n_inserted = 0;

    for (uint32_t i = 0; i < n * n; i++) {
        n_inserted += insert(lab, pair, i / n, i % n, &idxs[n_inserted]);
    }
    for (uint32_t i = 0; i < n_inserted; i++) {
        xdp_flow_table_unlink(lab->flows, idxs[i]);
        xdp_flow_table_release(lab->flows, idxs[i]);
    }
    free(idxs);
    return n_inserted;
}

/* "xdp-room N": puts flows that differ in two fields, with N values each, into
 * an empty table for 131072. */
static void
test_room(struct ovs_cmdl_context *ctx)
{
    const struct xdp_limits limits = {
        .n_flows = 131072, .cache_size = 64, .n_masks = 1,
    };
    struct xdp_lab lab;

    xdp_lab_open(&lab, &limits, 0);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        printf("%s x %s: %"PRIu32"\n", fields[i][0].name, fields[i][1].name,
               count_room(&lab, fields[i], atoi(ctx->argv[1])));
    }
    xdp_lab_close(&lab);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-room", NULL, 1, 1, test_room, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
