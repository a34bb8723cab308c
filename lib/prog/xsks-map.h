/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XSKS_MAP_H
#define XSKS_MAP_H 1

/* The map of AF_XDP sockets of an XDP program that somebody else has loaded,
 * pinned in a BPF file system.
 *
 * What we put into the map leaves it when its socket is closed.  Nothing else
 * of the map changes, nor does the program.
 *
 * Thread-safety: an xsks_map may be used by one thread at a time. */

#include <stdbool.h>
#include <stdint.h>

struct xsks_map;

/* Opens the map that is pinned at 'path', with room for the sockets of queues
 * up to, but not including, 'n_queues'.  Returns 0, or a positive errno with a
 * sentence that names the option in '*errp' for the caller to free. */
int xsks_map_open(const char *path, uint32_t n_queues, struct xsks_map **,
                  char **errp);

/* Accepts NULL. */
void xsks_map_close(struct xsks_map *);

/* From now on, packets that the program redirects to entry 'queue_id' go to
 * the AF_XDP socket 'xsk_fd'.  Returns 0, or a positive errno, EBUSY if
 * another socket is there, with a sentence in '*errp' for the caller to
 * free. */
int xsks_map_add(struct xsks_map *, uint32_t queue_id, int xsk_fd,
                 char **errp);

/* The kernel's id of the map, as "bpftool map" shows it. */
uint32_t xsks_map_id(const struct xsks_map *);

/* Is the map still what is pinned at its path?  True also if nothing is pinned
 * there any more. */
bool xsks_map_is_current(const struct xsks_map *);

/* Returns true once each time that something else has been pinned at the
 * path. */
bool xsks_map_poll(struct xsks_map *);

#endif /* xsks-map.h */
