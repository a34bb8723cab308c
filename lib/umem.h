/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_H
#define UMEM_H 1

/* Packet memory.
 *
 * A umem is a region of memory cut into frames of one size, together with a
 * pool of the frames that nobody uses and one dp_packet for each frame.  A
 * frame is, at any time, in exactly one place: in the pool, in the kernel
 * (on a ring of a socket), or in the hands of Open vSwitch as a packet.
 *
 * A frame is named by its address: the offset, in bytes, of its first byte
 * from the start of the region.  Any address inside a frame names that frame,
 * so that what the kernel returns can be put back as it is.
 *
 * Life: the creator calls umem_create() and, when the kernel no longer uses
 * the region, umem_release().  The memory itself goes when the last packet has
 * come home, which may be much later and on any thread.
 *
 * Thread-safety: umem_get(), umem_put(), umem_put_packets() and umem_n_free()
 * may be called by any thread.  umem_packet() belongs to whoever holds the
 * frame. */

#include <stddef.h>
#include <stdint.h>

struct dp_packet;
struct umem;

/* Creates a umem of 'n_frames' frames of 'frame_size' bytes (a power of two,
 * 2048 or the page size), all in its pool, from memory of NUMA node
 * 'numa_node' (or any, if negative).  Returns 0, or ENOMEM. */
int umem_create(uint32_t n_frames, uint32_t frame_size, int numa_node,
                struct umem **);

/* Gives up the caller's hold on 'umem'.  'n_in_kernel' frames will never be
 * put back, because they were on the rings of a socket that is now closed. */
void umem_release(struct umem *, uint32_t n_in_kernel);

void *umem_base(const struct umem *);
size_t umem_size(const struct umem *);
uint32_t umem_frame_size(const struct umem *);
uint32_t umem_n_frames(const struct umem *);
uint32_t umem_n_free(const struct umem *);

/* Takes up to 'n' frames from the pool, stores their addresses in 'addrs' and
 * returns how many they are, 0 if the pool is empty. */
uint32_t umem_get(struct umem *, uint64_t addrs[], uint32_t n);

/* Puts the 'n' frames at 'addrs' back into the pool.  'umem' may be gone
 * afterwards if it has been released. */
void umem_put(struct umem *, const uint64_t addrs[], uint32_t n);

/* Returns frame 'addr' as a packet whose data are the 'size' bytes from 'addr'
 * on, with everything in front of them as headroom.  The packet goes back to
 * the pool through dp_packet_delete(). */
struct dp_packet *umem_packet(struct umem *, uint64_t addr, uint32_t size);

/* Puts the frames of the 'n' packets in 'packets', each made by umem_packet()
 * from whatever umem, back into their pools. */
void umem_put_packets(struct dp_packet *const packets[], size_t n);

#endif /* umem.h */
