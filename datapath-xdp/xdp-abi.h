/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_ABI_H
#define XDP_ABI_H 1

/* The contract between the BPF programs and user space.
 *
 * Both sides include this header and nothing else of each other.  They are
 * built together: the program is inside the daemon. */

#include <linux/types.h>

/* Index into the per-CPU array 'xdp_counters'. */
enum xdp_counter {
    /* Packets handed to the kernel's own stack because they arrived on a
     * queue that has no AF_XDP socket of ours. */
    XDP_COUNTER_PASSED,
    N_XDP_COUNTERS,
};

#endif /* xdp-abi.h */
