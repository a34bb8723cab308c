/* SPDX-License-Identifier: Apache-2.0 */

/* Drives modules of lib/ from the command line, for the tests in *.at. */

#include <config.h>
#undef NDEBUG

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port/afxdp-config.h"
#include "command-line.h"
#include "dp-packet.h"
#include "tests/unit/base/guarded-page.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/thread.h"
#include "ovs-thread.h"
#include "base/partial-csum.h"
#include "random.h"
#include "smap.h"
#include "ovs/netdev/umem-packet.h"
#include "umem/umem.h"
#include "util.h"
#include "prog/xdp-program.h"
#include "xsk/xsk-queue.h"

/* "parse-config [KEY=VALUE]...": prints the configuration or the error. */
static void
test_parse_config(struct ovs_cmdl_context *ctx)
{
    struct smap options = SMAP_INITIALIZER(&options);
    struct smap parsed = SMAP_INITIALIZER(&parsed);
    struct afxdp_config c;
    char *error = NULL;

    for (int i = 1; i < ctx->argc; i++) {
        char *key = xstrdup(ctx->argv[i]);
        char *value = strchr(key, '=');

        *value++ = '\0';
        smap_add(&options, key, value);
        free(key);
    }
    if (afxdp_config_parse(&options, &c, &error)) {
        puts(error);
    } else {
        const struct smap_node **nodes;

        afxdp_config_get_options(&c, &parsed);
        nodes = smap_sort(&parsed);
        for (size_t i = 0; i < smap_count(&parsed); i++) {
            printf("%s%s=%s", i ? " " : "", nodes[i]->key, nodes[i]->value);
        }
        putchar('\n');
        free(nodes);
    }
    free(error);
    smap_destroy(&options);
    smap_destroy(&parsed);
}

/* "describe-options": prints what options there are. */
static void
test_describe_options(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    afxdp_config_describe(&ds);
    fputs(ds_cstr(&ds), stdout);
    ds_destroy(&ds);
}

/* "compare-configs A B": does changing option A (KEY=VALUE) to option B change
 * the configuration, and its sockets? */
static void
test_compare_configs(struct ovs_cmdl_context *ctx)
{
    struct afxdp_config c[2];

    for (int i = 0; i < 2; i++) {
        struct smap options = SMAP_INITIALIZER(&options);
        char *key = xstrdup(ctx->argv[i + 1]);
        char *value = strchr(key, '=');
        char *error;

        *value++ = '\0';
        smap_add(&options, key, value);
        ovs_assert(!afxdp_config_parse(&options, &c[i], &error));
        smap_destroy(&options);
        free(key);
    }
    puts(!afxdp_config_same_sockets(&c[0], &c[1]) ? "other sockets"
         : !afxdp_config_equals(&c[0], &c[1]) ? "the same sockets"
         : "the same");
}

/* "fits-device N_RXQ START_QUEUE N_RX_QUEUES N_TX_QUEUES": "yes" or why
 * not. */
static void
test_fits_device(struct ovs_cmdl_context *ctx)
{
    const struct afxdp_config c = { .n_rxq = atoi(ctx->argv[1]),
                                    .start_queue = atoi(ctx->argv[2]) };
    char *error = NULL;

    puts(afxdp_config_fits_device(&c, atoi(ctx->argv[3]), atoi(ctx->argv[4]),
                                  &error) ? "yes" : error);
    free(error);
}

/* "partial-csum HEX...": completes each frame, prints what it became. */
static void
test_partial_csum(struct ovs_cmdl_context *ctx)
{
    static const char *const names[N_PARTIAL_CSUM] = {
        "unchanged", "completed", "unknown"
    };

    for (int i = 1; i < ctx->argc; i++) {
        struct dp_packet packet;

        dp_packet_init(&packet, 0);
        dp_packet_put_hex(&packet, ctx->argv[i], NULL);
        printf("%s ", names[partial_csum_complete(dp_packet_data(&packet),
                                                  dp_packet_size(&packet))]);
        for (size_t j = 0; j < dp_packet_size(&packet); j++) {
            printf("%02x", ((uint8_t *) dp_packet_data(&packet))[j]);
        }
        putchar('\n');
        dp_packet_uninit(&packet);
    }
}

