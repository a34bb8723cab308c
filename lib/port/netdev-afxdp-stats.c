/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp-stats.h"

#include <inttypes.h>

#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-counters.h"
#include "port/netdev-afxdp-gso.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-redirect.h"

#include "smap.h"
#include "util.h"
#include "offload/xdp-offload.h"
#include "prog/xdp-program.h"

static uint64_t
tx_detached_drops(const struct netdev_afxdp *dev)
{
    uint64_t n;

    atomic_read_relaxed(&CONST_CAST(struct netdev_afxdp *,
                                    dev)->tx_detached_drops, &n);
    return n;
}

/* Adds what we and the socket dropped to the device's own statistics. */
static void
add_drops(const struct netdev_afxdp *dev, struct netdev_stats *stats)
    OVS_REQUIRES(dev->mutex)
{
    stats->rx_dropped += dev->retired_drops;
    stats->tx_dropped += tx_detached_drops(dev);
    for (int i = 0; i < netdev_afxdp_n_counted_queues(dev); i++) {
        struct xsk_counters c;

        netdev_afxdp_get_counters(dev, i, &c);
        stats->rx_dropped += (c.n[XSK_rx_oversize_drops]
                              + netdev_afxdp_get_uncounted_drops(dev, i, &c));
        stats->tx_dropped += (c.n[XSK_tx_ring_full_drops]
                              + c.n[XSK_tx_no_frame_drops]
                              + c.n[XSK_tx_oversize_drops]
                              + c.n[XSK_tx_runt_drops]
                              + c.n[XSK_tx_offload_drops]);
    }
}

int
netdev_afxdp_read_stats(struct netdev_afxdp *dev, struct netdev_stats *stats)
{
    int error = ovs_netdev_get_stats(&dev->up, stats);

    if (!error) {
        ovs_mutex_lock(&dev->mutex);
        add_drops(dev, stats);
        ovs_mutex_unlock(&dev->mutex);
    }
    return error;
}

static void
add_custom(struct netdev_custom_stats *stats, uint64_t value,
           const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4);

static void
add_custom(struct netdev_custom_stats *stats, uint64_t value,
           const char *format, ...)
{
    struct netdev_custom_counter *c = &stats->counters[stats->size++];
    va_list args;

    c->value = value;
    va_start(args, format);
    vsnprintf(c->name, sizeof c->name, format, args);
    va_end(args);
}

/* What there is with flow offload only. */
static void
add_offload(const struct netdev_afxdp *dev, const struct xdp_counters *xdp,
            struct netdev_custom_stats *stats)
    OVS_REQUIRES(dev->mutex)
{
    static const char *const names[N_XDP_COUNTERS] = {
        [XDP_COUNTER_CACHE_HITS] = "cache_hits",
        [XDP_COUNTER_MASKED_HITS] = "masked_hits",
        [XDP_COUNTER_MISSES] = "misses",
        [XDP_COUNTER_UNPARSED] = "unparsed",
        [XDP_COUNTER_PUNTED] = "punted",
        [XDP_COUNTER_FLOW_DROPS] = "flow_drops",
        [XDP_COUNTER_OUTPUT_DROPS] = "output_drops",
        [XDP_COUNTER_CSUM_COMPLETED] = "csum_completed",
        [XDP_COUNTER_CSUM_UNKNOWN] = "csum_unknown",
    };
    const struct xdp_offload_flow_counts n_flows
        = xdp_offload_port_count_flows(dev->offload_port);

    for (int i = 0; i < N_XDP_COUNTERS; i++) {
        if (names[i]) {
            add_custom(stats, xdp->n[i], "xdp_%s", names[i]);
        }
    }
    add_custom(stats, n_flows.kernel, "xdp_offloaded_flows");
    add_custom(stats, n_flows.user_space, "xdp_user_space_flows");
}

void
netdev_afxdp_read_custom_stats(struct netdev_afxdp *dev,
                               struct netdev_custom_stats *stats)
{
    struct xdp_counters xdp;

    ovs_mutex_lock(&dev->mutex);
    int n_queues = netdev_afxdp_n_counted_queues(dev);
    stats->size = 0;
    stats->counters = xcalloc(n_queues * N_XSK_COUNTERS + 5 + N_XDP_COUNTERS,
                              sizeof *stats->counters);
    for (int i = 0; i < n_queues; i++) {
        struct xsk_counters c;

        netdev_afxdp_get_counters(dev, i, &c);
        for (int j = 0; j < N_XSK_COUNTERS; j++) {
            add_custom(stats, c.n[j], "xsk_queue_%d_%s", i,
                       xsk_counter_to_string(j));
        }
    }
    add_custom(stats, tx_detached_drops(dev), "xsk_tx_detached_drops");
    netdev_afxdp_get_xdp_counters(dev, &xdp);
    add_custom(stats, xdp.n[XDP_COUNTER_PASSED], "xdp_passed_packets");
    add_custom(stats, xdp.n[XDP_COUNTER_VLAN_TAGS], "xdp_vlan_tags");
    add_custom(stats, xdp.n[XDP_COUNTER_VLAN_TAG_DROPS], "xdp_vlan_tag_drops");
    if (dev->offload_port) {
        add_offload(dev, &xdp, stats);
    }
    ovs_mutex_unlock(&dev->mutex);
}

