/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FOREIGN_PROG_H
#define XDP_FOREIGN_PROG_H 1

/* XDP programs of others on a device that we want. */

/* If the device has an XDP program, returns a sentence for the caller to free:
 * the program's id and name, and what to do about it.  Otherwise null.  Any
 * thread. */
char *xdp_foreign_prog_explain(int ifindex);

#endif /* xdp-foreign-prog.h */
