/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "timeval.h"
#include "util.h"
#include "tests/unit/datapath-xdp/xdp-lab.h"
#include "prog/xdp-program.h"

/* The verifier's instructions that are too many: this much more than recorded,
 * in percent. */
enum { MAX_GROWTH = 25 };

/* The kernel's version, as far as it matters to the verifier. */
static void
get_kernel(char kernel[16])
{
    struct utsname name;
    int major, minor;

    ovs_assert(!uname(&name));
    ovs_assert(ovs_scan(name.release, "%d.%d", &major, &minor));
    snprintf(kernel, 16, "%d.%d", major, minor);
}

/* What the file says of 'program' on 'kernel', or 0. */
static unsigned int
get_record(const char *file_name, const char *kernel, const char *program)
{
    FILE *file = fopen(file_name, "r");
    unsigned int record = 0;
    char line[128];

    if (!file) {
        ovs_fatal(errno, "%s", file_name);
    }
    while (fgets(line, sizeof line, file)) {
        char k[16], p[16];
        unsigned int n;

        if (ovs_scan(line, "%15s %15s %u", k, p, &n)
            && !strcmp(k, kernel) && !strcmp(p, program)) {
            record = n;
        }
    }
    fclose(file);
    return record;
}

/* How many instructions the verifier looked at to accept the program. */
static unsigned int
count_insns(const struct xdp_prog *prog)
{
    struct bpf_prog_info info;
    uint32_t len = sizeof info;
    int fd = bpf_prog_get_fd_by_id(xdp_prog_id(prog));

    memset(&info, 0, sizeof info);
    ovs_assert(fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len));
    close(fd);
    return info.verified_insns;
}

/* Says whether 'n' is within the limit of the record.  Details that differ
 * between kernels go to stderr. */
static void
compare(const char *file_name, const char *program, unsigned int n)
{
    char kernel[16];
    unsigned int record;

    get_kernel(kernel);
    record = get_record(file_name, kernel, program);
    fprintf(stderr, "%s %s %u (record %u)\n", kernel, program, n, record);
    if (!record) {
        printf("%s: no record for this kernel\n", program);
    } else {
        printf("%s: %s\n", program,
               n <= record * (100 + MAX_GROWTH) / 100 ? "ok" : "has grown");
    }
}

/* "xdp-verifier FILE": compares how complex our programs are to the verifier
 * with what the file says. */
static void
test_verifier(struct ovs_cmdl_context *ctx)
{
    const struct xdp_limits limits = {
        .n_flows = 65536, .cache_size = 8192, .n_masks = XDP_MAX_MASKS,
    };
    long long int start = time_msec();
    struct xdp_lab lab;

    xdp_lab_open(&lab, &limits, 0);
    fprintf(stderr, "loaded in %lld ms\n", time_msec() - start);
    compare(ctx->argv[1], "offload", count_insns(lab.prog));
    xdp_prog_disable_offload(lab.prog);
    compare(ctx->argv[1], "plain", count_insns(lab.prog));
    xdp_lab_close(&lab);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-verifier", NULL, 1, 1, test_verifier, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
