/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_UNIXCTL_H
#define AFXDP_UNIXCTL_H 1

struct ds;
struct netdev_afxdp;
struct unixctl_conn;

/* The ovs-appctl commands named afxdp/ (see ovs-afxdp(8)).  Main thread. */
void afxdp_unixctl_init(void);

/* Appends what a command shows of a port, whose mutex the caller holds. */
typedef void afxdp_format_port(struct ds *, struct netdev_afxdp *);

/* Replies to a command with what 's' has already and what 'format' appends for
 * the port 'name', or for each port if that is null; and then, unless it is
 * null itself, 'format_rest'.  If there is no such port, replies with an
 * error. */
void afxdp_unixctl_show_ports(struct unixctl_conn *, const char *name,
                              afxdp_format_port *format,
                              void (*format_rest)(struct ds *), struct ds *s);

#endif /* afxdp-unixctl.h */
