/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETDEV_AFXDP_IO_H
#define NETDEV_AFXDP_IO_H 1

/* The hot path of a port: packets from the RX ring to dpif-netdev, and from
 * there to a TX ring. */

#include <stdbool.h>
#include <stddef.h>

struct dp_packet;
struct netdev_afxdp;

/* Receives from queue 'qid' up to OVS_PACKET_BURST packets, for the caller to
 * delete, and stores them in 'packets' and their number in '*n'.  Returns 0,
 * or EAGAIN if nothing was there.  One thread at a time for each queue. */
int netdev_afxdp_receive(struct netdev_afxdp *, int qid,
                         struct dp_packet *packets[], size_t *n);

/* Has the next poll_block() wake up when there is something to receive. */
void netdev_afxdp_receive_wait(const struct netdev_afxdp *, int qid);

/* Sends 'n' packets on queue 'qid' and deletes them, whatever happens.
 * Returns 0, or ENODEV if the port has no device.  'shared' tells that other
 * threads may send on that queue at the same time. */
int netdev_afxdp_send(struct netdev_afxdp *, int qid,
                      struct dp_packet *packets[], size_t n, bool shared);

#endif /* netdev-afxdp-io.h */
