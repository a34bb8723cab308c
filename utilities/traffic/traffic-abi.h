/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef TRAFFIC_ABI_H
#define TRAFFIC_ABI_H 1

/* The contract between the BPF programs of ovs-afxdp-traffic and its user
 * space. */

#include <linux/types.h>

#define TRAFFIC_MAGIC 0x6f766166

/* What each of our frames carries behind its UDP or TCP header, in network
 * byte order.  18 bytes are what a 64-byte frame of UDP over IPv4 has. */
struct traffic_payload {
    __be32 magic;
    __be16 stream;              /* Of one run of the sender. */
    __be16 seq_high;            /* Starts at 0 for each stream. */
    __be32 seq_low;
    __be16 time_high;           /* CLOCK_MONOTONIC in ns, modulo 2**48. */
    __be32 time_low;            /* Both are 0: no time. */
} __attribute__((packed));

#define TRAFFIC_TIME_MASK ((1ULL << 48) - 1)

/* The sender. */

enum traffic_distribution {
    TRAFFIC_ROUND_ROBIN,
    TRAFFIC_UNIFORM,
    TRAFFIC_ZIPF,
};

/* Frames are of one size, or in turn of as many as there are steps. */
#define TRAFFIC_N_STEPS 12

/* What depends on the frame's length.  Checksums are sums of 16-bit words as
 * they are in memory, without what the program fills in. */
struct traffic_size {
    __u32 length;               /* In memory, without FCS. */
    __be16 l3_length;           /* Of the IPv4 or IPv6 header. */
    __be16 udp_length;
    __u32 ip_sum;
    __u32 l4_sum;
};

/* A frame up to its payload, in units that are copied at once. */
#define TRAFFIC_HEADER_WORDS 11

struct traffic_send_config {
    __u32 ifindex;
    __u32 l3_ofs;
    __u32 l4_ofs;
    __u32 payload_ofs;
    __u32 max_length;
    __u32 n_flows;
    __u32 n_steps;
    __u32 src_ip;               /* Low 32 bits, host byte order. */
    __u16 src_port;             /* Host byte order. */
    __u16 port_mask;
    __u16 stream;
    __u8 is_ipv6;
    __u8 is_tcp;
    __u8 stamp;
    __u8 distribution;
    __u32 burst;
    __u64 interval;             /* Between frames, in 1/1024 ns, or 0. */
    __u64 limit;
    /* Whose calls of the device's transmit function are counted. */
    __u64 pid_ns_dev;
    __u64 pid_ns_ino;
    __u32 tid;
};

#define TRAFFIC_TIME_SHIFT 10

/* The inverse of the distribution function at multiples of 1/4096, as flow
 * numbers with 8 bits after the point. */
#define TRAFFIC_ZIPF_BITS 12
#define TRAFFIC_ZIPF_SHIFT 8
#define TRAFFIC_N_ZIPF ((1 << TRAFFIC_ZIPF_BITS) + 1)

struct traffic_send_state {
    __u64 n_frames;             /* Made, including those refused. */
    __u64 n_bytes;
    __u64 n_sent;               /* Taken by the device. */
    __u64 first_ns;
    __u64 last_ns;
    __u64 due;
    __u64 random;
    __u32 flow;
    __u32 step;
    __u32 cpu;
    __s32 error;                /* The device's last reason to refuse. */
};

/* The receiver. */

#define TRAFFIC_N_STREAMS 32

/* So many frames back, a frame's number tells whether it is a duplicate. */
#define TRAFFIC_WINDOW_WORDS 1024

struct traffic_word {
    __u64 base;                 /* Sequence number / 64. */
    __u64 seen;                 /* One bit for each of 64 frames. */
};

/* A stream as it arrives on one receive queue. */
struct traffic_stream {
    __u64 unique;
    __u64 duplicates;
    __u64 reordered;
    __u64 min;
    __u64 max;
    struct traffic_word window[TRAFFIC_WINDOW_WORDS];
};

struct traffic_counters {
    __u64 received;
    __u64 bytes;
    __u64 corrupted;
    __u64 other;
    __u64 untracked;
    __u64 first_ns;
    __u64 last_ns;
};

/* Latencies below 2**6 ns have a bucket each; above, each power of two has 64.
 * The last bucket has all from 2**40 ns on. */
#define TRAFFIC_LATENCY_BITS 6
#define TRAFFIC_LATENCY_MAX_BITS 40
#define TRAFFIC_N_BUCKETS \
    (((TRAFFIC_LATENCY_MAX_BITS - TRAFFIC_LATENCY_BITS + 1) \
      << TRAFFIC_LATENCY_BITS) + 1)

struct traffic_latency {
    __u64 count;
    __u64 min;
    __u64 max;
    __u64 buckets[TRAFFIC_N_BUCKETS];
};

#endif /* traffic-abi.h */
