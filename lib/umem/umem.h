/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_H
#define UMEM_H 1

/* Packet memory.
 *
 * A umem is a region of memory cut into frames of one size.  All ports whose
 * frames have that size share it, so that a packet that one port has received
 * is sent by another from where it is.  A port has a share: the right to so
 * many frames of the region, and an address up to which frames are its.  The
 * kernel cannot enlarge memory that is registered with it, so when a port is
 * added for which the region is too small, a zone is added behind the others:
 * the new port's share includes it, those of older ports do not.  A zone goes
 * when the last port goes whose share includes it.
 *
 * A frame is named by its address: the offset, in bytes, of its first byte
 * from the start of the region.  Any address inside a frame names that frame,
 * so that what the kernel returns can be put back as it is.  A frame always
 * has one owner: the pool (which is also the threads' caches of it), a queue
 * (it is on the rings between us and the kernel), or Open vSwitch (it is a
 * packet).
 *
 * Thread-safety: everything may be called by any thread; frames that are not
 * in the pool belong to whoever took them there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dp_packet;
struct ds;
struct umem_share;

/* Ports. */

/* Half a page holds the default MTU.  The kernel accepts nothing smaller, and
 * nothing larger than a page (XDP_UMEM_MIN_CHUNK_SIZE). */
enum { UMEM_SMALL_FRAME_SIZE = 2048 };

/* Makes a share of 'n_frames' frames of 'frame_size' bytes (the small size or
 * that of a page) for a port on NUMA node 'numa_node' (any if negative).
 * Returns 0, or a positive errno with a sentence in '*errp' for the caller to
 * free. */
int umem_share_create(uint32_t n_frames, uint32_t frame_size, int numa_node,
                      struct umem_share **, char **errp);

/* Gets pages for such a share beforehand: to have the kernel clear them all at
 * once, when they are registered, can take half a second.  Stops at 'deadline'
 * (see time_msec()), but gets some in any case.  Returns false if the caller
 * should call again; what there is then stays for some seconds.  Leaves it at
 * that when what is missing is no more than a port that is alone takes. */
bool umem_prepare(uint32_t n_frames, uint32_t frame_size, int numa_node,
                  long long int deadline);

/* Tells that all shares of frames of 'frame_size' bytes, those that exist
 * included, will soon come to 'n_frames': what is allocated then is enough for
 * them. */
void umem_expect(uint32_t frame_size, uint64_t n_frames);

/* Gives the share back, after the last of its queues.  Accepts NULL. */
void umem_share_destroy(struct umem_share *);

void *umem_base(const struct umem_share *);
size_t umem_size(const struct umem_share *);    /* Up to its last frame. */
uint32_t umem_frame_size(const struct umem_share *);

/* Releases memory of ports that are gone.  Call it often. */
void umem_run(void);
void umem_wait(void);

/* Appends lines for the operator: each region, and where its frames are. */
void umem_format(struct ds *);

/* Queues. */

/* Returns a number, unique in the region, for a queue that will own frames. */
uint16_t umem_add_queue(struct umem_share *);

/* Puts all frames that 'queue' owns into the pool, whether they are known to
 * be on a ring or not.  The kernel must have let go of them. */
void umem_remove_queue(struct umem_share *, uint16_t queue);

/* Keeps what 'queue' owns out of the pool for good, because the kernel has not
 * let go of it. */
void umem_abandon_queue(struct umem_share *, uint16_t queue);

/* The number of frames that 'queue' owns. */
uint32_t umem_count_queue(const struct umem_share *, uint16_t queue);

/* Takes up to 'n' frames for 'queue' and stores their addresses in 'addrs'.
 * Returns how many they are. */
uint32_t umem_get(struct umem_share *, uint16_t queue, uint64_t addrs[],
                  uint32_t n);

/* The same for frames to transmit from, of which there are none any more while
 * there are still some to receive into. */
uint32_t umem_get_for_tx(struct umem_share *, uint16_t queue,
                         uint64_t addrs[], uint32_t n);

/* Puts the 'n' frames at 'addrs' into the pool. */
void umem_put(struct umem_share *, const uint64_t addrs[], uint32_t n);

/* Packets. */

/* 'len' bytes from 'addr' on, on their way from or to a ring. */
struct umem_frame {
    uint64_t addr;
    uint32_t len;
    bool continued;             /* Does the packet go on in the next one? */
};

/* Makes the 'n' frames in 'frames' packets with everything in front of the
 * data as headroom.  They go back to the pool through dp_packet_delete().  The
 * metadata of the packets is not initialized. */
void umem_frames_to_packets(struct umem_share *,
                            const struct umem_frame frames[], uint32_t n,
                            struct dp_packet *packets[]);

#define UMEM_NO_ADDR UINT64_MAX

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

#endif /* umem.h */
