/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_JUMBO_H
#define AFXDP_JUMBO_H 1

/* Packets that are longer than a frame: several descriptors on a ring, and one
 * piece of the heap for Open vSwitch, which wants packets in one piece. */

#include <stdint.h>

struct dp_packet;
struct umem_frame;
struct xsk_queue;

/* Makes packets of the 'n' frames that 'queue' has received, stores them in
 * 'packets', which has room for as many, and returns how many they are.  Drops
 * those that are longer than 'max_len' bytes.  The beginning of a packet whose
 * end is not there yet stays in '*partial', which is null if there is none,
 * for the caller to delete when no more is received.  For the thread that
 * receives. */
uint32_t afxdp_jumbo_receive(struct xsk_queue *queue, uint32_t max_len,
                             struct dp_packet **partial,
                             const struct umem_frame *frames, uint32_t n,
                             struct dp_packet *packets[]);

/* Sends 'n' packets of any length that a port receives, at most
 * OVS_PACKET_BURST, and deletes them.  For the thread that transmits. */
void afxdp_jumbo_send(struct xsk_queue *queue, struct dp_packet *packets[],
                      uint32_t n);

#endif /* afxdp-jumbo.h */
