/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "odp-util.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"
#include "offload/xdp-flow-actions.h"
#include "offload/xdp-flow-key.h"
#include "xdp-key.h"

enum { IN_PORT = 0x0101 };

/* The datapath flow that 's' describes, which must be one. */
static void
parse_match(const char *s, struct match *match)
{
    struct ofpbuf key, mask;
    char *error = NULL;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&mask, 0);
    memset(match, 0, sizeof *match);
    if (odp_flow_from_string(s, NULL, &key, &mask, &error)) {
        ovs_fatal(0, "%s: %s", s, error);
    }
    if (parse_key_and_mask_to_match(key.data, key.size, mask.data, mask.size,
                                    match)) {
        ovs_fatal(0, "%s: no datapath flow", s);
    }
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
}

static void
print_hex(const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        printf("%02x", ((const uint8_t *) data)[i]);
    }
}

/* Prints ' NAME=VALUE/MASK', or nothing if the mask is zero. */
static void
print_masked(const char *name, const void *value, const void *mask,
             size_t size)
{
    if (!is_all_zeros(mask, size)) {
        printf(" %s=", name);
        print_hex(value, size);
        putchar('/');
        print_hex(mask, size);
    }
}

/* "xdp-key FLOW...": what the fast path looks at, as the bytes are in memory,
 * which for most is as they are in the packet. */
static void
test_key(struct ovs_cmdl_context *ctx)
{
    static const char *const names[XDP_KEY_WORDS] = {
        [XDP_KEY_ETH_DST] = "eth_dst+port",
        [XDP_KEY_ETH_SRC] = "eth_src+type",
        [XDP_KEY_VLANS] = "vlans",
        [XDP_KEY_NW] = "proto+tos+ttl+frag+ports",
        [XDP_KEY_IPV4] = "ipv4",
        [XDP_KEY_TCP_FLAGS] = "tcp_flags",
        [XDP_KEY_IPV6_SRC] = "6",
        [XDP_KEY_IPV6_SRC + 1] = "7",
        [XDP_KEY_IPV6_DST] = "8",
        [XDP_KEY_IPV6_DST + 1] = "9",
        [XDP_KEY_ND_TARGET] = "10",
        [XDP_KEY_ND_TARGET + 1] = "11",
    };

    for (int i = 1; i < ctx->argc; i++) {
        enum xdp_offload_reason reason;
        struct xdp_key key, mask;
        struct match match;

        parse_match(ctx->argv[i], &match);
        reason = xdp_key_from_match(&match, IN_PORT, &key, &mask);
        printf("%s", xdp_offload_reason_to_string(reason));
        for (int j = 0;
             reason == XDP_WHY_OFFLOADED && j < XDP_KEY_WORDS; j++) {
            print_masked(names[j], &key.w[j], &mask.w[j], sizeof key.w[j]);
        }
        putchar('\n');
    }
}

static void
print_ip(const struct xdp_ip_rewrite *rw)
{
    print_masked("addrs", rw->addrs, rw->addrs_mask, sizeof rw->addrs);
    print_masked("label", &rw->label, &rw->label_mask, sizeof rw->label);
    print_masked("tos", &rw->tos, &rw->tos_mask, 1);
    print_masked("ttl", &rw->ttl, &rw->ttl_mask, 1);
}

static void
print_arp(const struct xdp_arp_rewrite *rw)
{
    print_masked("op", &rw->op, &rw->op_mask, sizeof rw->op);
    print_masked("sender", rw->sender, rw->sender_mask, sizeof rw->sender);
    print_masked("target", rw->target, rw->target_mask, sizeof rw->target);
}

static void
print_action(const struct xdp_flow_action *act,
             const struct xdp_outputs *outputs)
{
    if (!(act->flags & XDP_ACT_OUTPUT)) {
        ovs_assert(is_all_zeros(act, sizeof *act) && !outputs->n);
        printf(" drop");
        return;
    }
    if (act->n_pop) {
        printf(" pop=%d", act->n_pop);
    }
    for (int i = 0; i < act->n_push; i++) {
        printf(" push=");
        print_hex(&act->push[i], sizeof act->push[i]);
    }
    print_masked("eth", act->eth, act->eth_mask, sizeof act->eth);
    if (act->flags & XDP_ACT_IP) {
        print_ip(&act->ip);
    }
    if (act->flags & XDP_ACT_ARP) {
        print_arp(&act->arp);
    }
    print_masked(act->flags & XDP_ACT_ICMP ? "icmp" : "ports", &act->ports,
                 &act->ports_mask, sizeof act->ports);
    if (act->flags & XDP_ACT_TRUNCATE) {
        printf(" trunc=%d", act->max_len);
    }
    printf(" output=");
    for (size_t i = 0; i < outputs->n; i++) {
        printf("%s%"PRIu32, i ? "," : "", odp_to_u32(outputs->ports[i]));
    }
}

/* "xdp-actions FLOW ACTIONS...": what the fast path does with packets of the
 * flow. */
static void
test_actions(struct ovs_cmdl_context *ctx)
{
    struct match match;

    parse_match(ctx->argv[1], &match);
    for (int i = 2; i < ctx->argc; i++) {
        enum xdp_offload_reason reason;
        struct xdp_outputs outputs;
        struct xdp_flow_action act;
        struct ofpbuf actions;

        ofpbuf_init(&actions, 0);
        if (odp_actions_from_string(ctx->argv[i], NULL, &actions)) {
            ovs_fatal(0, "%s: no actions", ctx->argv[i]);
        }
        reason = xdp_actions_translate(&match.flow, actions.data,
                                       actions.size, &act, &outputs);
        printf("%s", xdp_offload_reason_to_string(reason));
        if (reason == XDP_WHY_OFFLOADED) {
            print_action(&act, &outputs);
        }
        putchar('\n');
        ofpbuf_uninit(&actions);
    }
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-key", NULL, 1, INT_MAX, test_key, OVS_RO },
    { "xdp-actions", NULL, 2, INT_MAX, test_actions, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
