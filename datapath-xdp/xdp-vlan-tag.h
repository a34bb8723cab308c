/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_VLAN_TAG_H
#define XDP_VLAN_TAG_H 1

/* VLAN tags that stand beside their packets: a sender on veth leaves its tag
 * to its device, which leaves it where it is, in the socket buffer; a NIC
 * takes it out of the packet on receipt.  The kernel knows them, since 6.8, if
 * the driver does. */

#include <bpf/bpf_endian.h>
#include "xdp-count.h"

/* Returns 0 if there is such a tag: '*tpid' is in network byte order, '*tci'
 * in the machine's. */
static int (*const xdp_rx_vlan_tag)(const struct xdp_md *, __u16 *tpid,
                                    __u16 *tci)
    = (void *) XDP_CALL_RX_VLAN_TAG;

/* Both in network byte order. */
static __always_inline _Bool
xdp_push_vlan(struct xdp_md *ctx, __u16 tpid, __u16 tci)
{
    if (bpf_xdp_adjust_head(ctx, -4)) {
        return 0;
    }

    __u32 *frame = (void *) (long) ctx->data;

    if ((void *) (frame + 4) > (void *) (long) ctx->data_end) {
        return 0;
    }
    frame[0] = frame[1];
    frame[1] = frame[2];
    frame[2] = frame[3];
    ((__u16 *) frame)[6] = tpid;
    ((__u16 *) frame)[7] = tci;
    return 1;
}

/* Puts a tag, as xdp_rx_vlan_tag() tells it, into the packet, unless that is
 * for the kernel's own stack, which knows of the tag.  Returns XDP_REDIRECT,
 * or what is to be returned at once.  Not static for the verifier's sake. */
__attribute__((noinline)) int
xdp_insert_vlan_tag(struct xdp_md *ctx, __u32 tpid, __u32 tci)
{
    struct xdp_counters *counters = xdp_get_counters();
    __u32 queue = ctx->rx_queue_index;

    if (!counters) {
        return XDP_DROP;
    }
    if (!bpf_map_lookup_elem(&xsks_map, &queue)) {
        counters->n[XDP_COUNTER_PASSED]++;
        return XDP_PASS;
    }
    if (!xdp_push_vlan(ctx, tpid, bpf_htons(tci))) {
        counters->n[XDP_COUNTER_VLAN_TAG_DROPS]++;
        return XDP_DROP;
    }
    counters->n[XDP_COUNTER_VLAN_TAGS]++;
    return XDP_REDIRECT;
}

/* Returns XDP_REDIRECT if the packet has all its VLAN tags in it (now), else
 * what is to be returned at once. */
static __always_inline int
xdp_take_vlan_tag_in(struct xdp_md *ctx)
{
    __u16 tpid = 0;
    __u16 tci = 0;

    return (xdp_rx_vlan_tag(ctx, &tpid, &tci)
            ? XDP_REDIRECT : xdp_insert_vlan_tag(ctx, tpid, tci));
}

#endif /* xdp-vlan-tag.h */
