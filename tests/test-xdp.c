/* SPDX-License-Identifier: Apache-2.0 */

/* Drives the XDP flow offload, module by module, for the tests in *.at. */

#include <config.h>
#undef NDEBUG
#include "test-xdp.h"

#include "openvswitch/vlog.h"
#include "util.h"

static const struct ovs_cmdl_command *const modules[] = {
    test_xdp_churn_commands,
    test_xdp_flow_commands,
    test_xdp_hash_commands,
    test_xdp_interleave_commands,
    test_xdp_offload_commands,
    test_xdp_offload_threads_commands,
    test_xdp_parse_commands,
    test_xdp_race_commands,
    test_xdp_rewrite_commands,
    test_xdp_room_commands,
    test_xdp_synchronize_commands,
    test_xdp_table_commands,
    test_xdp_verifier_commands,
};

int
main(int argc, char *argv[])
{
    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };
    struct ovs_cmdl_command all[32];
    size_t n = 0;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
        for (const struct ovs_cmdl_command *c = modules[i]; c->name; c++) {
            ovs_assert(n + 1 < ARRAY_SIZE(all));
            all[n++] = *c;
        }
    }
    all[n] = (struct ovs_cmdl_command) { NULL, NULL, 0, 0, NULL, OVS_RO };
    ovs_cmdl_run_command(&ctx, all);
    return 0;
}
