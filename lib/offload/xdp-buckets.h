/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_BUCKETS_H
#define XDP_BUCKETS_H 1

/* The hash table that the BPF programs find flows in.
 *
 * Thread-safety: the caller lets one thread at a time in.  The programs read
 * all the time: they find all flows but the one that is added or removed. */

#include <stdbool.h>
#include <stdint.h>

struct xdp_tables;

/* Makes flow number 'idx', whose key and mask are in its place in the tables,
 * found.  Returns false if both its buckets are full. */
bool xdp_buckets_add(struct xdp_tables *, uint32_t idx);

/* Takes it out again. */
void xdp_buckets_remove(struct xdp_tables *, uint32_t idx);

#endif /* xdp-buckets.h */
