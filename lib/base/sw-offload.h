/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SW_OFFLOAD_H
#define SW_OFFLOAD_H 1

/* What a sender has left to the device, done in software: to compute a
 * transport checksum, and to cut a long TCP packet into segments.
 *
 * Where the headers are is for the caller to know: 'l3_ofs' and 'l4_ofs' are
 * offsets of the IP and the transport header from the beginning of the packet.
 * What is in front of the IP header does not matter and is not changed.
 *
 * Everything else that the packet says of itself is checked.  Reads and writes
 * only within 'size' bytes.  Any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Computes the checksum of a TCP, UDP or SCTP packet, whatever its field has
 * now.  Returns false, and changes nothing, if the packet is none of these, is
 * a fragment, or if its lengths are wrong. */
bool sw_offload_complete_csum(void *packet, size_t size, size_t l3_ofs,
                              size_t l4_ofs);

/* A TCP packet and how it is cut up. */
struct tcp_segments {
    const uint8_t *packet;
    size_t l3_ofs, l4_ofs;
    size_t header_len;          /* All headers, which each segment has. */
    size_t payload_len;
    size_t mss;                 /* Payload of each segment but the last. */
    uint32_t n;                 /* How many segments. */
};

/* Prepares to cut up 'packet' so that the IP packets that come out have 'mtu'
 * bytes at most.  Returns false if it is not a whole TCP packet, or if its
 * headers leave no room for payload. */
bool tcp_segments_init(struct tcp_segments *, const void *packet, size_t size,
                       size_t l3_ofs, size_t l4_ofs, size_t mtu);

/* The length of segment 'i'. */
size_t tcp_segments_len(const struct tcp_segments *, uint32_t i);

/* Writes segment 'i', all of its tcp_segments_len() bytes, to 'segment'. */
void tcp_segments_write(const struct tcp_segments *, uint32_t i,
                        void *segment);

#endif /* sw-offload.h */
