#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic for the system tests, sent and received by one process: it opens
its sockets in the network namespaces that its arguments name ("ns0:e0" is
device e0 in namespace ns0, ":p0" is p0 in our own)."""

import argparse
import collections
import ctypes
import hashlib
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3
CLONE_NEWNET = 0x40000000
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_VLAN_TPID_VALID = 1 << 6
TP_STATUS_CSUMNOTREADY = 1 << 3
# Of a command, to the test suite.
SKIP = 77

libc = ctypes.CDLL(None, use_errno=True)
own_ns = os.open("/proc/self/ns/net", os.O_RDONLY)


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def socket_in(ns, *args):
    """A socket in the namespace, for us who stay outside."""
    if not ns:
        return socket.socket(*args)
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    enter(fd)
    try:
        return socket.socket(*args)
    finally:
        enter(own_ns)
        os.close(fd)


def open_device(ns, dev, buffer_size):
    """A socket for the raw frames of the device."""
    s = socket_in(ns, socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, buffer_size)
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.bind((dev, ETH_P_ALL))
    return s


def send_frame(sock, frame):
    while True:
        try:
            sock.send(frame)
            return
        except OSError as e:
            if e.errno not in (11, 105):    # EAGAIN, ENOBUFS
                raise
            time.sleep(0.001)


def vlan_tag(ancillary):
    """The outer VLAN tag, which the kernel keeps apart from the frame."""
    for level, kind, aux in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux[:20])
            if status & TP_STATUS_VLAN_VALID:
                if not status & TP_STATUS_VLAN_TPID_VALID:
                    tpid = 0x8100
                return struct.pack("!HH", tpid, tci)
    return b""


def receive_frame(sock):
    """A frame as it was on the wire."""
    data, ancillary, _, _ = sock.recvmsg(65536, 256)
    return data[:12] + vlan_tag(ancillary) + data[12:]


class Device:
    """The raw frames of one device, VLAN tags included."""

    def __init__(self, name):
        self.name = name
        ns, dev = name.split(":")
        self.sock = open_device(ns, dev, 16 << 20)
        self.sock.setblocking(False)
        self.expected = collections.Counter()
        self.received = collections.Counter()
        self.n_received = 0
        self.counted = False
        self.filtered = True

    def send(self, frame):
        send_frame(self.sock, frame)

    def receive(self):
        """All frames that wait, without what hosts say unasked."""
        while True:
            try:
                data = receive_frame(self.sock)
            except BlockingIOError:
                return
            chatter = self.filtered and (data[:2] == b"\x33\x33"
                                         or data[12:14] == b"\x08\x06")
            if not chatter or data in self.expected:
                self.received[data] += 1
                self.n_received += 1

    def satisfied(self):
        return not self.expected - self.received

    def differences(self):
        for what, frames in (("missing", self.expected - self.received),
                             ("unexpected", self.received - self.expected)):
            for frame, n in list(frames.items())[:5]:
                yield (f"{self.name}: {what} ({n} times), {len(frame)} bytes:"
                       f" {frame[:200].hex()}\n    {summary(frame)}")
            if len(frames) > 5:
                yield f"{self.name}: ... and {len(frames) - 5} more {what}"


def summary(frame):
    from scapy.layers.l2 import Ether
    return Ether(frame).summary()


def payload(n):
    return random.Random(n).randbytes(n)


def frames_of_all_sizes(dst, src, ethertype, max_payload):
    """Much quicker than scapy's."""
    head = (bytes.fromhex((dst + src).replace(":", ""))
            + struct.pack("!H", ethertype))
    return [head + payload(n) for n in range(46, max_payload + 1)]


def scapy_names():
    """Skips the test that called us if there is no scapy."""
    try:
        import scapy.layers.inet
        import scapy.layers.inet6
        import scapy.layers.l2
        import scapy.packet
    except ImportError:
        sys.exit(SKIP)
    names = {f"m{i}": f"02:00:00:00:00:{i + 1:02x}" for i in range(10)}
    names["random"] = random.Random(1)
    names["payload"] = payload
    names["frames_of_all_sizes"] = frames_of_all_sizes
    for module in (scapy.packet, scapy.layers.inet, scapy.layers.inet6,
                   scapy.layers.l2):
        names.update(vars(module))
    return names


