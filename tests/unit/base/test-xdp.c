/* SPDX-License-Identifier: Apache-2.0 */

/* Drives the XDP flow offload, module by module, for the tests in *.at. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include "openvswitch/vlog.h"
#include "util.h"

static struct ovs_cmdl_command all[32];         /* The last stays empty. */
static size_t n;

void
test_xdp_register(const struct ovs_cmdl_command *commands)
{
    for (const struct ovs_cmdl_command *c = commands; c->name; c++) {
        ovs_assert(n + 1 < ARRAY_SIZE(all));
        all[n++] = *c;
    }
}

int
main(int argc, char *argv[])
{
    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    ovs_cmdl_run_command(&ctx, all);
    return 0;
}