/* "partial-csum-lengths": UDP of all lengths in IPv4 packets of all sizes,
 * whose checksum field has the sum of the pseudo-header.  Only where both
 * agree is the field partial; elsewhere the checksum is right and must
 * stay. */
static void
test_partial_csum_lengths(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    enum { MAX = 64 };
    uint8_t frame[ETH_HEADER_LEN + IP_HEADER_LEN + MAX];
    struct ip_header *ip = (void *) (frame + ETH_HEADER_LEN);
    struct udp_header *udp = (void *) (ip + 1);
    int n_completed = 0;

    for (int size = UDP_HEADER_LEN + 2; size <= MAX; size++) {
        for (int udp_len = 0; udp_len <= MAX + 1; udp_len++) {
            memset(frame, 0, sizeof frame);
            frame[12] = 0x08;
            ip->ip_ihl_ver = IP_IHL_VER(5, 4);
            ip->ip_proto = IPPROTO_UDP;
            ip->ip_tot_len = htons(IP_HEADER_LEN + size);
            udp->udp_len = htons(udp_len);
            udp->udp_csum = htons(IPPROTO_UDP + size);
            if (udp_len >= UDP_HEADER_LEN + 2) {
                *(ovs_be16 *) (udp + 1)
                    = htons(UINT16_MAX - (2 * IPPROTO_UDP + 2 * udp_len
                                          + size));
            }

            uint8_t before[sizeof frame];
            memcpy(before, frame, sizeof frame);
            bool completed = (partial_csum_complete(
                                  frame, ETH_HEADER_LEN + IP_HEADER_LEN + size)
                              == PARTIAL_CSUM_COMPLETED);
            ovs_assert(completed == (udp_len == size));
            ovs_assert(completed || !memcmp(before, frame, sizeof frame));
            n_completed += completed;
        }
    }
    printf("%d completed\n", n_completed);
}

/* "partial-csum-fuzz N": N mutations of TCP packets, each at the very end of
 * what can be accessed. */
static void
test_partial_csum_fuzz(struct ovs_cmdl_context *ctx)
{
    static const uint8_t seeds[][100] = {
        { [12] = 0x08, [14] = 0x45, [17] = 46, [22] = 64, [23] = 6,
          [26] = 10, [29] = 1, [30] = 10, [33] = 2, [46] = 0x50, },
        { [12] = 0x86, 0xdd, [14] = 0x60, [19] = 36, [20] = 60,
          [54] = 51, 0, [62] = 6, 0, },
    };
    uint8_t *end = guarded_page_end();
    int n = atoi(ctx->argv[1]);

    random_set_seed(1);
    for (int i = 0; i < n; i++) {
        size_t size = random_range(sizeof seeds[0] + 1);
        uint8_t *frame = end - size;

        memcpy(frame, seeds[i % ARRAY_SIZE(seeds)], size);
        for (int j = random_range(4); size && j > 0; j--) {
            frame[random_range(size)] = random_uint8();
        }
        partial_csum_complete(frame, size);
    }
    printf("%d frames\n", n);
}

static const char *
verdict_to_string(uint32_t verdict)
{
    return (verdict == XDP_PASS ? "pass"
            : verdict == XDP_REDIRECT ? "redirect"
            : verdict == XDP_DROP ? "drop" : "other");
}

