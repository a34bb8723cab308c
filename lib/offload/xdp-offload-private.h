/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_PRIVATE_H
#define XDP_OFFLOAD_PRIVATE_H 1

/* What flow offload consists of, for the files that make it up. */

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "odp-util.h"
#include "openvswitch/thread.h"
#include "offload/xdp-flow-table.h"
#include "offload/xdp-offload.h"

/* Limits.  Flows take 250 to 450 bytes each, depending on the number of CPUs,
 * and cache entries 128 for each CPU. */
enum {
    XDP_DEFAULT_FLOWS = 131072,
    XDP_DEFAULT_MASKS = 32,
    XDP_DEFAULT_CACHE = 8192,
};

/* Reasons of flows that wait for room. */
enum { N_XDP_LIMITS = XDP_WHY_OUTPUT_SETS_FULL - XDP_WHY_FLOWS_FULL + 1 };

struct xdp_offload_port {
    struct xdp_offload *offload;
    struct hmap_node odp_node;  /* In 'ports_by_odp', if in the datapath. */
    struct ovs_list list_node;  /* In 'ports'. */
    char *name;
    bool closed;                /* Only threads that have not quiesced since
                                 * know the port. */
    uint32_t idx;               /* The port's number in the tables. */
    bool going;                 /* No flow enters the kernel any more. */
    bool attached;              /* The programs can send to its device. */
    struct xdp_prog *prog;      /* Null while detached, and if the port is an
                                 * output alone, for this reason: */
    enum xdp_offload_reason why_no_prog;
    bool prog_failed;           /* 'prog' is not the one for offload. */
    int ifindex;                /* If attached. */
    uint32_t max_len;
    odp_port_t odp_port;        /* ODPP_NONE if not in the datapath. */
    bool takes_redirect;        /* Frames can be redirected to the device. */
    bool may_enter;             /* Flows may enter through it. */
    struct ovs_list flows;      /* That enter through it. */
    struct ovs_list leaving;    /* 'struct xdp_entry_output's of flows that
                                 * are inside. */
    struct ovs_list outside;    /* Flows that would enter through it, if it
                                 * were otherwise. */
    uint64_t n_flows[N_XDP_OFFLOAD_REASONS];
    struct ovs_list waiting[N_XDP_LIMITS];  /* For room, by reason. */
    uint64_t n_to_retry[N_XDP_LIMITS];      /* Of their fronts. */
};

/* An output port, ours or not, that keeps flows in user space. */
struct xdp_obstacle {
    struct hmap_node node;      /* In 'obstacles'. */
    odp_port_t odp_port;
    struct ovs_list flows;      /* By their wait_nodes. */
};

/* An output of a flow. */
struct xdp_entry_output {
    odp_port_t odp_port;
    struct ovs_list node;       /* In its port's 'leaving', if inside. */
    struct xdp_offload_flow *flow;
};

/* What a flow becomes in the tables. */
struct xdp_entry {
    struct xdp_key key;
    struct xdp_key mask;
    struct xdp_flow_action act; /* Its output is set on insertion. */
    size_t n_outputs;
    struct xdp_entry_output outputs[];
};

/* A place in the tables that no packet finds any more, while packets that have
 * found it may still be counting. */
struct xdp_fading {
    struct ovs_list node;       /* In 'fading', the earliest first. */
    struct ovs_list flow_node;  /* In 'flow->fading'. */
    struct xdp_offload_flow *flow;      /* Null if that is gone. */
    uint32_t port_idx;          /* Of its input port. */
    uint32_t idx;
    bool has_set;               /* Packets may still be output to 'set'. */
    uint32_t set;
    uint64_t since;             /* 'n_synchronizing' at that time. */
};

/* A megaflow.  Two that have the same name differ in 'mask_id'. */
struct xdp_offload_flow {
    struct hmap_node node;      /* In 'flows', by mega_ufid. */
    struct ovs_list port_node;  /* In 'in_port->flows'. */
    struct ovs_list wait_node;  /* Of those that wait, or empty. */
    bool waits_for_set;         /* Output set 'set', to be made. */
    uint32_t set;
    struct ovs_list change_node;   /* Of those to settle, or empty. */
    ovs_u128 mega_ufid;
    ovs_u128 mask_id;           /* Hash of what it looks at. */
    struct xdp_offload_port *in_port;
    enum xdp_offload_reason reason;
    odp_port_t obstacle;        /* The output port that 'reason' is about. */

