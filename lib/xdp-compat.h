/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_COMPAT_H
#define XDP_COMPAT_H 1

/* Everything that differs between kernel headers, libbpf and libxdp versions,
 * in one place. */

#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

/* glibc 2.36's <bits/socket.h> does not have the kernel's name. */
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

#endif /* xdp-compat.h */
