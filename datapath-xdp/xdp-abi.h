/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef XDP_ABI_H
#define XDP_ABI_H 1

/* The contract between the BPF programs and user space.
 *
 * Both sides include this header and nothing else of each other.  They are
 * built together: the programs are inside the daemon.
 *
 * The tables are arrays that user space has mapped and writes without system
 * calls while the programs read them.  What makes that safe is said at each
 * table.  Unless said otherwise, user space writes and the programs read.
 *
 * Two things carry it all:
 *
 * - Something is written completely, then published by one store of a word
 *   that leads to it.  Programs get at it through that word, and CPUs do not
 *   load from an address before they have it.  No barrier is needed for that.
 * - What has been withdrawn is left as it is for a grace period, in which all
 *   programs end that run at that time (xdp_tables_synchronize()).  So
 *   whatever a program has found stays the same until it ends, and nothing
 *   that it finds is older than it and new at the same time. */

#include <linux/types.h>

/* Counts up when anything here, or a key's or hash's way to its value, comes
 * to mean something else: programs and tables of different versions do not go
 * together.  It is in the read-only data of each program that uses the tables,
 * with all that user space has to know of them. */
#define XDP_ABI_VERSION 1

/* Index into 'struct xdp_counters'. */
enum xdp_counter {
    /* Packets handed to the kernel's own stack because they arrived on a
     * queue that has no AF_XDP socket of ours. */
    XDP_COUNTER_PASSED,

    /* Packets that a flow was found for: in the exact-match cache, or in the
     * masked table. */
    XDP_COUNTER_CACHE_HITS,
    XDP_COUNTER_MASKED_HITS,

    /* Packets for user space: no flow matches, the parser does not fully
     * understand them, or their flow could not be carried out on them. */
    XDP_COUNTER_MISSES,
    XDP_COUNTER_UNPARSED,
    XDP_COUNTER_PUNTED,

    /* Packets that were dropped: as their flow says, or the output port is not
     * there any more. */
    XDP_COUNTER_FLOW_DROPS,
    XDP_COUNTER_OUTPUT_DROPS,

    /* TCP and UDP checksums that the sender had left to a device. */
    XDP_COUNTER_CSUM_COMPLETED,

    /* Packets of encapsulations in which nobody looked for such checksums. */
    XDP_COUNTER_CSUM_UNKNOWN,

    /* VLAN tags that stood beside their packets: put into them, or no room for
     * that, and the packet dropped. */
    XDP_COUNTER_VLAN_TAGS,
    XDP_COUNTER_VLAN_TAG_DROPS,
    N_XDP_COUNTERS,
};

/* The number that stands in the programs for the kernel's function
 * bpf_xdp_metadata_rx_vlan_tag().  Not all kernels have it, and where it is
 * differs: user space replaces the one call, or takes it out, before it loads
 * a program.  It is no number of a helper function. */
#define XDP_CALL_RX_VLAN_TAG 0x0a0f7a61

/* One of each CPU for each port.  The programs write. */
struct xdp_counters {
    __u64 n[N_XDP_COUNTERS];

    /* The coarse clock advances with jiffies, which programs can read without
     * a function call: when it was read last, and what it said, in ns. */
    __u64 jiffies;
    __u64 now;
};

/* The fields that flows match, in 64-bit words, and masks of them.  A field
 * that a packet does not have is zero.  Multi-byte fields are in network byte
 * order; xdp-key.h has the places of all in their words.  IPv6 and ARP use all
 * words, everything else has zeros behind the first XDP_KEY_BASE_WORDS. */
#define XDP_KEY_WORDS 12
#define XDP_KEY_BASE_WORDS 6

struct xdp_key {
    __u64 w[XDP_KEY_WORDS];
};

/* Ports have small numbers of their own. */
#define XDP_MAX_PORTS 1024

/* The most masks that a port can have, and places for them: those that wait
 * for a grace period need some. */
#define XDP_MAX_MASKS 64
#define XDP_MASK_SLOTS 80

/* struct xdp_port's flags. */
#define XDP_PORT_LOOKUP (1u << 0)       /* Look for flows at all. */

