/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

/* The fast path: packets of flows that Open vSwitch has decided on are
 * rewritten and forwarded here, everything else goes to user space. */

#include "xdp-count.h"
#include "xdp-lookup.h"
#include "xdp-partial-csum.h"
#include "xdp-vlan-tag.h"

static __always_inline struct xdp_port *
get_port(__u32 idx)
{
    return bpf_map_lookup_elem(&xdp_ports, &idx);
}

/* Out of line: such packets are rare, and the verifier looks at it once. */
__attribute__((noinline)) int
parse_extensions(struct xdp_md *ctx, struct xdp_packet *pkt)
{
    return pkt && xdp_parse_extensions((void *) (long) ctx->data,
                                       (void *) (long) ctx->data_end, pkt);
}

static __always_inline _Bool
parse(struct xdp_md *ctx, const struct xdp_port *port, struct xdp_packet *pkt)
{
    enum xdp_parsed parsed = xdp_parse((void *) (long) ctx->data,
                                       (void *) (long) ctx->data_end,
                                       in_port, port->vlan_limit, pkt);

    return (parsed == XDP_EXTENSIONS ? parse_extensions(ctx, pkt)
            : parsed == XDP_PARSED);
}

static __always_inline __u64
get_time(struct xdp_counters *cpu)
{
    __u64 jiffies = bpf_jiffies64();

    if (jiffies != cpu->jiffies) {
        cpu->jiffies = jiffies;
        cpu->now = bpf_ktime_get_coarse_ns();
    }
    return cpu->now;
}

static __always_inline void
count_flow(__u32 idx, __u64 n_bytes, const struct xdp_packet *pkt,
           struct xdp_counters *cpu)
{
    __u32 i = ((bpf_get_smp_processor_id() & (stats_shards - 1)) * n_flows
               + idx);
    struct xdp_flow_stats *stats = bpf_map_lookup_elem(&xdp_stats, &i);
    __u32 tcp_flags = XDP_BE16(pkt->key.w[XDP_KEY_TCP_FLAGS]);

    if (!stats) {
        return;
    }
    if (stats_are_shared) {
        __sync_fetch_and_add(&stats->n_packets, 1);
        __sync_fetch_and_add(&stats->n_bytes, n_bytes);
    } else {
        stats->n_packets++;
        stats->n_bytes += n_bytes;
    }
    if (tcp_flags & ~stats->tcp_flags) {
        __sync_fetch_and_or(&stats->tcp_flags, tcp_flags);
    }
    stats->used = get_time(cpu);
}

/* Does what only few packets need before they can be sent.  Returns false if
 * the packet, as it was or with its checksum completed, is one for user
 * space. */
static __always_inline _Bool
prepare(struct xdp_md *ctx, struct xdp_packet *pkt,
        const struct xdp_flow_action *act, struct xdp_counters *counters)
{
    void *data = (void *) (long) ctx->data;
    void *end = (void *) (long) ctx->data_end;
    __u32 csum_ofs;

    if (xdp_may_carry(data, end, pkt)) {
        switch (xdp_look_inside(ctx, pkt)) {
        case XDP_INNER_PARTIAL:
            return 0;
        case XDP_INNER_END:
            break;
        default:
            counters->n[XDP_COUNTER_CSUM_UNKNOWN]++;
        }
    }
    csum_ofs = xdp_partial_csum_ofs((void *) (long) ctx->data,
                                    (void *) (long) ctx->data_end, pkt);
    if (csum_ofs) {
        if (xdp_complete_csum(ctx, pkt, csum_ofs)) {
            return 0;
        }
        counters->n[XDP_COUNTER_CSUM_COMPLETED]++;
    }
    return (!(act->flags & ~(XDP_ACT_OUTPUT | XDP_ACT_BROADCAST))
            || !xdp_rewrite(ctx, pkt, act));
}

