/* SPDX-License-Identifier: Apache-2.0 */

/* Drives sw-offload from the command line, for sw-offload.at. */

#include <config.h>
#undef NDEBUG

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "dp-packet.h"
#include "tests/unit/base/guarded-page.h"
#include "random.h"
#include "base/sw-offload.h"
#include "util.h"

static void
print_hex(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        printf("%02x", data[i]);
    }
    putchar('\n');
}

/* "csum L3_OFS L4_OFS HEX": completes the packet's checksum and prints it. */
static void
test_csum(struct ovs_cmdl_context *ctx)
{
    struct dp_packet packet;

    dp_packet_init(&packet, 0);
    dp_packet_put_hex(&packet, ctx->argv[3], NULL);
    printf("%s ", sw_offload_complete_csum(dp_packet_data(&packet),
                                           dp_packet_size(&packet),
                                           atoi(ctx->argv[1]),
                                           atoi(ctx->argv[2]))
           ? "completed" : "refused");
    print_hex(dp_packet_data(&packet), dp_packet_size(&packet));
    dp_packet_uninit(&packet);
}

/* "segments MTU L3_OFS L4_OFS HEX": prints the packet's segments. */
static void
test_segments(struct ovs_cmdl_context *ctx)
{
    struct tcp_segments s;
    struct dp_packet packet;
    uint8_t out[2048];

    dp_packet_init(&packet, 0);
    dp_packet_put_hex(&packet, ctx->argv[4], NULL);
    if (tcp_segments_init(&s, dp_packet_data(&packet), dp_packet_size(&packet),
                          atoi(ctx->argv[2]), atoi(ctx->argv[3]),
                          atoi(ctx->argv[1]))) {
        for (uint32_t i = 0; i < s.n; i++) {
            tcp_segments_write(&s, i, out);
            print_hex(out, tcp_segments_len(&s, i));
        }
    } else {
        puts("refused");
    }
    dp_packet_uninit(&packet);
}

/* A random TCP packet, and what it was made of. */
enum { MAX_PACKET = 1 << 17 };
static struct sample {
    bool v6;
    size_t l3_ofs, l4_ofs, header_len, payload_len;
    uint8_t data[MAX_PACKET];
} sample;

static void
put_u16(uint8_t *p, uint32_t value)
{
    p[0] = value >> 8;
    p[1] = value;
}

static uint32_t
get_u16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static uint32_t
get_u32(const uint8_t *p)
{
    return get_u16(p) << 16 | get_u16(p + 2);
}

/* Appends extension headers and returns the first one's protocol. */
static uint8_t
add_extensions(struct sample *s, int n)
{
    static const uint8_t protos[] = { 0, 43, 60, 51 };
    uint8_t *next = NULL, first = 6;

    for (int i = 0; i < n; i++) {
        uint8_t proto = protos[random_range(ARRAY_SIZE(protos))];
        uint8_t *header = s->data + s->l4_ofs;
        unsigned int units = random_range(4);

        memset(header, 0, 64);
        header[0] = 6;
        header[1] = units * (proto == 51 ? 2 : 1);
        s->l4_ofs += (proto == 51 ? (header[1] + 2) * 4
                      : (header[1] + 1) * 8);
        if (next) {
            *next = proto;
        } else {
            first = proto;
        }
        next = header;
    }
    return first;
}

static void
make_sample(struct sample *s)
{
    s->v6 = random_range(2);
    s->l3_ofs = 14 + 4 * random_range(4);
    for (size_t i = 0; i < 400; i++) {
        s->data[i] = random_uint8();
    }

    uint8_t *ip = s->data + s->l3_ofs;
    if (s->v6) {
        s->l4_ofs = s->l3_ofs + 40;
        ip[0] = 0x60 | random_range(16);
        ip[6] = add_extensions(s, random_range(4));
    } else {
        int ihl = 5 + random_range(11);

        s->l4_ofs = s->l3_ofs + ihl * 4;
        ip[0] = 0x40 | ihl;
        ip[6] = random_range(2) ? 0x40 : 0;
        ip[7] = 0;
        ip[9] = 6;
    }

    int doff = 5 + random_range(11);
    s->data[s->l4_ofs + 12] = doff << 4 | random_range(16);
    s->header_len = s->l4_ofs + doff * 4;

    size_t headers = s->header_len - s->l3_ofs;
    size_t max = 65535 - headers + (s->v6 ? 40 : 0);
    s->payload_len = random_range(random_range(3) ? 4000 : max + 1);
    for (size_t i = 0; i < s->payload_len; i++) {
        s->data[s->header_len + i] = i * 7 + (i >> 8);
    }
    put_u16(ip + (s->v6 ? 4 : 2),
            headers + s->payload_len - (s->v6 ? 40 : 0));
}