    /* What its copies do, if they agree, and nobody is changing one.  Else the
     * flow is not inside. */
    bool settled;
    struct nlattr *actions;
    size_t actions_len;
    struct xdp_entry *entry;    /* Null if it can never be offloaded. */

    bool inside;                /* In the tables, as number 'idx'. */
    uint32_t idx;
    struct ovs_list fading;     /* Places that it had. */
    struct xdp_offload_stats past;      /* Of places that it had earlier. */

    /* What the copies have been told together. */
    uint64_t told_packets;
    uint64_t told_bytes;
    struct ovs_list copies;     /* Of 'struct xdp_flow_copy's, never empty. */
};

/* A copy of a flow, which one PMD thread has.  Holds a reference to it. */
struct xdp_flow_copy {
    struct hmap_node copy_node; /* In 'copies', by pointer. */
    struct hmap_node ufid_node; /* In 'copies_by_ufid'. */
    struct ovs_list flow_node;  /* In 'flow->copies'. */
    struct xdp_offload_flow *flow;
    const void *copy;
    bool astray;                /* A change that named it went elsewhere. */

    /* What it has been told. */
    uint64_t n_packets;
    uint64_t n_bytes;
};

/* Copies that somebody is changing. */
struct xdp_change {
    struct hmap_node node;      /* In 'changes', by ufid. */
    ovs_u128 ufid;
    unsigned int n;
};

struct xdp_offload {
    const struct xdp_copy_class *copy_class;

    /* Protects all below, with the ports, flows and copies that are there, and
     * what is in the tables.  Nests inside all others. */
    struct ovs_mutex mutex;
    struct xdp_tables *tables OVS_GUARDED;      /* Null until the first
                                                 * port. */
    struct xdp_flow_table *table OVS_GUARDED;
    struct xdp_output_sets *sets OVS_GUARDED;
    struct xdp_limits limits OVS_GUARDED;
    bool limits_differ OVS_GUARDED;     /* From the configured ones. */
    char *limits_complaints OVS_GUARDED;        /* What was wrong with those,
                                                 * lines; or null. */
    bool stopped OVS_GUARDED;           /* All flows are in user space. */
    struct hmap flows OVS_GUARDED;      /* Of 'struct xdp_offload_flow's. */
    struct hmap copies OVS_GUARDED;     /* Of 'struct xdp_flow_copy's. */
    struct hmap copies_by_ufid OVS_GUARDED;
    struct hmap changes OVS_GUARDED;    /* Of 'struct xdp_change's. */
    unsigned int n_changes_of_all OVS_GUARDED;
    struct hmap ports_by_odp OVS_GUARDED;
    struct ovs_list ports OVS_GUARDED;
    bool port_used[XDP_MAX_PORTS] OVS_GUARDED;
    int vlan_limit OVS_GUARDED;

    /* Flows that wait for an output set, by its number; for an output port;
     * and for nothing any more, because their port has changed or a change has
     * taken them out. */
    struct ovs_list waiting[XDP_MAX_OUTPUT_SETS] OVS_GUARDED;
    struct hmap obstacles OVS_GUARDED;  /* Of 'struct xdp_obstacle's. */
    struct ovs_list to_place OVS_GUARDED;
    struct hmap_position sweep OVS_GUARDED;     /* In 'flows'. */
    long long int next_housekeeping OVS_GUARDED;

    struct ovs_list fading OVS_GUARDED; /* Of 'struct xdp_fading's. */
    uint64_t n_synchronizing OVS_GUARDED;       /* Grace periods begun. */
    long long int last_synchronized OVS_GUARDED;        /* For changes. */
    uint64_t n_released OVS_GUARDED;    /* Places given back so far ... */
    uint64_t n_retried OVS_GUARDED;     /* ... when flows last tried again. */
    uint32_t n_places[XDP_MAX_PORTS] OVS_GUARDED;       /* By input port, also
                                                         * fading ones. */
};

#endif /* xdp-offload-private.h */
