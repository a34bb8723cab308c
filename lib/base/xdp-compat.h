/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_COMPAT_H
#define XDP_COMPAT_H 1

/* Everything that differs between kernel headers, libbpf and libxdp versions,
 * in one place. */

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

/* Linux 6.17. */
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif

/* glibc 2.36's <bits/socket.h> does not have the kernel's name. */
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* Multi-buffer AF_XDP, Linux 6.6. */
#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4)
#define XDP_PKT_CONTD (1 << 0)
#endif

/* Functions of the kernel that a program calls: Linux 5.13.  Programs that are
 * bound to a device, to ask its driver: Linux 6.3. */
#ifndef BPF_PSEUDO_KFUNC_CALL
#define BPF_PSEUDO_KFUNC_CALL 2
#endif
#ifndef BPF_F_XDP_DEV_BOUND_ONLY
#define BPF_F_XDP_DEV_BOUND_ONLY (1U << 6)
#endif

/* What we use of generic netlink family "netdev" of Linux 6.3 and later.  The
 * values are those of the kernel's Documentation/netlink/specs/netdev.yaml. */
#if __has_include(<linux/netdev.h>)
#include <linux/netdev.h>
#else
#define NETDEV_FAMILY_NAME "netdev"
#define NETDEV_FAMILY_VERSION 1
#define NETDEV_MCGRP_MGMT "mgmt"

enum {
    NETDEV_CMD_DEV_GET = 1,
    NETDEV_CMD_DEV_CHANGE_NTF = 4,
};

enum {
    NETDEV_A_DEV_IFINDEX = 1,           /* u32 */
    NETDEV_A_DEV_XDP_FEATURES = 3,      /* u64 of NETDEV_XDP_ACT_* */
};

enum {
    NETDEV_XDP_ACT_BASIC = 1 << 0,      /* Runs programs in the driver. */
    NETDEV_XDP_ACT_NDO_XMIT = 1 << 2,   /* Takes what is redirected to it. */
    NETDEV_XDP_ACT_XSK_ZEROCOPY = 1 << 3,
};
#endif

/* Of that, Linux 6.8.  Newer headers have them in an enum, which cannot be
 * asked for. */
#define NETDEV_A_DEV_XDP_RX_METADATA_FEATURES 5 /* u64 of: */
#define NETDEV_XDP_RX_METADATA_VLAN_TAG (1 << 2)

#endif /* xdp-compat.h */
