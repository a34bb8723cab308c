/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "prog/xdp-program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "base/link-info.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"
#include "xdp-abi.h"
#include "base/xdp-compat.h"
#include "base/xdp-features.h"
#include "prog/xdp-foreign-prog.h"
#include "prog/xdp-rx-vlan-tag.h"
#include "prog/xdp-tables.h"

#include "ovs-afxdp.skel.h"
#include "ovs-afxdp-offload.skel.h"

VLOG_DEFINE_THIS_MODULE(xdp_program);

struct xdp_prog {
    struct ovs_afxdp_skel *skel;
    struct ovs_afxdp_offload_skel *offload;     /* Null without offload. */
    int link_fd;
    uint32_t id;

    enum xdp_vlan_tags vlan_tags;
    int bound_ifindex;          /* The device that the programs are bound to,
                                 * to ask its driver for tags; else 0. */
};

const char *
xdp_vlan_tags_explain(enum xdp_vlan_tags tags)
{
    static const char *const reasons[N_XDP_VLAN_TAGS] = {
        [XDP_VLAN_TAGS_GENERIC] = "generic mode hides them",
        [XDP_VLAN_TAGS_UNTOLD] = "the driver or Linux before 6.8 hides them",
        [XDP_VLAN_TAGS_REFUSED] = "the kernel refuses a program that asks for "
                                  "them",
    };

    return reasons[tags];
}

/* libbpf calls a failure that we handle a warning.  What matters of it is in
 * our own sentences. */
static int
log_libbpf(enum libbpf_print_level level OVS_UNUSED, const char *format,
           va_list args)
{
    vlog_valist(&this_module, VLL_DBG, format, args);
    return 0;
}

static void
init_libbpf(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        libbpf_set_print(log_libbpf);
        ovsthread_once_done(&once);
    }
}

static int
get_prog_info(int prog_fd, struct bpf_prog_info *info)
{
    uint32_t len = sizeof *info;

    memset(info, 0, sizeof *info);
    return bpf_obj_get_info_by_fd(prog_fd, info, &len) ? errno : 0;
}

/* Turns 'error' of attaching to the device into what xdp_prog_attach()
 * returns, with a sentence in '*errp'. */
static int
explain_attach_failure(int ifindex, enum xsk_mode mode, int error, char **errp)
{
    char name[IF_NAMESIZE];
    char *foreign = xdp_foreign_prog_explain(ifindex);

    if (foreign) {
        *errp = foreign;
        return EBUSY;
    }
    if (error == ENOSPC && if_indextoname(ifindex, name)
        && link_has_driver(name, "veth")) {
        *errp = xstrdup("no native mode on a veth device with fewer receive "
                        "queues than its peer has transmit queues; lower "
                        "these (ethtool -L PEER tx N in the peer's namespace) "
                        "or make the device with more (ip link add ... "
                        "numrxqueues N)");
        return error;
    }
    *errp = xasprintf("cannot attach an XDP program in %s mode (%s)",
                      mode == XSK_MODE_GENERIC ? "generic" : "native",
                      ovs_strerror(error));
    /* EEXIST: occupied in the other mode. */
    return error == EEXIST ? EBUSY : error;
}

static int
try_load(struct xdp_prog *prog, uint32_t n_queues, bool multi_buffer)
{
    struct bpf_prog_info info;
    int error;

    prog->skel = ovs_afxdp_skel__open();
    error = prog->skel ? 0 : errno;
    if (!error
        && bpf_map__set_max_entries(prog->skel->maps.xsks_map, n_queues)) {
        error = errno;
    }
    if (!error) {
        error = xdp_rx_vlan_tag_prepare(prog->skel->progs.ovs_afxdp,
                                        prog->bound_ifindex,
                                        multi_buffer ? BPF_F_XDP_HAS_FRAGS
                                        : 0);
    }
    if (!error) {
        error = -ovs_afxdp_skel__load(prog->skel);
    }
    if (!error) {
        error = get_prog_info(bpf_program__fd(prog->skel->progs.ovs_afxdp),
                              &info);
    }
    if (!error) {
        prog->id = info.id;
    } else {
        ovs_afxdp_skel__destroy(prog->skel);
        prog->skel = NULL;
    }
    return error;
}