/* Will the packet, after 'act', be one that the kernel redirects to the output
 * device, or to all of a set?  Longer ones the kernel drops without a word,
 * and user space may be able to send them. */
static __always_inline _Bool
fits_output(struct xdp_md *ctx, const struct xdp_flow_action *act)
{
    __u32 len = xdp_frame_len(ctx) + 4 * act->n_push - 4 * act->n_pop;
    __u32 max_len = act->set_max_len;

    if (!(act->flags & XDP_ACT_OUTPUT)) {
        return 1;
    }
    if (!(act->flags & XDP_ACT_BROADCAST)) {
        struct xdp_port *port = get_port(act->out_port);

        max_len = port ? port->max_len : 0;
    }
    if (act->flags & XDP_ACT_TRUNCATE && len > act->max_len) {
        len = act->max_len;
    }
    return len <= max_len;
}

static __always_inline int
output_to_set(__u32 set, struct xdp_counters *counters)
{
    void *devices = bpf_map_lookup_elem(&xdp_output_sets, &set);

    if (!devices) {
        counters->n[XDP_COUNTER_OUTPUT_DROPS]++;
        return XDP_DROP;
    }
    return bpf_redirect_map(devices, 0, BPF_F_BROADCAST);
}

static __always_inline int
output(__u32 out_port, struct xdp_counters *counters)
{
    int verdict = bpf_redirect_map(&xdp_devices, out_port, XDP_DROP);

    if (verdict != XDP_REDIRECT) {
        counters->n[XDP_COUNTER_OUTPUT_DROPS]++;
    }
    return verdict;
}

SEC("xdp")
int
ovs_afxdp(struct xdp_md *ctx)
{
    struct xdp_counters *counters = xdp_get_counters();
    struct xdp_port *port = get_port(in_port);
    struct xdp_packet pkt;
    int verdict;

    if (!counters || !port) {
        return XDP_PASS;
    }
    verdict = xdp_take_vlan_tag_in(ctx);
    if (verdict != XDP_REDIRECT) {
        return verdict;
    }
    if (!(XDP_READ_ONCE(port->flags) & XDP_PORT_LOOKUP)) {
        return xdp_to_user_space(ctx);
    }
    /* Offload costs a port that has nothing to offload next to nothing. */
    if (!XDP_READ_ONCE(port->order[0])) {
        counters->n[XDP_COUNTER_MISSES]++;
        return xdp_to_user_space(ctx);
    }
    if (!parse(ctx, port, &pkt)) {
        counters->n[XDP_COUNTER_UNPARSED]++;
        return xdp_to_user_space(ctx);
    }

    __u32 found = xdp_lookup(&pkt, port);
    __u32 idx = (found & ~XDP_FOUND_IN_CACHE) - 1;
    struct xdp_flow *flow = bpf_map_lookup_elem(&xdp_flows, &idx);

    if (!flow) {
        counters->n[XDP_COUNTER_MISSES]++;
        return xdp_to_user_space(ctx);
    }

    __u64 n_bytes = xdp_frame_len(ctx);
    __u32 act_idx = flow->action;
    struct xdp_flow_action *act = bpf_map_lookup_elem(&xdp_actions, &act_idx);

    if (!act || !fits_output(ctx, act) || !prepare(ctx, &pkt, act, counters)) {
        counters->n[XDP_COUNTER_PUNTED]++;
        return xdp_to_user_space(ctx);
    }
    counters->n[found & XDP_FOUND_IN_CACHE ? XDP_COUNTER_CACHE_HITS
                : XDP_COUNTER_MASKED_HITS]++;
    count_flow(idx, n_bytes, &pkt, counters);
    if (!(act->flags & XDP_ACT_OUTPUT)) {
        counters->n[XDP_COUNTER_FLOW_DROPS]++;
        return XDP_DROP;
    }
    return (act->flags & XDP_ACT_BROADCAST
            ? output_to_set(act->out_port, counters)
            : output(act->out_port, counters));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
