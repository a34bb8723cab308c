/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAFFIC_COMMON_H
#define TRAFFIC_COMMON_H 1

/* What the commands of ovs-afxdp-traffic have in common.  All of it ends the
 * process with a sentence if something is wrong.
 *
 * Thread-safety: for the main thread only. */

#include <stdbool.h>
#include <stdint.h>

struct json;
struct ovs_cmdl_context;

/* The commands, each in a file of its name. */
void traffic_send_command(struct ovs_cmdl_context *);
void traffic_receive_command(struct ovs_cmdl_context *);
void traffic_forward_command(struct ovs_cmdl_context *);
void traffic_redirect_command(struct ovs_cmdl_context *);

/* Prints what the command line can be, and ends. */
void traffic_usage(void);

/* How long a command runs and how it reports. */
struct traffic_run {
    double duration;            /* Seconds, or 0. */
    uint64_t count;             /* Frames, or 0. */
    bool json;
    bool quiet;                 /* No progress on stderr. */
};

enum {
    TRAFFIC_OPT_DURATION = 256,
    TRAFFIC_OPT_COUNT,
    TRAFFIC_OPT_JSON,
    TRAFFIC_OPT_QUIET,
    TRAFFIC_OPT_FIRST           /* Of a command's own options. */
};

#define TRAFFIC_HELP_OPTION \
    {"help", no_argument, NULL, 'h'}

#define TRAFFIC_RUN_OPTIONS \
    {"duration", required_argument, NULL, TRAFFIC_OPT_DURATION}, \
    {"count", required_argument, NULL, TRAFFIC_OPT_COUNT}, \
    {"json", no_argument, NULL, TRAFFIC_OPT_JSON}, \
    {"quiet", no_argument, NULL, TRAFFIC_OPT_QUIET}, \
    TRAFFIC_HELP_OPTION

/* Takes in one of the options above.  'option' is what getopt_long() has
 * returned; ends the process if it is none of them. */
void traffic_parse_run_option(struct traffic_run *, int option);

/* Checks that 'n' arguments are left behind the options of the command, and
 * returns the first. */
char **traffic_arguments(struct ovs_cmdl_context *, int n, const char *names);

/* The number from 'min' to 'max' that is the value of option --'name'. */
uint64_t traffic_parse_number(const char *name, const char *value,
                              uint64_t min, uint64_t max);

/* The same for a real number more than 0, with a suffix k, M or G. */
double traffic_parse_real(const char *name, const char *value);

/* The index of network device 'name'. */
int traffic_ifindex(const char *name);

/* Lets SIGINT and SIGTERM end the run, and libbpf be silent. */
void traffic_start(void);

/* True when it is time to end. */
bool traffic_interrupted(void);

/* Sleeps for a moment; returns false when it is time to end. */
bool traffic_sleep(void);

/* Lets the calling thread, and those that it creates, run on 'cpu' only. */
void traffic_pin(int cpu);

/* The time as BPF programs see it, in ns. */
uint64_t traffic_now(void);

/* Prints 'json' as one line, and frees it. */
void traffic_print_json(struct json *);

/* Explains why a BPF program could not be loaded, and ends. */
void traffic_fatal_load(const char *device, int error);

#endif /* traffic-common.h */
