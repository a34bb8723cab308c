/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-mtu.h"

#include <errno.h>

#include "ovs-thread.h"
#include "packets.h"
#include "umem/umem.h"
#include "util.h"
#include "xsk/xsk-queue.h"

/* What switches and network cards call jumbo frames. */
enum { JUMBO_MTU = 9216 };

uint32_t
afxdp_max_packet_len(int mtu)
{
    return mtu + ETH_HEADER_LEN + 2 * VLAN_HEADER_LEN;
}

static int
max_mtu_in_frame(uint32_t frame_size)
{
    return (frame_size - XSK_QUEUE_HEADROOM - XSK_QUEUE_TAILROOM
            - afxdp_max_packet_len(0));
}

int
afxdp_max_mtu(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;
    static int max_mtu;

    if (ovsthread_once_start(&once)) {
        max_mtu = (xsk_queue_kernel_has_multi_buffer()
                   ? JUMBO_MTU : max_mtu_in_frame(get_page_size()));
        ovsthread_once_done(&once);
    }
    return max_mtu;
}

int
afxdp_check_mtu(int mtu)
{
    return mtu > afxdp_max_mtu() ? EINVAL : 0;
}

bool
afxdp_mtu_needs_multi_buffer(int mtu)
{
    return mtu > max_mtu_in_frame(get_page_size());
}

uint32_t
afxdp_max_jumbo_len(void)
{
    return afxdp_max_packet_len(JUMBO_MTU);
}

uint32_t
afxdp_frame_size_for_mtu(int mtu)
{
    return (mtu <= max_mtu_in_frame(UMEM_SMALL_FRAME_SIZE)
            ? UMEM_SMALL_FRAME_SIZE : get_page_size());
}
