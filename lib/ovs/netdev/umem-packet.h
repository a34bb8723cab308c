/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_PACKET_H
#define UMEM_PACKET_H 1

/* Packets, as Open vSwitch has them, in frames of packet memory.
 *
 * Thread-safety: everything may be called by any thread. */

#include "umem/umem-frames.h"

struct dp_packet;

/* Makes the 'n' frames in 'frames' packets with everything in front of the
 * data as headroom.  They go back to the pool through dp_packet_delete().  The
 * metadata of the packets is not initialized. */
void umem_frames_to_packets(struct umem_share *,
                            const struct umem_frame frames[], uint32_t n,
                            struct dp_packet *packets[]);

/* Makes those of the 'n' packets that are in the share's frames, frames of
 * 'queue', which are stored in 'frames', and the packets are gone.  For all
 * others, and while the pool is almost empty, stores UMEM_NO_ADDR as the
 * address.  Returns how many packets are gone. */
uint32_t umem_packets_to_frames(struct umem_share *, uint16_t queue,
                                struct dp_packet *const packets[], uint32_t n,
                                struct umem_frame frames[]);

/* Deletes 'n' packets that umem_frames_to_packets() has made. */
void umem_delete_packets(struct dp_packet *const packets[], uint32_t n);

/* How many packets of any umem are in Open vSwitch's hands: exact if nobody
 * makes or deletes any meanwhile. */
uint32_t umem_n_packets(void);

#endif /* umem-packet.h */
