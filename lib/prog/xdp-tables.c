/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "prog/xdp-tables.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entropy.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(xdp_tables);

/* Counters of a flow take 32 bytes for each shard: enough for CPUs not to
 * disturb each other on most machines, and not more memory on large ones. */
enum { MAX_STATS_SHARDS = 8 };

/* Of all CPUs together: 2 GiB. */
enum { MAX_CACHE_ENTRIES = 1 << 24 };

static size_t
round_to_pages(uint64_t size)
{
    return ROUND_UP(size, get_page_size());
}

static int
create_table(struct xdp_tables *t, enum xdp_table_id id, const char *name,
             uint32_t value_size, uint32_t n_entries, void **basep)
{
    DECLARE_LIBBPF_OPTS(bpf_map_create_opts, opts,
                        .map_flags = BPF_F_MMAPABLE);
    struct xdp_table *table = &t->tables[id];

    table->name = name;
    table->size = round_to_pages((uint64_t) ROUND_UP(value_size, 8)
                                 * n_entries);
    table->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, value_size,
                               n_entries, &opts);
    if (table->fd < 0) {
        return errno;
    }
    if (basep) {
        table->base = mmap(NULL, table->size, PROT_READ | PROT_WRITE,
                           MAP_SHARED, table->fd, 0);
        if (table->base == MAP_FAILED) {
            table->base = NULL;
            return errno;
        }
        *basep = table->base;
    }
    return 0;
}

static int
create_devices(struct xdp_tables *t)
{
    struct xdp_table *table = &t->tables[XDP_TABLE_DEVICES];

    table->name = "xdp_devices";
    table->fd = bpf_map_create(BPF_MAP_TYPE_DEVMAP, table->name, 4,
                               sizeof(struct bpf_devmap_val), XDP_MAX_PORTS,
                               NULL);
    return table->fd < 0 ? errno : 0;
}

/* A set of devices.  Returns a file descriptor, or -1 with errno set. */
static int
create_set(const int ifindexes[], size_t n)
{
    int fd = bpf_map_create(BPF_MAP_TYPE_DEVMAP_HASH, "xdp_output_set", 4,
                            sizeof(struct bpf_devmap_val), MAX(n, 1), NULL);

    for (uint32_t i = 0; fd >= 0 && i < n; i++) {
        struct bpf_devmap_val val = { .ifindex = ifindexes[i] };

        if (bpf_map_update_elem(fd, &i, &val, BPF_ANY)) {
            int error = errno;

            close(fd);
            errno = error;
            return -1;
        }
    }
    return fd;
}

static int
create_output_sets(struct xdp_tables *t)
{
    struct xdp_table *table = &t->tables[XDP_TABLE_OUTPUT_SETS];
    int inner_fd = create_set(NULL, 0);
    DECLARE_LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner_fd);
    int error;

    if (inner_fd < 0) {
        return errno;
    }
    table->name = "xdp_output_sets";
    table->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, table->name, 4, 4,
                               XDP_MAX_OUTPUT_SETS, &opts);
    error = table->fd < 0 ? errno : 0;
    close(inner_fd);
    return error;
}

static int
update_grace_map(const struct xdp_tables *t)
{
    uint32_t key = 0;

    return (bpf_map_update_elem(t->grace_map_fd, &key, &t->grace_inner_fd,
                                BPF_ANY)
            ? errno : 0);
}

static int
create_grace_map(struct xdp_tables *t)
{
    DECLARE_LIBBPF_OPTS(bpf_map_create_opts, opts);

    t->grace_inner_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdp_nothing", 4, 4,
                                       1, NULL);
    if (t->grace_inner_fd < 0) {
        return errno;
    }
    opts.inner_map_fd = t->grace_inner_fd;
    t->grace_map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xdp_grace",
                                     4, 4, 1, &opts);
    return t->grace_map_fd < 0 ? errno : update_grace_map(t);
}

static int
create_all(struct xdp_tables *t)
{
    const struct {
        enum xdp_table_id id;
        const char *name;
        size_t value_size;
        uint32_t n;
        void **base;
    } specs[] = {
        { XDP_TABLE_PORTS, "xdp_ports", sizeof *t->ports, XDP_MAX_PORTS,
          (void **) &t->ports },
        { XDP_TABLE_FILTER, "xdp_filter", sizeof *t->filter,
          t->limits.n_flows * XDP_FILTER_BITS_PER_FLOW / 64,
          (void **) &t->filter },
        { XDP_TABLE_BUCKETS, "xdp_buckets", sizeof *t->buckets, t->n_buckets,
          (void **) &t->buckets },
        { XDP_TABLE_FLOWS, "xdp_flows", sizeof *t->flows, t->limits.n_flows,
          (void **) &t->flows },
        { XDP_TABLE_ACTIONS, "xdp_actions", sizeof *t->actions, t->n_actions,
          (void **) &t->actions },
        { XDP_TABLE_STATS, "xdp_stats", sizeof *t->stats,
          t->limits.n_flows * t->stats_shards, (void **) &t->stats },
        { XDP_TABLE_CACHE, "xdp_cache", sizeof(struct xdp_cache_entry),
          t->limits.cache_size * t->n_cpus, NULL },
    };
    int error = create_grace_map(t);

    if (!error) {
        error = create_devices(t);
    }
    if (!error) {
        error = create_output_sets(t);
    }
    for (size_t i = 0; !error && i < ARRAY_SIZE(specs); i++) {
        error = create_table(t, specs[i].id, specs[i].name,
                             specs[i].value_size, specs[i].n, specs[i].base);
    }
    return error;
}

