/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-config.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"

enum option_type {
    OPTION_NUMBER,              /* int */
    OPTION_RING_SIZE,           /* int, a power of two */
    OPTION_BOOL,                /* bool */
    OPTION_MODE,                /* enum xsk_mode */
    OPTION_TARGET,              /* enum xdp_target */
    OPTION_PATH,                /* char[AFXDP_MAX_PATH_LEN + 1] */
};

struct option {
    const char *key;
    enum option_type type;
    size_t offset;              /* In struct afxdp_config. */
    int min, max;               /* Of a number. */
    int absent;                 /* The value without the option, but of a path,
                                 * which is empty then. */
    const char *absent_text;    /* What that means, if it does not speak for
                                 * itself. */
    bool at_once;               /* Does it leave the sockets alone? */
    bool in_status;
};

#define OPTION(KEY, TYPE, MEMBER) \
    .key = KEY, .type = TYPE, .offset = offsetof(struct afxdp_config, MEMBER)

static const struct option all_options[] = {
    { OPTION("n_rxq", OPTION_NUMBER, n_rxq),
      .min = 1, .max = AFXDP_MAX_QUEUES,
      .absent_text = "all from ``start-queue`` on" },
    { OPTION("start-queue", OPTION_NUMBER, start_queue),
      .max = AFXDP_MAX_QUEUES - 1, .in_status = true },
    { OPTION("xdp-mode", OPTION_MODE, mode), .absent = XSK_MODE_BEST_EFFORT },
    { OPTION("use-need-wakeup", OPTION_BOOL, need_wakeup),
      .absent = true, .in_status = true },
    { OPTION("n_rxq_desc", OPTION_RING_SIZE, n_rxq_desc),
      .min = AFXDP_MIN_RING_SIZE, .max = AFXDP_MAX_RING_SIZE,
      .absent = AFXDP_DEFAULT_RING_SIZE, .in_status = true },
    { OPTION("n_txq_desc", OPTION_RING_SIZE, n_txq_desc),
      .min = AFXDP_MIN_RING_SIZE, .max = AFXDP_MAX_RING_SIZE,
      .absent = AFXDP_DEFAULT_RING_SIZE, .in_status = true },
    { OPTION("busy-poll-budget", OPTION_NUMBER, busy_poll_budget),
      .max = AFXDP_MAX_BUSY_POLL_BUDGET, .absent_text = "0, which is off",
      .in_status = true },
    { OPTION("busy-poll-interval", OPTION_NUMBER, busy_poll_interval),
      .min = 1, .max = AFXDP_MAX_BUSY_POLL_INTERVAL,
      .absent = AFXDP_DEFAULT_BUSY_POLL_INTERVAL },
    { OPTION("xsks-map-path", OPTION_PATH, xsks_map_path),
      .absent_text = "none" },
    { OPTION("xdp-redirect-target", OPTION_TARGET, redirect_target),
      .absent = XDP_TARGET_UNKNOWN, .at_once = true },
    { OPTION("xdp-offload", OPTION_BOOL, offload),
      .absent = true, .at_once = true, .in_status = true },
};

#define FOR_EACH_OPTION(OPTION) \
    for (const struct option *OPTION = all_options; \
         OPTION < &all_options[ARRAY_SIZE(all_options)]; OPTION++)

static const char *const targets[] = {
    [XDP_TARGET_UNKNOWN] = "auto",
    [XDP_TARGET_YES] = "true",
    [XDP_TARGET_NO] = "false",
};

/* Where 'config' has the option. */
static void *
member(const struct option *option, const struct afxdp_config *config)
{
    return CONST_CAST(char *, (const char *) config) + option->offset;
}

/* Of any type but OPTION_PATH. */
static void
set_scalar(const struct option *option, struct afxdp_config *config, int value)
{
    if (option->type == OPTION_BOOL) {
        *(bool *) member(option, config) = value;
    } else {
        BUILD_ASSERT_DECL(sizeof(enum xsk_mode) == sizeof(int));
        BUILD_ASSERT_DECL(sizeof(enum xdp_target) == sizeof(int));
        *(int *) member(option, config) = value;
    }
}

static int
get_scalar(const struct option *option, const struct afxdp_config *config)
{
    return (option->type == OPTION_BOOL ? *(bool *) member(option, config)
            : *(int *) member(option, config));
}

static bool
parse_scalar(const struct option *option, const char *s, int *value)
{
    enum xsk_mode mode;

    switch (option->type) {
    case OPTION_NUMBER:
    case OPTION_RING_SIZE:
        return (str_to_int(s, 10, value)
                && *value >= option->min && *value <= option->max
                && (option->type == OPTION_NUMBER || IS_POW2(*value)));

    case OPTION_BOOL:
        *value = !strcasecmp(s, "true");
        return *value || !strcasecmp(s, "false");

    case OPTION_MODE:
        if (xsk_mode_from_string(s, &mode)) {
            *value = mode;
            return true;
        }
        return false;

    case OPTION_TARGET:
        for (*value = 0; *value < ARRAY_SIZE(targets); ++*value) {
            if (!strcasecmp(s, targets[*value])) {
                return true;
            }
        }
        return false;

    case OPTION_PATH:
    default:
        OVS_NOT_REACHED();
    }
}

static bool
parse_option(const struct option *option, const char *s,
             struct afxdp_config *config)
{
    int value = option->absent;

