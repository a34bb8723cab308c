/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FOREIGN_PROG_H
#define XDP_FOREIGN_PROG_H 1

/* XDP programs of others on a device that we want. */

#include <stdbool.h>
#include <stdint.h>

struct xdp_foreign_prog {
    uint32_t id;                /* The kernel's; 0 if there is none. */
    bool generic;               /* In the network stack, not the driver? */
};

/* Which XDP program is attached to device 'ifindex'?  Any thread. */
struct xdp_foreign_prog xdp_foreign_prog_find(int ifindex);

/* If the device has an XDP program, returns a sentence for the caller to free:
 * the program's id and name, and what to do about it.  Otherwise null.  Any
 * thread. */
char *xdp_foreign_prog_explain(int ifindex);

#endif /* xdp-foreign-prog.h */
