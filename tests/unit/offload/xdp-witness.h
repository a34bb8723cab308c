/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_WITNESS_H
#define XDP_WITNESS_H 1

/* Packets for the program, and what copies of flows say of them: each packet
 * must be treated as a copy said while it was on its way.
 *
 * Thread-safety: one thread sends, any thread may call the others. */

#include <stdbool.h>
#include <stdint.h>
#include "tests/unit/offload/xdp-fake-dp.h"

/* What time it is, by the events that 'advance' it. */
uint64_t witness_clock(bool advance);

/* A copy more says so, or from time 't' on a copy less. */
void witness_add(const struct dp_megaflow *, const struct dp_actions *);
void witness_remove(const struct dp_megaflow *, const struct dp_actions *,
                    uint64_t t);

/* Sends each packet of port 0 in turn.  Aborts if one is treated as no copy
 * says. */
void witness_send_packets(int prog_fd, bool (*is_over)(void));

/* How many packets were treated by flows, and how many were not. */
extern uint64_t witness_n_sent, witness_n_missed;

#endif /* xdp-witness.h */
