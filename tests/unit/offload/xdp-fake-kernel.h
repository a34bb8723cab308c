/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FAKE_KERNEL_H
#define XDP_FAKE_KERNEL_H 1

/* The kernel's side of flow offload in this process: a clock, and packets that
 * find flows in the tables and count there, at once or later.
 *
 * Thread-safety: for one thread. */

#include <stdbool.h>
#include <stdint.h>
#include "xdp-abi.h"
#include "tests/unit/offload/xdp-fake-dp.h"
#include "prog/xdp-tables.h"

enum { KERNEL_MAX_FLOWS = 64 };

/* A flow that packets find. */
struct kernel_flow {
    uint32_t idx;
    uint32_t port;              /* That they enter through. */
    struct dp_megaflow *mega;
    const struct xdp_flow_action *act;
};

struct kernel {
    struct xdp_tables *tables;  /* Null until the first port is opened. */
    struct xdp_limits limits;   /* Instead of the configured ones. */
    uint32_t n_actions;
    int failing;                /* One of so many updates of maps fails. */
    bool failed;                /* One has. */
    void (*meanwhile)(void);    /* While somebody waits for a grace period,
                                 * once. */
    void (*others)(void);       /* While output sets change. */
    uint32_t last_port;         /* That a device was set for. */
    long long int now;
    uint64_t n_packets, n_late; /* All; those that something overtook. */

    /* As kernel_look() has seen it. */
    struct kernel_flow flows[KERNEL_MAX_FLOWS];
    int n_flows;
};

extern struct kernel kernel;

/* Takes the place of the real one.  The tables have up to KERNEL_MAX_FLOWS
 * flows. */
void kernel_init(const struct xdp_limits *, uint32_t n_actions);

/* Port number 'port', counted from 0, has number 'idx' in the tables. */
void kernel_name_port(int port, uint32_t idx);

/* Finds out which flows packets find now. */
void kernel_look(void);

/* Is there a flow for 'mega'? */
bool kernel_has(const struct dp_megaflow *mega);

/* When the flow had its last packet, or 0. */
long long int kernel_used(const struct kernel_flow *);

/* What is in the place of a port, and of an output set: null if nothing. */
int kernel_device(uint32_t port);
const int *kernel_outputs(uint32_t set, size_t *n);

/* A packet finds flow number 'i'; later, it does what that says. */
void kernel_start_packet(int i);
void kernel_finish_packet(void);
void kernel_finish_packets(void);

#endif /* xdp-fake-kernel.h */
