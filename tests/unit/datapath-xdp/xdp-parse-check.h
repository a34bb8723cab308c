/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_PARSE_CHECK_H
#define XDP_PARSE_CHECK_H 1

/* Holds the BPF programs' parser against Open vSwitch's flow_extract(). */

#include <stdbool.h>
#include <stddef.h>

/* Parses the 'size' bytes at 'data' with up to 'vlan_limit' VLAN tags, 0 to 2.
 * Returns true if xdp_parse() accepts them.  Then it has found in them what
 * flow_extract() finds; else prints both and aborts.  One thread at a time. */
bool xdp_parse_check(const void *data, size_t size, int vlan_limit);

#endif /* xdp-parse-check.h */
