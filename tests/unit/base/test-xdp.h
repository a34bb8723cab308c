/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_XDP_H
#define TEST_XDP_H 1

/* The commands of test-xdp, which tests the XDP flow offload. */

#include "command-line.h"

/* Adds 'commands', which end with an empty one. */
void test_xdp_register(const struct ovs_cmdl_command *commands);

/* Stands at the end of a file that has COMMANDS. */
#define TEST_XDP_COMMANDS(COMMANDS) \
    OVS_CONSTRUCTOR(register_commands) { test_xdp_register(COMMANDS); }

#endif /* test-xdp.h */
