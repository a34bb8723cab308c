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
 * what it is, because completing it computes the same value again.
 *
 * If the sender has put the packet into a tunnel, the field is further in.
 * What is around it needs no change: the sender computes it (as for the
 * checksum of the tunnel's UDP header) of the packet as it will be. */

#include <stddef.h>

enum partial_csum {
    PARTIAL_CSUM_NONE,          /* The frame stays as it is. */
    PARTIAL_CSUM_COMPLETED,
    PARTIAL_CSUM_UNKNOWN,       /* Likewise: if there is one, it is inside an
                                 * encapsulation that we do not look into. */
    N_PARTIAL_CSUM
};

/* If the Ethernet frame of 'size' bytes at 'frame' has an unfragmented TCP or
 * UDP packet whose checksum field equals its pseudo-header's sum, completes
 * the checksum.  It may be behind VLAN tags, MPLS labels, IPv4 options and
 * IPv6 extension headers, and in tunnels: IP in IP, GRE, VXLAN and Geneve on
 * their usual ports.  Any other frame, malformed ones included, stays as it
 * is. Reads and writes only within 'size' bytes.  Any thread. */
enum partial_csum partial_csum_complete(void *frame, size_t size);

#endif /* partial-csum.h */
