/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_CONFIG_H
#define AFXDP_CONFIG_H 1

/* What an operator asks of an afxdp port: the "options" column of its
 * Interface record.  Pure functions, callable from any thread. */

#include <stdbool.h>
#include <stdint.h>
#include "base/xdp-features.h"
#include "xsk/xsk-mode.h"

struct ds;
struct smap;

enum {
    AFXDP_MIN_RING_SIZE = 64,
    AFXDP_MAX_RING_SIZE = 16384,
    AFXDP_DEFAULT_RING_SIZE = 2048,
    AFXDP_MAX_BUSY_POLL_BUDGET = UINT16_MAX,        /* The kernel's. */
    AFXDP_MAX_BUSY_POLL_INTERVAL = 1000 * 1000,
    AFXDP_DEFAULT_BUSY_POLL_INTERVAL = 20,
    AFXDP_MAX_PATH_LEN = 255,
    /* OVS's own limit for any type of port is far above it. */
    AFXDP_MAX_QUEUES = 1024,
};

struct afxdp_config {
    int n_rxq;                  /* Number of rx queues to poll; 0 for all from
                                 * 'start_queue' on. */
    int start_queue;            /* The device's queue that is rx queue 0. */
    enum xsk_mode mode;
    bool need_wakeup;           /* Bind with XDP_USE_NEED_WAKEUP? */
    int n_rxq_desc;             /* Descriptors in the RX and fill rings. */
    int n_txq_desc;             /* Descriptors in the TX and completion
                                 * rings. */
    int busy_poll_budget;       /* SO_BUSY_POLL_BUDGET, packets; 0 for no
                                 * SO_PREFER_BUSY_POLL. */
    int busy_poll_interval;     /* SO_BUSY_POLL, us. */
    char xsks_map_path[AFXDP_MAX_PATH_LEN + 1]; /* Where somebody else's
                                                 * program has its map of
                                                 * sockets; "" for a program
                                                 * of our own. */

    /* These apply at once and leave the sockets alone. */
    enum xdp_target redirect_target;    /* Can the device take what XDP
                                         * redirects to it?  "Unknown" if the
                                         * kernel is to say. */
    bool offload;               /* May flows that enter here be offloaded? */
};

/* Fills '*config' from 'options'; an absent option gets its default.  Returns
 * 0, or EINVAL with a sentence that names the option in '*errp', which the
 * caller must free, and '*config' indeterminate. */
int afxdp_config_parse(const struct smap *options, struct afxdp_config *config,
                       char **errp);

/* Returns the keys in 'options' that mean nothing to a port, in order and
 * separated by commas, for the caller to free; null if there are none. */
char *afxdp_config_find_unknown(const struct smap *options);

/* Returns true if a device with so many receive and transmit queues can
 * satisfy 'config', else false with a sentence in '*errp', for the caller to
 * free. */
bool afxdp_config_fits_device(const struct afxdp_config *config,
                              int n_rx_queues, int n_tx_queues, char **errp);

/* Adds to 'smap' all options and their values, of a path only if there is
 * one. */
void afxdp_config_get_options(const struct afxdp_config *, struct smap *smap);

/* The same, but only what belongs into a port's status as it is. */
void afxdp_config_get_status(const struct afxdp_config *, struct smap *smap);

/* Copies the options that apply at once. */
void afxdp_config_copy_at_once(struct afxdp_config *dst,
                               const struct afxdp_config *src);

/* Appends a line for each option: its name, what values it can have, and what
 * is without it, as the reference page has it. */
void afxdp_config_describe(struct ds *);

bool afxdp_config_equals(const struct afxdp_config *,
                         const struct afxdp_config *);

/* Is the port to use somebody else's program? */
static inline bool
afxdp_config_has_map(const struct afxdp_config *config)
{
    return config->xsks_map_path[0] != '\0';
}

/* Do both ask for the same program and sockets? */
bool afxdp_config_same_sockets(const struct afxdp_config *,
                               const struct afxdp_config *);

#endif /* afxdp-config.h */
