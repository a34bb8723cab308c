#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A virtual machine, as far as its tap can tell: makes tap device NAME with
virtio-net headers, and sends from it a TCP packet with so many bytes of
payload for each line of standard input, to be cut up if they are more than
1400."""

import fcntl
import os
import socket
import struct
import sys

TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x2, 0x1000, 0x4000
NEEDS_CSUM = 1
GSO_NONE, GSO_TCPV4 = 0, 1
MAC = bytes.fromhex("020000000002" "020000000009")
SOURCE, DESTINATION = (socket.inet_aton(a) for a in ("10.1.1.9", "10.1.1.2"))


def total(data):
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def packet(size):
    pseudo = total(SOURCE + DESTINATION + struct.pack("!II", 6, 20 + size))
    tcp = struct.pack("!HHIIBBHHH", 1000, 2000, 1, 1, 0x50, 0x18, 500, pseudo,
                      0) + bytes(size)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + size, 1, 0x4000, 64, 6,
                     0) + SOURCE + DESTINATION
    ip = ip[:10] + struct.pack("!H", 0xffff ^ total(ip)) + ip[12:]
    header = struct.pack("=BBHHHH", NEEDS_CSUM,
                         GSO_TCPV4 if size > 1400 else GSO_NONE, 54,
                         1400 if size > 1400 else 0, 34, 16)
    return header + MAC + b"\x08\x00" + ip + tcp


def main():
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF,
                struct.pack("16sH22x", sys.argv[1].encode(),
                            IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    print("ready", flush=True)
    for line in sys.stdin:
        os.write(tap, packet(int(line)))


main()
