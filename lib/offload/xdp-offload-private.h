/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_PRIVATE_H
#define XDP_OFFLOAD_PRIVATE_H 1

/* The insides of xdp-offload.h, for the files that make it up. */

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
    uint64_t n_flows[N_XDP_OFFLOAD_REASONS];
    struct ovs_list waiting[N_XDP_LIMITS];  /* For room, by reason. */
    uint64_t n_to_retry[N_XDP_LIMITS];      /* Of their fronts. */
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
    bool waits_outside;         /* For a port. */
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

/* xdp-offload-state.c */

/* Everything that there is, under 'xdp_offload_mutex', which nests inside all
 * others. */
extern struct ovs_mutex xdp_offload_mutex;

struct xdp_offload {
    const struct xdp_copy_class *copy_class;
    struct xdp_tables *tables;          /* Null until the first port. */
    struct xdp_flow_table *table;
    struct xdp_output_sets *sets;
    struct ovs_list waiting[XDP_MAX_OUTPUT_SETS];   /* Flows, for a set. */
    struct xdp_limits limits;
    bool stopped;                       /* All flows are in user space. */
    struct hmap flows;                  /* Of 'struct xdp_offload_flow's. */
    struct hmap copies;                 /* Of 'struct xdp_flow_copy's. */
    struct hmap copies_by_ufid;
    struct hmap changes;                /* Of 'struct xdp_change's. */
    unsigned int n_changes_of_all;
    struct hmap ports_by_odp;
    struct ovs_list ports;
    bool port_used[XDP_MAX_PORTS];
    struct ovs_list outside;            /* Flows that wait for a port. */
    size_t n_outside;
    size_t n_to_place;                  /* Of the front of 'outside', to look
                                         * at again. */
    struct hmap_position sweep;         /* In 'flows'. */
    struct ovs_list fading;             /* Of 'struct xdp_fading's. */
    uint64_t n_synchronizing;           /* Grace periods that have begun. */
    uint64_t n_released;                /* Places given back so far ... */
    uint64_t n_retried;                 /* ... when flows last tried again. */
    uint32_t n_places[XDP_MAX_PORTS];   /* By input port, also fading ones. */
    int vlan_limit;
};

extern struct xdp_offload xdp_offload OVS_GUARDED_BY(xdp_offload_mutex);

struct xdp_offload_port *xdp_offload_port_by_odp(odp_port_t)
    OVS_REQUIRES(xdp_offload_mutex);

/* Somebody begins to change what has this ufid, or is done. */
void xdp_offload_add_change(const ovs_u128 *ufid)
    OVS_REQUIRES(xdp_offload_mutex);
void xdp_offload_remove_change(const ovs_u128 *ufid)
    OVS_REQUIRES(xdp_offload_mutex);
bool xdp_offload_is_changing(const struct xdp_flow_copy *)
    OVS_REQUIRES(xdp_offload_mutex);

static inline uint32_t
xdp_offload_hash_ufid(const ovs_u128 *ufid)
{
    return hash_words(ufid->u32, ARRAY_SIZE(ufid->u32), 0);
}

/* xdp-offload-flow.c */

/* Finds the flow, or adds it.  It has no copies then. */
struct xdp_offload_flow *xdp_offload_flow_find(
    struct xdp_offload_port *in_port, const ovs_u128 *mega_ufid,
    const ovs_u128 *mask_id)
    OVS_REQUIRES(xdp_offload_mutex);

/* Makes the flow, which is outside, do 'actions'.  Its copies match
 * 'match'. */
void xdp_offload_flow_set_actions(struct xdp_offload_flow *,
                                  const struct match *match,
                                  const struct nlattr *actions,
                                  size_t actions_len)
    OVS_REQUIRES(xdp_offload_mutex);

/* Brings the flow where it belongs as it and its ports are now. */
void xdp_offload_flow_place(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Takes the flow out until it has settled again. */
void xdp_offload_flow_withdraw(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* For a flow that has no copies any more. */
void xdp_offload_flow_free(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

struct xdp_offload_stats xdp_offload_flow_stats(
    const struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Takes out the flows that enter, or leave, through the port.  They become
 * CHANGING and come back when they can. */
void xdp_offload_unlink_port_flows(struct xdp_offload_port *, bool entering,
                                   bool leaving)
    OVS_REQUIRES(xdp_offload_mutex);

/* For a flow whose output set could not be made: it waits for room. */
void xdp_offload_flow_refuse(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* xdp-offload-room.c */

/* Adds what has been counted in place 'idx'. */
void xdp_offload_add_stats(struct xdp_offload_stats *, uint32_t idx)
    OVS_REQUIRES(xdp_offload_mutex);

/* May a flow that enters through 'port' have a place more? */
bool xdp_offload_has_share(const struct xdp_offload_port *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Nobody finds the flow any more in the place that it had. */
void xdp_offload_fade(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* The flow goes. */
void xdp_offload_forget_fading(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Puts the flow to those that wait for a port, for an output set or for room,
 * or takes it from them, as it is now. */
void xdp_offload_update_waiting(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* The flow goes. */
void xdp_offload_stop_waiting(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* A port is not what it was: flows that wait for one are to try again. */
void xdp_offload_ports_changed(void)
    OVS_REQUIRES(xdp_offload_mutex);

/* xdp-offload-copy.c */

bool xdp_offload_does(const struct xdp_flow_copy *,
                      const struct nlattr *actions, size_t actions_len)
    OVS_REQUIRES(xdp_offload_mutex);

/* Forgets the flow's copies that are gone, and the flow with the last.  Else,
 * if nobody is changing one and they agree, brings the flow where it belongs;
 * if not, takes it out.  Returns true if it is inside. */
bool xdp_offload_settle(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* Settles flows that are in 'list' by their change_nodes, and takes them from
 * it. */
void xdp_offload_settle_listed(struct ovs_list *list)
    OVS_REQUIRES(xdp_offload_mutex);

/* Looks for flows whose copies are gone although nobody has said so, at some
 * in each call. */
void xdp_offload_sweep(void)
    OVS_REQUIRES(xdp_offload_mutex);

/* Open vSwitch has the copy.  Returns the output set that its flow waits for,
 * or XDP_MAX_OUTPUT_SETS. */
uint32_t xdp_offload_put_copy(struct xdp_offload_port *in_port, const void *)
    OVS_REQUIRES(xdp_offload_mutex);

/* For a flow that goes although it has copies: credits them, and forgets
 * them. */
void xdp_offload_credit_copies(struct xdp_offload_flow *)
    OVS_REQUIRES(xdp_offload_mutex);

/* xdp-offload-update.c: these wait for a grace period for each output set, and
 * do not hold the lock meanwhile. */

/* Makes or empties output set number 'set', unless that has been begun. */
void xdp_offload_update_set(uint32_t set)
    OVS_EXCLUDED(xdp_offload_mutex);

/* Makes and empties output sets for some time.  Returns true if there are
 * more. */
bool xdp_offload_update_sets(void)
    OVS_EXCLUDED(xdp_offload_mutex);

/* xdp-offload-retry.c */

/* Lets some of the flows that wait for a port try again.  Returns true if
 * there are more. */
bool xdp_offload_place_outside(void)
    OVS_REQUIRES(xdp_offload_mutex);

/* Lets some of the flows that wait for room try again: each does once after
 * places have been given back. */
void xdp_offload_retry(void)
    OVS_REQUIRES(xdp_offload_mutex);

#endif /* xdp-offload-private.h */
