/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "command-line.h"
#include "base/link-info.h"
#include "traffic-attach.h"
#include "traffic-common.h"
#include "traffic-report.h"
#include "util.h"

#include "traffic-receive.skel.h"

#define SECOND_NS UINT64_C(1000000000)

struct receiver {
    struct traffic_run run;
    const char *device;
    enum traffic_mode mode;
    bool latency;
    bool drop_others;
    uint32_t n_queues;
    int n_cpus;
    struct traffic_receive_skel *skel;
    struct traffic_counters *cpu_counters;  /* One for each CPU. */
};

enum {
    OPT_MODE = TRAFFIC_OPT_FIRST,
    OPT_NO_LATENCY,
    OPT_DROP,
    OPT_PASS,
};

static const struct option long_options[] = {
    {"mode", required_argument, NULL, OPT_MODE},
    {"no-latency", no_argument, NULL, OPT_NO_LATENCY},
    {"drop", no_argument, NULL, OPT_DROP},
    {"pass", no_argument, NULL, OPT_PASS},
    TRAFFIC_RUN_OPTIONS,
    {NULL, 0, NULL, 0},
};

static void
parse(struct ovs_cmdl_context *ctx, struct receiver *r)
{
    int option;

    optind = 0;
    while ((option = getopt_long(ctx->argc, ctx->argv, "h", long_options,
                                 NULL)) != -1) {
        switch (option) {
        case OPT_MODE:
            r->mode = traffic_parse_mode(optarg);
            break;
        case OPT_NO_LATENCY:
            r->latency = false;
            break;
        case OPT_DROP:
            r->drop_others = true;
            break;
        case OPT_PASS:
            r->drop_others = false;
            break;
        default:
            traffic_parse_run_option(&r->run, option);
            break;
        }
    }
    r->device = traffic_arguments(ctx, 1, "INTERFACE")[0];
}

/* Loads the program for 'mode': in generic mode, several CPUs may run it for
 * the same queue at once. */
static void
load(struct receiver *r, bool generic)
{
    int error;

    r->skel = traffic_receive_skel__open();
    if (!r->skel) {
        traffic_fatal_load(r->device, errno);
    }
    r->skel->rodata->measure_latency = r->latency;
    r->skel->rodata->is_shared = generic;
    r->skel->rodata->n_queues = r->n_queues;
    r->skel->rodata->verdict_of_others = r->drop_others ? XDP_DROP : XDP_PASS;
    error = -bpf_map__set_max_entries(r->skel->maps.streams,
                                      r->n_queues * TRAFFIC_N_STREAMS);
    if (!error) {
        error = -traffic_receive_skel__load(r->skel);
    }
    if (error) {
        traffic_fatal_load(r->device, error);
    }
}

static bool
attach_loaded(const struct receiver *r)
{
    return traffic_attach(bpf_program__fd(r->skel->progs.traffic_receive),
                          r->device, r->mode);
}

static void
attach(struct receiver *r)
{
    if (r->mode != TRAFFIC_MODE_GENERIC) {
        load(r, false);
        if (attach_loaded(r)) {
            r->mode = TRAFFIC_MODE_NATIVE;
            return;
        }
        traffic_receive_skel__destroy(r->skel);
    }
    r->mode = TRAFFIC_MODE_GENERIC;
    load(r, true);
    attach_loaded(r);
}

static void
read_counters(const struct receiver *r, struct traffic_counters *sum)
{
    uint32_t key = 0;

    memset(sum, 0, sizeof *sum);
    if (bpf_map_lookup_elem(bpf_map__fd(r->skel->maps.counters), &key,
                            r->cpu_counters)) {
        ovs_fatal(errno, "%s: the counters cannot be read", r->device);
    }
    for (int i = 0; i < r->n_cpus; i++) {
        const struct traffic_counters *c = &r->cpu_counters[i];

        sum->other += c->other;
        if (!c->received) {
            continue;
        }
        if (!sum->received || c->first_ns < sum->first_ns) {
            sum->first_ns = c->first_ns;
        }
        sum->last_ns = MAX(sum->last_ns, c->last_ns);
        sum->received += c->received;
        sum->bytes += c->bytes;
        sum->corrupted += c->corrupted;
        sum->untracked += c->untracked;
    }
}

