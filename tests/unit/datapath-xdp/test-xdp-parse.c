/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "tests/unit/base/guarded-page.h"
#include "random.h"
#include "svec.h"
#include "util.h"
#include "tests/unit/datapath-xdp/xdp-parse-check.h"
#include "tests/unit/base/xdp-samples.h"

/* Checks that reads stay inside of the packet, too. */
static bool
check_at_end(uint8_t *end, const void *data, size_t size, int vlan_limit)
{
    memcpy(end - size, data, size);
    return xdp_parse_check(end - size, size, vlan_limit);
}

/* A packet with VLAN tags is accepted if that without is and flows see all the
 * tags; of each packet, every beginning of it is looked at, too. */
static void
check_tags(uint8_t *end, size_t i, bool accepted)
{
    static const char *const tags[][2] = {
        { "", "" }, { "81006001", "88a86001" },
        { "8100000281006001", "88a8000281006001" },
        { "810000038100000281006001", "88a8000388a8000281006001" },
    };
    struct dp_packet packet;

    dp_packet_init(&packet, 0);
    for (int j = 0; j < 2 * ARRAY_SIZE(tags); j++) {
        int n_tags = j / 2;

        xdp_sample(i, tags[n_tags][j % 2], &packet);
        for (int limit = 0; limit <= 2; limit++) {
            size_t size = dp_packet_size(&packet);

            ovs_assert(check_at_end(end, dp_packet_data(&packet), size, limit)
                       == (accepted && n_tags <= limit));
            while (size--) {
                check_at_end(end, dp_packet_data(&packet), size, limit);
            }
        }
    }
    dp_packet_uninit(&packet);
}

/* "parse-samples": says of each sample whether the parser accepts it. */
static void
test_parse_samples(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint8_t *end = guarded_page_end();
    struct dp_packet packet;
    const char *name;

    dp_packet_init(&packet, 0);
    for (size_t i = 0; (name = xdp_sample(i, "", &packet)) != NULL; i++) {
        bool accepted = check_at_end(end, dp_packet_data(&packet),
                                     dp_packet_size(&packet), 2);

        printf("%s: %s\n", name, accepted ? "yes" : "no");
        check_tags(end, i, accepted);
    }
    dp_packet_uninit(&packet);
}

/* Puts an IPv6 packet with 'len' bytes of destination options, a multiple of
 * 8, and a UDP header into 'frame'.  Returns its size. */
static size_t
put_options(uint8_t *frame, size_t len)
{
    static const uint8_t headers[] = {
        [12] = 0x86, 0xdd, 0x60, [20] = IPPROTO_DSTOPTS, 64,
    };
    size_t ofs = 14 + 40, end = ofs + len;

    memset(frame, 0, end + 8);
    memcpy(frame, headers, sizeof headers);
    frame[18] = (len + 8) >> 8;
    frame[19] = (len + 8) & 0xff;
    while (ofs < end) {
        size_t piece = MIN(end - ofs, 2048);

        frame[ofs] = ofs + piece < end ? IPPROTO_DSTOPTS : IPPROTO_UDP;
        frame[ofs + 1] = piece / 8 - 1;
        ofs += piece;
    }
    return end + 8;
}

/* "parse-far": transport headers that are further and further behind. */
static void
test_parse_far(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint8_t frame[3 * 2048];
    size_t furthest = 0;

    for (size_t len = 8; len <= 5000; len += 8) {
        size_t size = put_options(frame, len);

        if (xdp_parse_check(frame, size, 2)) {
            furthest = size - 8;
        }
    }
    printf("up to byte %"PRIuSIZE"\n", furthest);
}

/* "parse-mutations N SEED": N damaged samples. */
static void
test_parse_mutations(struct ovs_cmdl_context *ctx)
{
    uint8_t *end = guarded_page_end();
    int n = atoi(ctx->argv[1]);
    int n_accepted = 0;

    random_set_seed(atoi(ctx->argv[2]));
    for (int i = 0; i < n; i++) {
        uint8_t data[XDP_SAMPLE_MAX];
        size_t size = xdp_sample_mutate(data);

        for (int limit = 0; limit <= 2; limit++) {
            n_accepted += check_at_end(end, data, size, limit) && limit == 2;
        }
    }
    /* Else the mutations are not such that they test anything. */
    ovs_assert(n_accepted > n / 5 && n_accepted < n - n / 5);
    fprintf(stderr, "%d of %d accepted\n", n_accepted, n);
    printf("%d packets\n", n);
}

