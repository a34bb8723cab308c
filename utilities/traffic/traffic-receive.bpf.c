/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "traffic-abi.h"

/* User space fills these in before it loads the program. */
const volatile __u8 measure_latency;
const volatile __u8 is_shared;      /* CPUs may share a receive queue. */
const volatile __u32 n_queues;
const volatile __u32 verdict_of_others;

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct traffic_counters);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct traffic_latency);
} latencies SEC(".maps");

/* By stream id, the stream's place in each queue's part of 'streams', plus
 * one. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1 << 16);
    __type(key, __u32);
    __type(value, __u32);
} places SEC(".maps");

struct locked_stream {
    struct traffic_stream s;
    struct bpf_spin_lock lock;
};

/* User space sets max_entries to TRAFFIC_N_STREAMS for each queue. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, TRAFFIC_N_STREAMS);
    __type(key, __u32);
    __type(value, struct locked_stream);
} streams SEC(".maps");

__u32 n_streams;

struct vlan {
    __be16 tci;
    __be16 type;
};

#define IP_FRAGMENT_OFFSET 0x1fff
#define IP_MORE_FRAGMENTS 0x2000

static __always_inline int
ipv4_checksum_is_right(const struct iphdr *ip)
{
    const __u16 *words = (const __u16 *) ip;
    __u32 sum = 0;

#pragma unroll
    for (int i = 0; i < 10; i++) {
        sum += words[i];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

/* Returns our payload behind the UDP or TCP header at 'l4', or null. */
static __always_inline struct traffic_payload *
find_behind_l4(void *l4, void *data_end, __u8 protocol)
{
    struct traffic_payload *payload;

    if (protocol == IPPROTO_UDP) {
        payload = l4 + sizeof(struct udphdr);
    } else if (protocol == IPPROTO_TCP) {
        payload = l4 + sizeof(struct tcphdr);
    } else {
        return NULL;
    }
    return ((void *) (payload + 1) <= data_end
            && payload->magic == bpf_htonl(TRAFFIC_MAGIC) ? payload : NULL);
}

/* Returns our payload in the frame, or null.  The headers may be others than
 * they were sent with. */
static __always_inline struct traffic_payload *
find_payload(void *data, void *data_end, int *corrupted)
{
    struct ethhdr *eth = data;
    void *l3 = eth + 1;
    __be16 type;

    if (l3 > data_end) {
        return NULL;
    }
    type = eth->h_proto;
#pragma unroll
    for (int i = 0; i < 2; i++) {
        struct vlan *vlan = l3;

        if (type != bpf_htons(ETH_P_8021Q)
            && type != bpf_htons(ETH_P_8021AD)) {
            break;
        }
        if ((void *) (vlan + 1) > data_end) {
            return NULL;
        }
        type = vlan->type;
        l3 = vlan + 1;
    }
    if (type == bpf_htons(ETH_P_IP)) {
        struct iphdr *ip = l3;

        if ((void *) (ip + 1) > data_end || ip->ihl != 5
            || ip->frag_off & bpf_htons(IP_FRAGMENT_OFFSET
                                        | IP_MORE_FRAGMENTS)) {
            return NULL;
        }
        *corrupted = !ipv4_checksum_is_right(ip);
        return find_behind_l4(ip + 1, data_end, ip->protocol);
    } else if (type == bpf_htons(ETH_P_IPV6)) {
        struct ipv6hdr *ip6 = l3;

        return ((void *) (ip6 + 1) > data_end ? NULL
                : find_behind_l4(ip6 + 1, data_end, ip6->nexthdr));
    }
    return NULL;
}

static __always_inline __u32
log2_of(__u64 v)
{
    __u32 r = 0;

#pragma unroll
    for (int shift = 32; shift; shift >>= 1) {
        if (v >> shift) {
            v >>= shift;
            r += shift;
        }
    }
    return r;
}

static __always_inline __u32
bucket_of(__u64 ns)
{
    __u32 log2, bucket;

    if (ns < 1 << TRAFFIC_LATENCY_BITS) {
        return ns;
    }
    log2 = log2_of(ns);
    if (log2 >= TRAFFIC_LATENCY_MAX_BITS) {
        return TRAFFIC_N_BUCKETS - 1;
    }
    bucket = ((log2 - TRAFFIC_LATENCY_BITS) << TRAFFIC_LATENCY_BITS)
             + (ns >> (log2 - TRAFFIC_LATENCY_BITS));
    return bucket;
}

