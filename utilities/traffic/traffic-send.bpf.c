/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

/* Runs over a page that the kernel hands out again and again
 * (BPF_F_TEST_XDP_LIVE_FRAMES), and makes a frame of it each time. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "traffic-abi.h"

struct net_device {
    __u32 ifindex;
} __attribute__((preserve_access_index));

const volatile struct traffic_send_config config;
const volatile struct traffic_size sizes[TRAFFIC_N_STEPS];
const volatile __u64 header[TRAFFIC_HEADER_WORDS];
struct traffic_send_state state;
__u64 zipf[TRAFFIC_N_ZIPF];

/* A token bucket: true if a frame is due, at most config.burst of them when
 * the program comes late. */
static __always_inline int
is_due(__u64 now)
{
    __u64 t = (now - state.first_ns) << TRAFFIC_TIME_SHIFT;
    __u64 depth = config.interval * config.burst;

    if (t < state.due) {
        return 0;
    }
    state.due += config.interval;
    if (t > state.due + depth) {
        state.due = t - depth;
    }
    return 1;
}

static __always_inline __u32
next_random(void)
{
    __u64 x = state.random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    state.random = x;
    return x >> 32;
}

static __always_inline __u32
zipf_flow(__u32 random)
{
    const int frac_bits = 32 - TRAFFIC_ZIPF_BITS;
    __u32 i = random >> frac_bits;
    __u64 frac = random & ((1 << frac_bits) - 1);
    __u64 low, high;

    if (i >= TRAFFIC_N_ZIPF - 1) {
        return 0;
    }
    low = zipf[i];
    high = zipf[i + 1];
    return (low + ((high - low) * frac >> frac_bits)) >> TRAFFIC_ZIPF_SHIFT;
}

static __always_inline __u32
next_flow(void)
{
    __u32 flow;

    if (config.n_flows == 1) {
        return 0;
    }
    switch (config.distribution) {
    case TRAFFIC_UNIFORM:
        return (__u64) next_random() * config.n_flows >> 32;
    case TRAFFIC_ZIPF:
        return zipf_flow(next_random());
    default:
        flow = state.flow;
        state.flow = flow + 1 < config.n_flows ? flow + 1 : 0;
        return flow;
    }
}

