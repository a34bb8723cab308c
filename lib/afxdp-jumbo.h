/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_JUMBO_H
#define AFXDP_JUMBO_H 1

/* Packets that are longer than a frame: several descriptors on a ring, and one
 * piece of the heap for Open vSwitch, which wants packets in one piece. */

#include <stdint.h>

struct afxdp_attachment;
struct afxdp_queue;
struct dp_packet;
struct umem_frame;

/* Makes packets of the 'n' frames that 'queue' has received, stores them in
 * 'packets', which has room for as many, and returns how many they are.  The
 * beginning of a packet whose end is not there yet stays in 'queue'.  For the
 * thread that receives. */
uint32_t afxdp_jumbo_receive(struct afxdp_attachment *, struct afxdp_queue *,
                             const struct umem_frame *frames, uint32_t n,
                             struct dp_packet *packets[]);

/* Forgets the beginning of a packet. */
void afxdp_jumbo_drop_partial(struct afxdp_queue *);

/* Sends 'n' packets of up to afxdp_attachment_max_packet_len() bytes, at most
 * NETDEV_MAX_BURST, and deletes them.  For the thread that transmits. */
void afxdp_jumbo_send(struct afxdp_attachment *, struct afxdp_queue *,
                      struct dp_packet *packets[], uint32_t n);

#endif /* afxdp-jumbo.h */
