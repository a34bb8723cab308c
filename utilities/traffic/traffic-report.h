/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAFFIC_REPORT_H
#define TRAFFIC_REPORT_H 1

/* What "ovs-afxdp-traffic receive" has found out.
 *
 * Thread-safety: for the main thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traffic-abi.h"

struct traffic_rate {
    uint64_t start, end;        /* In ns. */
    double pps;
};

struct traffic_report {
    struct traffic_counters counters;
    uint64_t lost, duplicates, reordered;
    struct traffic_latency latency;
    bool has_latency;
    const char *device;
    const char *mode;

    struct traffic_rate *rates; /* One for each second of the run. */
    size_t n_rates, allocated_rates;
};

/* Adds the rate of the interval from 'start' to 'end', in ns, in which there
 * were 'n' frames. */
void traffic_report_add_rate(struct traffic_report *, uint64_t start,
                             uint64_t end, uint64_t n);

/* Prints the report on stdout. */
void traffic_report_print(struct traffic_report *, bool json);

#endif /* traffic-report.h */
