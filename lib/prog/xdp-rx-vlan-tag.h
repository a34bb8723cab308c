/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_RX_VLAN_TAG_H
#define XDP_RX_VLAN_TAG_H 1

/* How our programs learn of VLAN tags that stand beside packets: they call a
 * function of the kernel, which asks the driver.  See
 * datapath-xdp/xdp-vlan-tag.h for what they do then.
 *
 * Only a program that is bound to a device when it is loaded may call it, and
 * such a program runs nowhere else and not in generic mode.  So a program is
 * loaded with the call where a device's driver answers, and without it
 * elsewhere.
 *
 * Any thread. */

#include <stdint.h>

struct bpf_program;

/* Makes 'prog', which is not loaded yet, ask about packets of the device
 * 'ifindex', which it is bound to; or, if 'ifindex' is 0, not ask.  'flags'
 * are further flags for loading it.  Returns 0 or a positive errno. */
int xdp_rx_vlan_tag_prepare(struct bpf_program *prog, int ifindex,
                            uint32_t flags);

#endif /* xdp-rx-vlan-tag.h */