static __always_inline void
count_latency(const struct traffic_payload *payload, __u64 now)
{
    __u64 sent = ((__u64) bpf_ntohs(payload->time_high) << 32
                  | bpf_ntohl(payload->time_low));
    __u64 ns = (now - sent) & TRAFFIC_TIME_MASK;
    __u32 bucket = bucket_of(ns);
    __u32 key = 0;
    struct traffic_latency *l = bpf_map_lookup_elem(&latencies, &key);

    if (!l || !sent || bucket >= TRAFFIC_N_BUCKETS) {
        return;
    }
    if (!l->count || ns < l->min) {
        l->min = ns;
    }
    if (ns > l->max) {
        l->max = ns;
    }
    l->count++;
    l->buckets[bucket]++;
}

/* Takes note that frame 'seq' of the stream is here. */
static __always_inline void
track(struct traffic_stream *s, __u64 seq)
{
    __u64 base = seq >> 6;
    __u64 bit = 1ULL << (seq & 63);
    struct traffic_word *word = &s->window[base & (TRAFFIC_WINDOW_WORDS - 1)];

    if (word->base == base && word->seen & bit) {
        s->duplicates++;
        return;
    }
    if (word->base < base) {
        word->base = base;
        word->seen = 0;
    }
    if (word->base == base) {
        word->seen |= bit;
    }
    if (!s->unique || seq < s->min) {
        s->min = seq;
    }
    if (seq >= s->max) {
        s->max = seq;
    } else {
        s->reordered++;
    }
    s->unique++;
}

/* Gives the stream a place. */
static __noinline __u32
add_stream(__u32 id)
{
    __u32 *place = bpf_map_lookup_elem(&places, &id);
    __u32 new_place;

    if (!place) {
        return 0;
    }
    if (n_streams < TRAFFIC_N_STREAMS) {
        new_place = __sync_fetch_and_add(&n_streams, 1) + 1;
        if (new_place <= TRAFFIC_N_STREAMS) {
            /* If another CPU has been faster, this place stays empty. */
            __sync_val_compare_and_swap(place, 0, new_place);
        }
    }
    return *place;
}

/* Returns false if there are too many streams. */
static __always_inline int
track_stream(const struct traffic_payload *payload, __u32 queue)
{
    __u32 id = bpf_ntohs(payload->stream);
    __u64 seq = ((__u64) bpf_ntohs(payload->seq_high) << 32
                 | bpf_ntohl(payload->seq_low));
    __u32 *placep = bpf_map_lookup_elem(&places, &id);
    __u32 place = placep ? *placep : 0;
    struct locked_stream *stream;
    __u32 key;

    if (!place) {
        place = add_stream(id);
        if (!place) {
            return 0;
        }
    }
    key = (queue < n_queues ? queue : 0) * TRAFFIC_N_STREAMS + place - 1;
    stream = bpf_map_lookup_elem(&streams, &key);
    if (!stream) {
        return 0;
    }
    if (is_shared) {
        bpf_spin_lock(&stream->lock);
        track(&stream->s, seq);
        bpf_spin_unlock(&stream->lock);
    } else {
        track(&stream->s, seq);
    }
    return 1;
}

SEC("xdp")
int
traffic_receive(struct xdp_md *ctx)
{
    void *data = (void *) (long) ctx->data;
    void *data_end = (void *) (long) ctx->data_end;
    int corrupted = 0;
    struct traffic_payload *payload = find_payload(data, data_end, &corrupted);
    __u32 key = 0;
    struct traffic_counters *c = bpf_map_lookup_elem(&counters, &key);
    __u64 now;

    if (!c) {
        return XDP_ABORTED;
    }
    if (!payload) {
        c->other++;
        return verdict_of_others;
    }
    now = measure_latency ? bpf_ktime_get_ns() : bpf_ktime_get_coarse_ns();
    if (!c->received) {
        c->first_ns = now;
    }
    c->last_ns = now;
    c->received++;
    c->bytes += data_end - data;
    c->corrupted += corrupted;
    if (measure_latency) {
        count_latency(payload, now);
    }
    if (!track_stream(payload, ctx->rx_queue_index)) {
        c->untracked++;
    }
    return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
