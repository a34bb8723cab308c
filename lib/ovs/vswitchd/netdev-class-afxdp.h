/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_CLASS_AFXDP_H
#define NETDEV_CLASS_AFXDP_H 1

/* The port types "afxdp" and "afxdp-nonpmd", as Open vSwitch calls them. */

/* Puts our port types in the place of Open vSwitch's.  Call it once, in the
 * main thread, before the first port is opened. */
void netdev_class_afxdp_register(void);

/* Members of netdev_class that Open vSwitch does not declare in all versions:
 * 3.5 has no init, 3.1 no get_status. */
struct netdev;
struct smap;
int netdev_afxdp_init(void);
int netdev_afxdp_get_status(const struct netdev *, struct smap *);

#endif /* netdev-class-afxdp.h */
