/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_INFO_H
#define LINK_INFO_H 1

#include <stdbool.h>

/* A network device in our network namespace: what the kernel says of it, asked
 * afresh on each call.  Any thread. */

struct link_info {
    int ifindex;
    int mtu;                    /* In bytes, without the Ethernet header. */
    int n_rx_queues;            /* 1 or more. */
    int n_tx_queues;            /* 1 or more. */
    bool is_up;                 /* As the administrator wants it. */
};

/* Returns 0 and fills '*info', or a positive errno (ENODEV if there is no
 * device named 'name') with '*info' indeterminate. */
int link_info_get(const char *name, struct link_info *info);

bool link_info_equals(const struct link_info *, const struct link_info *);

/* Is device 'ifindex' a tap with virtio-net headers, as virtual machines have?
 * Such a header can say that the packet has yet to be cut up. */
bool link_has_vnet_hdr(int ifindex);

/* Is 'driver' the driver of device 'name'?  False if there is no such
 * device. */
bool link_has_driver(const char *name, const char *driver);

/* Makes device 'ifindex' promiscuous and leaves its other flags alone, even
 * those that somebody changes at the same time.  Returns 0 or a positive
 * errno. */
int link_set_promiscuous(int ifindex);

#endif /* link-info.h */
