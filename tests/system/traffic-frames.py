#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes the frames of ovs-afxdp-traffic apart, and sends them again with
faults."""

import argparse
import collections
import importlib.machinery
import json
import os
import struct
import sys
import time

net = importlib.machinery.SourceFileLoader(
    "system_net", os.path.join(os.path.dirname(__file__), "net.py")
).load_module()

MAGIC = b"ovaf"
VLAN_TYPES = (0x8100, 0x88a8)


def open_device(name):
    return net.open_device("", name, 64 << 20)


def fold(data):
    """The one's complement sum, 0xffff if a checksum in it is right."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) & ~1]))
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Frame:
    """What a frame consists of; an AssertionError if it is not right."""

    def __init__(self, data):
        self.vlans = []
        ofs = 12
        while struct.unpack_from("!H", data, ofs)[0] in VLAN_TYPES:
            self.vlans.append(struct.unpack_from("!H", data, ofs + 2)[0])
            ofs += 4
        eth_type, = struct.unpack_from("!H", data, ofs)
        l3 = data[ofs + 2:]
        if eth_type == 0x0800:
            assert fold(l3[:20]) == 0xffff, "IPv4 header checksum"
            length, = struct.unpack_from("!H", l3, 2)
            assert length == len(l3), "IPv4 length"
            self.version, protocol = 4, l3[9]
            addresses, l4 = l3[12:20], l3[20:]
        else:
            assert eth_type == 0x86dd, "Ethernet type"
            length, = struct.unpack_from("!H", l3, 4)
            assert length + 40 == len(l3), "IPv6 length"
            self.version, protocol = 6, l3[6]
            addresses, l4 = l3[8:40], l3[40:]
        self.protocol = {6: "tcp", 17: "udp"}[protocol]
        if protocol == 17:
            assert struct.unpack_from("!H", l4, 4)[0] == len(l4), "UDP length"
            assert l4[6:8] != b"\0\0", "no UDP checksum"
        pseudo = addresses + struct.pack("!HH", protocol, len(l4))
        assert fold(pseudo + l4) == 0xffff, "checksum of layer 4"
        payload = l4[20 if protocol == 6 else 8:]
        assert not any(payload[18:]), "padding"
        assert payload[:4] == MAGIC, "magic"
        number, high, low = struct.unpack_from("!QHI", payload, 4)
        self.stream, self.seq = number >> 48, number & (1 << 48) - 1
        self.time = high << 32 | low
        self.flow = addresses + bytes([protocol]) + l4[:4]


def cmd_capture(args):
    """Takes frames from a device, checks that all in them is right, and says
    what they are."""
    s = open_device(args.device)
    s.settimeout(30)
    print("ready", file=sys.stderr, flush=True)
    frames = []
    while len(frames) < args.count:
        data = net.receive_frame(s)
        if MAGIC in data:
            frames.append(data)
    if args.save:
        with open(args.save, "w") as f:
            json.dump([data.hex() for data in frames], f)
    kinds, flows, problems = set(), collections.Counter(), set()
    last = {}
    for data in frames:
        try:
            frame = Frame(data)
            assert frame.seq == last.get(frame.stream, -1) + 1, "sequence"
            last[frame.stream] = frame.seq
            assert bool(frame.time) != args.no_timestamp, "time"
        except AssertionError as e:
            problems.add(f"{len(data)} bytes: {e}: {data[:100].hex()}")
            continue
        flows[frame.flow] += 1
        kinds.add((frame.version, frame.protocol, len(data) + 4,
                   *frame.vlans))
    for kind in sorted(kinds):
        print("IPv%d %s %d" % kind[:3], *kind[3:])
    if args.flows:
        print("flows", len(flows), "most", max(flows.values(), default=0))
    for problem in list(problems)[:5]:
        print("wrong:", problem)
    return bool(problems)


def cmd_replay(args):
    """Sends saved frames again, with faults: of each 100 frames, number 10 is
    missing, 20 comes twice, 30 comes after 31, and 40 has another checksum in
    its IPv4 header."""
    with open(args.file) as f:
        frames = [bytes.fromhex(data) for data in json.load(f)]
    s = open_device(args.device)
    for i in range(0, len(frames), 100):
        part = frames[i:i + 100]
        part[40] = part[40][:24] + bytes([part[40][24] ^ 1]) + part[40][25:]
        part[30], part[31] = part[31], part[30]
        for n, frame in enumerate(part):
            if n != 10:
                net.send_frame(s, frame)
            if n == 20:
                net.send_frame(s, frame)
        # The receiver's queue has room for as many.
        time.sleep(0.02)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    p = sub.add_parser("capture", help=cmd_capture.__doc__)
    p.add_argument("device")
    p.add_argument("count", type=int)
    p.add_argument("--save", metavar="FILE")
    p.add_argument("--flows", action="store_true", help="count the flows")
    p.add_argument("--no-timestamp", action="store_true")
    p.set_defaults(run=cmd_capture)
    p = sub.add_parser("replay", help=cmd_replay.__doc__)
    p.add_argument("device")
    p.add_argument("file")
    p.set_defaults(run=cmd_replay)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
