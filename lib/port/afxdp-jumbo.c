/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-jumbo.h"

#include <string.h>

#include "ovs/netdev/ovs-packet.h"
#include "ovs/netdev/umem-packet.h"
#include "umem/umem.h"
#include "util.h"
#include "xsk/xsk-queue.h"

/* Receiving. */

/* Appends 'frame' to '*partial' and gives it back.  What is longer than any
 * packet may be is cut off, and the packet is dropped at its end. */
static void
append(struct umem_share *share, uint32_t max_len, struct dp_packet **partial,
       const struct umem_frame *frame)
{
    if (!*partial) {
        *partial = dp_packet_new_with_headroom(
            max_len + 1 + XSK_QUEUE_TAILROOM, XSK_QUEUE_HEADROOM);
    }
    dp_packet_put(*partial, (char *) umem_base(share) + frame->addr,
                  MIN(frame->len, max_len + 1 - dp_packet_size(*partial)));
    umem_put(share, &frame->addr, 1);
}

static bool
has_tailroom(const struct umem_share *share, const struct umem_frame *frame)
{
    uint32_t frame_size = umem_frame_size(share);

    return ((frame->addr & (frame_size - 1)) + frame->len + XSK_QUEUE_TAILROOM
            <= frame_size);
}

uint32_t
afxdp_jumbo_receive(struct xsk_queue *queue, uint32_t max_len,
                    struct dp_packet **partial,
                    const struct umem_frame frames[], uint32_t n,
                    struct dp_packet *packets[])
{
    struct umem_share *share = xsk_queue_share(queue);
    uint32_t n_packets = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (!*partial && !frames[i].continued
            && has_tailroom(share, &frames[i])) {
            umem_frames_to_packets(share, &frames[i], 1,
                                   &packets[n_packets++]);
            continue;
        }

        append(share, max_len, partial, &frames[i]);
        if (frames[i].continued) {
            continue;
        }
        if (dp_packet_size(*partial) <= max_len) {
            packets[n_packets++] = *partial;
        } else {
            xsk_queue_count(queue, XSK_rx_oversize_drops, 1);
            dp_packet_delete(*partial);
        }
        *partial = NULL;
    }
    return n_packets;
}

/* Sending. */

/* Frames of a page in the longest packet. */
enum { MAX_PIECES = 4 };

/* Cuts 'packet' into as few frames of 'xsk' as possible.  Returns how many, 0
 * if there are not enough. */
static uint32_t
cut_packet(struct xsk_queue *xsk, const struct dp_packet *packet,
           struct umem_frame pieces[])
{
    struct umem_share *share = xsk_queue_share(xsk);
    uint32_t frame_size = umem_frame_size(share);
    uint32_t left = dp_packet_size(packet);
    uint32_t n = DIV_ROUND_UP(left, frame_size);
    const char *data = dp_packet_data(packet);
    uint64_t addrs[MAX_PIECES];

    ovs_assert(n <= MAX_PIECES);
    uint32_t n_got = umem_get_for_tx(share, xsk_queue_owner(xsk), addrs, n);
    if (n_got < n) {
        umem_put(share, addrs, n_got);
        xsk_queue_count(xsk, XSK_tx_no_frame_drops, 1);
        return 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        pieces[i].addr = addrs[i];
        pieces[i].len = MIN(left, frame_size);
        pieces[i].continued = i + 1 < n;
        memcpy((char *) umem_base(share) + addrs[i], data, pieces[i].len);
        data += pieces[i].len;
        left -= pieces[i].len;
    }
    xsk_queue_count(xsk, XSK_tx_copied, 1);
    return n;
}

void
afxdp_jumbo_send(struct xsk_queue *xsk, struct dp_packet *packets[],
                 uint32_t n)
{
    struct umem_frame frames[OVS_PACKET_BURST * MAX_PIECES];
    struct umem_share *share = xsk_queue_share(xsk);
    uint32_t frame_size = umem_frame_size(share);
    uint32_t n_frames = 0;
    uint32_t n_wanted = 0;

    for (uint32_t i = 0; i < n; i++) {
        n_wanted += DIV_ROUND_UP(dp_packet_size(packets[i]), frame_size);
    }

    uint32_t room = xsk_queue_tx_room(xsk, n_wanted);
    for (uint32_t i = 0; i < n; i++) {
        struct umem_frame *frame = &frames[n_frames];

        if (DIV_ROUND_UP(dp_packet_size(packets[i]), frame_size)
            > room - n_frames) {
            xsk_queue_count(xsk, XSK_tx_ring_full_drops, 1);
            dp_packet_delete(packets[i]);
            continue;
        }
        if (umem_packets_to_frames(share, xsk_queue_owner(xsk), &packets[i],
                                   1, frame)) {
            xsk_queue_count(xsk, XSK_tx_zero_copied, 1);
            n_frames++;
        } else {
            n_frames += cut_packet(xsk, packets[i], frame);
            dp_packet_delete(packets[i]);
        }
    }
    xsk_queue_tx_burst(xsk, frames, n_frames);
}
