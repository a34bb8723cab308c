/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_PLAN_H
#define AFXDP_PLAN_H 1

/* What a port will have on its device: how many queues, and how much packet
 * memory.  Any thread. */

#include <stdbool.h>
#include <stdint.h>

#include "port/afxdp-config.h"

struct link_info;

struct afxdp_plan {
    uint32_t frame_size;        /* Bytes. */
    uint32_t n_frames;          /* Of packet memory that the port has a right
                                 * to. */
    bool multi_buffer;          /* Are there packets longer than a frame? */

    /* Queue i is the device's queue config.start_queue + i.  The first n_rxq
     * can receive and the first n_txq can transmit. */
    int n_rxq;
    int n_txq;
};

/* That of a port on a device which is as the link says, with up to
 * 'wanted_n_txq' transmit queues. */
struct afxdp_plan afxdp_plan(enum xsk_mode, const struct link_info *,
                             const struct afxdp_config *, int wanted_n_txq);

bool afxdp_plan_equals(const struct afxdp_plan *, const struct afxdp_plan *);

/* How many queues a port on such a device receives from. */
int afxdp_plan_n_rxq(const struct link_info *, const struct afxdp_config *);

/* How much packet memory such a port will probably take: returns the number of
 * frames and stores their size, in bytes, in '*frame_size'. */
uint32_t afxdp_forecast_frames(const struct link_info *,
                               const struct afxdp_config *,
                               uint32_t *frame_size);

#endif /* afxdp-plan.h */