static void
read_latency(const struct receiver *r, struct traffic_latency *sum)
{
    struct traffic_latency *cpus = xcalloc(r->n_cpus, sizeof *cpus);
    uint32_t key = 0;

    if (bpf_map_lookup_elem(bpf_map__fd(r->skel->maps.latencies), &key,
                            cpus)) {
        ovs_fatal(errno, "%s: the latencies cannot be read", r->device);
    }
    for (int i = 0; i < r->n_cpus; i++) {
        const struct traffic_latency *l = &cpus[i];

        if (l->count && (!sum->count || l->min < sum->min)) {
            sum->min = l->min;
        }
        sum->max = MAX(sum->max, l->max);
        sum->count += l->count;
        for (int j = 0; j < TRAFFIC_N_BUCKETS; j++) {
            sum->buckets[j] += l->buckets[j];
        }
    }
    free(cpus);
}

/* Adds up the stream in place 'place' over all queues. */
static void
read_stream(const struct receiver *r, uint32_t place,
            struct traffic_report *report)
{
    int fd = bpf_map__fd(r->skel->maps.streams);
    size_t size = bpf_map__value_size(r->skel->maps.streams);
    struct traffic_stream *s = xmalloc(size);
    uint64_t unique = 0, min = UINT64_MAX, max = 0;

    for (uint32_t queue = 0; queue < r->n_queues; queue++) {
        uint32_t key = queue * TRAFFIC_N_STREAMS + place;

        if (bpf_map_lookup_elem(fd, &key, s)) {
            ovs_fatal(errno, "%s: the streams cannot be read", r->device);
        }
        if (s->unique) {
            unique += s->unique;
            min = MIN(min, s->min);
            max = MAX(max, s->max);
            report->duplicates += s->duplicates;
            report->reordered += s->reordered;
        }
    }
    if (unique && max - min + 1 > unique) {
        report->lost += max - min + 1 - unique;
    }
    free(s);
}

/* Waits until the run is over, and takes down the rate each second. */
static void
wait_for_end(const struct receiver *r, struct traffic_report *report)
{
    uint64_t start = traffic_now(), last = start, n = 0;

    while (traffic_sleep()) {
        struct traffic_counters c;
        uint64_t now = traffic_now();

        read_counters(r, &c);
        if (now >= last + SECOND_NS) {
            traffic_report_add_rate(report, last, now, c.received - n);
            if (!r->run.quiet) {
                fprintf(stderr, "%.3f Mpps received\n",
                        report->rates[report->n_rates - 1].pps / 1e6);
            }
            last = now;
            n = c.received;
        }
        if ((r->run.count && c.received >= r->run.count)
            || (r->run.duration && now >= start + r->run.duration * 1e9)) {
            break;
        }
    }
}

void
traffic_receive_command(struct ovs_cmdl_context *ctx)
{
    struct traffic_report *report = xzalloc(sizeof *report);
    struct receiver r = { .latency = true };
    struct link_info link;
    int error;

    parse(ctx, &r);
    traffic_start();
    traffic_ifindex(r.device);
    error = link_info_get(r.device, &link);
    if (error) {
        ovs_fatal(error, "%s: the device cannot be used; see \"ip link\"",
                  r.device);
    }
    r.n_queues = link.n_rx_queues;
    r.n_cpus = libbpf_num_possible_cpus();
    r.cpu_counters = xcalloc(r.n_cpus, sizeof *r.cpu_counters);
    attach(&r);
    fprintf(stderr, "ready\n");
    wait_for_end(&r, report);

    traffic_detach();
    read_counters(&r, &report->counters);
    if (r.latency) {
        read_latency(&r, &report->latency);
    }
    for (uint32_t i = 0; i < TRAFFIC_N_STREAMS; i++) {
        read_stream(&r, i, report);
    }
    report->device = r.device;
    report->mode = traffic_mode_name(r.mode);
    report->has_latency = r.latency;
    traffic_report_print(report, r.run.json);

    traffic_receive_skel__destroy(r.skel);
    free(r.cpu_counters);
    free(report->rates);
    free(report);
}
