/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "util.h"
#include "xdp-key.h"

/* Keys that differ in two bytes only, each of which has N_VALUES values. */
enum { N_BYTES = XDP_KEY_WORDS * 8, N_VALUES = 64 };
enum { N_KEYS = N_VALUES * N_VALUES };

/* Parts of a hash that are looked at by themselves, with a limit for how many
 * times more pairs of keys may agree in them than by chance.  Buckets have
 * room for a few flows; for the filter, and for what tells flows in a bucket
 * apart, it only costs time if one of thousands of pairs of bytes is
 * unlucky. */
static const struct part {
    const char *name;
    int shift, n_bits;
    double limit;
} parts[] = {
    { "lowest", 0, 11, 3 },
    { "filter", XDP_FILTER_SHIFT, 14, 32 },
    { "middle", 16, 10, 32 },
    { "highest", 20, 12, 32 },
};

struct worst {
    double ratio;
    int a, b;
};

static void
draw_basis(struct xdp_hash_basis *basis)
{
    random_bytes(basis, sizeof *basis);
    xdp_hash_basis_complete(basis);
}

/* Values with a distance of 'step', which can be 0 to 2 bits to the left. */
static void
set_byte(struct xdp_key *key, int byte, int value, int step)
{
    key->w[byte / 8] ^= (uint64_t) (value << step) << byte % 8 * 8;
}

static void
fill(uint32_t hashes[N_KEYS], const struct xdp_key *base, int a, int b)
{
    struct xdp_hash_basis basis;
    int step_a = random_range(3), step_b = random_range(3);

    draw_basis(&basis);
    for (int i = 0; i < N_KEYS; i++) {
        struct xdp_key key = *base;

        set_byte(&key, a, i % N_VALUES, step_a);
        set_byte(&key, b, i / N_VALUES, step_b);
        hashes[i] = xdp_hash_key(&key, &basis, true, 3);
    }
}

/* How many pairs of keys agree in the part, by how many there are by
 * chance. */
static double
count_pairs(const uint32_t hashes[N_KEYS], const struct part *part)
{
    static uint16_t counts[1 << 14];
    uint64_t n = 0;

    memset(counts, 0, sizeof counts);
    for (int i = 0; i < N_KEYS; i++) {
        n += counts[hashes[i] >> part->shift & ((1u << part->n_bits) - 1)]++;
    }
    return n / ((double) N_KEYS * (N_KEYS - 1) / 2 / (1u << part->n_bits));
}

static void
check_pair(int a, int b, struct worst worst[ARRAY_SIZE(parts)])
{
    static uint32_t hashes[N_KEYS];
    struct xdp_key base;

    random_bytes(&base, sizeof base);
    fill(hashes, &base, a, b);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        double ratio = count_pairs(hashes, &parts[i]);

        if (ratio > worst[i].ratio) {
            worst[i] = (struct worst) { ratio, a, b };
        }
    }
}

/* A word that is zero counts for nothing, whether it is looked at or not. */
static void
check_extended(void)
{
    for (int i = 0; i < 1000; i++) {
        struct xdp_hash_basis basis;
        struct xdp_key key;

        draw_basis(&basis);
        memset(&key, 0, sizeof key);
        random_bytes(&key, XDP_KEY_BASE_WORDS * sizeof key.w[0]);
        ovs_assert(xdp_hash_key(&key, &basis, true, i)
                   == xdp_hash_key(&key, &basis, false, i));
    }
}

/* Flows that differ in their mask alone. */
static void
check_masks(void)
{
    struct xdp_key key = { { 0 } };
    int n_equal = 0;

    for (int i = 0; i < 1000; i++) {
        struct xdp_hash_basis basis;

        draw_basis(&basis);
        for (int j = 1; j < XDP_MAX_MASKS; j++) {
            n_equal += ((xdp_hash_key(&key, &basis, false, 0) & 1023)
                        == (xdp_hash_key(&key, &basis, false, j) & 1023));
        }
    }
    ovs_assert(n_equal < 2 * 1000 * XDP_MAX_MASKS / 1024);
}

/* "xdp-hash SEED": whatever two bytes of a key differ, its hashes are
 * spread over all values, in all parts. */
static void
test_hash(struct ovs_cmdl_context *ctx)
{
    struct worst worst[ARRAY_SIZE(parts)];

    memset(worst, 0, sizeof worst);
    random_set_seed(atoi(ctx->argv[1]));
    check_extended();
    check_masks();
    for (int a = 0; a < N_BYTES; a++) {
        for (int b = 0; b < a; b++) {
            check_pair(a, b, worst);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        fprintf(stderr, "%s bits: %.2f times as many equal pairs as by chance"
                " at worst, bytes %d and %d\n", parts[i].name, worst[i].ratio,
                worst[i].a, worst[i].b);
        printf("%s bits: %s\n", parts[i].name,
               worst[i].ratio < parts[i].limit ? "ok"
               : "too many equal pairs");
    }
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-hash", NULL, 1, 1, test_hash, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
