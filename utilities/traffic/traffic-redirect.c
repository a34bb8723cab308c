/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "command-line.h"
#include "traffic-attach.h"
#include "traffic-common.h"
#include "util.h"

#include "traffic-redirect.skel.h"

enum {
    OPT_MODE = TRAFFIC_OPT_FIRST,
};

static const struct option long_options[] = {
    {"mode", required_argument, NULL, OPT_MODE},
    TRAFFIC_HELP_OPTION,
    {NULL, 0, NULL, 0},
};

static void
set_device(const struct traffic_redirect_skel *skel, uint32_t key,
           const char *name)
{
    uint32_t ifindex = traffic_ifindex(name);

    if (bpf_map_update_elem(bpf_map__fd(skel->maps.devices), &key, &ifindex,
                            BPF_ANY)) {
        ovs_fatal(errno, "%s: the device cannot be redirected to", name);
    }
}

static void
attach(const struct bpf_program *prog, const char *device,
       enum traffic_mode mode)
{
    int fd = bpf_program__fd(prog);

    if (!traffic_attach(fd, device, mode)) {
        traffic_attach(fd, device, TRAFFIC_MODE_GENERIC);
    }
}

void
traffic_redirect_command(struct ovs_cmdl_context *ctx)
{
    enum traffic_mode mode = TRAFFIC_MODE_ANY;
    struct traffic_redirect_skel *skel;
    struct traffic_run run;
    char **devices;
    int option;

    optind = 0;
    while ((option = getopt_long(ctx->argc, ctx->argv, "h", long_options,
                                 NULL)) != -1) {
        if (option == OPT_MODE) {
            mode = traffic_parse_mode(optarg);
        } else {
            traffic_parse_run_option(&run, option);
        }
    }
    devices = traffic_arguments(ctx, 2, "IN OUT");
    traffic_start();
    skel = traffic_redirect_skel__open_and_load();
    if (!skel) {
        traffic_fatal_load(devices[0], errno);
    }
    set_device(skel, 0, devices[0]);
    set_device(skel, 1, devices[1]);
    attach(skel->progs.traffic_to_second, devices[0], mode);
    attach(skel->progs.traffic_to_first, devices[1], mode);
    fprintf(stderr, "ready\n");
    while (traffic_sleep()) {
        continue;
    }
    traffic_detach();
    traffic_redirect_skel__destroy(skel);
}