static void
choose_vlan_tags(struct xdp_prog *prog, int ifindex, enum xsk_mode mode)
{
    if (mode == XSK_MODE_GENERIC) {
        prog->vlan_tags = XDP_VLAN_TAGS_GENERIC;
    } else if (!xdp_features_have_vlan_tag(ifindex)) {
        prog->vlan_tags = XDP_VLAN_TAGS_UNTOLD;
    } else {
        prog->vlan_tags = XDP_VLAN_TAGS_SEEN;
        prog->bound_ifindex = ifindex;
    }
}

static int
load(struct xdp_prog *prog, uint32_t n_queues, bool multi_buffer, char **errp)
{
    int error = try_load(prog, n_queues, multi_buffer);

    if (error && prog->bound_ifindex) {
        prog->bound_ifindex = 0;
        prog->vlan_tags = XDP_VLAN_TAGS_REFUSED;
        error = try_load(prog, n_queues, multi_buffer);
    }
    if (error) {
        *errp = xasprintf("cannot load the BPF program (%s)%s",
                          ovs_strerror(error),
                          error == EPERM ? "; it needs CAP_BPF and "
                                           "CAP_NET_ADMIN" : "");
    }
    return error;
}

int
xdp_prog_attach(int ifindex, enum xsk_mode mode, uint32_t n_queues,
                bool multi_buffer, struct xdp_prog **progp, char **errp)
{
    struct xdp_prog *prog = xzalloc(sizeof *prog);
    int error;

    init_libbpf();
    *progp = NULL;
    prog->link_fd = -1;
    choose_vlan_tags(prog, ifindex, mode);
    error = load(prog, n_queues, multi_buffer, errp);
    if (!error) {
        DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
                            .flags = xsk_mode_attach_flags(mode));

        prog->link_fd = bpf_link_create(
            bpf_program__fd(prog->skel->progs.ovs_afxdp), ifindex, BPF_XDP,
            &opts);
        if (prog->link_fd < 0) {
            error = explain_attach_failure(ifindex, mode, errno, errp);
        }
    }
    if (error) {
        xdp_prog_destroy(prog);
        return error;
    }
    *progp = prog;
    return 0;
}

void
xdp_prog_detach(struct xdp_prog *prog)
{
    if (prog && prog->link_fd >= 0) {
        /* Closing the link may detach later, from a work queue. */
        bpf_link_detach(prog->link_fd);
        close(prog->link_fd);
        prog->link_fd = -1;
    }
}

void
xdp_prog_destroy(struct xdp_prog *prog)
{
    if (prog) {
        xdp_prog_detach(prog);
        ovs_afxdp_offload_skel__destroy(prog->offload);
        ovs_afxdp_skel__destroy(prog->skel);
        free(prog);
    }
}

int
xdp_prog_set_xsk(struct xdp_prog *prog, uint32_t queue_id, int xsk_fd)
{
    int map_fd = bpf_map__fd(prog->skel->maps.xsks_map);

    return (bpf_map_update_elem(map_fd, &queue_id, &xsk_fd, BPF_ANY)
            ? errno : 0);
}

bool
xdp_prog_is_attached(const struct xdp_prog *prog)
{
    struct bpf_link_info info = { .xdp.ifindex = 0 };
    uint32_t len = sizeof info;

    return (prog->link_fd >= 0
            && (bpf_obj_get_info_by_fd(prog->link_fd, &info, &len)
                || info.xdp.ifindex));
}

enum xdp_vlan_tags
xdp_prog_vlan_tags(const struct xdp_prog *prog)
{
    return prog->vlan_tags;
}

uint32_t
xdp_prog_id(const struct xdp_prog *prog)
{
    return prog->id;
}

void
xdp_prog_get_counters(const struct xdp_prog *prog, struct xdp_counters *sum)
{
    int n_cpus = libbpf_num_possible_cpus();
    uint32_t key = 0;
    struct xdp_counters *values = xcalloc(MAX(n_cpus, 1), sizeof *values);

    memset(sum, 0, sizeof *sum);
    if (!bpf_map_lookup_elem(bpf_map__fd(prog->skel->maps.xdp_counters),
                             &key, values)) {
        for (int i = 0; i < n_cpus; i++) {
            for (int j = 0; j < N_XDP_COUNTERS; j++) {
                sum->n[j] += values[i].n[j];
            }
        }
    }
    free(values);
}

