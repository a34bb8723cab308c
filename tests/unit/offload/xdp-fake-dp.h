/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FAKE_DP_H
#define XDP_FAKE_DP_H 1

/* A datapath as flow offload sees it: PMD threads that have a copy each of a
 * megaflow, and a queue of what flow offload is to be told later.  Names,
 * marks, and the order in which things happen are dpif-netdev's.
 *
 * Thread-safety: any thread may call any function. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/thread.h"
#include "ovs-atomic.h"
#include "xdp-abi.h"
#include "offload/xdp-flow-actions.h"
#include "offload/xdp-offload.h"

enum {
    DP_PMDS = 3,
    DP_PORTS = 4,               /* Numbers 1 and up: packets enter. */
    DP_VALUES = 4,              /* Of each of two fields. */
    DP_KINDS = 4,               /* Of masks: which of the fields they have. */
    DP_PACKETS = DP_PORTS * DP_VALUES * DP_VALUES,
    DP_MEGAFLOWS = DP_PACKETS * DP_KINDS,
    DP_ACTIONS = 24,
    DP_FOREIGN_PORT = 9,        /* Not of type afxdp. */
    DP_PACKET_SIZE = 100,       /* Bytes. */
};

/* What a flow does. */
struct dp_actions {
    struct ofpbuf attrs;
    bool translates;            /* To '*act', less the outputs. */
    struct xdp_flow_action act;
    struct xdp_outputs outputs;
};

/* A match that there can be. */
struct dp_megaflow {
    int port, kind;             /* 'port' counts from 0. */
    struct match match;
    ovs_u128 ufid;              /* The "mega_ufid". */

    /* Packets that the kernel has counted, and that copies report. */
    uint64_t n_sent, n_told;
    uint64_t n_lost;            /* With copies that nobody asked again. */
    bool is_lossy;              /* There may be more of them. */
};

/* A copy of a megaflow. */
struct dp_flow {
    struct dp_megaflow *mega;
    unsigned int pmd_id;
    ovs_u128 ufid;
    ATOMIC(const struct dp_actions *) actions;
    atomic_bool dead;
    struct ovs_refcount refs;
    struct dp_mark *mark;       /* Null if none. */

    /* What it has been told: one at a time asks. */
    struct ovs_mutex mutex;
    uint64_t n_got;             /* Last, since the last credit. */
    uint64_t n_credits;

    /* For the tests. */
    const struct dp_actions *old_actions;       /* Until the change's end. */
    bool astray;
};

extern struct dp_actions dp_actions[DP_ACTIONS];
extern struct dp_megaflow dp_megaflows[DP_MEGAFLOWS];

/* Whose copies they are, from dp_init() to dp_uninit(). */
extern struct xdp_offload *dp_offload;

/* Do packets come while counters are read? Then one may have been counted, and
 * its bytes not. */
extern bool dp_is_concurrent;

void dp_init(void);
void dp_uninit(void);

void dp_init_megaflows(void);
void dp_uninit_megaflows(void);

/* The megaflow that packet number 'packet' has with a mask of 'kind'. */
struct dp_megaflow *dp_megaflow(int packet, int kind);

/* What the datapath calls a flow that is made for that packet. */
void dp_packet_ufid(int packet, ovs_u128 *ufid);

/* Which port of flow offload is port number 'port', counted from 0.  Null if
 * there is none. */
void dp_set_port(int port, struct xdp_offload_port *);
struct xdp_offload_port *dp_get_port(int port);

/* The tables of PMD threads.  Who changes one holds its lock. */
extern struct ovs_mutex dp_pmd_mutexes[DP_PMDS];

/* The copy that PMD thread 'pmd' has of 'mega', or null. */
struct dp_flow *dp_find(int pmd, const struct dp_megaflow *mega);

/* The copy that it finds for a packet, or null. */
struct dp_flow *dp_classify(int pmd, int packet);

/* The copy with a name, or null. */
struct dp_flow *dp_find_ufid(int pmd, const ovs_u128 *ufid);

/* Makes a copy, unless there is one for the packet. */
struct dp_flow *dp_install(int pmd, int packet, int kind,
                           const struct dp_actions *);

/* What it takes to change a copy: first its actions, then the message; and to
 * delete it: first the message, then its death. */
void dp_set_actions(struct dp_flow *, const struct dp_actions *);
void dp_queue_modify(struct dp_flow *);
void dp_queue_delete(struct dp_flow *);
void dp_bury(struct dp_flow *);

const struct dp_actions *dp_get_actions(const struct dp_flow *);
bool dp_is_dead(const struct dp_flow *);
bool dp_ref(struct dp_flow *);
void dp_unref(struct dp_flow *);

/* Asks for the copy's counters, of 'port'. */
void dp_get(struct dp_flow *, struct xdp_offload_port *port);

/* Is there no message in the queue? */
bool dp_queue_is_empty(void);

/* Carries out the first message. */
void dp_run_queue(void);

/* How many copies are in memory. */
int dp_count(void);

#endif /* xdp-fake-dp.h */
