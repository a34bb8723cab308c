/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_FORECAST_H
#define AFXDP_FORECAST_H 1

/* How much packet memory the ports of a configuration will take, so that those
 * that are attached one after the other have the same frames.  One thread at a
 * time. */

#include <stdint.h>

struct smap;

struct afxdp_forecast {
    uint64_t n_small;           /* Frames of 2048 bytes. */
    uint64_t n_large;           /* Frames of a page. */
};

/* Adds a port of device 'name' with 'options'.  A device that is not there, or
 * options that are wrong, add nothing. */
void afxdp_forecast_add(struct afxdp_forecast *, const char *name,
                        const struct smap *options);

/* Tells packet memory. */
void afxdp_forecast_publish(const struct afxdp_forecast *);

#endif /* afxdp-forecast.h */
