/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/datapath-xdp/xdp-lab.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "util.h"
#include "offload/xdp-flow-table.h"
#include "prog/xdp-program.h"

enum { LO_IFINDEX = 1 };

/* Both sides take the number from there. */
static void
set_n_buckets(struct xdp_tables *tables, uint32_t n_buckets)
{
    ovs_assert(n_buckets <= tables->n_buckets);
    tables->n_buckets = n_buckets ? n_buckets : tables->n_buckets;
}

void
xdp_lab_open(struct xdp_lab *lab, const struct xdp_limits *limits,
             uint32_t n_buckets)
{
    char *error = NULL;

    if (xdp_prog_attach(LO_IFINDEX, XSK_MODE_GENERIC, 1, false, &lab->prog,
                        &error)
        || xdp_tables_create(limits, &lab->tables, &error)) {
        ovs_fatal(0, "%s", error);
    }
    set_n_buckets(lab->tables, n_buckets);
    if (xdp_prog_enable_offload(lab->prog, lab->tables, XDP_LAB_IN, &error)) {
        ovs_fatal(0, "%s", error);
    }
    lab->flows = xdp_flow_table_create(lab->tables);
    lab->n_limbo = 0;
    for (int i = XDP_LAB_IN; i < XDP_LAB_N_PORTS; i++) {
        xdp_flow_table_set_port(lab->flows, i, XDP_PORT_LOOKUP,
                                XDP_LAB_MAX_LEN, 2);
        ovs_assert(!xdp_tables_set_device(lab->tables, i, LO_IFINDEX));
    }
    lab->prog_fd = bpf_prog_get_fd_by_id(xdp_prog_id(lab->prog));
    ovs_assert(lab->prog_fd >= 0);
}

void
xdp_lab_close(struct xdp_lab *lab)
{
    close(lab->prog_fd);
    xdp_prog_destroy(lab->prog);
    xdp_flow_table_destroy(lab->flows);
    xdp_tables_destroy(lab->tables);
}

void
xdp_lab_delete(struct xdp_lab *lab, uint32_t idx)
{
    xdp_flow_table_unlink(lab->flows, idx);
    lab->limbo[lab->n_limbo++] = idx;
    if (lab->n_limbo == XDP_LAB_LIMBO) {
        xdp_lab_settle(lab);
    }
}

void
xdp_lab_settle(struct xdp_lab *lab)
{
    xdp_tables_synchronize(lab->tables);
    while (lab->n_limbo) {
        xdp_flow_table_release(lab->flows, lab->limbo[--lab->n_limbo]);
    }
}

void
xdp_lab_run(const struct xdp_lab *lab, const void *data, size_t size,
            struct xdp_lab_result *result)
{
    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts,
                        .data_in = data, .data_size_in = size,
                        .data_out = result->data,
                        .data_size_out = sizeof result->data);

    if (bpf_prog_test_run_opts(lab->prog_fd, &opts)) {
        ovs_fatal(errno, "BPF_PROG_TEST_RUN, %"PRIuSIZE" bytes", size);
    }
    result->verdict = opts.retval;
    result->size = opts.data_size_out;
}
