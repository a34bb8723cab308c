/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "traffic-send-options.h"

#include <getopt.h>
#include <sched.h>
#include <string.h>

#include "command-line.h"
#include "packets.h"
#include "util.h"

/* Flow numbers have so many bits at most. */
#define MAX_FLOWS (UINT32_C(1) << 30)

enum {
    OPT_RATE = TRAFFIC_OPT_FIRST,
    OPT_BURST,
    OPT_SIZE,
    OPT_FLOWS,
    OPT_DISTRIBUTION,
    OPT_IPV6,
    OPT_TCP,
    OPT_SRC_MAC,
    OPT_DST_MAC,
    OPT_SRC_IP,
    OPT_DST_IP,
    OPT_SRC_PORT,
    OPT_DST_PORT,
    OPT_VLAN,
    OPT_STREAM,
    OPT_CPU,
    OPT_NO_TIMESTAMP,
};

static const struct option long_options[] = {
    {"rate", required_argument, NULL, OPT_RATE},
    {"burst", required_argument, NULL, OPT_BURST},
    {"size", required_argument, NULL, OPT_SIZE},
    {"flows", required_argument, NULL, OPT_FLOWS},
    {"distribution", required_argument, NULL, OPT_DISTRIBUTION},
    {"ipv6", no_argument, NULL, OPT_IPV6},
    {"tcp", no_argument, NULL, OPT_TCP},
    {"src-mac", required_argument, NULL, OPT_SRC_MAC},
    {"dst-mac", required_argument, NULL, OPT_DST_MAC},
    {"src-ip", required_argument, NULL, OPT_SRC_IP},
    {"dst-ip", required_argument, NULL, OPT_DST_IP},
    {"src-port", required_argument, NULL, OPT_SRC_PORT},
    {"dst-port", required_argument, NULL, OPT_DST_PORT},
    {"vlan", required_argument, NULL, OPT_VLAN},
    {"stream", required_argument, NULL, OPT_STREAM},
    {"cpu", required_argument, NULL, OPT_CPU},
    {"no-timestamp", no_argument, NULL, OPT_NO_TIMESTAMP},
    TRAFFIC_RUN_OPTIONS,
    {NULL, 0, NULL, 0},
};

static void
parse_size(struct traffic_frame *frame, const char *value)
{
    frame->imix = !strcmp(value, "imix");
    if (!frame->imix) {
        frame->size = traffic_parse_number("size", value, TRAFFIC_MIN_SIZE,
                                           TRAFFIC_MAX_SIZE);
    }
}

static void
parse_distribution(struct traffic_send_options *o, const char *value)
{
    if (!strcmp(value, "round-robin")) {
        o->distribution = TRAFFIC_ROUND_ROBIN;
    } else if (!strcmp(value, "uniform")) {
        o->distribution = TRAFFIC_UNIFORM;
    } else if (!strcmp(value, "zipf")) {
        o->distribution = TRAFFIC_ZIPF;
    } else if (!strncmp(value, "zipf:", 5)) {
        o->distribution = TRAFFIC_ZIPF;
        o->zipf_exponent = traffic_parse_real("distribution=zipf", value + 5);
    } else {
        ovs_fatal(0, "--distribution=%s: must be \"round-robin\", "
                  "\"uniform\", \"zipf\" or \"zipf:\" with an exponent",
                  value);
    }
}

static void
parse_mac(const char *name, const char *value, struct eth_addr *mac)
{
    if (!eth_addr_from_string(value, mac)) {
        ovs_fatal(0, "--%s=%s: must be a MAC address such as "
                  "02:00:00:00:00:01", name, value);
    }
}

static void
parse_vlans(struct traffic_frame *frame, char *value)
{
    char *save = NULL;

    frame->n_vlans = 0;
    for (char *vid = strtok_r(value, ",", &save); vid;
         vid = strtok_r(NULL, ",", &save)) {
        if (frame->n_vlans == TRAFFIC_MAX_VLANS) {
            ovs_fatal(0, "--vlan: a frame has at most %d tags",
                      TRAFFIC_MAX_VLANS);
        }
        frame->vlans[frame->n_vlans++]
            = traffic_parse_number("vlan", vid, 0, 4094);
    }
}

static void
parse_address(struct traffic_frame *frame, int option, const char *value)
{
    switch (option) {
    case OPT_SRC_MAC:
        parse_mac("src-mac", value, &frame->src_mac);
        break;
    case OPT_DST_MAC:
        parse_mac("dst-mac", value, &frame->dst_mac);
        break;
    case OPT_SRC_IP:
        frame->src_ip = value;
        break;
    case OPT_DST_IP:
        frame->dst_ip = value;
        break;
    case OPT_SRC_PORT:
        frame->src_port = traffic_parse_number("src-port", value, 0,
                                               UINT16_MAX);
        break;
    case OPT_DST_PORT:
        frame->dst_port = traffic_parse_number("dst-port", value, 0,
                                               UINT16_MAX);
        break;
    }
}

static void
parse_option(struct traffic_send_options *o, int option)
{
    switch (option) {
    case OPT_RATE:
        o->rate = traffic_parse_real("rate", optarg);
        break;
    case OPT_BURST:
        o->burst = traffic_parse_number("burst", optarg, 1, 1 << 20);
        break;
    case OPT_SIZE:
        parse_size(&o->frame, optarg);
        break;
    case OPT_FLOWS:
        o->n_flows = traffic_parse_number("flows", optarg, 1, MAX_FLOWS);
        break;
    case OPT_DISTRIBUTION:
        parse_distribution(o, optarg);
        break;
    case OPT_IPV6:
        o->frame.ipv6 = true;
        break;
    case OPT_TCP:
        o->frame.tcp = true;
        break;
    case OPT_SRC_MAC: case OPT_DST_MAC: case OPT_SRC_IP: case OPT_DST_IP:
    case OPT_SRC_PORT: case OPT_DST_PORT:
        parse_address(&o->frame, option, optarg);
        break;
    case OPT_VLAN:
        parse_vlans(&o->frame, optarg);
        break;
    case OPT_STREAM:
        o->stream = traffic_parse_number("stream", optarg, 0, UINT16_MAX);
        break;
    case OPT_CPU:
        o->cpu = traffic_parse_number("cpu", optarg, 0, CPU_SETSIZE - 1);
        break;
    case OPT_NO_TIMESTAMP:
        o->stamp = false;
        break;
    default:
        traffic_parse_run_option(&o->run, option);
        break;
    }
}

void
traffic_send_parse(struct ovs_cmdl_context *ctx,
                   struct traffic_send_options *o)
{
    int option;

    *o = (struct traffic_send_options) {
        .burst = 64, .n_flows = 1, .zipf_exponent = 1, .stream = -1,
        .cpu = -1, .stamp = true,
        .frame = { .src_mac = ETH_ADDR_C(02,00,00,00,00,01),
                   .dst_mac = ETH_ADDR_C(02,00,00,00,00,02),
                   .src_port = 1024, .dst_port = 9 },
    };
    optind = 0;
    while ((option = getopt_long(ctx->argc, ctx->argv, "h", long_options,
                                 NULL)) != -1) {
        parse_option(o, option);
    }
    if (o->run.duration && o->run.count) {
        ovs_fatal(0, "--duration and --count: give one of both");
    }
    o->device = traffic_arguments(ctx, 1, "INTERFACE")[0];
}
