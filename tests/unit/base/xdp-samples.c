/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/xdp-samples.h"

#include <string.h>

#include "dp-packet.h"
#include "random.h"
#include "util.h"

/* Pieces of packets.  An Ethernet type is part of what follows it. */
#define MACS "0200000000010200 00000002"

#define IPV4(VIHL, LEN, FRAG, PROTO) \
    "0800" VIHL "2e" LEN "0001" FRAG "40" PROTO "0000" "0a000001" "0a000002"
#define TCP(OFS) "00010002" "00000003" "00000004" OFS "12" "2000" "abcd" "0000"
#define UDP "00050006" "0008" "abcd"
#define UDP_WITH_4 "00050006" "000c" "abcd" "01020304"
#define SCTP "00070008" "00000009" "0000000a"

#define IPV6(PLEN, NEXT)                                        \
    "86dd" "6ab00007" PLEN NEXT "40"                            \
    "fc000000000000000000000000000001" "fc000000000000000000000000000002"
#define ND(TYPE, CODE) TYPE CODE "abcd" "60000000" \
    "fe800000000000000000000000000009"
#define SLL "0101" "020000000003"
#define TLL "0201" "020000000004"

#define ARP(TYPE, HRD, PRO, LENS, OP) TYPE HRD PRO LENS OP  \
    "020000000001" "0a000001" "020000000002" "0a000002"

#define EIGHT "0102030405060708"

/* IPv6 extension headers. */
#define OPTIONS(NEXT) NEXT "00" "010400000000"
#define ROUTING(NEXT, LEFT) NEXT "02" "02" LEFT "00000000" EIGHT EIGHT
#define AUTH(NEXT) NEXT "04" "000000000001" EIGHT EIGHT
#define FRAGMENT(NEXT, OFFSET) NEXT "00" OFFSET "00000001"

struct sample {
    const char *name;
    const char *hex;            /* From the Ethernet type on. */
};