def mute(ns, dev):
    """Makes the host say nothing on its own, and answer nothing."""
    subprocess.run(["ip", "-n", ns, "addr", "flush", "dev", dev], check=True)
    subprocess.run(["ip", "netns", "exec", ns, "sysctl", "-q", "-w",
                    f"net.ipv6.conf.{dev}.disable_ipv6=1"], check=True)


def frames_of(expression, names):
    value = eval(expression, names)     # pylint: disable=eval-used
    return [bytes(f) for f in (value if isinstance(value, list) else [value])]


def cmd_frames(_args):
    """Sends and compares frames as standard input says, one a line:

    ns0:e0 > EXPRESSION     send this frame, or list of frames
    ns1:e1 < EXPRESSION     expect exactly this frame, or list, and no other
    ns1:e1 <                expect nothing
    ns1:e1 count            print how many frames arrived

    From then on, the hosts have no addresses.  An EXPRESSION is scapy's; m0,
    m1... are the hosts' MAC addresses, and payload(N) is N random bytes, the
    same ones each time."""
    devices = {}
    script = []
    names = scapy_names()
    text = sys.stdin.read().replace("\\\n", " ")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, verb, expression = (line.split(None, 2) + [""])[:3]
        if name not in devices:
            if not name.startswith(":"):
                mute(*name.split(":"))
            devices[name] = Device(name)
        device = devices[name]
        if verb == "count":
            device.counted = True
        elif verb == ">":
            script += [(device, f) for f in frames_of(expression, names)]
        elif expression:
            device.expected.update(frames_of(expression, names))

    def poll(timeout):
        socks = {d.sock: d for d in devices.values()}
        for sock in select.select(list(socks), [], [], timeout)[0]:
            socks[sock].receive()

    for i, (device, frame) in enumerate(script):
        device.send(frame)
        poll(0)
        if i % 32 == 31:
            time.sleep(0.002)
    deadline = time.time() + 15
    while time.time() < deadline and not all(d.satisfied()
                                             for d in devices.values()):
        poll(0.1)
    deadline = time.time() + 0.5
    while time.time() < deadline:
        poll(0.1)

    problems = []
    for device in devices.values():
        if device.counted:
            print(device.name, device.n_received)
        else:
            problems += device.differences()
    for problem in problems:
        print(problem)
    return bool(problems)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def cmd_tcp(args):
    """Sends random bytes over one TCP connection and compares digests."""
    family = family_of(args.address)
    listener = socket_in(args.server, family, socket.SOCK_STREAM)
    client = socket_in(args.client, family, socket.SOCK_STREAM)
    listener.settimeout(60)
    client.settimeout(60)
    listener.bind((args.bind or args.address, args.bind_port or args.port))
    listener.listen()
    digest = hashlib.sha256()
    peer = []

    def serve():
        s, addr = listener.accept()
        peer.append(addr[0])
        s.settimeout(60)
        while True:
            data = s.recv(1 << 16)
            if not data:
                break
            digest.update(data)
        s.sendall(digest.digest())
        s.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    client.connect((args.address, args.port))
    data = random.randbytes(args.bytes)
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)
    reply = b""
    while len(reply) < 32:
        part = client.recv(32)
        if not part:
            break
        reply += part
    thread.join(60)
    if args.show_peer:
        print("peer", peer[0])
    if reply != hashlib.sha256(data).digest():
        print("the content has changed on the way")
        return 1
    return 0


def cmd_udp(args):
    """Sends datagrams of random content and size, and wants each of them back
    from a server that returns them reversed."""
    family = family_of(args.address)
    server = socket_in(args.server, family, socket.SOCK_DGRAM)
    client = socket_in(args.client, family, socket.SOCK_DGRAM)
    server.bind((args.bind or args.address, args.port))
    client.settimeout(20)
    peers = set()

    def serve():
        while True:
            data, addr = server.recvfrom(65536)
            peers.add(addr[0])
            server.sendto(data[::-1], addr)

    threading.Thread(target=serve, daemon=True).start()
    for i in range(args.count):
        data = struct.pack("!I", i) + random.randbytes(
            random.randint(0, args.max_size - 4))
        client.sendto(data, (args.address, args.port))
        try:
            reply = client.recv(65536)
        except socket.timeout:
            print(f"datagram {i} of {len(data)} bytes, or its answer, is lost")
            return 1
        if reply != data[::-1]:
            print(f"datagram {i} of {len(data)} bytes has changed")
            return 1
    if args.show_peer:
        print("peer", *peers)
    return 0