static const char *
bool_to_string(bool b)
{
    return b ? "true" : "false";
}

static void
add_vlan_tag_status(const struct netdev_afxdp *dev, bool is_veth,
                    struct smap *smap)
    OVS_REQUIRES(dev->mutex)
{
    const struct xdp_prog *prog = dev->att->prog;
    enum xdp_vlan_tags tags;

    if (!prog) {
        smap_add(smap, "xdp-rx-vlan-tag", "unknown (options:xsks-map-path)");
        return;
    }
    tags = xdp_prog_vlan_tags(prog);
    if (tags == XDP_VLAN_TAGS_SEEN) {
        smap_add(smap, "xdp-rx-vlan-tag", "yes");
    } else {
        smap_add_format(smap, "xdp-rx-vlan-tag", "no (%s; ethtool -K %s %s)",
                        xdp_vlan_tags_explain(tags),
                        is_veth ? "PEER" : netdev_afxdp_name(dev),
                        is_veth ? "txvlan off" : "rxvlan off");
    }
}

static void
add_options(const struct netdev_afxdp *dev, struct smap *smap)
    OVS_REQUIRES(dev->mutex)
{
    struct afxdp_config config = dev->att->config;

    afxdp_config_copy_at_once(&config, &dev->config);
    afxdp_config_get_status(&config, smap);
}

void
netdev_afxdp_read_status(struct netdev_afxdp *dev, struct smap *smap)
{
    ovs_mutex_lock(&dev->mutex);
    const struct afxdp_attachment *att = dev->att;
    if (att) {
        ovs_netdev_get_status(&dev->up, smap);
    }
    smap_add(smap, "afxdp", att ? "attached"
             : dev->deferred ? "attaching" : "detached");
    smap_add_format(smap, "mtu-limit", "%d", afxdp_max_mtu());
    if (dev->unknown_options) {
        smap_add(smap, "unknown-options", dev->unknown_options);
    }
    if (att) {
        smap_add(smap, "xdp-mode", xsk_mode_to_string(att->mode));
        if (att->fallback_reason) {
            smap_add(smap, "xdp-mode-reason", att->fallback_reason);
        }
        smap_add(smap, "zero-copy", bool_to_string(
                     xsk_queue_is_zero_copy(att->queues[0].xsk)));
        if (att->prog) {
            smap_add(smap, "xdp-prog", "own");
            smap_add_format(smap, "xdp-prog-id", "%"PRIu32,
                            xdp_prog_id(att->prog));
        } else {
            netdev_afxdp_map_get_status(dev, smap);
        }
        smap_add_format(smap, "n_rxq", "%d", att->plan.n_rxq);
        smap_add_format(smap, "n_txq", "%d", att->plan.n_txq);
        smap_add_format(smap, "device-rx-queues", "%d",
                        att->n_device_rx_queues);
        smap_add_format(smap, "frame-size", "%"PRIu32, att->plan.frame_size);
        smap_add_format(smap, "packet-memory-kib", "%"PRIu32,
                        att->plan.n_frames * (att->plan.frame_size / 1024));

        bool is_veth = !strcmp(smap_get_def(smap, "driver_name", ""), "veth");

        smap_add(smap, "xdp-redirect-target",
                 netdev_afxdp_redirect_to_string(dev, is_veth));
        add_vlan_tag_status(dev, is_veth, smap);
        add_options(dev, smap);
        netdev_afxdp_gso_get_status(dev, smap);
    }
    ovs_mutex_unlock(&dev->mutex);
}

void
netdev_afxdp_read_config(struct netdev_afxdp *dev, struct smap *args)
{
    struct afxdp_config config;

    ovs_mutex_lock(&dev->mutex);
    config = dev->att ? dev->att->config : dev->config;
    afxdp_config_copy_at_once(&config, &dev->config);
    config.n_rxq = ovs_netdev_n_rxq(&dev->up);
    afxdp_config_get_options(&config, args);
    smap_add(args, "xdp-mode-in-use",
             dev->att ? xsk_mode_to_string(dev->att->mode) : "none");
    ovs_mutex_unlock(&dev->mutex);
}
