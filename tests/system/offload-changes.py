#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic while what the switch does changes: no packet that is sent after a
change is through may be treated as before it."""

import argparse
import array
import collections
import importlib.machinery
import os
import re
import select
import struct
import subprocess
import sys
import threading
import time

offload = importlib.machinery.SourceFileLoader(
    "system_offload",
    os.path.join(os.path.dirname(__file__), "offload.py")
).load_module()
appctl = offload.appctl
run = offload.run

TIMEOUT = 60               # Until something that must happen has happened.
N_PORTS = 16                # UDP ports of each flow: enough for all queues.
BURST = 64                  # Packets between two pauses.


class Problem(Exception):
    pass


def wait_for(what, condition):
    deadline = time.time() + TIMEOUT
    while not condition():
        if time.time() > deadline:
            raise Problem(f"{what}: not within {TIMEOUT} s")
        time.sleep(0.05)


def revalidate():
    """Until revalidators have looked at all flows.  A call returns at the end
    of the round that is under way, which may have begun before the change."""
    appctl("revalidator/wait")
    appctl("revalidator/wait")


def checksum(data):
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    n = (n >> 16) + (n & 0xffff)
    return ~(n + (n >> 16)) & 0xffff


def udp_header(dst, tos, port):
    """A packet to 10.2.x.y without its payload, which is 16 bytes."""
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 44, 0, 0, 64, 17, 0,
                     bytes((10, 1, 1, 1)),
                     bytes((10, 2, dst >> 8, dst & 255)))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return (bytes.fromhex("0200000000aa" "020000000001" "0800") + ip
            + struct.pack("!HHHH", 20000 + port, 7777, 24, 0))


IS_UDP = struct.pack("!H", 7777)
TOS, PAYLOAD = 15, 42       # Offsets in a packet.


class Flood:
    """Numbered packets of each of 'kinds' (dst, tos) from all UDP ports, one
    after the other, and where they arrive."""

    def __init__(self, kinds, sinks, pause, n_ports=N_PORTS):
        self.heads = [udp_header(dst, tos, port) for port in range(n_ports)
                      for dst, tos in kinds]
        self.kinds = kinds * n_ports
        self.source = offload.AllDevice("ns0:e0")
        self.sinks = [offload.AllDevice(s) for s in sinks]
        self.pause = pause
        self.next = 0
        self.sent_at = array.array("Q")     # In ms, by number.
        self.got = []               # (sink, number, frame), as they come.
        self.ended = False
        self.threads = [threading.Thread(target=self.send),
                        threading.Thread(target=self.receive)]

    def kind(self, number):
        return self.kinds[number % len(self.kinds)]

    def send(self):
        while not self.ended:
            number = self.next
            self.sent_at.append(int(time.time() * 1000))
            self.next += 1
            self.source.send(self.heads[number % len(self.heads)]
                             + struct.pack("!QQ", number, 0))
            if not number % BURST:
                time.sleep(self.pause)

    def take(self, i):
        """All that waits at sink number 'i'."""
        sock = self.sinks[i].sock
        while True:
            try:
                frame = sock.recv(2048)
            except BlockingIOError:
                return
            if frame[36:38] == IS_UDP:
                number, = struct.unpack_from("!Q", frame, PAYLOAD)
                self.got.append((i, number, frame))

    def receive(self):
        socks = [s.sock for s in self.sinks]
        while not self.ended:
            for sock in select.select(socks, [], [], 0.05)[0]:
                self.take(socks.index(sock))

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        for t in self.threads:
            t.join()

    def wait_sent(self, n):
        """Until as many more have been sent, and have arrived if they ever
        will: those behind them have."""
        behind = self.next + n
        wait_for("packets are sent", lambda: self.next >= behind)


def flows_by_pmd():
    """How many flows from port p0 each PMD thread has a copy of."""
    counts = collections.Counter()
    pmd = None
    for line in appctl("dpctl/dump-flows", "--names").splitlines():
        m = re.match(r"flow-dump from pmd on cpu core: (\d+)", line)
        pmd = m[1] if m else pmd
        counts[pmd] += "in_port(p0)" in line
    return counts


def kernel_flows():
    m = re.search(r"flows in the kernel: (\d+)",
                  appctl("afxdp/offload-show", "p0"))
    return int(m[1]) if m else 0


def copy_flows(n, n_pmds):
    """Makes each PMD thread have copies of (nearly: which queue gets a packet
    is chance) 'n' flows, and brings these into the kernel."""
    run("ovs-vsctl", "set", "interface", "p0", "options:xdp-offload=false")

    def copied():
        counts = flows_by_pmd()
        if len(counts) == n_pmds and min(counts.values()) >= 0.9 * n:
            return True
        # Revalidators keep what they know of a flow that dpctl has deleted
        # until something changes, and until then a PMD thread gets no other.
        appctl("fdb/flush", "br0")
        time.sleep(0.2)
        return False

    wait_for("copies on all PMD threads", copied)
    run("ovs-vsctl", "set", "interface", "p0", "options:xdp-offload=true")
    wait_for("flows in the kernel", lambda: in_kernel(n))


def in_kernel(n):
    return kernel_flows() >= n and offload.settled()


def old_flows():
    """Flows of PMD threads that do not look at the TOS."""
    return re.findall(r"in_port\(p0\).*\bipv4\(((?!.*\btos=).*?)\)"
                      r".*actions:(?!drop)",
                      appctl("dpctl/dump-flows", "--names"))


def cmd_mask(args):
    """All flows have copies on all PMD threads.  A rule comes that makes them
    look at one bit more, and drops what has it.  What no PMD thread has any
    more, the kernel does not forward by.  (Open vSwitch itself can leave an
    old flow behind when its revalidators have looked at all.)"""
    n = args.flows
    run("ovs-ofctl", "del-flows", "br0")
    run("ovs-ofctl", "add-flows", "br0", "-", text="\n".join(
        f"priority=10,in_port=p0,ip,nw_dst=10.2.{i >> 8}.{i & 255},actions=p1"
        for i in range(n)))
    tos = 0xb8
    kinds = [(i, t) for i in range(n) for t in (0, tos)]
    stale = []
    left_behind = set()
    with Flood(kinds, ["ns1:e1"], 0.002) as flood:
        for i in range(args.changes):
            copy_flows(n, args.pmds)
            assert len(old_flows()) >= n
            run("ovs-ofctl", "add-flow", "br0", f"priority=100,in_port=p0,ip,"
                f"nw_tos={tos},actions=drop")
            revalidate()
            left_behind.update(old_flows())
            wait_for("no PMD thread has an old flow", lambda: not old_flows())
            first = flood.next
            came_back = set()
            wait_for("new flows in the kernel",
                     lambda: came_back.update(old_flows()) or in_kernel(n))
            flood.wait_sent(2 * len(flood.heads))
            behind = flood.next
            flood.wait_sent(len(flood.heads))
            came_back.update(old_flows())
            stale += [number for _, number, frame in flood.got
                      if first <= number < behind and frame[TOS] == tos
                      and not came_back]
            left_behind |= came_back
            flood.got.clear()
            run("ovs-ofctl", "--strict", "del-flows", "br0",
                f"priority=100,in_port=p0,ip,nw_tos={tos}")
            revalidate()
    if stale:
        print(f"{len(stale)} packets arrived although a rule drops them")
    print(f"sent {flood.next}; old flows that Open vSwitch left behind: "
          f"{len(left_behind)}", file=sys.stderr)
    return bool(stale)


def copies():
    """The copies of IPv4 flows from port p0, as dpctl writes them."""
    return re.findall(r"^(ufid:.*in_port\(p0\).*eth_type\(0x0800\).*?), "
                      r"packets:", appctl("dpctl/dump-flows", "--names", "-m"),
                      re.M)


def odp_port(name):
    return re.search(rf"^ *port (\d+): {name} ", appctl("dpctl/show"), re.M)[1]


def went(flood, first, behind, sink):
    return sum(first <= number < behind and i == sink
               for i, number, _ in flood.got)


def cmd_dpctl(args):
    """dpctl makes a flow output to another port, and deletes that."""
    run("ovs-ofctl", "del-flows", "br0")
    run("ovs-ofctl", "add-flow", "br0", "in_port=p0,ip,actions=p1")
    p2 = odp_port("p2")
    problems = []

    def check(commands, wrong):
        """After the commands, no packet goes there."""
        for c in commands:
            # Of several PMD threads, one that has no such copy is an error.
            subprocess.run(["ovs-appctl"] + c, stderr=subprocess.DEVNULL)
        first = flood.next
        flood.wait_sent(2000)
        wait_for("the flow in the kernel", lambda: in_kernel(1))
        flood.wait_sent(2000)
        behind = flood.next
        flood.wait_sent(1000)
        n = went(flood, first, behind, wrong)
        if n:
            problems.append(f"{n} packets went the old way after {commands}")
        if not went(flood, first, behind, 1 - wrong):
            problems.append(f"no packet went the new way after {commands}")
        flood.got.clear()

    with Flood([(1, 0)], ["ns1:e1", "ns2:e2"], 0.002) as flood:
        for i in range(args.changes):
            copy_flows(1, args.pmds)
            flows = copies()
            # Without a name, dpctl makes one up, by which nothing is deleted.
            named = [f if i % 2 else re.sub("^ufid:[^,]*,", "", f)
                     for f in flows]
            check([["dpctl/mod-flow", flow, p2] for flow in named], wrong=0)
            check([["dpctl/del-flow", flow] for flow in flows]
                  if i % 3 < 2 else [["dpctl/del-flows"]], wrong=1)
    print(*problems, sep="\n", end="\n" if problems else "")
    return bool(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    p = sub.add_parser("mask", help=cmd_mask.__doc__)
    p.add_argument("--flows", type=int, default=200)
    p.add_argument("--changes", type=int, default=3)
    p.add_argument("--pmds", type=int, default=2)
    p.set_defaults(run=cmd_mask)
    p = sub.add_parser("dpctl", help=cmd_dpctl.__doc__)
    p.add_argument("--changes", type=int, default=6)
    p.add_argument("--pmds", type=int, default=2)
    p.set_defaults(run=cmd_dpctl)
    args = parser.parse_args()
    try:
        return args.run(args)
    except Problem as problem:
        print(problem)
        print(appctl("afxdp/offload-show"), appctl("dpctl/dump-flows", "-m"),
              file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
