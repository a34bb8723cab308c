/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD into the stock ovs-vswitchd, which insists on an unlimited
 * RLIMIT_MEMLOCK for its AF_XDP ports.  Linux has not charged BPF memory to
 * that limit since 5.11, so a process that may not raise it does as well when
 * it believes that it did. */

#define _GNU_SOURCE
#include <sys/resource.h>

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    return (resource == RLIMIT_MEMLOCK
            ? 0
            : prlimit(0, resource, limit, (struct rlimit *) 0));
}
