/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_SAMPLES_H
#define XDP_SAMPLES_H 1

/* Packets of every kind that parsers tell apart, good and bad. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dp_packet;

/* No mutation of a sample is longer. */
enum { XDP_SAMPLE_MAX = 256 };

/* Number 'i' of the samples without VLAN tags: puts it into 'packet', behind
 * 'tags', which is in hexadecimal, and returns its name.  Returns null if
 * there are not so many. */
const char *xdp_sample(size_t i, const char *tags, struct dp_packet *packet);

/* Puts a random sample with random tags into 'data', which has room for
 * XDP_SAMPLE_MAX bytes, damages it in up to four ways and returns its size.
 * With the same random_set_seed(), the same packets. */
size_t xdp_sample_mutate(uint8_t *data);

#endif /* xdp-samples.h */
