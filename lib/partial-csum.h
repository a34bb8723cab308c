/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARTIAL_CSUM_H
#define PARTIAL_CSUM_H 1

/* Completing partial TCP and UDP checksums.
 *
 * A sender that leaves transmit checksum offload on (every container, by
 * default) puts only the folded sum of the pseudo-header into the checksum
 * field and a flag into kernel metadata that XDP cannot see.  The packet must
 * be completed before anything rewrites or forwards it.
 *
 * A complete checksum that happens to equal the pseudo-header's sum stays
 * what it is, because completing it computes the same value again. */

#include <stdbool.h>
#include <stddef.h>

/* If the Ethernet frame of 'size' bytes at 'frame' is an unfragmented TCP or
 * UDP packet (IPv4 or IPv6, up to two VLAN tags) whose checksum field equals
 * its pseudo-header's sum, completes the checksum and returns true.  Any other
 * frame, malformed ones included, stays as it is.  Reads and writes only
 * within 'size' bytes.  Any thread. */
bool partial_csum_complete(void *frame, size_t size);

#endif /* partial-csum.h */
