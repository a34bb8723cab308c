/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASKED_KEY_H
#define MASKED_KEY_H 1

#include <stdbool.h>
#include <stdint.h>

#include "xdp-abi.h"

/* Is 'key', under 'mask', what 'masked' is? */
static inline bool
masked_key_matches(const struct xdp_key *masked, const struct xdp_key *mask,
                   const struct xdp_key *key)
{
    uint64_t diff = 0;

    for (int i = 0; i < XDP_KEY_WORDS; i++) {
        diff |= (key->w[i] & mask->w[i]) ^ masked->w[i];
    }
    return !diff;
}

#endif /* masked-key.h */