    if (option->type == OPTION_PATH) {
        /* The daemon's working directory is none of the operator's
         * business. */
        ovs_strzcpy(member(option, config), s ? s : "",
                    AFXDP_MAX_PATH_LEN + 1);
        return !s || (s[0] == '/' && strlen(s) <= AFXDP_MAX_PATH_LEN);
    }
    if (s && !parse_scalar(option, s, &value)) {
        return false;
    }
    set_scalar(option, config, value);
    return true;
}

/* Appends what values the option can have. */
static void
describe_values(const struct option *option, struct ds *ds)
{
    switch (option->type) {
    case OPTION_NUMBER:
    case OPTION_RING_SIZE:
        ds_put_format(ds, "a %s from %d to %d",
                      option->type == OPTION_NUMBER ? "number"
                                                    : "power of two",
                      option->min, option->max);
        break;
    case OPTION_BOOL:
        ds_put_cstr(ds, "true or false");
        break;
    case OPTION_MODE:
        ds_put_cstr(ds, "best-effort, native-with-zerocopy, native or "
                        "generic");
        break;
    case OPTION_TARGET:
        ds_put_cstr(ds, "auto, true or false");
        break;
    case OPTION_PATH:
        ds_put_format(ds, "an absolute path of up to %d characters",
                      AFXDP_MAX_PATH_LEN);
        break;
    }
}

static char *
scalar_to_string(const struct option *option, int value)
{
    switch (option->type) {
    case OPTION_NUMBER:
    case OPTION_RING_SIZE:
        return xasprintf("%d", value);

    case OPTION_BOOL:
        return xstrdup(value ? "true" : "false");

    case OPTION_MODE:
        return xstrdup(xsk_mode_to_string(value));

    case OPTION_TARGET:
        return xstrdup(targets[value]);

    case OPTION_PATH:
    default:
        OVS_NOT_REACHED();
    }
}

static char *
option_to_string(const struct option *option,
                 const struct afxdp_config *config)
{
    return (option->type == OPTION_PATH ? xstrdup(member(option, config))
            : scalar_to_string(option, get_scalar(option, config)));
}

static bool
option_equals(const struct option *option, const struct afxdp_config *a,
              const struct afxdp_config *b)
{
    return (option->type == OPTION_PATH
            ? !strcmp(member(option, a), member(option, b))
            : get_scalar(option, a) == get_scalar(option, b));
}

int
afxdp_config_parse(const struct smap *options, struct afxdp_config *config,
                   char **errp)
{
    FOR_EACH_OPTION (option) {
        const char *s = smap_get(options, option->key);

        if (!parse_option(option, s, config)) {
            struct ds ds = DS_EMPTY_INITIALIZER;

            ds_put_format(&ds, "options:%s=%s: must be ", option->key, s);
            describe_values(option, &ds);
            *errp = ds_steal_cstr(&ds);
            return EINVAL;
        }
    }
    return 0;
}

static bool
is_known(const char *key)
{
    FOR_EACH_OPTION (option) {
        if (!strcmp(key, option->key)) {
            return true;
        }
    }
    return false;
}

char *
afxdp_config_find_unknown(const struct smap *options)
{
    const struct smap_node **nodes = smap_sort(options);
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < smap_count(options); i++) {
        if (!is_known(nodes[i]->key)) {
            ds_put_format(&ds, "%s%s", ds.length ? ", " : "", nodes[i]->key);
        }
    }
    free(nodes);
    return ds.length ? ds_steal_cstr(&ds) : NULL;
}

static void
add_to_smap(const struct option *option, const struct afxdp_config *config,
            struct smap *smap)
{
    smap_add_nocopy(smap, xstrdup(option->key),
                    option_to_string(option, config));
}

void
afxdp_config_get_options(const struct afxdp_config *config, struct smap *smap)
{
    FOR_EACH_OPTION (option) {
        if (option->type != OPTION_PATH || afxdp_config_has_map(config)) {
            add_to_smap(option, config, smap);
        }
    }
}

void
afxdp_config_get_status(const struct afxdp_config *config, struct smap *smap)
{
    FOR_EACH_OPTION (option) {
        if (option->in_status) {
            add_to_smap(option, config, smap);
        }
    }
}

void
afxdp_config_copy_at_once(struct afxdp_config *dst,
                          const struct afxdp_config *src)
{
    FOR_EACH_OPTION (option) {
        if (option->at_once) {
            set_scalar(option, dst, get_scalar(option, src));
        }
    }
}

void
afxdp_config_describe(struct ds *ds)
{
    FOR_EACH_OPTION (option) {
        ds_put_format(ds, "``%s`` (", option->key);
        describe_values(option, ds);
        char *absent = (option->absent_text ? xstrdup(option->absent_text)
                        : scalar_to_string(option, option->absent));

        ds_put_format(ds, "; default: %s)\n", absent);
        free(absent);
    }
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

bool
afxdp_config_equals(const struct afxdp_config *a, const struct afxdp_config *b)
{
    FOR_EACH_OPTION (option) {
        if (!option_equals(option, a, b)) {
            return false;
        }
    }
    return true;
}

bool
afxdp_config_same_sockets(const struct afxdp_config *a,
                          const struct afxdp_config *b)
{
    FOR_EACH_OPTION (option) {
        if (!option->at_once && !option_equals(option, a, b)) {
            return false;
        }
    }
    return true;
}
