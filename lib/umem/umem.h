/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_H
#define UMEM_H 1

/* Packet memory, as ports have it: umem-frames.h has what is in it.
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
 * Thread-safety: everything may be called by any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct umem_share;

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

#endif /* umem.h */