/* One of each port.
 *
 * 'order' has the places of the masks that flows have, plus one.  0 is behind
 * the last; where a mask was that is gone, XDP_MASK_GONE is passed over.  A
 * mask keeps its place in the order, so that programs that go through it meet
 * all that are there all the time.  A mask is written before its place comes
 * into the order, and not touched until a grace period after it has left: it
 * is always the mask that flows have which are found with it.
 *
 * The union of all masks, for the cache, is in cache_masks[cache_seq & 1].  It
 * gets a new 'cache_seq' whenever it changes, and only gains bits as long as
 * the port has flows.  A program that is late can find a later union in the
 * place of the one that it is after, or parts of it; see xdp_search_cached().
 *
 * 'miss_seq' changes after a flow was added.  Neither sequence number is ever
 * used again, nor are those of flows: they do not wrap around.
 *
 * All other members are read by themselves: what one packet sees of a change
 * does not matter for the next. */
#define XDP_MASK_GONE 255

struct xdp_port {
    __u32 flags;
    __u32 max_len;              /* Longest frame to redirect to it, bytes. */
    __u32 vlan_limit;           /* How many VLAN tags flows see, 0 to 2. */
    __u32 reserved;
    __u64 cache_seq;
    __u64 miss_seq;
    __u8 order[XDP_MAX_MASKS];
    __u8 reserved2[32];
    struct xdp_key cache_masks[2];
    struct xdp_key masks[XDP_MASK_SLOTS];
};

/* A flow.
 *
 * All but 'seq' is constant from the moment it is published in a bucket until
 * a grace period after it is gone from there.  'seq' is even as long as the
 * flow is published and never the same for two flows in one place, so that no
 * cached reference outlives the flow. */
struct xdp_flow {
    __u64 seq;
    __u32 action;               /* Index into the actions. */
    __u32 mask;                 /* Its place among the port's. */
    struct xdp_key key;         /* Masked. */
    __u32 reserved[4];
};

/* The hash table: buckets of references to flows.  The low half is the index
 * of the flow plus one, the high half is its hash.  0 is behind the last;
 * where a flow was that is gone, XDP_SLOT_GONE is passed over.  A flow is in
 * the bucket that its hash says, or in that bucket's neighbor (number differs
 * in the lowest bit) if there is no 0 in the bucket.  As long as it is there,
 * it stays in its slot, with no 0 in front of it, so that no program misses
 * it. */
#define XDP_BUCKET_SLOTS 8
#define XDP_SLOT_GONE (1ull << 32)

struct xdp_bucket {
    __u64 slots[XDP_BUCKET_SLOTS];
};

/* A filter in front of the buckets, small enough for a CPU's cache: a bit for
 * each possible value of some bits of a hash, set before there is a flow with
 * it and cleared after there is none.  With many masks, most of what a packet
 * looks for is not there. */
#define XDP_FILTER_BITS_PER_FLOW 8
#define XDP_FILTER_SHIFT 7              /* Where its bits of a hash begin. */

/* What one flow has counted in one shard of the CPUs.  The programs write,
 * until a grace period after the flow is gone from the buckets. */
struct xdp_flow_stats {
    __u64 n_packets;
    __u64 n_bytes;
    __u64 used;                 /* CLOCK_MONOTONIC, coarse, in ns. */
    __u64 tcp_flags;
};

/* An exact-match cache entry: what was found for a packet with these fields,
 * masked with the union of its port's masks.  The programs write; each CPU has
 * entries of its own.  'flow' 0 is that no flow matches.
 *
 * On kernels with PREEMPT_RT, a program can be preempted by another on its
 * CPU. 'version' is odd while one writes the entry, and changes when one
 * has. */
struct xdp_cache_entry {
    struct xdp_key key;
    __u64 cache_seq;            /* Of the port. */
    __u64 seq;                  /* Of the flow; or the port's miss_seq. */
    __u32 flow;                 /* Index plus one. */
    __u32 version;
    __u32 reserved[2];
};

/* What to do with the packets of a flow: struct xdp_flow_action's flags. */
#define XDP_ACT_OUTPUT    (1u << 0)     /* Else drop. */
#define XDP_ACT_TRUNCATE  (1u << 1)     /* To max_len. */
#define XDP_ACT_ETH       (1u << 2)     /* Set ... */
#define XDP_ACT_IP        (1u << 3)     /* addresses, TOS, TTL (or IPv6's) */
#define XDP_ACT_L4_PORTS  (1u << 4)
#define XDP_ACT_ARP       (1u << 5)
#define XDP_ACT_ICMP      (1u << 6)     /* Type and code: in the ports. */
#define XDP_ACT_VLAN      (1u << 7)     /* Pop or push. */
#define XDP_ACT_BROADCAST (1u << 8)     /* 'out_port' is a set. */

