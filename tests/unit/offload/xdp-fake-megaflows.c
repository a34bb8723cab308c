/* SPDX-License-Identifier: Apache-2.0 */

/* The flows that there can be in the datapath, and what they can do. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-fake-dp.h"

#include <string.h>

#include "flow.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

struct dp_actions dp_actions[DP_ACTIONS];
struct dp_megaflow dp_megaflows[DP_MEGAFLOWS];

/* Most have one output.  One has none, one cannot be carried out, and one
 * outputs to a port that flow offload does not know. */
static void
format_actions(int i, struct ds *s)
{
    int outputs = i % 3 ? 1 << i % DP_PORTS : 1 + i * 4 % 15;

    if (i == 0) {
        return;
    }
    ds_put_format(s, "set(eth(src=00:00:00:00:00:%02x))", i);
    for (int j = 0; j < DP_PORTS; j++) {
        if (outputs & 1 << j) {
            ds_put_format(s, ",%d", j + 1);
        }
    }
    if (i == DP_ACTIONS - 1) {
        ds_put_format(s, ",%d", DP_FOREIGN_PORT);
    } else if (i == DP_ACTIONS - 2) {
        ds_put_cstr(s, ",recirc(1)");
    }
}

static void
init_actions(int i)
{
    static const struct flow ip = { .dl_type = CONSTANT_HTONS(ETH_TYPE_IP) };
    struct dp_actions *a = &dp_actions[i];
    struct ds s = DS_EMPTY_INITIALIZER;

    format_actions(i, &s);
    ofpbuf_init(&a->attrs, 0);
    if (s.length) {
        ovs_assert(!odp_actions_from_string(ds_cstr(&s), NULL, &a->attrs));
    }
    a->translates = xdp_actions_translate(&ip, a->attrs.data, a->attrs.size,
                                          &a->act, &a->outputs)
                    == XDP_WHY_OFFLOADED;
    ds_destroy(&s);
}

static void
set_packet(int packet, struct flow *flow)
{
    memset(flow, 0, sizeof *flow);
    flow->in_port.odp_port = u32_to_odp(packet / DP_VALUES / DP_VALUES + 1);
    flow->dl_type = htons(ETH_TYPE_IP);
    flow->nw_src = htonl(packet % DP_VALUES);
    flow->nw_dst = htonl(packet / DP_VALUES % DP_VALUES);
}

static void
init_megaflow(int packet, int kind)
{
    struct dp_megaflow *mega = &dp_megaflows[packet * DP_KINDS + kind];
    struct match *match = &mega->match;
    struct flow masked;

    mega->port = packet / DP_VALUES / DP_VALUES;
    mega->kind = kind;
    match_init_catchall(match);
    set_packet(packet, &match->flow);
    match->wc.masks.in_port.odp_port = ODPP_NONE;
    match->wc.masks.dl_type = OVS_BE16_MAX;
    match->wc.masks.nw_frag = UINT8_MAX;
    match->wc.masks.nw_src = kind & 1 ? OVS_BE32_MAX : 0;
    match->wc.masks.nw_dst = kind & 2 ? OVS_BE32_MAX : 0;
    match_zero_wildcarded_fields(match);

    /* The mask is not part of the name. */
    for (size_t i = 0; i < sizeof masked; i++) {
        ((uint8_t *) &masked)[i] = (((uint8_t *) &match->flow)[i]
                                    & ((uint8_t *) &match->wc.masks)[i]);
    }
    odp_flow_key_hash(&masked, sizeof masked, &mega->ufid);
}

void
dp_init_megaflows(void)
{
    for (int i = 0; i < DP_ACTIONS; i++) {
        init_actions(i);
    }
    for (int i = 0; i < DP_PACKETS; i++) {
        for (int kind = 0; kind < DP_KINDS; kind++) {
            init_megaflow(i, kind);
        }
    }
}

void
dp_uninit_megaflows(void)
{
    for (int i = 0; i < DP_ACTIONS; i++) {
        ofpbuf_uninit(&dp_actions[i].attrs);
    }
}

struct dp_megaflow *
dp_megaflow(int packet, int kind)
{
    int port = packet / DP_VALUES / DP_VALUES;
    int src = kind & 1 ? packet % DP_VALUES : 0;
    int dst = kind & 2 ? packet / DP_VALUES % DP_VALUES : 0;

    return &dp_megaflows[((port * DP_VALUES + dst) * DP_VALUES + src)
                         * DP_KINDS + kind];
}

void
dp_packet_ufid(int packet, ovs_u128 *ufid)
{
    struct flow flow;

    set_packet(packet, &flow);
    odp_flow_key_hash(&flow, sizeof flow, ufid);
}
