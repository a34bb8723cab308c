/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "prog/xsks-map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "util.h"

struct xsks_map {
    char *path;
    int fd;
    uint32_t id;
    uint32_t last_id;           /* What xsks_map_poll() saw last. */
};

/* Stores what is pinned at 'path' in '*fdp' and '*info' and returns 0, or a
 * positive errno. */
static int
open_pinned(const char *path, int *fdp, struct bpf_map_info *info)
{
    uint32_t len = sizeof *info;
    int error;

    memset(info, 0, sizeof *info);
    *fdp = bpf_obj_get(path);
    if (*fdp < 0) {
        return errno;
    }
    if (bpf_obj_get_info_by_fd(*fdp, info, &len)) {
        error = errno;
        close(*fdp);
        return error;
    }
    return 0;
}

static const char *
what_to_do(const char *path, int error)
{
    switch (error) {
    case ENOENT:
        return "; pin it there first (bpftool prog load FILE PROG pinmaps "
               "DIRECTORY)";

    case EACCES:
        /* So says the kernel, too, of what is not in a BPF file system. */
        return (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS)
                ? "; the daemon's user must be allowed to read and write the "
                  "file, and to search each directory above it (chown, chmod)"
                : "; this is not a file that BPF maps are pinned to");

    case EPERM:
        return "; with kernel.unprivileged_bpf_disabled, it needs CAP_BPF "
               "before Linux 5.19";

    default:
        return "";
    }
}

static char *
why_unfit(const char *path, const struct bpf_map_info *info, uint32_t n_queues)
{
    if (info->type != BPF_MAP_TYPE_XSKMAP
        || info->key_size != sizeof(uint32_t)) {
        return xasprintf("options:xsks-map-path=%s: what is pinned there is "
                         "not a map of type XSKMAP; use the one that the XDP "
                         "program redirects to", path);
    }
    if (info->max_entries < n_queues) {
        return xasprintf("options:xsks-map-path=%s: the map has %"PRIu32" %s "
                         "and the port's queues need %"PRIu32"; make it "
                         "larger, or receive from fewer queues "
                         "(options:n_rxq, options:start-queue)", path,
                         info->max_entries,
                         info->max_entries == 1 ? "entry" : "entries",
                         n_queues);
    }
    return NULL;
}

int
xsks_map_open(const char *path, uint32_t n_queues, struct xsks_map **mapp,
              char **errp)
{
    struct bpf_map_info info;
    struct xsks_map *map;
    int fd;
    int error = open_pinned(path, &fd, &info);

    *mapp = NULL;
    if (error) {
        *errp = xasprintf("options:xsks-map-path=%s: cannot open the map (%s)"
                          "%s", path, ovs_strerror(error),
                          what_to_do(path, error));
        return error;
    }
    *errp = why_unfit(path, &info, n_queues);
    if (*errp) {
        close(fd);
        return EINVAL;
    }
    map = xmalloc(sizeof *map);
    map->path = xstrdup(path);
    map->fd = fd;
    map->id = map->last_id = info.id;
    *mapp = map;
    return 0;
}

void
xsks_map_close(struct xsks_map *map)
{
    if (map) {
        close(map->fd);
        free(map->path);
        free(map);
    }
}

int
xsks_map_add(struct xsks_map *map, uint32_t queue_id, int xsk_fd, char **errp)
{
    int error = (bpf_map_update_elem(map->fd, &queue_id, &xsk_fd, BPF_NOEXIST)
                 ? errno : 0);

    if (error) {
        *errp = xasprintf("options:xsks-map-path=%s: cannot put the socket of "
                          "queue %"PRIu32" into the map (%s)%s", map->path,
                          queue_id, ovs_strerror(error),
                          error == EEXIST
                          ? "; another socket is there: each device needs a "
                            "map of its own" : "");
    }
    return error == EEXIST ? EBUSY : error;
}

uint32_t
xsks_map_id(const struct xsks_map *map)
{
    return map->id;
}

/* The id of what is pinned at the map's path, or else of the map. */
static uint32_t
pinned_id(const struct xsks_map *map)
{
    struct bpf_map_info info;
    int fd;

    if (open_pinned(map->path, &fd, &info)) {
        return map->id;
    }
    close(fd);
    return info.id;
}

bool
xsks_map_is_current(const struct xsks_map *map)
{
    return pinned_id(map) == map->id;
}

bool
xsks_map_poll(struct xsks_map *map)
{
    uint32_t id = pinned_id(map);
    bool changed = id != map->last_id;

    map->last_id = id;
    return changed;
}
