/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_CLASS_H
#define NETDEV_AFXDP_CLASS_H 1

/* The port types "afxdp" and "afxdp-nonpmd". */

#include <stdbool.h>

/* Puts our port types in the place of Open vSwitch's.  Call it once, in the
 * main thread, before the first port is opened. */
void netdev_afxdp_register(void);

/* If an open port of one of our types has this name, returns true and stores
 * in '*error' what is wrong with it: a sentence for the caller to free, or
 * null if nothing is.  Any thread. */
bool netdev_afxdp_get_port_error(const char *name, char **error);

/* netdev_class's init.  Open vSwitch 3.5 has none and does not declare it. */
int netdev_afxdp_init(void);

#endif /* netdev-afxdp-class.h */