static void
run_xdp_on(const struct xdp_prog *prog, int ifindex, const char *hex)
{
    struct xdp_md md = { .ingress_ifindex = ifindex };
    uint8_t out[2048];
    struct dp_packet in;

    dp_packet_init(&in, 0);
    dp_packet_put_hex(&in, hex, NULL);
    md.data_end = dp_packet_size(&in);

    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts,
                        .data_in = dp_packet_data(&in),
                        .data_size_in = dp_packet_size(&in),
                        .data_out = out, .data_size_out = sizeof out,
                        .ctx_in = &md, .ctx_size_in = sizeof md);
    int fd = bpf_prog_get_fd_by_id(xdp_prog_id(prog));
    if (fd < 0 || bpf_prog_test_run_opts(fd, &opts)) {
        ovs_fatal(errno, "BPF_PROG_TEST_RUN");
    }
    printf("%s, packet %s\n", verdict_to_string(opts.retval),
           (opts.data_size_out == dp_packet_size(&in)
            && !memcmp(out, dp_packet_data(&in), opts.data_size_out)
            ? "unchanged" : "changed"));
    close(fd);
    dp_packet_uninit(&in);
}

/* "run-xdp HEX...": attaches our program to lo and runs each packet through
 * it, first without and then with a socket on queue 0. */
static void
print_passed(const struct xdp_prog *prog)
{
    struct xdp_counters counters;

    xdp_prog_get_counters(prog, &counters);
    printf("passed: %"PRIu64"\n",
           (uint64_t) counters.n[XDP_COUNTER_PASSED]);
}

static void
test_run_xdp(struct ovs_cmdl_context *ctx)
{
    struct xsk_queue_config config = {
        .devname = "lo", .ifindex = 1,
        .mode = XSK_MODE_GENERIC, .rx = true, .tx = true,
        .n_rxq_desc = 64, .n_txq_desc = 64,
    };
    struct xdp_prog *prog, *second;
    struct xsk_queue *xsk;
    struct xsk_frames f;
    char *error = NULL;

    if (xdp_prog_attach(1, XSK_MODE_GENERIC, 1, false, &prog, &error)
        || umem_share_create(128, 2048, -1, &config.share, &error)
        || xsk_queue_create(&config, &xsk, &error)) {
        ovs_fatal(0, "%s", error);
    }
    puts("without a socket:");
    for (int i = 1; i < ctx->argc; i++) {
        run_xdp_on(prog, 1, ctx->argv[i]);
    }
    print_passed(prog);

    ovs_assert(!xdp_prog_set_xsk(prog, 0, xsk_queue_fd(xsk)));
    puts("with a socket:");
    for (int i = 1; i < ctx->argc; i++) {
        run_xdp_on(prog, 1, ctx->argv[i]);
    }
    print_passed(prog);

    ovs_assert(xdp_prog_attach(1, XSK_MODE_GENERIC, 1, false, &second,
                               &error) == EBUSY);
    ovs_assert(strstr(error, "\"ovs_afxdp\" is attached"));
    free(error);

    xsk_queue_get_frames(xsk, &f);
    printf("frames: %"PRIu32" = %"PRIu32" + %"PRIu32"\n", f.n_frames, f.n_rx,
           f.n_tx);
    xdp_prog_destroy(prog);
    xsk_queue_destroy(xsk);
    umem_share_destroy(config.share);
}

static const struct ovs_cmdl_command commands[] = {
    { "parse-config", NULL, 0, INT_MAX, test_parse_config, OVS_RO },
    { "compare-configs", NULL, 2, 2, test_compare_configs, OVS_RO },
    { "describe-options", NULL, 0, 0, test_describe_options, OVS_RO },
    { "fits-device", NULL, 4, 4, test_fits_device, OVS_RO },
    { "partial-csum", NULL, 1, INT_MAX, test_partial_csum, OVS_RO },
    { "partial-csum-lengths", NULL, 0, 0, test_partial_csum_lengths, OVS_RO },
    { "partial-csum-fuzz", NULL, 1, 1, test_partial_csum_fuzz, OVS_RO },
    { "run-xdp", NULL, 1, INT_MAX, test_run_xdp, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

int
main(int argc, char *argv[])
{
    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };

    set_program_name(argv[0]);
    ovs_cmdl_run_command(&ctx, commands);
    return 0;
}
