/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_PRIVATE_H
#define XDP_OFFLOAD_PRIVATE_H 1

/* The insides of xdp-offload.h, for the files that make it up. */

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "odp-util.h"
#include "openvswitch/thread.h"
#include "xdp-flow-table.h"
#include "xdp-offload.h"
#include "xdp-offload-reason.h"

struct xdp_offload_port {
    struct hmap_node odp_node;  /* In 'ports_by_odp', if in the datapath. */
    struct ovs_list list_node;  /* In 'ports'. */
    char *name;
    bool closed;                /* Only threads that have not quiesced since
                                 * know the port. */
    uint32_t idx;               /* The port's number in the tables. */
    bool attached;              /* To its device. */
    struct xdp_prog *prog;      /* Null while detached, and if the port is an
                                 * output alone. */
    bool prog_failed;           /* 'prog' is not the one for offload. */
    int ifindex;                /* If attached. */
    uint32_t max_len;
    struct xdp_offload_port_state state;
    struct ovs_list flows;      /* That enter through it. */
    uint64_t n_flows[N_XDP_OFFLOAD_REASONS];
};

/* What a flow becomes in the tables. */
struct xdp_rule {
    struct xdp_key key;
    struct xdp_key mask;
    struct xdp_flow_action act; /* Its output is set on insertion. */
    size_t n_outputs;
    odp_port_t outputs[];
};

enum xdp_flow_place {
    XDP_FLOW_OUTSIDE,           /* Not in the tables. */
    XDP_FLOW_INSIDE,
    XDP_FLOW_UNLINKED,          /* Packets do not find it any more, but its
                                 * counters are still there. */
};

/* A copy of a flow, which one PMD thread has. */
struct xdp_flow_copy {
    const void *id;
    long long int asked;        /* When it asked last, in ms. */
    uint64_t n_packets;
    uint64_t n_bytes;
};

struct xdp_offload_flow {
    struct hmap_node node;      /* In 'flows', by ufid. */
    struct ovs_list port_node;  /* In 'in_port->flows'. */
    ovs_u128 ufid;
    struct xdp_offload_port *in_port;
    enum xdp_offload_reason reason;
    odp_port_t obstacle;        /* The output port that 'reason' is about. */
    struct xdp_rule *rule;      /* Null if it can never be offloaded. */
    enum xdp_flow_place place;
    uint32_t idx;               /* In the tables, unless outside. */
    long long int suspended;    /* When, in ms, or 0. */

    struct xdp_offload_stats past;      /* Of earlier times inside. */

    /* What the copies of the flow have been told, together and each. */
    uint64_t told_packets;
    uint64_t told_bytes;
    struct xdp_flow_copy *copies;
    size_t n_copies;
};

/* Everything that there is, under 'xdp_offload_mutex', which nests inside all
 * others. */
extern struct ovs_mutex xdp_offload_mutex;

struct xdp_offload {
    struct xdp_tables *tables;          /* Null until the first port. */
    struct xdp_flow_table *table;
    struct xdp_groups *groups;
    struct xdp_limits limits;
    struct hmap flows;                  /* Of 'struct xdp_offload_flow's. */
    struct hmap ports_by_odp;
    struct ovs_list ports;
    bool port_used[XDP_MAX_PORTS];
    bool dirty;                         /* For xdp_offload_run(). */
    bool room_made;                     /* Flows have left the tables. */
    size_t n_suspended;
    int vlan_limit;
};

extern struct xdp_offload xdp_offload OVS_GUARDED_BY(xdp_offload_mutex);

struct xdp_offload_port *xdp_offload_port_by_odp(odp_port_t)
    OVS_REQUIRES(xdp_offload_mutex);

/* xdp-offload-flow.c */

/* Brings the flow where it belongs as its ports are now. */
void xdp_offload_flow_place(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);
void xdp_offload_flow_free(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* From now on, xdp_offload_flow_place() places the flow. */
void xdp_offload_flow_end_suspension(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Unlinks the flows inside that enter, or leave, through the port.  They become
 * CHANGING and come back when they can. */
void xdp_offload_unlink_port_flows(struct xdp_offload_port *, bool entering,
                                   bool leaving)
    OVS_REQUIRES(xdp_offload_mutex);

#endif /* xdp-offload-private.h */
