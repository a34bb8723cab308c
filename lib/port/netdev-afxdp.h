/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_NETDEV_AFXDP_H
#define PORT_NETDEV_AFXDP_H 1

/* A port's life and configuration.  Main thread only, except for what is
 * noted. */

#include <stdbool.h>

struct netdev_afxdp;
struct smap;

/* Initializes a port that is all zeros and puts it in the list of all.
 * Returns 0, or a positive errno. */
int netdev_afxdp_init_port(struct netdev_afxdp *);

/* Any thread. */
void netdev_afxdp_destroy_port(struct netdev_afxdp *);

/* Parses 'options' and takes them over.  Returns 0, or a positive errno with a
 * sentence in '*errp' for the caller to free: only for a port that is new,
 * because Open vSwitch takes one that runs out of the datapath then. */
int netdev_afxdp_configure(struct netdev_afxdp *, const struct smap *options,
                           char **errp);

/* dpif-netdev has 'n_txq' threads that send. */
void netdev_afxdp_want_n_txq(struct netdev_afxdp *, int n_txq);

/* Returns 0, or a positive errno. */
int netdev_afxdp_set_mtu(struct netdev_afxdp *, int mtu);

/* If an open port of one of our types has this name, returns true and stores
 * in '*error' what is wrong with it: a sentence for the caller to free, or
 * null if nothing is.  Any thread. */
bool netdev_afxdp_get_port_error(const char *name, char **error);

#endif /* netdev-afxdp.h */
