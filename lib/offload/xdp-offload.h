/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_H
#define XDP_OFFLOAD_H 1

/* Which datapath flows the BPF programs carry out, whatever flow API a version
 * of Open vSwitch has above.
 *
 * All flows that the datapath has are known here, also those that stay in user
 * space: when what keeps them there changes, they move.
 *
 * What forwards in the kernel is what Open vSwitch has in its own tables.  A
 * flow enters the kernel when a copy of it is seen there that nobody is
 * changing, and leaves it before the last such copy is changed or deleted.
 * Time proves nothing: a flow that has left for a change comes back only when
 * a copy is seen again.
 *
 * Thread-safety: any thread may call any function, but for one port only one
 * thread opens, attaches, detaches and closes at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"
#include "xdp-abi.h"
#include "offload/xdp-offload-reason.h"

struct ds;
struct match;
struct nlattr;
struct smap;
struct xdp_copy_class;
struct xdp_offload;
struct xdp_offload_port;
struct xdp_prog;

/* Flow offload with no ports and no flows, for flows whose copies are of that
 * class.  With the first port it creates its tables in the kernel.  What
 * another process has left there would take their place: its maps become
 * tables, and ports attach to its programs. */
struct xdp_offload *xdp_offload_create(const struct xdp_copy_class *);

/* Nobody else uses it any more, and all ports are closed.  Accepts null. */
void xdp_offload_destroy(struct xdp_offload *);

/* Takes from other_config whether flows may be in the kernel at all, which
 * holds at once, and the limits.  These hold from the first port on; returns
 * false if they have become others than those in use. */
bool xdp_offload_configure(struct xdp_offload *,
                           const struct smap *other_config);

/* Ports. */

/* Makes a port for 'name'.  Returns null with a sentence in '*errp' for the
 * caller to free if that is impossible. */
struct xdp_offload_port *xdp_offload_port_open(struct xdp_offload *,
                                               const char *name, char **errp);

/* Forgets the port and all flows that enter through it.  Flows that output to
 * it move to user space.  The memory is freed after an RCU grace period.
 * Accepts null. */
void xdp_offload_port_close(struct xdp_offload_port *);

/* The port's device has our program 'prog' now, and the kernel redirects
 * frames up to 'max_len' bytes to it.  Exchanges the program for the one that
 * forwards flows.  With a null 'prog' the port is an output alone, for the
 * reason 'why_no_prog'.  Returns 0, or a positive errno with a sentence in
 * '*errp' for the caller to free.  Then the port is an output alone, if its
 * program could not be exchanged; else it is as if this had not been called,
 * and no flow enters or leaves through it. */
int xdp_offload_port_attach(struct xdp_offload_port *, struct xdp_prog *prog,
                            enum xdp_offload_reason why_no_prog, int ifindex,
                            uint32_t max_len, char **errp);

/* The program is about to go: all flows that enter or leave through the port
 * move to user space.  When this returns, no packet is on its way in the
 * kernel because of them. */
void xdp_offload_port_detach(struct xdp_offload_port *);

/* The device's MTU has changed. */
void xdp_offload_port_set_max_len(struct xdp_offload_port *, uint32_t max_len);

/* These move flows into and out of the kernel as far as that becomes possible
 * or necessary.  New flows in the kernel wait for xdp_offload_run(). */

/* The port's number in the datapath, ODPP_NONE if it is not there. */
void xdp_offload_port_set_odp_port(struct xdp_offload_port *, odp_port_t);

/* Can frames be redirected to the port's device, and may flows that enter
 * through it be in the kernel?  Neither, to begin with. */
void xdp_offload_port_set_roles(struct xdp_offload_port *, bool takes_redirect,
                                bool may_enter);

/* For the main loop: brings flows that could not be offloaded earlier, and now
 * can, into the kernel, some at a time. */
void xdp_offload_run(struct xdp_offload *);
void xdp_offload_wait(struct xdp_offload *);

/* Flows. */

/* Several PMD threads may have a copy each of one megaflow; Open vSwitch
 * changes and deletes the copies one by one.  How to look at a copy, which is
 * otherwise only a pointer here.  All of these are called under a lock: they
 * must not block, and may not call any function here. */
struct xdp_offload_stats;
struct xdp_copy_class {
    /* Keeps the copy in memory until unref().  Returns false if it is already
     * about to be freed. */
    bool (*ref)(const void *copy);
    void (*unref)(const void *copy);

