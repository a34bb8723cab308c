/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_XDP_H
#define TEST_XDP_H 1

/* The commands of test-xdp, which tests the XDP flow offload. */

#include "command-line.h"

extern const struct ovs_cmdl_command test_xdp_parse_commands[];

#endif /* test-xdp.h */