static const struct sample samples[] = {
    /* Ethernet. */
    { "unknown Ethernet type, no payload", "88b5" },
    { "unknown Ethernet type", "88b5" EIGHT },
    { "smallest Ethernet type", "0600" EIGHT },
    { "802.2, no SNAP", "0008" "424203" "0102030405" },
    { "802.2, SNAP with IPv4",
      "0024" "aaaa03000000" IPV4("45", "001c", "0000", "11") UDP },
    { "802.2, SNAP with unknown type", "0010" "aaaa03000000" "88b5" EIGHT },
    { "802.2, cut off", "0003" "aaaa03" },
    { "Ethernet length 0", "0000" },
    { "MPLS", "8847" "000011ff" "45000014" },
    { "MPLS multicast", "8848" "000011ff" "45000014" },
    { "NSH", "894f" "0fc60103" "00000100" EIGHT EIGHT },

    /* ARP. */
    { "ARP", ARP("0806", "0001", "0800", "0604", "0001") },
    { "ARP, padded", ARP("0806", "0001", "0800", "0604", "0002") EIGHT },
    { "ARP, operation 0", ARP("0806", "0001", "0800", "0604", "0000") },
    { "ARP, operation 255", ARP("0806", "0001", "0800", "0604", "00ff") },
    { "ARP, operation 256", ARP("0806", "0001", "0800", "0604", "0100") },
    { "ARP, hardware 6", ARP("0806", "0006", "0800", "0604", "0001") },
    { "ARP, protocol 86dd", ARP("0806", "0001", "86dd", "0604", "0001") },
    { "ARP, address lengths", ARP("0806", "0001", "0800", "0804", "0001") },
    { "ARP, cut off", "0806" "0001" "0800" "0604" "0001" EIGHT },
    { "RARP", ARP("8035", "0001", "0800", "0604", "0003") },
    { "RARP, cut off", "8035" "0001" "0800" "0604" "0003" EIGHT },

    /* IPv4. */
    { "IPv4 TCP", IPV4("45", "0028", "4000", "06") TCP("50") },
    { "IPv4 TCP with options",
      IPV4("45", "0030", "0000", "06") TCP("70") EIGHT },
    { "IPv4 TCP with reserved bits",
      IPV4("45", "0028", "0000", "06") TCP("5f") },
    { "IPv4 TCP, padded", IPV4("45", "0028", "0000", "06") TCP("50") EIGHT },
    { "IPv4 TCP, header length 4",
      IPV4("45", "0028", "0000", "06") TCP("40") },
    { "IPv4 TCP, options cut off",
      IPV4("45", "0028", "0000", "06") TCP("60") EIGHT },
    { "IPv4 TCP, cut off by the IPv4 length",
      IPV4("45", "0027", "0000", "06") TCP("50") },
    { "IPv4 UDP", IPV4("45", "0020", "0000", "11") UDP_WITH_4 },
    { "IPv4 UDP, no payload", IPV4("45", "001c", "0000", "11") UDP },
    { "IPv4 UDP, padded", IPV4("45", "001c", "0000", "11") UDP EIGHT },
    { "IPv4 UDP behind options",
      IPV4("46", "0024", "0000", "11") "01010100" UDP_WITH_4 },
    { "IPv4 UDP behind 40 bytes of options",
      IPV4("4f", "0044", "0000", "11") EIGHT EIGHT EIGHT EIGHT EIGHT UDP },
    { "IPv4 UDP, cut off", IPV4("45", "0018", "0000", "11") "00050006" },
    { "IPv4 SCTP", IPV4("45", "0020", "0000", "84") SCTP },
    { "IPv4 SCTP, cut off", IPV4("45", "001f", "0000", "84") SCTP },
    { "IPv4 ICMP", IPV4("45", "001c", "0000", "01") "0800abcd" "00000001" },
    { "IPv4 ICMP, cut off", IPV4("45", "0018", "0000", "01") "0800abcd" },
    { "IPv4 IGMP", IPV4("45", "001c", "0000", "02") "1600abcd" "e0000001" },
    { "IPv4 IGMP, cut off", IPV4("45", "0018", "0000", "02") "1600abcd" },
    { "IPv4 with ICMPv6",
      IPV4("45", "001c", "0000", "3a") "8000abcd00000001" },
    { "IPv4 GRE", IPV4("45", "001c", "0000", "2f") "0000080000000000" },
    { "IPv4 protocol 0", IPV4("45", "0014", "0000", "00") },
    { "IPv4 UDP, first fragment",
      IPV4("45", "0020", "2000", "11") UDP_WITH_4 },
    { "IPv4 UDP, later fragment", IPV4("45", "001c", "2001", "11") EIGHT },
    { "IPv4 UDP, last fragment", IPV4("45", "001c", "0002", "11") EIGHT },
    { "IPv4 UDP, last fragment of 2 bytes",
      IPV4("45", "0016", "0002", "11") "0102" },
    { "IPv4 UDP, reserved fragment bit",
      IPV4("45", "001c", "8000", "11") UDP },
    { "IPv4, header length 4", IPV4("44", "001c", "0000", "11") UDP },
    { "IPv4, options cut off", IPV4("48", "001c", "0000", "11") UDP },
    { "IPv4, length beyond the frame", IPV4("45", "001d", "0000", "11") UDP },
    { "IPv4, length in the header", IPV4("45", "0013", "0000", "11") UDP },
    { "IPv4, length in the options",
      IPV4("46", "0016", "0000", "11") "01010100" UDP },
    { "IPv4, cut off", "0800" "45000014" EIGHT },
    { "IPv4, version 6", IPV4("65", "001c", "0000", "11") UDP },
    { "IPv4, version 0", IPV4("05", "001c", "0000", "11") UDP },

    /* IPv6. */
    { "IPv6 TCP", IPV6("0014", "06") TCP("50") },
    { "IPv6 TCP, header length 4", IPV6("0014", "06") TCP("40") },
    { "IPv6 UDP", IPV6("000c", "11") UDP_WITH_4 },
    { "IPv6 UDP, padded", IPV6("0008", "11") UDP EIGHT },
    { "IPv6 UDP, cut off", IPV6("0007", "11") UDP },
    { "IPv6 SCTP", IPV6("000c", "84") SCTP },
    { "IPv6 with ICMPv4", IPV6("0008", "01") "0800abcd00000001" },
    { "IPv6 with IGMP", IPV6("0008", "02") "1600abcde0000001" },
    { "IPv6, no next header", IPV6("0000", "3b") },
    { "IPv6 ESP", IPV6("0008", "32") EIGHT },
    { "IPv6 ICMPv6 echo", IPV6("000c", "3a") "8000abcd0000000101020304" },
    { "IPv6 ICMPv6, cut off", IPV6("0004", "3a") "8000abcd" },
    { "IPv6 ICMPv6 router solicitation",
      IPV6("0010", "3a") "8500abcd00000000" SLL },
    { "IPv6 ND solicitation", IPV6("0018", "3a") ND("87", "00") },
    { "IPv6 ND advertisement", IPV6("0018", "3a") ND("88", "00") },
    { "IPv6 ND solicitation, code 1", IPV6("0018", "3a") ND("87", "01") },
    { "IPv6 ND solicitation with address",
      IPV6("0020", "3a") ND("87", "00") SLL },
    { "IPv6 ND advertisement with address",
      IPV6("0020", "3a") ND("88", "00") TLL },
    { "IPv6 ND with two addresses",
      IPV6("0028", "3a") ND("87", "00") SLL TLL },
    { "IPv6 ND with an address twice",
      IPV6("0028", "3a") ND("87", "00") SLL SLL },
    { "IPv6 ND with an option of length 0",
      IPV6("0020", "3a") ND("87", "00") "0100020000000003" },
    { "IPv6 ND with an option that is cut off",
      IPV6("0020", "3a") ND("87", "00") "0102020000000003" },
    { "IPv6 ND with another option",
      IPV6("0020", "3a") ND("87", "00") "0e01020000000003" },
    { "IPv6 ND, target cut off", IPV6("0010", "3a") "8700abcd60000000" EIGHT },
    { "IPv6 hop-by-hop options",
      IPV6("0010", "00") OPTIONS("11") UDP },
    { "IPv6 hop-by-hop options and multicast listener report",
      IPV6("0018", "00") OPTIONS("3a") "8f00abcd00000001" EIGHT },
    { "IPv6 hop-by-hop options of 40 bytes",
      IPV6("0030", "00") "1104" "012400000000" EIGHT EIGHT EIGHT EIGHT UDP },
    { "IPv6 hop-by-hop options, cut off",
      IPV6("0004", "00") "11000104" },
    { "IPv6 hop-by-hop options, cut off by the IPv6 length",
      IPV6("0006", "00") OPTIONS("11") UDP },
    { "IPv6 hop-by-hop options, longer than the packet",
      IPV6("0010", "00") "1101" "010400000000" UDP },
    { "IPv6 hop-by-hop options, longer than the IPv6 length",
      IPV6("0010", "00") "1102" "010400000000" UDP EIGHT },
    { "IPv6 hop-by-hop options and nothing",
      IPV6("0008", "00") OPTIONS("3b") },
    { "IPv6 hop-by-hop options and no UDP header",
      IPV6("0008", "00") OPTIONS("11") },
    { "IPv6 destination options",
      IPV6("0010", "3c") OPTIONS("11") UDP },
    { "IPv6 destination options and TCP",
      IPV6("001c", "3c") OPTIONS("06") TCP("50") },
    { "IPv6 destination options and TCP, header length 4",
      IPV6("001c", "3c") OPTIONS("06") TCP("40") },
    { "IPv6 destination options and SCTP",
      IPV6("0014", "3c") OPTIONS("84") SCTP },
    { "IPv6 destination options and ICMPv6",
      IPV6("0010", "3c") OPTIONS("3a") "8000abcd00000001" },
    { "IPv6 destination options and ND",
      IPV6("0028", "3c") OPTIONS("3a") ND("87", "00") SLL },
    { "IPv6 destination options and ESP",
      IPV6("0010", "3c") OPTIONS("32") EIGHT },
    { "IPv6 destination options and ICMPv4",
      IPV6("0010", "3c") OPTIONS("01") "0800abcd00000001" },
    { "IPv6 destination options, padded",
      IPV6("0010", "3c") OPTIONS("11") UDP EIGHT },
    { "IPv6 routing header",
      IPV6("0020", "2b") ROUTING("11", "01") UDP },
    { "IPv6 routing header without segments left",
      IPV6("0020", "2b") ROUTING("11", "00") UDP },
    { "IPv6 authentication header",
      IPV6("0020", "33") AUTH("11") UDP },
    { "IPv6 authentication header of 8 bytes",
      IPV6("0010", "33") "1100" "000000000001" UDP },
    { "IPv6 authentication header of 12 bytes",
      IPV6("0014", "33") "1101" "000000000001" "00000000" UDP },
    { "IPv6 authentication header, longer than the packet",
      IPV6("0020", "33") "1107" "000000000001" EIGHT EIGHT UDP },
    { "IPv6 fragment header, first",
      IPV6("0010", "2c") FRAGMENT("11", "0001") UDP },
    { "IPv6 fragment header, first, cut off",
      IPV6("000c", "2c") FRAGMENT("11", "0001") "00050006" },
    { "IPv6 fragment header, first, with destination options",
      IPV6("0018", "2c") FRAGMENT("3c", "0001") OPTIONS("11") UDP },
    { "IPv6 fragment header, first, and a later one",
      IPV6("0018", "2c") FRAGMENT("2c", "0001") FRAGMENT("11", "0010") EIGHT },
    { "IPv6 fragment header, first, and an atomic one",
      IPV6("0018", "2c") FRAGMENT("2c", "0001") FRAGMENT("11", "0000") UDP },
    { "IPv6 fragment header, later",
      IPV6("0010", "2c") FRAGMENT("11", "0011") EIGHT },
    { "IPv6 fragment header, later, of destination options",
      IPV6("0010", "2c") FRAGMENT("3c", "0011") EIGHT },
    { "IPv6 fragment header, later, without data",
      IPV6("0008", "2c") FRAGMENT("11", "0011") },
    { "IPv6 fragment header, last",
      IPV6("000a", "2c") FRAGMENT("11", "0010") "0102" },
    { "IPv6 fragment header, atomic",
      IPV6("0010", "2c") FRAGMENT("11", "0000") UDP },
    { "IPv6 fragment header, reserved bits",
      IPV6("0010", "2c") FRAGMENT("11", "0006") UDP },
    { "IPv6 fragment header, cut off",
      IPV6("0004", "2c") "11000011" },
    { "IPv6 later fragment behind hop-by-hop options",
      IPV6("0018", "00") OPTIONS("2c") FRAGMENT("11", "0011") EIGHT },
    { "IPv6 six extension headers",
      IPV6("0060", "00") OPTIONS("3c") OPTIONS("2b") ROUTING("2c", "00")
      FRAGMENT("33", "0000") AUTH("3c") OPTIONS("11") UDP EIGHT },
    { "IPv6 six extension headers, the last a later fragment",
      IPV6("0038", "00") OPTIONS("3c") OPTIONS("3c") OPTIONS("3c")
      OPTIONS("3c") OPTIONS("2c") FRAGMENT("3c", "0011") EIGHT },
    { "IPv6 seven extension headers",
      IPV6("0040", "00") OPTIONS("3c") OPTIONS("3c") OPTIONS("3c")
      OPTIONS("3c") OPTIONS("3c") OPTIONS("3c") OPTIONS("11") UDP },
    { "IPv6, length beyond the frame", IPV6("0009", "11") UDP },
    { "IPv6, length 0", IPV6("0000", "11") UDP },
    { "IPv6, cut off", "86dd" "60000000" "0000" "3b40" EIGHT EIGHT },
    { "IPv6, version 4",
      "86dd" "45000000" "0000" "3b40" EIGHT EIGHT EIGHT EIGHT },
};