/* Flow offload. */

/* Gives the program the maps that there are already: the port's own and those
 * of all ports. */
static int
share_maps(struct ovs_afxdp_offload_skel *offload, struct xdp_prog *prog,
           const struct xdp_tables *tables)
{
    const struct ovs_afxdp_skel *base = prog->skel;
    int error;

    error = bpf_map__reuse_fd(offload->maps.xsks_map,
                              bpf_map__fd(base->maps.xsks_map));
    if (!error) {
        error = bpf_map__reuse_fd(offload->maps.xdp_counters,
                                  bpf_map__fd(base->maps.xdp_counters));
    }
    for (int i = 0; !error && i < N_XDP_TABLES; i++) {
        const struct xdp_table *table = &tables->tables[i];
        struct bpf_map *map = bpf_object__find_map_by_name(offload->obj,
                                                           table->name);

        error = bpf_map__reuse_fd(map, table->fd);
    }
    return -error;
}

static int
load_offload(struct xdp_prog *prog, const struct xdp_tables *tables,
             uint32_t port, struct ovs_afxdp_offload_skel **offloadp)
{
    struct ovs_afxdp_offload_skel *offload = ovs_afxdp_offload_skel__open();
    int error = (!offload ? errno
                 : offload->rodata->abi_version != XDP_ABI_VERSION ? EPROTO
                 : share_maps(offload, prog, tables));

    if (!error) {
        offload->rodata->hash_basis = tables->basis;
        offload->rodata->in_port = port;
        offload->rodata->n_flows = tables->limits.n_flows;
        offload->rodata->n_buckets = tables->n_buckets;
        offload->rodata->cache_size = tables->limits.cache_size;
        offload->rodata->stats_shards = tables->stats_shards;
        offload->rodata->stats_are_shared
            = tables->stats_shards < tables->n_cpus;
#if defined(__i386__) || defined(__x86_64__) || defined(__s390x__)
        offload->rodata->loads_keep_order = true;
#endif
        error = xdp_rx_vlan_tag_prepare(offload->progs.ovs_afxdp,
                                        prog->bound_ifindex, 0);
    }
    if (!error) {
        error = -ovs_afxdp_offload_skel__load(offload);
    }
    if (error) {
        ovs_afxdp_offload_skel__destroy(offload);
        offload = NULL;
    }
    *offloadp = offload;
    return error;
}

static int
exchange_prog(struct xdp_prog *prog, struct bpf_program *new)
{
    struct bpf_prog_info info;
    int fd = bpf_program__fd(new);

    if (bpf_link_update(prog->link_fd, fd, NULL)) {
        return errno;
    }
    if (!get_prog_info(fd, &info)) {
        prog->id = info.id;
    }
    return 0;
}

int
xdp_prog_enable_offload(struct xdp_prog *prog, const struct xdp_tables *tables,
                        uint32_t port, char **errp)
{
    struct ovs_afxdp_offload_skel *offload;
    int error = load_offload(prog, tables, port, &offload);

    if (!error) {
        error = exchange_prog(prog, offload->progs.ovs_afxdp);
        if (error) {
            ovs_afxdp_offload_skel__destroy(offload);
        }
    }
    if (error) {
        /* Without CAP_PERFMON, the verifier does not allow the length of a
         * packet to be computed. */
        *errp = xasprintf("cannot load the BPF program for flow offload "
                          "(%s)%s", ovs_strerror(error),
                          error == EPERM || error == EACCES
                          ? "; it needs CAP_BPF, CAP_NET_ADMIN and "
                            "CAP_PERFMON"
                          : error == EPROTO
                          ? "; it was built from another version of "
                            "xdp-abi.h than the daemon" : "");
        return error;
    }
    prog->offload = offload;
    return 0;
}

void
xdp_prog_disable_offload(struct xdp_prog *prog)
{
    if (prog->offload) {
        if (exchange_prog(prog, prog->skel->progs.ovs_afxdp)) {
            /* It would forward by the flows of the next port that gets its
             * number. */
            xdp_prog_detach(prog);
        }
        ovs_afxdp_offload_skel__destroy(prog->offload);
        prog->offload = NULL;
    }
}
