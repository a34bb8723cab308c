/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "util.h"
#include "offload/xdp-flow-table.h"
#include "tests/unit/datapath-xdp/masked-key.h"
#include "tests/unit/prog/xdp-hooks.h"
#include "xdp-key.h"
#include "prog/xdp-tables.h"

/* The program's look-up, compiled for this process, and interrupted wherever
 * it reads what user space writes: by changes of the tables, and by other
 * packets on the same CPU, as with PREEMPT_RT. */
static void interrupt(void);

#define XDP_READ_ONCE(X) (*(interrupt(), (volatile typeof(X) *) &(X)))

struct host_map {
    void *base;
    size_t entry_size;
    uint32_t n;
};
static struct host_map xdp_filter, xdp_buckets, xdp_flows, xdp_cache;

static struct xdp_hash_basis hash_basis;
static uint32_t n_flows, n_buckets, cache_size;
static const bool loads_keep_order;

static void *
bpf_map_lookup_elem(const struct host_map *map, const uint32_t *key)
{
    interrupt();
    return *key < map->n ? (char *) map->base + *key * map->entry_size : NULL;
}

static uint32_t
bpf_get_smp_processor_id(void)
{
    return 0;
}

#define XDP_SHARED_MAPS_H 1
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#include "xdp-lookup.h"
#pragma GCC diagnostic pop

enum { PORT = 1, OTHER_PORT = 2, MAX_DEPTH = 3, MAX_FLOWS = 64 };

/* How many changes at most interrupt a packet, those that interrupt it
 * included: what is gone is used again after a grace period, which does not
 * end while a packet is on its way. */
enum { MAX_CHANGES = 12, MAX_LIMBO = 256 };

/* What is or was in a place of the table, and when: the clock counts
 * changes. */
struct model_flow {
    struct xdp_key key, mask;
    uint64_t born, died;
};

static struct xdp_tables *tables;
static struct xdp_flow_table *flows;
static struct model_flow *model;                /* By place. */
static uint32_t live[MAX_FLOWS], n_live;
static uint32_t limbo[MAX_LIMBO], n_limbo;      /* To be released. */
static uint64_t now;
static int depth, n_changes;                    /* Of packets on their way. */
static bool changing;
static uint64_t n_hits, n_cached, n_misses, n_interrupts;

/* Nothing here waits for packets that are on their way. */
static void
synchronize(const struct xdp_tables *t OVS_UNUSED)
{
    OVS_NOT_REACHED();
}

/* A grace period is over. */
static void
release(void)
{
    ovs_assert(!depth);
    while (n_limbo) {
        xdp_flow_table_release(flows, limbo[--n_limbo]);
    }
}

/* Only packets of one Ethernet type have more than the first words. */
#define IPV6_TYPE (UINT64_C(1) << 48)

/* Fields with few values, so that flows and packets meet. */
static void
random_key(uint32_t port, struct xdp_key *key)
{
    memset(key, 0, sizeof *key);
    key->w[XDP_KEY_ETH_DST] = (uint64_t) port << 48 | random_range(2);
    key->w[XDP_KEY_NW] = (uint64_t) random_range(4) << 32;
    key->w[XDP_KEY_IPV4] = random_range(4) | (uint64_t) random_range(4) << 32;
    if (random_range(2)) {
        key->w[XDP_KEY_ETH_SRC] = IPV6_TYPE;
        key->w[XDP_KEY_IPV6_SRC] = random_range(2);
    }
}

/* One of a few, or of many. */
static void
random_mask(struct xdp_key *mask)
{
    uint32_t bits = random_range(3) ? random_range(8) : random_range(1 << 8);

    memset(mask, 0, sizeof *mask);
    mask->w[XDP_KEY_ETH_DST] = (uint64_t) UINT16_MAX << 48 | (bits & 1);
    mask->w[XDP_KEY_ETH_SRC] = IPV6_TYPE;
    mask->w[XDP_KEY_NW] = (uint64_t) (bits >> 1 & 3) << 32;
    mask->w[XDP_KEY_IPV4] = (bits >> 3 & 3) | (uint64_t) (bits >> 5 & 3) << 32;
    mask->w[XDP_KEY_IPV6_SRC] = bits >> 7;
}

static bool
matches(const struct model_flow *f, const struct xdp_key *key)
{
    return masked_key_matches(&f->key, &f->mask, key);
}

static void
insert(void)
{
    const struct xdp_flow_action drop = { .flags = 0 };
    uint32_t port = random_range(4) ? PORT : OTHER_PORT;
    struct model_flow new = { .died = UINT64_MAX };
    uint32_t idx;

    random_key(port, &new.key);
    random_mask(&new.mask);
    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        new.key.w[i] &= new.mask.w[i];
    }
    for (uint32_t i = 0; i < n_live; i++) {
        const struct model_flow *f = &model[live[i]];

        if (!memcmp(&f->key, &new.key, sizeof new.key)
            && !memcmp(&f->mask, &new.mask, sizeof new.mask)) {
            return;
        }
    }
    if (n_live < MAX_FLOWS
        && xdp_flow_table_insert(flows, port, &new.key, &new.mask, &drop,
                                 &idx) == XDP_WHY_OFFLOADED) {
        new.born = ++now;
        model[idx] = new;
        live[n_live++] = idx;
    }
}

