/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_PARTIAL_CSUM_H
#define XDP_PARTIAL_CSUM_H 1

/* A sender on this machine may leave the transport checksum to its device:
 * then the field has the sum of the pseudo-header, and nothing else that an
 * XDP program can see says so. A complete checksum has that value once in
 * 65,536 packets, and then completing it again is right, too. */

#include "xdp-inner.h"
#include "xdp-rewrite.h"

/* Could there be a partial checksum that xdp_partial_csum_ofs() does not
 * see? */
static __always_inline _Bool
xdp_may_carry(void *data, void *end, const struct xdp_packet *pkt)
{
    const __u8 *l4 = data + XDP_L4_OFS(pkt);

    if (pkt->nw_frag) {
        return 0;
    }
    if (pkt->nw_proto == IPPROTO_TCP) {
        return pkt->other_addrs & XDP_ROUTED;
    }
    if (pkt->nw_proto == IPPROTO_UDP) {
        return (pkt->other_addrs & XDP_ROUTED
                || ((void *) (l4 + 4) <= end
                    && xdp_is_tunnel_port(xdp_ntohs(xdp_get16(l4 + 2)))));
    }
    return (xdp_is_tunnel_proto(pkt->nw_proto)
            || pkt->eth_type == XDP_BE16(ETH_P_PPP_SES));
}

/* One step.  Not static: the verifier looks at it once, and not once for each
 * way through the steps before. */
__attribute__((noinline)) int
xdp_step_inside(struct xdp_md *ctx, struct xdp_inner *w)
{
    __u32 header[XDP_INNER_HEADER / 4] = { 0 };

    if (!w) {
        return XDP_INNER_END;
    }
    if (w->len >= XDP_INNER_HEADER) {
        if (bpf_xdp_load_bytes(ctx, w->ofs, header, XDP_INNER_HEADER)) {
            return XDP_INNER_END;
        }
    } else if (w->len) {
        /* The only header of more than 32 bytes is not all there.  The
         * verifier of kernel 6.1 does not see that the length is not zero. */
        __u32 n = w->len < 32 ? w->len : 32;

        if (bpf_xdp_load_bytes(ctx, w->ofs, header, ((n - 1) & 31) + 1)) {
            return XDP_INNER_END;
        }
    }

    enum xdp_inner_result result = xdp_inner_step(w, (void *) header);

    return (w->csum_ofs && (w->n_ips > 1 || w->routed) ? XDP_INNER_PARTIAL
            : result);
}

/* Returns XDP_INNER_PARTIAL if the packet has a partial checksum that
 * xdp_partial_csum_ofs() does not see, XDP_INNER_END if it has none, and
 * another value if that cannot be told. */
__attribute__((noinline)) int
xdp_look_inside(struct xdp_md *ctx, const struct xdp_packet *pkt)
{
    int result = XDP_INNER_MORE;
    struct xdp_inner w;

    if (!pkt) {
        return XDP_INNER_END;
    }
    xdp_inner_start(&w, XDP_L3_OFS(pkt),
                    xdp_frame_len(ctx) - XDP_L3_OFS(pkt),
                    xdp_ntohs(pkt->eth_type));
    for (int i = 0; result == XDP_INNER_MORE && i < XDP_INNER_STEPS; i++) {
        result = xdp_step_inside(ctx, &w);
    }
    return result;
}

/* Where the checksum is, from the transport header on, if the packet has one
 * that may be partial; else 0. */
static __always_inline __u32
xdp_partial_csum_ofs(void *data, void *end, const struct xdp_packet *pkt)
{
    __u32 csum_ofs = (pkt->nw_proto == IPPROTO_TCP ? 16
                      : pkt->nw_proto == IPPROTO_UDP ? 6 : 0);
    __u8 *l4 = data + XDP_L4_OFS(pkt);
    __u8 *csum = l4 + csum_ofs;

    return (csum_ofs && !pkt->nw_frag && !pkt->other_addrs
            && (void *) (csum + 2) <= end
            && xdp_get16(csum)
            && xdp_get16(csum) == xdp_pseudo_header_sum(pkt)
            /* The checksum covers what UDP's own length says. */
            && (csum_ofs != 6 || xdp_ntohs(xdp_get16(l4 + 4)) == pkt->l4_len)
            ? csum_ofs : 0);
}

/* Adds full pieces of 'size' bytes, at most 8, to '*sum', and moves on behind
 * them.  Returns false if they are not all in the frame. */
static __always_inline _Bool
xdp_sum_pieces(struct xdp_md *ctx, const __u32 size, __u32 *ofs, __u32 *len,
               __s64 *sum)
{
    void *data = (void *) (long) ctx->data;
    void *end = (void *) (long) ctx->data_end;

    for (int i = 0; i < 8 && *len >= size; i++) {
        void *p = data + (*ofs & 4095);

        if (p + size > end) {
            return 0;
        }
        *sum = bpf_csum_diff(0, 0, p, size, *sum);
        *ofs += size;
        *len -= size;
    }
    return 1;
}

/* The sum of 'len' bytes from 'ofs' on.  The helper takes up to 512 bytes, in
 * multiples of 4. */
static __always_inline __s64
xdp_sum_bytes(struct xdp_md *ctx, __u32 ofs, __u32 len)
{
    __u32 tail[16] = { 0 };
    __s64 sum = 0;

    /* Longer ones there are in generic mode only. */
    if (ofs + len > 4096) {
        return -1;
    }
    if (!xdp_sum_pieces(ctx, 512, &ofs, &len, &sum)
        || !xdp_sum_pieces(ctx, 64, &ofs, &len, &sum) || len >= 64) {
        return -1;
    }
    /* The verifier of kernel 6.1 does not see that 'len' is not zero here. */
    if (len && bpf_xdp_load_bytes(ctx, ofs, tail, ((len - 1) & 63) + 1)) {
        return -1;
    }
    return bpf_csum_diff(0, 0, tail, sizeof tail, sum);
}

/* Completes the checksum that is 'csum_ofs' behind the transport header.
 * Returns 0, or 1 if it did not. Not static for the verifier's sake. */
__attribute__((noinline)) int
xdp_complete_csum(struct xdp_md *ctx, const struct xdp_packet *pkt,
                  __u32 csum_ofs)
{
    if (!pkt) {
        return 1;
    }

    __s64 sum = xdp_sum_bytes(ctx, XDP_L4_OFS(pkt), pkt->l4_len);

    if (sum < 0) {
        return 1;
    }

    __u8 *csum = (void *) (long) ctx->data + XDP_L4_OFS(pkt)
                 + (csum_ofs & 31);

    if ((void *) (csum + 2) > (void *) (long) ctx->data_end) {
        return 1;
    }

    __u16 value = ~xdp_csum_fold(sum);

    *(__u16 *) csum = value || pkt->nw_proto == IPPROTO_TCP ? value : 0xffff;
    return 0;
}

#endif /* xdp-partial-csum.h */