    /* How Open vSwitch names the copy when it changes or deletes it, and what
     * it calls the megaflow.  Neither changes.  Megaflows that differ only in
     * what they do not look at may have the same name. */
    const ovs_u128 *(*ufid)(const void *copy);
    const ovs_u128 *(*mega_ufid)(const void *copy);

    /* The PMD thread that has it. */
    unsigned int (*pmd_id)(const void *copy);

    /* Is the copy in the datapath's tables?  Once it is not, it never is. */
    bool (*is_alive)(const void *copy);

    /* Of a living copy: what it matches, which does not change, and what it
     * does, which can. */
    void (*get_match)(const void *copy, struct match *);
    const struct nlattr *(*get_actions)(const void *copy, size_t *len);

    /* Nobody will answer for the copy's packets in the kernel any more: adds
     * them to those that it has counted itself. */
    void (*credit)(const void *copy, const struct xdp_offload_stats *);
};

/* What all users of one flow see together. */
struct xdp_offload_stats {
    uint64_t n_packets;
    uint64_t n_bytes;
    long long int used;         /* CLOCK_MONOTONIC, ms; 0 if never. */
    uint16_t tcp_flags;
};

/* Open vSwitch has 'copy' in its tables, as far as it knows.  May wait for a
 * grace period; nobody has to wait for that. */
void xdp_offload_flow_put(struct xdp_offload_port *in_port, const void *copy);

/* Likewise, and tells what the copy's packets were in the kernel so far.  What
 * is new since any copy of the flow asked is for the one that asks: together
 * they are told each packet once.  Returns 0, or ENOENT if the copy is not
 * known and not alive. */
int xdp_offload_flow_get(struct xdp_offload_port *in_port, const void *copy,
                         struct xdp_offload_stats *, bool *offloaded);

/* Open vSwitch has no copies of flows called 'mega_ufid' any more, except
 * those that it will put again.  'copy' was the last. */
void xdp_offload_flow_del(struct xdp_offload *, const ovs_u128 *mega_ufid,
                          const void *copy);

/* A change, made to all copies with this name or to all flows.  One thread at
 * a time replaces the actions of one copy by its name. */
struct xdp_offload_change {
    ovs_u128 ufid;              /* Unless 'all'. */
    bool all;
    bool deletes;               /* Else, it replaces the actions. */

    /* Unless 'all' or 'deletes': what the copy of PMD thread 'pmd_id' is to do
     * then.  Open vSwitch looks for it by a packet that comes in through
     * 'in_port', and may find another one than it names.  Without actions,
     * packets are dropped. */
    const struct nlattr *actions;       /* May be null if they are empty. */
    size_t actions_len;
    unsigned int pmd_id;
    odp_port_t in_port;

    /* From the first to the second of the calls below: when it began, that
     * copy did something else. */
    bool is_to_be_seen;
};

/* Before and after Open vSwitch changes copies.  From the first call on, no
 * packet finds a flow by what the copies were, unless another copy of the same
 * flow, which is not being changed, does the same; until the second, none of
 * them is proof that its flow belongs into the kernel.
 *
 * The first returns true if one of the flows had packets a moment ago, so that
 * its counters are final only after xdp_offload_synchronize(). */
bool xdp_offload_begin_changes(struct xdp_offload *,
                               struct xdp_offload_change *, size_t n);
void xdp_offload_end_changes(struct xdp_offload *,
                             const struct xdp_offload_change *, size_t n);

void xdp_offload_synchronize(struct xdp_offload *);

/* Waits until packets that had found a flow before are done, as good as
 * certainly: for a grace period at most every 100 ms, and else far longer than
 * a packet takes. */
void xdp_offload_wait_for_packets(struct xdp_offload *);

/* Takes all flows out of the kernel; each comes back when Open vSwitch asks
 * for its counters, as it does about twice a second.  Returns their number. */
size_t xdp_offload_withdraw_all(struct xdp_offload *);

/* Forgets all flows of a port that goes, and credits their copies with what
 * has been counted in the kernel. */
void xdp_offload_port_flush(struct xdp_offload_port *);

/* For people. */

/* How many flows that enter through the port are where. */
struct xdp_offload_flow_counts {
    uint64_t kernel;
    uint64_t user_space;
};

struct xdp_offload_flow_counts xdp_offload_port_count_flows(
    const struct xdp_offload_port *);

/* Appends limits and use of the shared tables. */
void xdp_offload_format_tables(struct xdp_offload *, struct ds *);

/* Appends a line for each reason, with output port, why flows of the port are
 * in user space. */
void xdp_offload_port_format_reasons(const struct xdp_offload_port *,
                                     struct ds *);

#endif /* xdp-offload.h */
