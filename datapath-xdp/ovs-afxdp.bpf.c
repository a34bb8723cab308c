/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

/* Everything to user space: for ports without flow offload. */

#include "xdp-maps.h"
#include "xdp-count.h"
#include "xdp-vlan-tag.h"

SEC("xdp")
int
ovs_afxdp(struct xdp_md *ctx)
{
    int verdict = xdp_take_vlan_tag_in(ctx);

    return verdict == XDP_REDIRECT ? xdp_to_user_space(ctx) : verdict;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