static __always_inline __u16
finish_checksum(__u64 sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

/* Writes our payload and returns the sum of its words but the magic. */
static __always_inline __u64
put_payload(void *data, __u64 seq, __u64 now)
{
    struct traffic_payload *payload = data + config.payload_ofs;
    __u64 number = bpf_cpu_to_be64((__u64) config.stream << 48 | seq);
    __u16 time_high = bpf_htons(now >> 32);
    __u32 time_low = bpf_htonl(now);

    payload->magic = bpf_htonl(TRAFFIC_MAGIC);
    __builtin_memcpy(&payload->stream, &number, sizeof number);
    payload->time_high = time_high;
    payload->time_low = time_low;
    return (number & 0xffffffff) + (number >> 32) + time_high + time_low;
}

/* Where in the header it is that flows differ. */
#define IPV4_LENGTH_OFS 2
#define IPV4_CSUM_OFS 10
#define IPV4_SRC_OFS 12
#define IPV6_LENGTH_OFS 4
#define IPV6_SRC_LOW_OFS 20
#define UDP_LENGTH_OFS 4
#define UDP_CSUM_OFS 6
#define TCP_CSUM_OFS 16

static __always_inline void
put_flow(void *data, const volatile struct traffic_size *size, __u64 sum)
{
    void *l3 = data + config.l3_ofs;
    void *l4 = data + config.l4_ofs;
    __u32 flow = next_flow();
    __u32 src_ip = bpf_htonl(config.src_ip + flow);
    __u16 src_port = bpf_htons(config.src_port + (flow & config.port_mask));

    if (config.is_ipv6) {
        *(__be16 *) (l3 + IPV6_LENGTH_OFS) = size->l3_length;
        *(__be32 *) (l3 + IPV6_SRC_LOW_OFS) = src_ip;
    } else {
        *(__be16 *) (l3 + IPV4_LENGTH_OFS) = size->l3_length;
        *(__be32 *) (l3 + IPV4_SRC_OFS) = src_ip;
        *(__u16 *) (l3 + IPV4_CSUM_OFS) =
            finish_checksum((__u64) size->ip_sum + src_ip);
    }

    __u16 csum = finish_checksum(sum + size->l4_sum + src_ip + src_port);

    *(__be16 *) l4 = src_port;
    if (config.is_tcp) {
        *(__u16 *) (l4 + TCP_CSUM_OFS) = csum;
    } else {
        *(__be16 *) (l4 + UDP_LENGTH_OFS) = size->udp_length;
        *(__u16 *) (l4 + UDP_CSUM_OFS) = csum ? csum : 0xffff;
    }
}

/* The page may come back with other headers, so all are written each time. */
static __always_inline int
make_frame(struct xdp_md *ctx, const volatile struct traffic_size *size,
           __u64 now)
{
    void *data = (void *) (long) ctx->data;
    void *data_end = (void *) (long) ctx->data_end;
    __u64 *words = data;
    __u64 sum;

    if (data + config.payload_ofs + sizeof(struct traffic_payload)
        > data_end) {
        return 0;
    }
#pragma unroll
    for (__u32 i = 0; i < TRAFFIC_HEADER_WORDS; i++) {
        /* The last word may reach into the payload, which comes later. */
        if (i * 8 < config.payload_ofs) {
            words[i] = header[i];
        }
    }
    sum = put_payload(data, state.n_frames,
                      config.stamp ? now & TRAFFIC_TIME_MASK : 0);
    put_flow(data, size, sum);
    return 1;
}

SEC("xdp")
int
traffic_send(struct xdp_md *ctx)
{
    __u32 step = 0;
    __u64 now = 0;

    if (config.stamp || config.interval || !state.n_frames) {
        now = bpf_ktime_get_ns();
        if (!state.first_ns) {
            state.first_ns = now;
        }
    }
    if (state.n_frames >= config.limit
        || (config.interval && !is_due(now))) {
        return XDP_DROP;
    }
    if (config.n_steps > 1) {
        step = state.step;
        if (step >= TRAFFIC_N_STEPS) {
            return XDP_ABORTED;
        }
        state.step = step + 1 < config.n_steps ? step + 1 : 0;
        if (sizes[step].length != config.max_length
            && bpf_xdp_adjust_tail(ctx, (int) sizes[step].length
                                        - (int) config.max_length)) {
            return XDP_ABORTED;
        }
    }
    if (!make_frame(ctx, &sizes[step], now)) {
        return XDP_ABORTED;
    }
    state.n_frames++;
    state.n_bytes += sizes[step].length;
    return bpf_redirect(config.ifindex, 0);
}

/* True if the sending thread is at work, whichever process id namespace it is
 * in. */
static __always_inline int
is_sender(void)
{
    struct bpf_pidns_info info;

    return !bpf_get_ns_current_pid_tgid(config.pid_ns_dev, config.pid_ns_ino,
                                        &info, sizeof info)
           && info.pid == config.tid;
}

/* Loopback is where the kernel says that our frames come from. */
#define LOOPBACK_IFINDEX 1

/* The kernel has given frames to a device: from, to, number taken, number
 * refused, error. */
SEC("tp_btf/xdp_devmap_xmit")
int
traffic_sent(__u64 *args)
{
    const struct net_device *from = (void *) args[0];
    const struct net_device *to = (void *) args[1];

    if (to->ifindex == config.ifindex && from->ifindex == LOOPBACK_IFINDEX
        && is_sender()) {
        state.n_sent += (int) args[2];
        state.last_ns = bpf_ktime_get_ns();
        state.cpu = bpf_get_smp_processor_id();
        if ((int) args[3] && (int) args[4]) {
            state.error = args[4];
        }
    }
    return 0;
}

/* The kernel did not even try: from, program, to, error. */
SEC("tp_btf/xdp_redirect_err")
int
traffic_refused(__u64 *args)
{
    const struct net_device *from = (void *) args[0];

    if (from->ifindex == LOOPBACK_IFINDEX && is_sender()) {
        state.error = args[3];
        state.last_ns = bpf_ktime_get_ns();
        state.cpu = bpf_get_smp_processor_id();
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
