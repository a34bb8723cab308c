/* SPDX-License-Identifier: Apache-2.0 */

/* Limits, and what has to be done from time to time. */

#include <config.h>
#include "offload/xdp-offload.h"

#include <inttypes.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "offload/xdp-offload-copy.h"
#include "offload/xdp-offload-flow.h"
#include "offload/xdp-offload-port.h"
#include "offload/xdp-offload-retry.h"
#include "offload/xdp-offload-state.h"
#include "offload/xdp-offload-update.h"
#include "offload/xdp-offload-waiting.h"
#include "offload/xdp-output-sets.h"

VLOG_DEFINE_THIS_MODULE(xdp_offload);

enum {
    MIN_FLOWS = 1024, MAX_FLOWS = 1 << 22,
    MIN_CACHE = 64, MAX_CACHE = 1 << 20,
};

/* How often, in ms, to look for flows that are gone, give back places that
 * nobody finds any more, and let flows that wait for room try again. */
enum { HOUSEKEEPING_INTERVAL = 500 };

/* Appends to '*complaints' what is wrong with the limit. */
static uint32_t
get_limit(const struct smap *config, const char *key, uint32_t def,
          uint32_t min, uint32_t max, struct ds *complaints)
{
    const char *text = smap_get(config, key);
    unsigned long long int wanted = def;
    uint32_t value;

    /* strtoull() takes negative numbers. */
    if (text && (!str_to_ullong(text, 10, &wanted) || strchr(text, '-'))) {
        wanted = def;
        ds_put_format(complaints, "other_config:%s=%s is no number: %"PRIu32
                      " is used\n", key, text, def);
    }
    value = MAX(MIN(wanted, max), min);
    if (value != wanted) {
        ds_put_format(complaints, "other_config:%s=%s is not from %"PRIu32
                      " to %"PRIu32": %"PRIu32" is used\n", key, text, min,
                      max, value);
    }
    return value;
}

/* Once for each. */
static void
log_complaints(struct xdp_offload *o, struct ds *complaints)
    OVS_REQUIRES(o->mutex)
{
    const char *news = ds_cstr(complaints);

    if (strcmp(news, o->limits_complaints ? o->limits_complaints : "")) {
        char *save_ptr = NULL;

        free(o->limits_complaints);
        o->limits_complaints = xstrdup(news);
        for (char *line = strtok_r(ds_cstr(complaints), "\n", &save_ptr);
             line; line = strtok_r(NULL, "\n", &save_ptr)) {
            VLOG_WARN("%s", line);
        }
    }
    ds_destroy(complaints);
}

static bool
limits_equal(const struct xdp_limits *a, const struct xdp_limits *b)
{
    return (a->n_flows == b->n_flows && a->cache_size == b->cache_size
            && a->n_masks == b->n_masks);
}

static void
set_stopped(struct xdp_offload *o, bool stopped)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_port *port;

    o->stopped = stopped;
    LIST_FOR_EACH (port, list_node, &o->ports) {
        struct xdp_offload_flow *flow;

        xdp_offload_port_publish(o, port);
        if (!stopped) {
            xdp_offload_port_changed(o, port);
            continue;
        }
        LIST_FOR_EACH (flow, port_node, &port->flows) {
            xdp_offload_flow_place(o, flow);
        }
    }
}

bool
xdp_offload_configure(struct xdp_offload *o, const struct smap *config)
{
    struct ds complaints = DS_EMPTY_INITIALIZER;
    uint32_t n_flows = get_limit(config, "xdp-offload-flows",
                                 XDP_DEFAULT_FLOWS, MIN_FLOWS, MAX_FLOWS,
                                 &complaints);
    uint32_t cache_size = get_limit(config, "xdp-offload-cache",
                                    XDP_DEFAULT_CACHE, MIN_CACHE, MAX_CACHE,
                                    &complaints);
    const struct xdp_limits limits = {
        .n_flows = ROUND_UP_POW2(n_flows),
        .cache_size = ROUND_UP_POW2(cache_size),
        .n_masks = get_limit(config, "xdp-offload-masks", XDP_DEFAULT_MASKS, 1,
                             XDP_MAX_MASKS, &complaints),
    };
    bool stopped = !smap_get_bool(config, "hw-offload", false);
    bool differ, differed;

    ovs_mutex_lock(&o->mutex);
    log_complaints(o, &complaints);
    if (!o->tables) {
        o->limits = limits;
    }
    if (stopped != o->stopped) {
        set_stopped(o, stopped);
    }
    differ = !limits_equal(&o->limits, &limits);
    differed = o->limits_differ;
    o->limits_differ = differ;
    ovs_mutex_unlock(&o->mutex);
    return !differ || differed;
}

/* The main loop. */

static void
follow_vlan_limit(struct xdp_offload *o)
    OVS_REQUIRES(o->mutex)
{
    struct xdp_offload_port *port;

    if (o->table && flow_vlan_limit != o->vlan_limit) {
        o->vlan_limit = flow_vlan_limit;
        LIST_FOR_EACH (port, list_node, &o->ports) {
            xdp_offload_port_publish(o, port);
        }
    }
}

/* Places that packets do not find any more, and that nothing else has waited
 * for. */
static void
release_places(struct xdp_offload *o)
{
    bool any;

    ovs_mutex_lock(&o->mutex);
    any = !ovs_list_is_empty(&o->fading);
    ovs_mutex_unlock(&o->mutex);
    if (any) {
        xdp_offload_synchronize(o);
    }
}

void
xdp_offload_run(struct xdp_offload *o)
{
    bool more, is_time;

    ovs_mutex_lock(&o->mutex);
    follow_vlan_limit(o);
    more = xdp_offload_place_outside(o);
    is_time = time_msec() >= o->next_housekeeping;
    if (is_time) {
        o->next_housekeeping = time_msec() + HOUSEKEEPING_INTERVAL;
    }
    ovs_mutex_unlock(&o->mutex);

    if (is_time) {
        release_places(o);

        ovs_mutex_lock(&o->mutex);
        xdp_offload_sweep(o);
        xdp_offload_retry(o);
        ovs_mutex_unlock(&o->mutex);
    }
    more |= xdp_offload_update_sets(o);
    if (more) {
        poll_immediate_wake();
    }
}

void
xdp_offload_wait(struct xdp_offload *o)
{
    ovs_mutex_lock(&o->mutex);
    if (!ovs_list_is_empty(&o->to_place)
        || (o->sets && xdp_output_sets_has_update(o->sets))) {
        poll_immediate_wake();
    }
    if (!hmap_is_empty(&o->flows) || !ovs_list_is_empty(&o->fading)) {
        poll_timer_wait(HOUSEKEEPING_INTERVAL);
    }
    ovs_mutex_unlock(&o->mutex);
}
