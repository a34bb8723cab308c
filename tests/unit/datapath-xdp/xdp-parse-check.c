/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/datapath-xdp/xdp-parse-check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "flow.h"
#include "odp-util.h"
#include "util.h"
#include "offload/xdp-flow-key.h"

/* The parser is not written to our warning level: the kernel's types and loads
 * that need no alignment are right for BPF. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#include "xdp-parse.h"

/* Some number that both byte orders show. */
enum { IN_PORT = 0x0123 };

static bool
parse(const void *data, size_t size, int vlan_limit, struct xdp_packet *pkt)
{
    const uint8_t *end = (const uint8_t *) data + size;
    enum xdp_parsed parsed;

    /* What the parser does not set must not matter. */
    memset(pkt, 0xa5, sizeof *pkt);
    parsed = xdp_parse(data, end, IN_PORT, vlan_limit, pkt);
    return (parsed == XDP_EXTENSIONS ? xdp_parse_extensions(data, end, pkt)
            : parsed == XDP_PARSED);
}
#pragma GCC diagnostic pop

static void
extract(const void *data, size_t size, int vlan_limit,
        struct dp_packet *packet, struct flow *flow)
{
    dp_packet_use_const(packet, data, size);
    pkt_metadata_init(&packet->md, ODPP_NONE);
    flow_vlan_limit = vlan_limit;
    flow_extract(packet, flow);
}

static void
print_packet(const uint8_t *data, size_t size, int vlan_limit)
{
    fprintf(stderr, "packet, VLAN limit %d: ", vlan_limit);
    for (size_t i = 0; i < size; i++) {
        fprintf(stderr, "%02x", data[i]);
    }
    fputc('\n', stderr);
}

/* Complains if 'parsed' and 'extracted' differ; returns false then. */
static bool
same(const char *what, uint64_t parsed, uint64_t extracted)
{
    if (parsed != extracted) {
        fprintf(stderr, "%s: xdp_parse() has %#"PRIx64
                ", flow_extract() has %#"PRIx64"\n", what, parsed, extracted);
    }
    return parsed == extracted;
}

static bool
same_key(const struct xdp_packet *pkt, const struct flow *flow)
{
    int n = pkt->extended ? XDP_KEY_WORDS : XDP_KEY_BASE_WORDS;
    struct xdp_key key;
    bool ok = true;

    xdp_key_from_flow(flow, flow, IN_PORT, &key);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        char name[16];

        snprintf(name, sizeof name, "word %d", i);
        ok &= same(name, i < n ? pkt->key.w[i] : 0, key.w[i]);
    }
    return ok;
}

static bool
same_packet(const struct xdp_packet *pkt, struct dp_packet *packet,
            const struct flow *flow)
{
    bool ok = same_key(pkt, flow);

    ok &= same("n_vlans", pkt->n_vlans, flow_count_vlan_headers(flow));
    ok &= same("eth_type", pkt->eth_type, (OVS_FORCE uint16_t) flow->dl_type);
    ok &= same("l3_ofs", pkt->l3_ofs, packet->l3_ofs);
    if (is_ip_any(flow)) {
        ok &= same("nw_proto", pkt->nw_proto, flow->nw_proto);
        ok &= same("nw_frag", pkt->nw_frag, flow->nw_frag);
        ok &= same("l4_ofs", pkt->l4_ofs, packet->l4_ofs);
        ok &= same("l4_len", pkt->l4_len, dp_packet_l4_size(packet));
    } else {
        ok &= same("nw_proto", pkt->nw_proto, 0);
        ok &= same("nw_frag", pkt->nw_frag, 0);
    }
    return ok;
}

bool
xdp_parse_check(const void *data, size_t size, int vlan_limit)
{
    struct dp_packet packet;
    struct xdp_packet pkt;
    struct flow flow;

    if (!parse(data, size, vlan_limit, &pkt)) {
        return false;
    }
    extract(data, size, vlan_limit, &packet, &flow);
    if (!same_packet(&pkt, &packet, &flow)) {
        print_packet(data, size, vlan_limit);
        abort();
    }
    return true;
}