int
xdp_tables_create(const struct xdp_limits *limits, struct xdp_tables **tablesp,
                  char **errp)
{
    struct xdp_tables *t = xzalloc(sizeof *t);
    int n_cpus = libbpf_num_possible_cpus();

    t->limits = *limits;
    t->n_cpus = MAX(n_cpus, 1);
    while ((uint64_t) t->limits.cache_size * t->n_cpus > MAX_CACHE_ENTRIES) {
        t->limits.cache_size /= 2;
    }
    t->stats_shards = MIN(ROUND_UP_POW2(t->n_cpus), MAX_STATS_SHARDS);

    /* Two flows in a bucket with room for eight, on average: one in a million
     * finds no place. */
    t->n_buckets = MAX(limits->n_flows / 2, 2);
    t->n_actions = MAX(limits->n_flows / 4, 256);
    t->filter_counts = xcalloc(limits->n_flows, XDP_FILTER_BITS_PER_FLOW);
    get_entropy_or_die(&t->basis, sizeof t->basis);
    xdp_hash_basis_complete(&t->basis);
    t->grace_map_fd = -1;
    t->grace_inner_fd = -1;
    for (int i = 0; i < N_XDP_TABLES; i++) {
        t->tables[i].fd = -1;
    }

    int error = create_all(t);
    if (error) {
        *errp = xasprintf("cannot create tables for %"PRIu32" flows (%s)",
                          limits->n_flows, ovs_strerror(error));
        xdp_tables_destroy(t);
        return error;
    }
    VLOG_INFO("flow tables for %"PRIu32" flows take %"PRIu64" MiB",
              limits->n_flows, xdp_tables_memory(t) >> 20);
    *tablesp = t;
    return 0;
}

static void
close_map(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void
xdp_tables_destroy(struct xdp_tables *t)
{
    if (t) {
        for (int i = 0; i < N_XDP_TABLES; i++) {
            struct xdp_table *table = &t->tables[i];

            if (table->base) {
                munmap(table->base, table->size);
            }
            close_map(table->fd);
        }
        close_map(t->grace_map_fd);
        close_map(t->grace_inner_fd);
        free(t->filter_counts);
        free(t);
    }
}

uint64_t
xdp_tables_memory(const struct xdp_tables *t)
{
    uint64_t sum = 0;

    for (int i = 0; i < N_XDP_TABLES; i++) {
        sum += t->tables[i].size;
    }
    return sum;
}

int
xdp_tables_set_device(struct xdp_tables *t, uint32_t port, int ifindex)
{
    struct bpf_devmap_val val = { .ifindex = ifindex };
    int fd = t->tables[XDP_TABLE_DEVICES].fd;

    if (!ifindex) {
        return bpf_map_delete_elem(fd, &port) && errno != ENOENT ? errno : 0;
    }
    return bpf_map_update_elem(fd, &port, &val, BPF_ANY) ? errno : 0;
}

int
xdp_tables_set_outputs(struct xdp_tables *t, uint32_t set,
                       const int ifindexes[], size_t n)
{
    int fd = t->tables[XDP_TABLE_OUTPUT_SETS].fd;
    int set_fd;
    int error;

    if (!n) {
        return bpf_map_delete_elem(fd, &set) && errno != ENOENT ? errno : 0;
    }
    set_fd = create_set(ifindexes, n);
    if (set_fd < 0) {
        return errno;
    }
    error = bpf_map_update_elem(fd, &set, &set_fd, BPF_ANY) ? errno : 0;
    close(set_fd);
    return error;
}

/* The kernel promises to return from an update of a map of maps when no
 * program can be using what was in its place before, and to that end waits for
 * an RCU grace period (since 4.20; maybe_wait_bpf_programs() in
 * kernel/bpf/syscall.c). Programs run inside read-side critical sections,
 * however the kernel preempts. membarrier(2) is no substitute: it waits for
 * nothing if one CPU is online, even where programs are preempted, and is
 * refused where CPUs are nohz_full or a seccomp filter does not know it.
 *
 * Creating the tables has shown that the update works.  If it does not any
 * more, nothing can be promised but to end, and with us all flows. */
void
xdp_tables_synchronize(const struct xdp_tables *t)
{
    int error = update_grace_map(t);

    if (error) {
        ovs_abort(error, "cannot wait for the BPF programs");
    }
}
