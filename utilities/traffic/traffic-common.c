/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "traffic-common.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "command-line.h"
#include "openvswitch/json.h"
#include "util.h"

/* How promptly a run ends. */
#define SLEEP_NS (20 * 1000 * 1000)

static volatile sig_atomic_t interrupted;

static void
interrupt(int signal_number OVS_UNUSED)
{
    interrupted = 1;
}

void
traffic_parse_run_option(struct traffic_run *run, int option)
{
    switch (option) {
    case TRAFFIC_OPT_DURATION:
        run->duration = traffic_parse_real("duration", optarg);
        break;
    case TRAFFIC_OPT_COUNT:
        run->count = traffic_parse_number("count", optarg, 1, UINT64_MAX);
        break;
    case TRAFFIC_OPT_JSON:
        run->json = true;
        break;
    case TRAFFIC_OPT_QUIET:
        run->quiet = true;
        break;
    case 'h':
        traffic_usage();
        break;
    default:
        /* getopt_long() has said what is wrong. */
        exit(EXIT_FAILURE);
    }
}

char **
traffic_arguments(struct ovs_cmdl_context *ctx, int n, const char *names)
{
    if (ctx->argc - optind != n) {
        ovs_fatal(0, "%d arguments are given instead of %d, which are: %s",
                  ctx->argc - optind, n, names);
    }
    return ctx->argv + optind;
}

uint64_t
traffic_parse_number(const char *name, const char *value, uint64_t min,
                     uint64_t max)
{
    unsigned long long number;

    if (!str_to_ullong(value, 10, &number) || value[0] == '-'
        || number < min || number > max) {
        if (max == UINT64_MAX) {
            ovs_fatal(0, "--%s=%s: must be a number of at least %"PRIu64,
                      name, value, min);
        }
        ovs_fatal(0, "--%s=%s: must be a number from %"PRIu64" to %"PRIu64,
                  name, value, min, max);
    }
    return number;
}

double
traffic_parse_real(const char *name, const char *value)
{
    static const char suffixes[] = "kMG";
    char *end;
    double number = strtod(value, &end);
    const char *suffix = *end ? strchr(suffixes, *end) : NULL;

    if (suffix) {
        number *= pow(1000, suffix - suffixes + 1);
        end++;
    }
    if (end == value || *end || !isfinite(number) || number <= 0) {
        ovs_fatal(0, "--%s=%s: must be a number more than 0, such as 5, 2.5, "
                  "10k or 1M", name, value);
    }
    return number;
}

int
traffic_ifindex(const char *name)
{
    int ifindex = if_nametoindex(name);

    if (!ifindex) {
        ovs_fatal(errno, "%s: no such network device; see \"ip link\"", name);
    }
    return ifindex;
}

void
traffic_start(void)
{
    struct sigaction action = { .sa_handler = interrupt };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    libbpf_set_print(NULL);
}

bool
traffic_interrupted(void)
{
    return interrupted;
}

bool
traffic_sleep(void)
{
    struct timespec ts = { .tv_nsec = SLEEP_NS };

    if (!interrupted) {
        nanosleep(&ts, NULL);
    }
    return !interrupted;
}

void
traffic_pin(int cpu)
{
    cpu_set_t set;
    int error;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    if (error) {
        ovs_fatal(error, "--cpu=%d: this CPU cannot be used; see \"nproc\" "
                  "and \"taskset -p $$\"", cpu);
    }
}

uint64_t
traffic_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

void
traffic_print_json(struct json *json)
{
    char *s = json_to_string(json, JSSF_SORT);

    puts(s);
    free(s);
    json_destroy(json);
}

void
traffic_fatal_load(const char *device, int error)
{
    ovs_fatal(error, "%s: the BPF program cannot be loaded%s", device,
              error == EPERM ? "; run this as root, or with CAP_BPF, "
                               "CAP_NET_ADMIN and CAP_PERFMON"
              : error == ESRCH || error == ENOENT
              ? "; the kernel must have been built with "
                "CONFIG_DEBUG_INFO_BTF=y" : "");
}
