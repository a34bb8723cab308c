/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OUTPUT_SETS_H
#define XDP_OUTPUT_SETS_H 1

/* Sets of devices that a packet is output to, all of them: flows with the
 * same outputs share one.
 *
 * The kernel waits for a grace period to change one.  So who needs one that is
 * not there learns that it is wanted, and comes back.  Meanwhile somebody
 * begins an update, has the kernel carry it out without holding a lock, and
 * ends it.
 *
 * Thread-safety: the caller lets one thread at a time in. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdp_output_sets;

struct xdp_output_sets *xdp_output_sets_create(void);
void xdp_output_sets_destroy(struct xdp_output_sets *);

enum xdp_output_set_answer {
    XDP_OUTPUT_SET_READY,       /* It has one user more. */
    XDP_OUTPUT_SET_WANTED,      /* It is about to be made. */
    XDP_OUTPUT_SET_REFUSED,     /* No room, or the port has its share of it. */
};

/* Looks for the set of 'n' devices, for a flow from 'port'.  Stores its number
 * in '*idx', unless it is refused. */
enum xdp_output_set_answer xdp_output_sets_get(struct xdp_output_sets *,
                                               uint32_t port,
                                               const int ifindexes[], size_t n,
                                               uint32_t *idx);

/* One user less, a grace period after the last packet can have found it.  The
 * set stays for the next. */
void xdp_output_sets_put(struct xdp_output_sets *, uint32_t idx);

/* Forgets sets that have the device, which goes and which no flow outputs to
 * any more. */
void xdp_output_sets_forget_device(struct xdp_output_sets *, int ifindex);

/* Is it worth trying again, since the last call, what has been refused?  Sets
 * have become free without a user less; or the kernel has refused one, for
 * want of memory, say. */
bool xdp_output_sets_take_chance(struct xdp_output_sets *);

/* What is to be in the kernel. */
struct xdp_output_set_update {
    uint32_t idx;
    int *ifindexes;
    size_t n;                   /* 0: nothing. */
};

/* Is there an update to be made that nobody has begun? */
bool xdp_output_sets_has_update(const struct xdp_output_sets *);

/* Begins one, of set number 'idx' or, if that is XDP_MAX_OUTPUT_SETS, of any.
 * Returns false if there is none.  The caller has the kernel carry it out
 * (xdp_tables_set_outputs()) and says what became of it.  Then _end() returns
 * true if those that wait for the set cannot have it, and false if they should
 * look again. */
bool xdp_output_sets_begin(struct xdp_output_sets *, uint32_t idx,
                           struct xdp_output_set_update *);
bool xdp_output_sets_end(struct xdp_output_sets *,
                         struct xdp_output_set_update *, int error);

/* To be called when those that have waited for set number 'idx' have it, or
 * have gone elsewhere. */
void xdp_output_sets_settled(struct xdp_output_sets *, uint32_t idx);

#endif /* xdp-output-sets.h */
