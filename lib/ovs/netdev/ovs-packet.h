/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVS_PACKET_H
#define OVS_PACKET_H 1

/* Packets as Open vSwitch has them.
 *
 * What no version has changed is used as it is: dp_packet_data(),
 * dp_packet_size(), dp_packet_tailroom(), dp_packet_new(),
 * dp_packet_new_with_headroom(), dp_packet_put(), dp_packet_put_uninit() and
 * dp_packet_delete().  Everything else is here or in umem-packet.h. */

#include <stdbool.h>
#include <stddef.h>

#include "dp-packet.h"

/* How many packets are handled at a time.  Open vSwitch asks for as many at
 * once; what it has us send may be more in some versions. */
enum { OVS_PACKET_BURST = 32 };

/* Has umem_frames_to_packets() made 'packet'? */
static inline bool
ovs_packet_is_in_umem(const struct dp_packet *packet)
{
    return packet->source == DPBUF_AFXDP;
}

/* Has the sender of 'packet' left it to the device to cut it up? */
static inline bool
ovs_packet_wants_segments(const struct dp_packet *packet)
{
    return dp_packet_hwol_is_tso(packet);
}

/* Is 'packet' marked as one whose checksum the device is to compute? */
static inline bool
ovs_packet_wants_csum(const struct dp_packet *packet)
{
    return dp_packet_hwol_l4_mask(packet) != 0;
}

/* Stores where Open vSwitch has found the headers of 'packet', and returns
 * false if it has not. */
static inline bool
ovs_packet_get_offsets(const struct dp_packet *packet, size_t *l3_ofs,
                       size_t *l4_ofs)
{
    *l3_ofs = packet->l3_ofs;
    *l4_ofs = packet->l4_ofs;
    return packet->l3_ofs != UINT16_MAX && packet->l4_ofs != UINT16_MAX;
}

#endif /* ovs-packet.h */