static void
delete(uint32_t i)
{
    model[live[i]].died = ++now;
    xdp_flow_table_unlink(flows, live[i]);
    limbo[n_limbo++] = live[i];
    live[i] = live[--n_live];
}

static void
change(void)
{
    changing = true;
    for (int i = random_range(4); i >= 0 && n_changes < MAX_CHANGES; i--) {
        n_changes++;
        if (n_live && random_range(2)) {
            delete(random_range(n_live));
        } else {
            insert();
        }
    }
    changing = false;
}

/* A packet must find a flow that matches it and was there at some time while
 * it was on its way.  If one was there all the time, it must find one. */
static void
look_up(const struct xdp_key *key)
{
    struct xdp_packet pkt = { .key = *key };
    uint64_t start = now;
    uint32_t found, idx;

    pkt.extended = key->w[XDP_KEY_ETH_SRC] == IPV6_TYPE;
    depth++;
    found = xdp_lookup(&pkt, &tables->ports[PORT]);
    depth--;
    idx = (found & ~XDP_FOUND_IN_CACHE) - 1;
    if (idx != UINT32_MAX) {
        ovs_assert(idx < n_flows);
        ovs_assert(matches(&model[idx], key));
        ovs_assert(model[idx].died > start);
        n_hits++;
        n_cached += (found & XDP_FOUND_IN_CACHE) != 0;
    } else {
        for (uint32_t i = 0; i < n_live; i++) {
            ovs_assert(!matches(&model[live[i]], key)
                       || model[live[i]].born > start);
        }
        n_misses++;
    }
}

static void
interrupt(void)
{
    if (!depth || changing || random_range(24)) {
        return;
    }
    n_interrupts++;
    if (depth == MAX_DEPTH || random_range(3)) {
        change();
    } else {
        struct xdp_key key;

        random_key(PORT, &key);
        look_up(&key);
    }
}

/* Packets that nothing interrupts find what there is. */
static void
look_up_undisturbed(const struct xdp_key *key)
{
    changing = true;
    look_up(key);
    changing = false;
}

static void
open_tables(uint32_t n)
{
    const struct xdp_limits limits = {
        .n_flows = 1024, .cache_size = 16, .n_masks = 8,
    };
    char *error;

    if (xdp_tables_create(&limits, &tables, &error)) {
        ovs_fatal(0, "%s", error);
    }
    random_bytes(&tables->basis, sizeof tables->basis);
    xdp_hash_basis_complete(&tables->basis);
    hash_basis = tables->basis;
    n_flows = limits.n_flows;
    n_buckets = tables->n_buckets = n;
    cache_size = limits.cache_size;
    xdp_filter = (struct host_map) { tables->filter, sizeof *tables->filter,
                                     n_flows * XDP_FILTER_BITS_PER_FLOW / 64 };
    xdp_buckets = (struct host_map) { tables->buckets,
                                      sizeof *tables->buckets, n_buckets };
    xdp_flows = (struct host_map) { tables->flows, sizeof *tables->flows,
                                    n_flows };
    xdp_cache = (struct host_map) {
        xcalloc(cache_size, sizeof(struct xdp_cache_entry)),
        sizeof(struct xdp_cache_entry), cache_size };
    model = xcalloc(n_flows, sizeof *model);
    flows = xdp_flow_table_create(tables);
    xdp_hooks.synchronize = synchronize;
}

static void
close_tables(void)
{
    xdp_flow_table_destroy(flows);
    xdp_tables_destroy(tables);
    free(xdp_cache.base);
    free(model);
}

/* "xdp-interleave N SEED N_BUCKETS": sends N packets. */
static void
test_interleave(struct ovs_cmdl_context *ctx)
{
    random_set_seed(atoi(ctx->argv[2]));
    open_tables(atoi(ctx->argv[3]));
    for (int i = 0; i < atoi(ctx->argv[1]); i++) {
        struct xdp_key key;

        if (i % 4 == 0) {
            release();
        }
        n_changes = 0;
        if (i % 1000 == 0) {
            while (n_live) {
                delete(0);
            }
        }
        random_key(PORT, &key);
        look_up(&key);
        look_up_undisturbed(&key);
        random_key(PORT, &key);
        look_up_undisturbed(&key);
    }
    fprintf(stderr, "%"PRIu64" interrupts, %"PRIu64" hits, %"PRIu64" of them "
            "in the cache, %"PRIu64" misses\n", n_interrupts, n_hits, n_cached,
            n_misses);
    close_tables();
    puts("ok");
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-interleave", NULL, 3, 3, test_interleave, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
