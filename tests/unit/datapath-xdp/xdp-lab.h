/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_LAB_H
#define XDP_LAB_H 1

/* The BPF program for flow offload on the device "lo" of a network namespace
 * that nobody else uses, and its tables. */

#include <stddef.h>
#include <stdint.h>
#include "xdp-abi.h"
#include "prog/xdp-tables.h"

/* So many flows that are gone share a grace period. */
enum { XDP_LAB_LIMBO = 256 };

struct xdp_lab {
    struct xdp_prog *prog;
    struct xdp_tables *tables;
    struct xdp_flow_table *flows;
    int prog_fd;
    uint32_t limbo[XDP_LAB_LIMBO];      /* Flows to release. */
    int n_limbo;
};

/* Numbers of ports.  Packets come in through the first.  All of the others
 * output to "lo", where nothing that the program does arrives. */
enum {
    XDP_LAB_IN = 1,
    XDP_LAB_OUT,
    XDP_LAB_N_PORTS = 8,
};

/* What the ports send, bytes. */
enum { XDP_LAB_MAX_LEN = 1522 };

/* With 'n_buckets' buckets, or 0 for as many as there are by default.  Without
 * privilege to load programs, or in case of any other error, the process
 * ends. */
void xdp_lab_open(struct xdp_lab *, const struct xdp_limits *,
                  uint32_t n_buckets);
void xdp_lab_close(struct xdp_lab *);

/* Takes a flow out while other threads send packets. */
void xdp_lab_delete(struct xdp_lab *, uint32_t idx);

/* Waits, then gives back all places of such flows. */
void xdp_lab_settle(struct xdp_lab *);

/* What the program did with a packet. */
struct xdp_lab_result {
    uint32_t verdict;           /* XDP_PASS: to user space. */
    uint8_t data[4096];
    size_t size;
};

void xdp_lab_run(const struct xdp_lab *, const void *data, size_t size,
                 struct xdp_lab_result *);

#endif /* xdp-lab.h */
