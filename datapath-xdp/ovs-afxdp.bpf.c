/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

/* Everything to user space: for ports without flow offload. */

#include "xdp-maps.h"
#include "xdp-count.h"

SEC("xdp")
int
ovs_afxdp(struct xdp_md *ctx)
{
    return xdp_to_user_space(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
