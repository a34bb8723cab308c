/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "offload/xdp-groups.h"

#include <string.h>

#include "util.h"
#include "prog/xdp-tables.h"

struct group {
    int *ifindexes;             /* Null if the number is free. */
    size_t n;
    size_t n_users;
    uint32_t port;              /* That had the first of them. */
};

struct xdp_groups {
    struct xdp_tables *tables;
    struct group groups[XDP_MAX_GROUPS];
    bool failed;                /* Since xdp_groups_take_failure(). */
};

struct xdp_groups *
xdp_groups_create(struct xdp_tables *tables)
{
    struct xdp_groups *groups = xzalloc(sizeof *groups);

    groups->tables = tables;
    return groups;
}

static void
forget(struct xdp_groups *groups, struct group *group)
{
    xdp_tables_set_group(groups->tables, group - groups->groups, NULL, 0);
    free(group->ifindexes);
    memset(group, 0, sizeof *group);
}

void
xdp_groups_destroy(struct xdp_groups *groups)
{
    if (groups) {
        for (int i = 0; i < XDP_MAX_GROUPS; i++) {
            free(groups->groups[i].ifindexes);
        }
        free(groups);
    }
}

static bool
group_is(const struct group *group, const int ifindexes[], size_t n)
{
    return (group->ifindexes && group->n == n
            && !memcmp(group->ifindexes, ifindexes, n * sizeof *ifindexes));
}

/* Has the port a share left in the groups? */
static bool
has_share(const struct xdp_groups *groups, uint32_t port)
{
    uint32_t n = 0, n_free = 0;

    for (int i = 0; i < XDP_MAX_GROUPS; i++) {
        const struct group *group = &groups->groups[i];

        n += group->n_users && group->port == port;
        n_free += !group->n_users;
    }
    return xdp_has_share(n, n_free);
}

/* A free number, if need be that of a group without users. */
static struct group *
find_room(struct xdp_groups *groups)
{
    struct group *unused = NULL;

    for (int i = 0; i < XDP_MAX_GROUPS; i++) {
        struct group *group = &groups->groups[i];

        if (!group->ifindexes) {
            return group;
        } else if (!group->n_users && !unused) {
            unused = group;
        }
    }
    if (unused) {
        forget(groups, unused);
    }
    return unused;
}

bool
xdp_groups_get(struct xdp_groups *groups, uint32_t port,
               const int ifindexes[], size_t n, uint32_t *idx)
{
    struct group *group;

    for (uint32_t i = 0; i < XDP_MAX_GROUPS; i++) {
        group = &groups->groups[i];
        if (group_is(group, ifindexes, n)
            && (group->n_users || has_share(groups, port))) {
            group->port = group->n_users ? group->port : port;
            group->n_users++;
            *idx = i;
            return true;
        }
    }

    group = has_share(groups, port) ? find_room(groups) : NULL;
    if (!group) {
        return false;
    }
    if (xdp_tables_set_group(groups->tables, group - groups->groups,
                             ifindexes, n)) {
        groups->failed = true;
        return false;
    }
    group->ifindexes = xmemdup(ifindexes, n * sizeof *ifindexes);
    group->n = n;
    group->n_users = 1;
    group->port = port;
    *idx = group - groups->groups;
    return true;
}

bool
xdp_groups_take_failure(struct xdp_groups *groups)
{
    bool failed = groups->failed;

    groups->failed = false;
    return failed;
}

void
xdp_groups_put(struct xdp_groups *groups, uint32_t idx)
{
    groups->groups[idx].n_users--;
}

void
xdp_groups_forget_device(struct xdp_groups *groups, int ifindex)
{
    for (int i = 0; i < XDP_MAX_GROUPS; i++) {
        struct group *group = &groups->groups[i];

        for (size_t j = 0; j < group->n; j++) {
            if (group->ifindexes[j] == ifindex && !group->n_users) {
                forget(groups, group);
                break;
            }
        }
    }
}
