/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AFXDP_MTU_H
#define AFXDP_MTU_H 1

/* What a device's MTU means: how long packets are, how large the frames, and
 * whether a packet may need several of them.  Any thread. */

#include <stdbool.h>
#include <stdint.h>

/* The largest MTU, in bytes, that a port can have on this kernel: what jumbo
 * frames are on most devices, or with a kernel that has no multi-buffer AF_XDP
 * (before Linux 6.6) a frame of a page less the headroom, the tailroom, an
 * Ethernet header and two VLAN tags. */
int afxdp_max_mtu(void);

/* Returns 0 if that allows 'mtu', or EINVAL. */
int afxdp_check_mtu(int mtu);

/* The longest packet, in bytes, that belongs on a device with this MTU. */
uint32_t afxdp_max_packet_len(int mtu);

/* The longest packet of several frames, in bytes. */
uint32_t afxdp_max_jumbo_len(void);

bool afxdp_mtu_needs_multi_buffer(int mtu);

uint32_t afxdp_frame_size_for_mtu(int mtu);     /* Bytes. */

#endif /* afxdp-mtu.h */
