/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "traffic-report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "openvswitch/json.h"
#include "traffic-common.h"
#include "util.h"

static const struct {
    const char *name;
    double share;
} percentiles[] = {
    { "p50", .5 },
    { "p90", .9 },
    { "p99", .99 },
    { "p999", .999 },
};

void
traffic_report_add_rate(struct traffic_report *r, uint64_t start,
                        uint64_t end, uint64_t n)
{
    if (r->n_rates >= r->allocated_rates) {
        r->rates = x2nrealloc(r->rates, &r->allocated_rates,
                              sizeof *r->rates);
    }
    r->rates[r->n_rates++] = (struct traffic_rate) {
        .start = start, .end = end, .pps = n * 1e9 / (end - start),
    };
}

static double
seconds_of(const struct traffic_report *r)
{
    return (r->counters.last_ns - r->counters.first_ns) / 1e9;
}

static int
compare_doubles(const void *a_, const void *b_)
{
    const double *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* The median of the intervals that the traffic fills, or the mean of the run
 * if it fills none. */
static double
rate_of(const struct traffic_report *r)
{
    double *inside = xcalloc(MAX(r->n_rates, 1), sizeof *inside);
    double seconds = seconds_of(r);
    size_t n = 0;
    double rate;

    for (size_t i = 0; i < r->n_rates; i++) {
        if (r->rates[i].start >= r->counters.first_ns
            && r->rates[i].end <= r->counters.last_ns) {
            inside[n++] = r->rates[i].pps;
        }
    }
    if (n) {
        qsort(inside, n, sizeof *inside, compare_doubles);
        rate = (inside[n / 2] + inside[(n - 1) / 2]) / 2;
    } else {
        rate = seconds ? r->counters.received / seconds : 0;
    }
    free(inside);
    return rate;
}

/* The middle of bucket 'i', in ns. */
static uint64_t
bucket_value(unsigned int i)
{
    unsigned int shift, mantissa;

    if (i < 2 << TRAFFIC_LATENCY_BITS) {
        return i;
    }
    shift = (i >> TRAFFIC_LATENCY_BITS) - 1;
    mantissa = (i & ((1 << TRAFFIC_LATENCY_BITS) - 1))
               + (1 << TRAFFIC_LATENCY_BITS);
    return ((uint64_t) mantissa << shift) + (UINT64_C(1) << (shift - 1));
}

static uint64_t
percentile(const struct traffic_latency *l, double share)
{
    uint64_t rank = MAX(ceil(l->count * share), 1);
    uint64_t n = 0;

    for (unsigned int i = 0; i < TRAFFIC_N_BUCKETS; i++) {
        n += l->buckets[i];
        if (n >= rank) {
            return MIN(MAX(bucket_value(i), l->min), l->max);
        }
    }
    return l->max;
}

static void
put_integer(struct json *json, const char *name, uint64_t value)
{
    json_object_put(json, name, json_integer_create(value));
}

static struct json *
latency_to_json(const struct traffic_latency *l)
{
    struct json *json = json_object_create();

    put_integer(json, "count", l->count);
    if (l->count) {
        put_integer(json, "min", l->min);
        put_integer(json, "max", l->max);
        for (int i = 0; i < ARRAY_SIZE(percentiles); i++) {
            put_integer(json, percentiles[i].name,
                        percentile(l, percentiles[i].share));
        }
    }
    return json;
}

static void
print_json(const struct traffic_report *r)
{
    struct json *json = json_object_create();
    struct json *rates = json_array_create_empty();

    for (size_t i = 0; i < r->n_rates; i++) {
        json_array_add(rates, json_integer_create(r->rates[i].pps));
    }
    put_integer(json, "received", r->counters.received);
    put_integer(json, "bytes", r->counters.bytes);
    put_integer(json, "lost", r->lost);
    put_integer(json, "duplicates", r->duplicates);
    put_integer(json, "reordered", r->reordered);
    put_integer(json, "corrupted", r->counters.corrupted);
    put_integer(json, "untracked", r->counters.untracked);
    put_integer(json, "other", r->counters.other);
    json_object_put(json, "seconds", json_real_create(seconds_of(r)));
    json_object_put(json, "rate_pps", json_real_create(rate_of(r)));
    json_object_put(json, "rates_pps", rates);
    if (r->has_latency) {
        json_object_put(json, "latency_ns", latency_to_json(&r->latency));
    }
    json_object_put_string(json, "mode", r->mode);
    traffic_print_json(json);
}

static void
print_text(const struct traffic_report *r)
{
    const struct traffic_counters *c = &r->counters;
    const struct traffic_latency *l = &r->latency;

    printf("%s: received %"PRIu64" frames, %"PRIu64" bytes in %.3f seconds "
           "(%s XDP): %.0f frames/s\n", r->device, (uint64_t) c->received,
           (uint64_t) c->bytes, seconds_of(r), r->mode, rate_of(r));
    printf("%s: %"PRIu64" lost, %"PRIu64" duplicates, %"PRIu64" reordered, "
           "%"PRIu64" corrupted, %"PRIu64" other frames\n", r->device,
           r->lost, r->duplicates, r->reordered, (uint64_t) c->corrupted,
           (uint64_t) c->other);
    if (c->untracked) {
        printf("%s: %"PRIu64" frames were not checked for loss: there were "
               "more than %d streams\n", r->device, (uint64_t) c->untracked,
               TRAFFIC_N_STREAMS);
    }
    if (r->has_latency && l->count) {
        printf("%s: latency in ns: min %"PRIu64, r->device,
               (uint64_t) l->min);
        for (int i = 0; i < ARRAY_SIZE(percentiles); i++) {
            printf(", %s %"PRIu64, percentiles[i].name,
                   percentile(l, percentiles[i].share));
        }
        printf(", max %"PRIu64"\n", (uint64_t) l->max);
    }
}

void
traffic_report_print(struct traffic_report *r, bool json)
{
    if (json) {
        print_json(r);
    } else {
        print_text(r);
    }
    fflush(stdout);
}
