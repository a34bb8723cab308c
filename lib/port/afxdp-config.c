/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-config.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "smap.h"
#include "util.h"

static const char *const redirect_options[] = {
    [XDP_TARGET_UNKNOWN] = "auto",
    [XDP_TARGET_YES] = "true",
    [XDP_TARGET_NO] = "false",
};

static int
parse_int(const struct smap *options, const char *key, int min, int max,
          int default_value, int *value, char **errp)
{
    const char *s = smap_get(options, key);

    *value = default_value;
    if (!s || (str_to_int(s, 10, value) && *value >= min && *value <= max)) {
        return 0;
    }
    *errp = xasprintf("options:%s=%s: must be a number from %d to %d",
                      key, s, min, max);
    return EINVAL;
}

static int
parse_ring_size(const struct smap *options, const char *key, int *value,
                char **errp)
{
    const char *s = smap_get(options, key);

    *value = AFXDP_DEFAULT_RING_SIZE;
    if (!s || (str_to_int(s, 10, value)
               && *value >= AFXDP_MIN_RING_SIZE
               && *value <= AFXDP_MAX_RING_SIZE && IS_POW2(*value))) {
        return 0;
    }
    *errp = xasprintf("options:%s=%s: must be a power of two from %d to %d",
                      key, s, AFXDP_MIN_RING_SIZE, AFXDP_MAX_RING_SIZE);
    return EINVAL;
}

static int
parse_bool(const struct smap *options, const char *key, bool default_value,
           bool *value, char **errp)
{
    const char *s = smap_get(options, key);

    *value = s ? !strcasecmp(s, "true") : default_value;
    if (!s || *value || !strcasecmp(s, "false")) {
        return 0;
    }
    *errp = xasprintf("options:%s=%s: must be true or false", key, s);
    return EINVAL;
}

static int
parse_mode(const struct smap *options, enum xsk_mode *mode, char **errp)
{
    const char *s = smap_get(options, "xdp-mode");

    *mode = XSK_MODE_BEST_EFFORT;
    if (!s || xsk_mode_from_string(s, mode)) {
        return 0;
    }
    *errp = xasprintf("options:xdp-mode=%s: must be best-effort, "
                      "native-with-zerocopy, native or generic", s);
    return EINVAL;
}

static int
parse_redirect_target(const struct smap *options, enum xdp_target *target,
                      char **errp)
{
    const char *s = smap_get_def(options, "xdp-redirect-target", "auto");

    for (size_t i = 0; i < ARRAY_SIZE(redirect_options); i++) {
        if (!strcasecmp(s, redirect_options[i])) {
            *target = i;
            return 0;
        }
    }
    *errp = xasprintf("options:xdp-redirect-target=%s: must be auto, true or "
                      "false", s);
    return EINVAL;
}

/* The daemon's working directory is none of the operator's business. */
static int
parse_path(const struct smap *options, const char *key,
           char value[AFXDP_MAX_PATH_LEN + 1], char **errp)
{
    const char *s = smap_get(options, key);

    ovs_strzcpy(value, s ? s : "", AFXDP_MAX_PATH_LEN + 1);
    if (!s || (s[0] == '/' && strlen(s) <= AFXDP_MAX_PATH_LEN)) {
        return 0;
    }
    *errp = xasprintf("options:%s=%s: must be an absolute path of up to %d "
                      "characters", key, s, AFXDP_MAX_PATH_LEN);
    return EINVAL;
}

int
afxdp_config_parse(const struct smap *options, struct afxdp_config *c,
                   char **errp)
{
    int error = parse_int(options, "n_rxq", 1, AFXDP_MAX_QUEUES, 0,
                          &c->n_rxq, errp);
    if (!error) {
        error = parse_int(options, "start-queue", 0, AFXDP_MAX_QUEUES - 1, 0,
                          &c->start_queue, errp);
    }
    if (!error) {
        error = parse_mode(options, &c->mode, errp);
    }
    if (!error) {
        error = parse_bool(options, "use-need-wakeup", true, &c->need_wakeup,
                           errp);
    }
    if (!error) {
        error = parse_ring_size(options, "n_rxq_desc", &c->n_rxq_desc, errp);
    }
    if (!error) {
        error = parse_ring_size(options, "n_txq_desc", &c->n_txq_desc, errp);
    }
    if (!error) {
        error = parse_int(options, "busy-poll-budget", 0,
                          AFXDP_MAX_BUSY_POLL_BUDGET, 0,
                          &c->busy_poll_budget, errp);
    }
    if (!error) {
        error = parse_int(options, "busy-poll-interval", 1,
                          AFXDP_MAX_BUSY_POLL_INTERVAL,
                          AFXDP_DEFAULT_BUSY_POLL_INTERVAL,
                          &c->busy_poll_interval, errp);
    }
    if (!error) {
        error = parse_path(options, "xsks-map-path", c->xsks_map_path, errp);
    }
    if (!error) {
        error = parse_redirect_target(options, &c->redirect_target, errp);
    }
    if (!error) {
        error = parse_bool(options, "xdp-offload", true, &c->offload, errp);
    }
    return error;
}

bool
afxdp_config_fits_device(const struct afxdp_config *c, int n_rx_queues,
                         int n_tx_queues, char **errp)
{
    int n_queues = MIN(n_rx_queues, n_tx_queues);

    if (c->start_queue >= n_queues) {
        *errp = xasprintf("options:start-queue=%d: the device has %d %s "
                          "queue%s, numbered from 0", c->start_queue, n_queues,
                          n_rx_queues <= n_tx_queues ? "receive" : "transmit",
                          n_queues == 1 ? "" : "s");
        return false;
    }
    if (c->n_rxq > n_rx_queues - c->start_queue) {
        *errp = xasprintf("options:n_rxq=%d: the device has %d receive "
                          "queue%s from queue %d on (see ethtool -l)",
                          c->n_rxq, n_rx_queues - c->start_queue,
                          n_rx_queues - c->start_queue == 1 ? "" : "s",
                          c->start_queue);
        return false;
    }
    return true;
}

const char *
afxdp_redirect_option_to_string(enum xdp_target target)
{
    return redirect_options[target];
}

bool
afxdp_config_equals(const struct afxdp_config *a, const struct afxdp_config *b)
{
    return (afxdp_config_same_sockets(a, b)
            && a->redirect_target == b->redirect_target
            && a->offload == b->offload);
}

bool
afxdp_config_same_sockets(const struct afxdp_config *a,
                          const struct afxdp_config *b)
{
    return (a->n_rxq == b->n_rxq
            && a->start_queue == b->start_queue
            && a->mode == b->mode
            && a->need_wakeup == b->need_wakeup
            && a->n_rxq_desc == b->n_rxq_desc
            && a->n_txq_desc == b->n_txq_desc
            && a->busy_poll_budget == b->busy_poll_budget
            && a->busy_poll_interval == b->busy_poll_interval
            && !strcmp(a->xsks_map_path, b->xsks_map_path));
}
