/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAFFIC_SEND_OPTIONS_H
#define TRAFFIC_SEND_OPTIONS_H 1

/* The command line of "ovs-afxdp-traffic send".
 *
 * Thread-safety: for the main thread only. */

#include "traffic-common.h"
#include "traffic-frame.h"

struct traffic_send_options {
    struct traffic_run run;
    struct traffic_frame frame;
    const char *device;
    double rate;                /* Frames per second, or 0. */
    uint32_t burst;
    uint32_t n_flows;
    enum traffic_distribution distribution;
    double zipf_exponent;
    int stream;                 /* -1: random. */
    int cpu;                    /* -1: any. */
    bool stamp;
};

/* Ends the process if the command line is wrong. */
void traffic_send_parse(struct ovs_cmdl_context *,
                        struct traffic_send_options *);

#endif /* traffic-send-options.h */
