/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "traffic-attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <unistd.h>

#include "traffic-common.h"
#include "util.h"
#include "prog/xdp-foreign-prog.h"

static const struct {
    const char *name;
    uint32_t flags;
} modes[] = {
    [TRAFFIC_MODE_ANY] = { "any", XDP_FLAGS_DRV_MODE },
    [TRAFFIC_MODE_NATIVE] = { "native", XDP_FLAGS_DRV_MODE },
    [TRAFFIC_MODE_GENERIC] = { "generic", XDP_FLAGS_SKB_MODE },
};

#define MAX_PROGS 2
static int links[MAX_PROGS];
static size_t n_links;

enum traffic_mode
traffic_parse_mode(const char *value)
{
    for (int i = TRAFFIC_MODE_NATIVE; i < ARRAY_SIZE(modes); i++) {
        if (!strcmp(value, modes[i].name)) {
            return i;
        }
    }
    ovs_fatal(0, "--mode=%s: must be \"native\" or \"generic\"", value);
}

const char *
traffic_mode_name(enum traffic_mode mode)
{
    return modes[mode].name;
}

/* Ends the process if somebody's program is on the device. */
static void
refuse_foreign_prog(const char *device, int ifindex)
{
    char *foreign = xdp_foreign_prog_explain(ifindex);

    if (foreign) {
        ovs_fatal(0, "%s: %s", device, foreign);
    }
}

bool
traffic_attach(int prog_fd, const char *device, enum traffic_mode mode)
{
    int ifindex = traffic_ifindex(device);
    DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts);
    int fd, error;

    ovs_assert(n_links < MAX_PROGS);
    refuse_foreign_prog(device, ifindex);
    opts.flags = modes[mode].flags;
    fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &opts);
    if (fd >= 0) {
        links[n_links++] = fd;
        return true;
    }
    error = errno;
    refuse_foreign_prog(device, ifindex);
    if (mode != TRAFFIC_MODE_ANY) {
        ovs_fatal(error, "%s: the XDP program cannot be attached in %s mode%s",
                  device, modes[mode].name,
                  mode == TRAFFIC_MODE_NATIVE ? "; try --mode=generic" : "");
    }
    ovs_error(error, "%s: no native XDP; using generic XDP, which is slower",
              device);
    return false;
}

void
traffic_detach(void)
{
    while (n_links) {
        int fd = links[--n_links];

        /* Closing the link may detach later, from a work queue. */
        bpf_link_detach(fd);
        close(fd);
    }
}
