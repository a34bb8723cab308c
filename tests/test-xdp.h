/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_XDP_H
#define TEST_XDP_H 1

/* The commands of test-xdp, which tests the XDP flow offload. */

#include "command-line.h"

struct match;

extern const struct ovs_cmdl_command test_xdp_churn_commands[];
extern const struct ovs_cmdl_command test_xdp_hash_commands[];
extern const struct ovs_cmdl_command test_xdp_interleave_commands[];
extern const struct ovs_cmdl_command test_xdp_offload_commands[];
extern const struct ovs_cmdl_command test_xdp_offload_threads_commands[];
extern const struct ovs_cmdl_command test_xdp_parse_commands[];
extern const struct ovs_cmdl_command test_xdp_race_commands[];
extern const struct ovs_cmdl_command test_xdp_rewrite_commands[];
extern const struct ovs_cmdl_command test_xdp_room_commands[];
extern const struct ovs_cmdl_command test_xdp_synchronize_commands[];
extern const struct ovs_cmdl_command test_xdp_table_commands[];
extern const struct ovs_cmdl_command test_xdp_verifier_commands[];
extern const struct ovs_cmdl_command test_xdp_flow_commands[];

/* The datapath flow that 's' describes, which must be one. */
void test_xdp_parse_match(const char *s, struct match *);

#endif /* test-xdp.h */