/* Sums words in the plainest way. */
static uint32_t
plain_sum(const uint8_t *p, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += i & 1 ? p[i] : p[i] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* Checks segment 'i' of 'n', of 'len' bytes, that begins with byte 'ofs' of
 * the payload. */
static void
check_headers(const struct sample *s, const uint8_t *segment, size_t len,
              uint32_t i, uint32_t n, size_t ofs)
{
    const uint8_t *ip = segment + s->l3_ofs, *tcp = segment + s->l4_ofs;
    const uint8_t *old_ip = s->data + s->l3_ofs;
    const uint8_t *old_tcp = s->data + s->l4_ofs;
    size_t l4_size = len - s->l4_ofs;

    ovs_assert(!memcmp(segment, s->data, s->l3_ofs));
    if (s->v6) {
        ovs_assert(get_u16(ip + 4) == len - s->l3_ofs - 40);
        ovs_assert(!memcmp(ip, old_ip, 4));
        ovs_assert(!memcmp(ip + 6, old_ip + 6, s->l4_ofs - s->l3_ofs - 6));
    } else {
        ovs_assert(get_u16(ip + 2) == len - s->l3_ofs);
        ovs_assert(get_u16(ip + 4) == ((get_u16(old_ip + 4) + i) & 0xffff));
        ovs_assert(plain_sum(ip, s->l4_ofs - s->l3_ofs) == 0xffff);
        ovs_assert(!memcmp(ip, old_ip, 2));
        ovs_assert(!memcmp(ip + 6, old_ip + 6, 4));
        ovs_assert(!memcmp(ip + 12, old_ip + 12, s->l4_ofs - s->l3_ofs - 12));
    }

    uint32_t sum = (plain_sum(s->v6 ? ip + 8 : ip + 12, s->v6 ? 32 : 8)
                    + 6 + l4_size + plain_sum(tcp, l4_size));
    ovs_assert(sum % 0xffff == 0);
    ovs_assert(get_u32(tcp + 4) == (uint32_t) (get_u32(old_tcp + 4) + ofs));
    uint8_t flags = old_tcp[13];
    if (i) {
        flags &= ~0x80;
    }
    if (i + 1 < n) {
        flags &= ~0x09;
    }
    ovs_assert(tcp[13] == flags && tcp[12] == old_tcp[12]);
    ovs_assert(!memcmp(tcp, old_tcp, 4) && !memcmp(tcp + 8, old_tcp + 8, 4));
    ovs_assert(!memcmp(tcp + 14, old_tcp + 14, 2));
    ovs_assert(!memcmp(tcp + 18, old_tcp + 18,
                       s->header_len - s->l4_ofs - 18));
}

static void
check_segments(const struct sample *s, const struct tcp_segments *segments,
               size_t mtu, uint8_t *end)
{
    size_t ofs = 0;

    for (uint32_t i = 0; i < segments->n; i++) {
        size_t len = tcp_segments_len(segments, i);
        uint8_t *out = end - len;

        ovs_assert(len - s->l3_ofs <= mtu);
        ovs_assert(i + 1 == segments->n || len - s->l3_ofs == mtu);
        tcp_segments_write(segments, i, out);
        check_headers(s, out, len, i, segments->n, ofs);
        ovs_assert(!memcmp(out + s->header_len, s->data + s->header_len + ofs,
                           len - s->header_len));
        ofs += len - s->header_len;
        ovs_assert(i == 0 || len > s->header_len);
    }
    ovs_assert(ofs == s->payload_len);
}

/* "segments-random N": cuts up N random packets, and compares the segments
 * with what they must be. */
static void
test_segments_random(struct ovs_cmdl_context *ctx)
{
    uint8_t *end = guarded_page_end();
    int n = atoi(ctx->argv[1]);
    int n_refused = 0;

    random_set_seed(1);
    for (int i = 0; i < n; i++) {
        struct tcp_segments segments;
        size_t mtu = random_range(4) ? 576 + random_range(2500)
                                     : 60 + random_range(400);

        make_sample(&sample);
        size_t headers = sample.header_len - sample.l3_ofs;
        if (mtu > headers) {
            ovs_assert(tcp_segments_init(&segments, sample.data,
                                         sample.header_len
                                         + sample.payload_len
                                         + random_range(8), sample.l3_ofs,
                                         sample.l4_ofs, mtu));
            check_segments(&sample, &segments, mtu, end);
        } else {
            ovs_assert(!tcp_segments_init(&segments, sample.data,
                                          sample.header_len
                                          + sample.payload_len, sample.l3_ofs,
                                          sample.l4_ofs, mtu));
            n_refused++;
        }
    }
    ovs_assert(n_refused);
    printf("%d packets\n", n);
}

/* "fuzz N": N mutations of packets, each at the very end of what can be
 * accessed. */
static void
test_fuzz(struct ovs_cmdl_context *ctx)
{
    uint8_t *end = guarded_page_end(), *out_end = guarded_page_end();
    int n = atoi(ctx->argv[1]);
    int n_good = 0;

    random_set_seed(1);
    for (int i = 0; i < n; i++) {
        struct tcp_segments segments;

        make_sample(&sample);
        sample.payload_len %= 500;
        put_u16(sample.data + sample.l3_ofs + (sample.v6 ? 4 : 2),
                sample.header_len - sample.l3_ofs + sample.payload_len
                - (sample.v6 ? 40 : 0));
        size_t full = sample.header_len + sample.payload_len;
        size_t size = random_range(2) ? full : random_range(full + 1);
        uint8_t *packet = end - size;
        memcpy(packet, sample.data, size);
        for (int j = random_range(4); size && j > 0; j--) {
            packet[random_range(MIN(size, 120))] = random_uint8();
        }
        size_t l3_ofs = random_range(8) ? sample.l3_ofs : random_range(600);
        size_t l4_ofs = random_range(8) ? sample.l4_ofs : random_range(600);

        n_good += sw_offload_complete_csum(packet, size, l3_ofs, l4_ofs);
        if (tcp_segments_init(&segments, packet, size, l3_ofs, l4_ofs,
                              random_range(1500))) {
            for (uint32_t j = 0; j < segments.n; j++) {
                tcp_segments_write(&segments, j, out_end - tcp_segments_len(
                                       &segments, j));
            }
        }
    }
    ovs_assert(n_good > n / 10);
    printf("%d packets\n", n);
}

static const struct ovs_cmdl_command commands[] = {
    { "csum", NULL, 3, 3, test_csum, OVS_RO },
    { "segments", NULL, 4, 4, test_segments, OVS_RO },
    { "segments-random", NULL, 1, 1, test_segments_random, OVS_RO },
    { "fuzz", NULL, 1, 1, test_fuzz, OVS_RO },
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
