/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-output-sets.h"

#include <string.h>

#include "util.h"
#include "prog/xdp-tables.h"

enum set_state {
    SET_FREE,
    SET_WANTED,                 /* To be made. */
    SET_READY,
    SET_UNWANTED,               /* To be emptied. */
};

struct output_set {
    enum set_state state;
    bool busy;                  /* Somebody has begun that. */
    bool stale;                 /* WANTED no more: a device has gone. */
    int *ifindexes;
    size_t n;
    size_t n_users;
    uint32_t port;              /* That had the first of them. */
};

struct xdp_output_sets {
    struct output_set sets[XDP_MAX_OUTPUT_SETS];
    bool chance;                /* Since xdp_output_sets_take_chance(). */
};

struct xdp_output_sets *
xdp_output_sets_create(void)
{
    return xzalloc(sizeof(struct xdp_output_sets));
}

void
xdp_output_sets_destroy(struct xdp_output_sets *sets)
{
    if (sets) {
        for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
            free(sets->sets[i].ifindexes);
        }
        free(sets);
    }
}

static bool
is_in_use(const struct output_set *set)
{
    return set->n_users || set->state == SET_WANTED;
}

/* May flows have it, now or soon? */
static bool
is_valid(const struct output_set *set)
{
    return (set->state == SET_READY
            || (set->state == SET_WANTED && !set->stale));
}

static bool
set_is(const struct output_set *set, const int ifindexes[], size_t n)
{
    return (set->n == n
            && !memcmp(set->ifindexes, ifindexes, n * sizeof *ifindexes));
}

/* Has the port a share left in the sets? */
static bool
has_share(const struct xdp_output_sets *sets, uint32_t port)
{
    uint32_t n = 0, n_free = 0;

    for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
        const struct output_set *set = &sets->sets[i];

        n += is_in_use(set) && set->port == port;
        n_free += !is_in_use(set);
    }
    return xdp_has_share(n, n_free);
}

/* A free number, if need be that of a set without users. */
static struct output_set *
find_room(struct xdp_output_sets *sets)
{
    struct output_set *unused = NULL;

    for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
        struct output_set *set = &sets->sets[i];

        if (set->state == SET_FREE) {
            return set;
        } else if (set->state == SET_READY && !set->n_users && !unused) {
            unused = set;
        }
    }
    return unused;
}

static struct output_set *
find_set(struct xdp_output_sets *sets, const int ifindexes[], size_t n)
{
    for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
        struct output_set *set = &sets->sets[i];

        if (is_valid(set) && set_is(set, ifindexes, n)) {
            return set;
        }
    }
    return NULL;
}

static void
forget(struct output_set *set)
{
    free(set->ifindexes);
    memset(set, 0, sizeof *set);
}

/* Returns null if there is no room. */
static struct output_set *
want(struct xdp_output_sets *sets, uint32_t port, const int ifindexes[],
     size_t n)
{
    struct output_set *set = find_room(sets);

    if (set) {
        forget(set);
        set->state = SET_WANTED;
        set->ifindexes = xmemdup(ifindexes, n * sizeof *ifindexes);
        set->n = n;
        set->port = port;
    }
    return set;
}

enum xdp_output_set_answer
xdp_output_sets_get(struct xdp_output_sets *sets, uint32_t port,
                    const int ifindexes[], size_t n, uint32_t *idx)
{
    struct output_set *set = find_set(sets, ifindexes, n);

    if (!set || !is_in_use(set)) {
        if (!has_share(sets, port)) {
            return XDP_OUTPUT_SET_REFUSED;
        }
        if (!set) {
            set = want(sets, port, ifindexes, n);
        }
        if (!set) {
            return XDP_OUTPUT_SET_REFUSED;
        }
        set->port = port;
    }
    *idx = set - sets->sets;
    if (set->state == SET_WANTED) {
        return XDP_OUTPUT_SET_WANTED;
    }
    set->n_users++;
    return XDP_OUTPUT_SET_READY;
}

void
xdp_output_sets_put(struct xdp_output_sets *sets, uint32_t idx)
{
    sets->sets[idx].n_users--;
}

static bool
has_device(const struct output_set *set, int ifindex)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->ifindexes[i] == ifindex) {
            return true;
        }
    }
    return false;
}

void
xdp_output_sets_forget_device(struct xdp_output_sets *sets, int ifindex)
{
    for (int i = 0; i < XDP_MAX_OUTPUT_SETS; i++) {
        struct output_set *set = &sets->sets[i];

        if (set->n_users || !has_device(set, ifindex)) {
            continue;
        }
        if (set->state == SET_READY) {
            set->state = SET_UNWANTED;
        } else if (set->state == SET_WANTED) {
            set->stale = true;
        }
    }
}

bool
xdp_output_sets_take_chance(struct xdp_output_sets *sets)
{
    bool chance = sets->chance;

    sets->chance = false;
    return chance;
}

/* Updates. */

static bool
has_update(const struct output_set *set)
{
    return (!set->busy
            && (set->state == SET_WANTED || set->state == SET_UNWANTED));
}

/* The first set with an update, or XDP_MAX_OUTPUT_SETS. */
static uint32_t
find_update(const struct xdp_output_sets *sets)
{
    uint32_t i = 0;

    while (i < XDP_MAX_OUTPUT_SETS && !has_update(&sets->sets[i])) {
        i++;
    }
    return i;
}

bool
xdp_output_sets_has_update(const struct xdp_output_sets *sets)
{
    return find_update(sets) < XDP_MAX_OUTPUT_SETS;
}

bool
xdp_output_sets_begin(struct xdp_output_sets *sets, uint32_t idx,
                      struct xdp_output_set_update *update)
{
    struct output_set *set;

    idx = idx < XDP_MAX_OUTPUT_SETS ? idx : find_update(sets);
    if (idx == XDP_MAX_OUTPUT_SETS || !has_update(&sets->sets[idx])) {
        return false;
    }
    set = &sets->sets[idx];
    set->busy = true;
    update->idx = idx;
    update->n = set->state == SET_WANTED ? set->n : 0;
    update->ifindexes = xmemdup(set->ifindexes,
                                set->n * sizeof *set->ifindexes);
    return true;
}

bool
xdp_output_sets_end(struct xdp_output_sets *sets,
                    struct xdp_output_set_update *update, int error)
{
    struct output_set *set = &sets->sets[update->idx];
    bool refused = error && is_valid(set);

    free(update->ifindexes);
    set->busy = false;
    if (set->state == SET_UNWANTED || error) {
        forget(set);
    } else {
        set->state = set->stale ? SET_UNWANTED : SET_READY;
        set->stale = false;
    }
    return refused;
}

void
xdp_output_sets_settled(struct xdp_output_sets *sets, uint32_t idx)
{
    sets->chance |= !is_in_use(&sets->sets[idx]);
}