/* Output sets: of devices that a packet is sent to, all of them. */
#define XDP_MAX_OUTPUT_SETS 256

struct xdp_ip_rewrite {
    __u64 addrs[4];             /* IPv4: both in the first. IPv6: two each. */
    __u64 addrs_mask[4];
    __be32 label;               /* IPv6. */
    __be32 label_mask;
    __u8 tos, tos_mask;
    __u8 ttl, ttl_mask;
    __u32 reserved;
};

struct xdp_arp_rewrite {
    __be16 op, op_mask;
    __be16 sender[5], sender_mask[5];   /* Ethernet, then IP address. */
    __be16 target[5], target_mask[5];
};

/* Constant from the moment a flow refers to it until a grace period after none
 * does.  Where there is a mask, bits outside of it stay as they are, and the
 * value is zero there. */
struct xdp_flow_action {
    __u32 flags;
    __u16 out_port;
    __u16 max_len;              /* Bytes. */
    __u8 n_pop, n_push;         /* VLAN tags: first pop, then push. */
    __u16 set_max_len;          /* Longest frame for all of a set. */
    struct { __be16 tpid, tci; } push[2];       /* In this order. */
    __u32 eth[3], eth_mask[3];  /* Destination, source, as in the header. */
    __be32 ports, ports_mask;   /* TCP, UDP, SCTP: as in the header. */
    __u32 reserved2;
    union {
        struct xdp_ip_rewrite ip;
        struct xdp_arp_rewrite arp;
    };
};

/* Tables are indexed by multiplication or masking: sizes that are powers of
 * two keep entries from straddling cache lines. */
_Static_assert(sizeof(struct xdp_port) % 64 == 0, "whole cache lines");
_Static_assert(sizeof(struct xdp_flow) == 128, "two cache lines");
_Static_assert(sizeof(struct xdp_bucket) == 64, "one cache line");
_Static_assert(sizeof(struct xdp_flow_stats) == 32, "half a cache line");
_Static_assert(sizeof(struct xdp_cache_entry) == 128, "two cache lines");
_Static_assert(sizeof(struct xdp_flow_action) <= 192, "three cache lines");

/* Where members are is the contract, too, whatever a compiler thinks. */
#define XDP_ASSERT_AT(TYPE, MEMBER, OFS)                                    \
    _Static_assert(__builtin_offsetof(TYPE, MEMBER) == (OFS), #MEMBER)

XDP_ASSERT_AT(struct xdp_counters, jiffies, 8 * N_XDP_COUNTERS);
XDP_ASSERT_AT(struct xdp_port, cache_seq, 16);
XDP_ASSERT_AT(struct xdp_port, order, 32);
XDP_ASSERT_AT(struct xdp_port, cache_masks, 128);
XDP_ASSERT_AT(struct xdp_port, masks, 320);
XDP_ASSERT_AT(struct xdp_flow, action, 8);
XDP_ASSERT_AT(struct xdp_flow, mask, 12);
XDP_ASSERT_AT(struct xdp_flow, key, 16);
XDP_ASSERT_AT(struct xdp_flow_stats, used, 16);
XDP_ASSERT_AT(struct xdp_flow_stats, tcp_flags, 24);
XDP_ASSERT_AT(struct xdp_cache_entry, cache_seq, 96);
XDP_ASSERT_AT(struct xdp_cache_entry, flow, 112);
XDP_ASSERT_AT(struct xdp_ip_rewrite, label, 64);
XDP_ASSERT_AT(struct xdp_ip_rewrite, tos, 72);
XDP_ASSERT_AT(struct xdp_arp_rewrite, sender, 4);
XDP_ASSERT_AT(struct xdp_arp_rewrite, target, 24);
XDP_ASSERT_AT(struct xdp_flow_action, out_port, 4);
XDP_ASSERT_AT(struct xdp_flow_action, push, 12);
XDP_ASSERT_AT(struct xdp_flow_action, eth, 20);
XDP_ASSERT_AT(struct xdp_flow_action, ports, 44);
XDP_ASSERT_AT(struct xdp_flow_action, ip, 56);

#endif /* xdp-abi.h */