/* What fuzzing has found is in a file that has a packet in hexadecimal on each
 * line, or in a directory that has a packet in each file. */

/* Calls 'cb' with each packet of the file. */
static void
for_each_packet(const char *file_name,
                void (*cb)(const struct dp_packet *, int i, void *aux),
                void *aux)
{
    FILE *file = fopen(file_name, "r");
    struct dp_packet packet;
    char line[4096];
    int n = 0;

    if (!file) {
        ovs_fatal(errno, "%s", file_name);
    }
    dp_packet_init(&packet, 0);
    while (fgets(line, sizeof line, file)) {
        if (line[0] != '#') {
            dp_packet_clear(&packet);
            dp_packet_put_hex(&packet, line, NULL);
            cb(&packet, n++, aux);
        }
    }
    ovs_assert(n && !fclose(file));
    dp_packet_uninit(&packet);
}

static void
check_packet(const struct dp_packet *packet, int i OVS_UNUSED, void *end)
{
    for (int limit = 0; limit <= 2; limit++) {
        check_at_end(end, dp_packet_data(packet), dp_packet_size(packet),
                     limit);
    }
}

/* "parse-file FILE". */
static void
test_parse_file(struct ovs_cmdl_context *ctx)
{
    for_each_packet(ctx->argv[1], check_packet, guarded_page_end());
    puts("ok");
}

static void
write_packet(const struct dp_packet *packet, int i, void *dir)
{
    char *name = xasprintf("%s/%d", (const char *) dir, i);
    FILE *file = fopen(name, "w");
    size_t size = dp_packet_size(packet);

    if (!file || fwrite(dp_packet_data(packet), 1, size, file) != size
        || fclose(file)) {
        ovs_fatal(errno, "%s", name);
    }
    free(name);
}

/* "fuzz-unpack FILE DIR": the packets of the file, and the samples. */
static void
test_fuzz_unpack(struct ovs_cmdl_context *ctx)
{
    static const char *const tags[] = { "", "81006001", "88a8000281006001" };
    struct dp_packet packet;

    for_each_packet(ctx->argv[1], write_packet, ctx->argv[2]);
    dp_packet_init(&packet, 0);
    for (int j = 0; j < ARRAY_SIZE(tags); j++) {
        for (int i = 0; xdp_sample(i, tags[j], &packet); i++) {
            write_packet(&packet, -1 - (i * 3 + j), ctx->argv[2]);
        }
    }
    dp_packet_uninit(&packet);
}

/* "fuzz-pack DIR": prints a file. */
static void
test_fuzz_pack(struct ovs_cmdl_context *ctx)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct dirent *de;
    DIR *dir = opendir(ctx->argv[1]);
    const char *name;
    size_t i;

    ovs_assert(dir);
    while ((de = readdir(dir)) != NULL) {
        if (de->d_name[0] != '.') {
            svec_add_nocopy(&names, xasprintf("%s/%s", ctx->argv[1],
                                              de->d_name));
        }
    }
    closedir(dir);
    svec_sort(&names);
    puts("# SPDX-License-Identifier: Apache-2.0");
    SVEC_FOR_EACH (i, name, &names) {
        FILE *file = fopen(name, "r");
        int c;

        ovs_assert(file);
        while ((c = fgetc(file)) != EOF) {
            printf("%02x", c);
        }
        putchar('\n');
        fclose(file);
    }
    svec_destroy(&names);
}

static const struct ovs_cmdl_command commands[] = {
    { "parse-samples", NULL, 0, 0, test_parse_samples, OVS_RO },
    { "parse-far", NULL, 0, 0, test_parse_far, OVS_RO },
    { "parse-mutations", NULL, 2, 2, test_parse_mutations, OVS_RO },
    { "parse-file", NULL, 1, 1, test_parse_file, OVS_RO },
    { "fuzz-unpack", NULL, 2, 2, test_fuzz_unpack, OVS_RO },
    { "fuzz-pack", NULL, 1, 1, test_fuzz_pack, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
