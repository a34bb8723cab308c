/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUARDED_PAGE_H
#define GUARDED_PAGE_H 1

/* For tests that want reads beyond the end of a packet to crash. */

#include <stdint.h>
#include <sys/mman.h>

#include "util.h"

/* Returns the end of a page behind which nothing can be accessed. */
static inline uint8_t *
guarded_page_end(void)
{
    size_t size = get_page_size();
    uint8_t *page = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ovs_assert(page != MAP_FAILED);
    ovs_assert(!mprotect(page + size, size, PROT_NONE));
    return page + size;
}

#endif /* guarded-page.h */
