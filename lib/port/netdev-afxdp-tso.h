/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_TSO_H
#define NETDEV_AFXDP_TSO_H 1

/* Packets of other port types, whose sender has left work to a device: done in
 * software, because AF_XDP has no word for it.
 *
 * With other_config:userspace-tso-enable=true such a packet has flags that say
 * so, and netdev-linux has promised in our port's 'ol_flags' to heed them.
 * Without, one from a port of type "system" has only the sum of the
 * pseudo-header in its checksum field.
 *
 * For the thread that transmits. */

#include <stdbool.h>
#include <stdint.h>

struct afxdp_queue;
struct dp_packet;
struct netdev_afxdp;

/* Completes the checksum of 'packet', which is on its way to 'queue', if that
 * is left to do.  Returns false, deletes the packet and counts it, if it
 * cannot be done. */
bool netdev_afxdp_complete_csum(struct afxdp_queue *, struct dp_packet *);

/* Cuts up 'packet', which is marked for that, into Ethernet frames of
 * 'max_len' bytes at most, sends them and deletes 'packet'. */
void netdev_afxdp_send_tso(struct netdev_afxdp *, struct afxdp_queue *,
                           struct dp_packet *, uint32_t max_len);

#endif /* netdev-afxdp-tso.h */