const char *
xdp_sample(size_t i, const char *tags, struct dp_packet *packet)
{
    if (i >= ARRAY_SIZE(samples)) {
        return NULL;
    }
    dp_packet_clear(packet);
    dp_packet_put_hex(packet, MACS, NULL);
    dp_packet_put_hex(packet, tags, NULL);
    dp_packet_put_hex(packet, samples[i].hex, NULL);
    return samples[i].name;
}

/* Mutations. */

static size_t
remove_bytes(uint8_t *data, size_t size, size_t ofs, size_t n)
{
    n = MIN(n, size - ofs);
    memmove(data + ofs, data + ofs + n, size - ofs - n);
    return size - n;
}

static size_t
insert_bytes(uint8_t *data, size_t size, size_t ofs, size_t n)
{
    n = MIN(n, XDP_SAMPLE_MAX - size);
    memmove(data + ofs + n, data + ofs, size - ofs);
    for (size_t i = 0; i < n; i++) {
        data[ofs + i] = random_uint8();
    }
    return size + n;
}

/* Values that mean something to parsers. */
static void
put_known_value(uint8_t *data, size_t size, size_t ofs)
{
    static const uint16_t values[] = {
        0x8100, 0x88a8, 0x9100, 0x0800, 0x86dd, 0x0806, 0x8035, 0x8847, 0x894f,
        0x0000, 0xffff, 0x05ff, 0x0600, 0x4500, 0x4600, 0x4f00, 0x6000, 0x4006,
        0x4011, 0x4001, 0x403a, 0x4084, 0x0640, 0x1140, 0x3a40, 0x2c40, 0x0040,
        0x2000, 0x1fff, 0x0014, 0x0018, 0x0020, 0x0028, 0x8700, 0x8800, 0x0101,
        0x0201, 0x5002, 0x6010, 0xf000, 0x3c00, 0x2b00, 0x3300, 0x0001, 0x0011,
    };
    uint16_t value = values[random_range(ARRAY_SIZE(values))];

    data[ofs] = value >> 8;
    if (ofs + 1 < size) {
        data[ofs + 1] = value & 0xff;
    }
}

