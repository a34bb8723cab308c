/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_MODEL_H
#define XDP_MODEL_H 1

/* What flow offload is to do, by its documentation, and whether it does: the
 * insides of test-xdp-offload.c, for the files that make it up. */

#include <stdbool.h>
#include <stdint.h>
#include "odp-util.h"
#include "tests/unit/offload/xdp-fake-dp.h"
#include "tests/unit/offload/xdp-fake-kernel.h"
#include "offload/xdp-offload.h"

/* A port, as it has been set last. */
struct model_port {
    struct xdp_offload_port *port;      /* Null if it is closed. */
    bool going;                 /* All flows have been flushed. */
    bool attached;              /* It is an output. */
    bool is_input;              /* Its program forwards flows. */
    int ifindex;
    uint32_t max_len;
    uint32_t idx;               /* Number in the tables, if ever attached. */
    odp_port_t odp_port;
    bool takes_redirect;
    bool may_enter;
};

/* One of the things that a change does. */
struct model_op {
    bool deletes;               /* Else modifies. */
    int pmd;
    int packet;                 /* Whose ufid it is about. */
    const struct dp_actions *actions;
    struct dp_flow *flow;       /* That it is about, while it is on. */
    int step;
};

enum { MAX_OPS = 4, N_CHANGES = 3 };

/* A thread that changes flows. */
struct model_change {
    enum { IDLE, READY, BEGUN } state;
    bool all;
    int n, i;                   /* Of 'ops': all, and done. */
    struct model_op ops[MAX_OPS];
    struct xdp_offload_change told[MAX_OPS];    /* To flow offload. */
    struct dp_flow *modified[MAX_OPS];  /* Have 'old_actions'. */
    int n_modified;
};

extern struct model_port model_ports[DP_PORTS];
extern struct model_change model_changes[N_CHANGES];
extern bool model_tracing;
extern int model_step;
extern int model_n_misled;      /* Changes of other copies than named. */

#define TRACE(...)                              \
    do {                                        \
        if (model_tracing) {                    \
            fprintf(stderr, __VA_ARGS__);       \
        }                                       \
    } while (0)

/* Looks into the tables and aborts if anything there breaks a promise. */
void model_check(void);

/* Does it bring that flow, whose copies all agree, into the kernel if there is
 * room? */
bool model_may_offload(const struct dp_megaflow *,
                       const struct dp_actions *);

/* What there may be. */
const struct dp_actions *model_random_actions(void);

/* A copy that there is, or null. */
struct dp_flow *model_random_flow(void);

/* What its packets are to be treated like. */
const struct dp_actions *model_rule_of(const struct dp_megaflow *);

/* From now on, they are to be treated in another way, by chance. */
void model_change_rule(int megaflow);

/* What others do while somebody waits: for the test to say. */
extern void (*model_others)(void);

/* The thread plans a change, or gets it on by a step. */
void model_advance(struct model_change *);

/* Is somebody changing the tables of the PMD thread? */
bool model_is_locked(int pmd);

/* Something happens to a port. */
void model_change_port(void);

/* All ports are there, and all flows may enter and leave through them, if the
 * kernel is willing. */
void model_raise_ports(void);

/* They get other devices. */
void model_renew_ports(void);
void model_close_ports(void);

/* A change has ended. */
void model_end_change(struct model_change *);

/* A copy is being buried without a change.  May the kernel still have its
 * flow?  When all copies have been looked at, it must be gone. */
void model_note_bypass(struct dp_flow *);
bool model_is_bypassed(const struct dp_megaflow *);

/* What the main thread does again and again. */
void model_run(void);

/* Nothing else is going on: after some seconds, all that can be in the kernel
 * is there, and what has been counted has been reported. */
void model_check_calm(void);

/* There are no copies and no ports any more: nothing is left. */
void model_check_empty(void);

#endif /* xdp-model.h */