def cmd_stream(args):
    """Sends numbered frames of random size and content from one device to
    another, a thousand and then until told to end (SIGTERM), and compares what
    arrives."""
    source, sink = Device(args.source), Device(args.sink)
    # Device eN has MAC address 02:00:00:00:00:0N+1.
    head = b"".join(bytes((2, 0, 0, 0, 0, int(d.name[-1]) + 1))
                    for d in (sink, source)) + b"\x88\xb5"
    table = random.Random(1).randbytes(4096)
    seen = collections.Counter()
    n_sent = n_changed = 0
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())

    def frame_of(n):
        start = n % 1021
        return (head + struct.pack("!I", n)
                + table[start:start + 42 + n * 613 % (args.max_size - 59)])

    def receive():
        nonlocal n_changed
        while True:
            select.select([sink.sock], [], [])
            sink.receive()
            for frame in sink.received:
                if frame[:14] == head:
                    n, = struct.unpack("!I", frame[14:18])
                    seen[n] += sink.received[frame]
                    n_changed += frame != frame_of(n)
            sink.received.clear()

    threading.Thread(target=receive, daemon=True).start()
    print("ready", flush=True)
    start = time.time()
    while not ended.is_set() or n_sent < 1000:
        # After a pause, no more at a time than a device's ring holds.
        due = min(int((time.time() - start) * args.rate) - n_sent, 32)
        for _ in range(due):
            try:
                send_frame(source.sock, frame_of(n_sent))
                n_sent += 1
            except OSError:     # The device is down.
                time.sleep(0.01)
        if due == 32:
            start = time.time() - n_sent / args.rate
        time.sleep(0.003)
    n = -1
    while n < len(seen) < n_sent:
        n = len(seen)
        time.sleep(2)
    time.sleep(0.3)             # Those that come twice.
    print("sent", n_sent)
    print("lost", n_sent - len(seen))
    print("changed", n_changed)
    print("twice", sum(n - 1 for n in seen.values()))
    return 0


def cmd_flood(args):
    """Sends small UDP packets, of changing source ports, until killed."""
    device = Device(args.device)
    head = (bytes.fromhex("020000000002") + bytes.fromhex("020000000001")
            + b"\x08\x00")
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64, 17, 0,
                     socket.inet_aton("10.1.1.1"),
                     socket.inet_aton("10.1.1.2"))
    total = sum(struct.unpack("!10H", ip))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", 0xffff ^ total) + ip[12:]
    frames = [head + ip + struct.pack("!HHHH", 1024 + i, 9, 26, 0) + bytes(18)
              for i in range(args.flows)]
    print("ready", flush=True)
    n = 0
    while True:
        for frame in frames:
            try:
                device.sock.send(frame)
            except OSError:
                time.sleep(0.01)
            n += 1
            if args.pause and n % 64 == 0:
                time.sleep(args.pause)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    p = sub.add_parser("frames", help=cmd_frames.__doc__)
    p.set_defaults(run=cmd_frames)
    for name, run in (("tcp", cmd_tcp), ("udp", cmd_udp)):
        p = sub.add_parser(name, help=run.__doc__)
        p.add_argument("client", help="namespace")
        p.add_argument("server", help="namespace")
        p.add_argument("address")
        p.add_argument("--port", type=int, default=7000)
        p.add_argument("--bind", help="the server's own address, if it is "
                       "another")
        p.add_argument("--bind-port", type=int, help="the same for its port")
        p.add_argument("--bytes", type=int, default=4 << 20)
        p.add_argument("--count", type=int, default=300)
        p.add_argument("--max-size", type=int, default=1452)
        p.add_argument("--show-peer", action="store_true",
                       help="print who the server thinks the client is")
        p.set_defaults(run=run)
    p = sub.add_parser("stream", help=cmd_stream.__doc__)
    p.add_argument("source", help="a device")
    p.add_argument("sink", help="another one")
    p.add_argument("--rate", type=float, default=1000, help="frames a second")
    p.add_argument("--max-size", type=int, default=1514)
    p.set_defaults(run=cmd_stream)
    p = sub.add_parser("flood", help=cmd_flood.__doc__)
    p.add_argument("device")
    p.add_argument("--flows", type=int, default=64)
    p.add_argument("--pause", type=float, default=0.001)
    p.set_defaults(run=cmd_flood)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