static size_t
mutate(uint8_t *data, size_t size)
{
    size_t ofs = random_range(size);

    switch (random_range(8)) {
    case 0:
        return ofs + 1;
    case 1:
        return insert_bytes(data, size, size, random_range(64));
    case 2:
        return insert_bytes(data, size, ofs, 2 * (1 + random_range(8)));
    case 3:
        return remove_bytes(data, size, ofs, 2 * (1 + random_range(8)));
    case 4:
        data[ofs] ^= 1u << random_range(8);
        return size;
    case 5:
        data[ofs] += random_range(2) ? 1 : -1;
        return size;
    case 6:
        put_known_value(data, size, ofs);
        return size;
    default:
        data[ofs] = random_uint8();
        return size;
    }
}

size_t
xdp_sample_mutate(uint8_t *data)
{
    static const char *const tags[] = {
        "", "", "", "81006001", "88a86001", "88a8000281006001",
        "8100000281006001", "88a8000388a8000281000001",
    };
    uint64_t stub[512 / 8];
    struct dp_packet packet;
    size_t size;

    dp_packet_use_stub(&packet, stub, sizeof stub);
    xdp_sample(random_range(ARRAY_SIZE(samples)),
               tags[random_range(ARRAY_SIZE(tags))], &packet);
    size = dp_packet_size(&packet);
    memcpy(data, dp_packet_data(&packet), size);
    dp_packet_uninit(&packet);
    for (int n = random_range(5); n && size; n--) {
        size = mutate(data, size);
    }
    return size;
}
