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

/* Has the kernel refused one since the last call, for want of memory, say?
 * Then it is worth trying again although nothing has become free. */
bool xdp_output_sets_take_failure(struct xdp_output_sets *);

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
 * (xdp_tables_set_outputs()) and says what became of it. */
bool xdp_output_sets_begin(struct xdp_output_sets *, uint32_t idx,
                           struct xdp_output_set_update *);
void xdp_output_sets_end(struct xdp_output_sets *,
                         struct xdp_output_set_update *, int error);

#endif /* xdp-output-sets.h */
