/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-plan.h"

#include "base/link-info.h"
#include "port/afxdp-mtu.h"
#include "util.h"

int
afxdp_plan_n_rxq(const struct link_info *link,
                 const struct afxdp_config *config)
{
    return (config->n_rxq ? config->n_rxq
            : link->n_rx_queues - config->start_queue);
}

/* How many transmit queues to open.  A queue that we only transmit on costs
 * other users of a device nothing in copy mode; in zero-copy mode the driver
 * would take the whole queue away from them. */
static int
choose_n_txq(enum xsk_mode mode, const struct link_info *link,
             const struct afxdp_config *config, int wanted_n_txq)
{
    int available = (mode == XSK_MODE_NATIVE_ZC
                     ? afxdp_plan_n_rxq(link, config)
                     : link->n_tx_queues - config->start_queue);

    return MAX(1, MIN(MAX(wanted_n_txq, 1), available));
}

struct afxdp_plan
afxdp_plan(enum xsk_mode mode, const struct link_info *link,
           const struct afxdp_config *config, int wanted_n_txq)
{
    struct afxdp_plan plan = {
        .frame_size = afxdp_frame_size_for_mtu(link->mtu),
        .multi_buffer = afxdp_mtu_needs_multi_buffer(link->mtu),
        .n_rxq = afxdp_plan_n_rxq(link, config),
        .n_txq = choose_n_txq(mode, link, config, wanted_n_txq),
    };

    plan.n_frames = (plan.n_rxq * config->n_rxq_desc
                     + plan.n_txq * config->n_txq_desc);
    return plan;
}

bool
afxdp_plan_equals(const struct afxdp_plan *a, const struct afxdp_plan *b)
{
    return (a->frame_size == b->frame_size
            && a->n_frames == b->n_frames
            && a->multi_buffer == b->multi_buffer
            && a->n_rxq == b->n_rxq
            && a->n_txq == b->n_txq);
}

uint32_t
afxdp_forecast_frames(const struct link_info *link,
                      const struct afxdp_config *config, uint32_t *frame_size)
{
    /* dpif-netdev will want a transmit queue for each PMD thread and one for
     * all other threads. */
    int n_txq = MAX(afxdp_plan_n_rxq(link, config), 2);
    struct afxdp_plan plan = afxdp_plan(XSK_MODE_NATIVE, link, config, n_txq);

    *frame_size = plan.frame_size;
    return plan.n_frames;
}
