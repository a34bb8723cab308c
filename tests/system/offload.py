#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system tests of flow offload send, and what they compare."""

import argparse
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

net = importlib.machinery.SourceFileLoader(
    "system_net", os.path.join(os.path.dirname(__file__), "net.py")
).load_module()

TIMEOUT = 20                # Until something that must happen has happened.
QUIET = 0.3                 # Without a frame: they have all arrived.


def run(*command, text=None):
    return subprocess.run(command, check=True, input=text, text=True,
                          stdout=subprocess.PIPE).stdout


def appctl(*args):
    return run("ovs-appctl", *args)


class AllDevice(net.Device):
    """A device all of whose frames count: hosts and ports must be mute."""

    def __init__(self, name):
        super().__init__(name)
        self.filtered = False


def poll(devices, timeout):
    socks = {d.sock: d for d in devices}
    for sock in select.select(list(socks), [], [], timeout)[0]:
        socks[sock].receive()


def wait_quiet(devices):
    """Until nothing has arrived for a while."""
    n, since = -1, time.time()
    while time.time() - since < QUIET:
        poll(devices, 0.05)
        if n != sum(d.n_received for d in devices):
            n, since = sum(d.n_received for d in devices), time.time()


def wait_for(condition):
    deadline = time.time() + TIMEOUT
    while not condition() and time.time() < deadline:
        time.sleep(0.05)


def settled():
    """Has all been done that flow offload was asked for?"""
    return ("no flow offload" in appctl("afxdp/offload-show")
            or re.search(r"Enqueued offloads: +0$",
                         appctl("dpctl/offload-stats-show"), re.M)
            and "being changed" not in appctl("afxdp/offload-show"))


def openflow_counters():
    """Packets and bytes by flow, with all that the datapath knows."""
    appctl("revalidator/wait")
    counters = collections.Counter()
    for line in run("ovs-ofctl", "--no-names", "dump-flows",
                    "br0").splitlines():
        m = re.search(r"(table=\d+,) n_packets=(\d+), n_bytes=(\d+),"
                      r"(?: \w+_age=\d+,)* *(.*)", line)
        if m:
            counters[m[1] + m[4]] = (int(m[2]), int(m[3]))
    return counters


def kernel_counters():
    """Sums over all ports: packets forwarded or dropped in the kernel, and
    those that went to user space."""
    hits = others = 0
    for m in re.finditer(r"packets: (\d+) cache hits, (\d+) masked hits; "
                         r"(\d+) misses, (\d+) not parsed and (\d+) not "
                         r"rewritten", appctl("afxdp/offload-show")):
        n = list(map(int, m.groups()))
        hits += sum(n[:2])
        others += sum(n[2:])
    return hits, others


def n_processed():
    """Packets that the kernel or a PMD thread has done with, since the
    daemon's start."""
    return kernel_counters()[0] + sum(
        int(n) for n in re.findall(r"packets received: (\d+)",
                                   appctl("dpif-netdev/pmd-stats-show")))


class Table:
    """One OpenFlow table and the frames that are sent through it:

    table NAME
    vsctl ARGS               before (each line)
    undo ARGS                ovs-vsctl afterwards
    fdb PORT VLAN MAC        an address that the bridge has learned
    flow FLOW
    ns0:e0 > EXPRESSION      send this frame, or list of frames
    kernel N of M            so many of M frames are forwarded in the kernel
    reason PORT TEXT         how the reason why others are not begins"""

    def __init__(self, name):
        self.name = name
        self.lines = collections.defaultdict(list)
        self.frames = []

    def prepare(self):
        """The same state at the beginning of each pass."""
        appctl("fdb/flush", "br0")
        run("ovs-ofctl", "del-flows", "br0")
        for args in self.lines["vsctl"]:
            run("ovs-vsctl", *args.split())
        for args in self.lines["fdb"]:
            appctl("fdb/add", "br0", *args.split())
        run("ovs-ofctl", "-O", "OpenFlow13", "add-flows", "br0",
            "-", text="\n".join(self.lines["flow"]))
        appctl("revalidator/purge")

    def end(self):
        for args in self.lines["undo"]:
            run("ovs-vsctl", *args.split())

    def send(self, devices):
        for name, frame in self.frames:
            next(d for d in devices if d.name == name).send(frame)
            poll(devices, 0)

    def run_pass(self, devices, rounds):
        """Returns what arrived in all rounds together, the OpenFlow counters
        and what the kernel did in the last round."""
        self.prepare()
        for d in devices:
            d.received.clear()
        for i in range(rounds):
            if i:
                appctl("revalidator/wait")
                wait_for(settled)
            before = kernel_counters()
            behind = n_processed() + len(self.frames)
            self.send(devices)
            wait_for(lambda behind=behind: n_processed() >= behind)
            wait_quiet(devices)
        after = kernel_counters()
        received = {d.name: d.received.copy() for d in devices}
        return received, (after[0] - before[0], after[1] - before[1])

    def reasons(self):
        for line in self.lines["reason"]:
            port, text = line.split(None, 1)
            if f": {text}" not in appctl("afxdp/offload-show", port):
                yield f"port {port} does not say \"{text}\""


def read_tables(names):
    tables = []
    for line in sys.stdin.read().replace("\\\n", " ").splitlines():
        verb, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if verb == "table":
            tables.append(Table(rest))
        elif rest.startswith("> "):
            tables[-1].frames += [(verb, f)
                                  for f in net.frames_of(rest[2:], names)]
        elif verb in ("vsctl", "undo", "fdb", "flow", "kernel", "reason"):
            tables[-1].lines[verb].append(rest)
        else:
            raise ValueError(f"what is \"{line}\"?")
    return tables


def differences(off, on):
    """Of two dictionaries by device of what arrived."""
    for name, expected in off.items():
        for what, frames in (("missing", expected - on[name]),
                             ("unexpected", on[name] - expected)):
            for frame, n in list(frames.items())[:3]:
                yield (f"{name}: {what} with offload ({n} times):"
                       f" {frame[:200].hex()}\n    {net.summary(frame)}")


def cmd_tables(args):
    """Sends frames through tables without flow offload, then with it, and
    compares what arrives and what the OpenFlow flows count.  Standard input
    has the tables."""
    names = net.scapy_names()
    tables = read_tables(names)
    devices = [AllDevice(f"ns{i}:e{i}") for i in range(args.hosts)]
    off = {}
    for t in tables:
        off[t] = t.run_pass(devices, args.rounds)[0], openflow_counters()
        t.end()
    run("ovs-vsctl", "set", "Open_vSwitch", ".",
        "other_config:hw-offload=true")
    wait_for(lambda: "no flow offload" not in appctl("afxdp/offload-show"))

    n_problems = 0
    for t in tables:
        received, (hits, others) = t.run_pass(devices, args.rounds)
        problems = list(differences(off[t][0], received))
        problems += t.reasons()
        wait_for(lambda t=t: openflow_counters() == off[t][1])
        counters = openflow_counters()
        for flow in sorted(set(off[t][1]) | set(counters)):
            if off[t][1][flow] != counters[flow]:
                problems.append(f"{flow}: {off[t][1][flow]} without offload, "
                                f"{counters[flow]} with it")
        n = sum(sum(r.values()) for r in received.values())
        if not n:
            problems.append("nothing was forwarded")
        kernel = f"{hits} of {hits + others}"
        if kernel not in t.lines["kernel"]:
            problems.append(f"{kernel} frames were forwarded in the kernel, "
                            f"not {' '.join(t.lines['kernel'])}")
        if problems:
            print(f"{t.name}:", *problems, sep="\n  ")
            print(appctl("dpctl/dump-flows", "-m"),
                  appctl("afxdp/offload-show"))
        n_problems += len(problems)
        t.end()
    return bool(n_problems)


class Stream:
    """Numbered packets from one device to wherever the switch sends them."""

    def __init__(self, source, sinks, pause):
        self.source = AllDevice(source)
        self.sinks = [AllDevice(name) for name in sinks]
        self.pause = pause
        self.next = 0
        self.ended = False
        self.got = []           # (sink, number), as they come.
        self.threads = [threading.Thread(target=self.send),
                        threading.Thread(target=self.receive)]

    HEAD = bytes.fromhex("02000000000a" "020000000001" "88b5")

    def send(self):
        while not self.ended:
            self.next += 1
            self.source.send(self.HEAD + struct.pack("!Q", self.next - 1)
                             + bytes(60))
            time.sleep(self.pause)

    def take(self):
        for sink in self.sinks:
            for frame in sink.received.elements():
                if frame[:14] == self.HEAD:
                    self.got.append((sink, struct.unpack("!Q",
                                                         frame[14:22])[0]))
            sink.received.clear()

    def receive(self):
        while not self.ended:
            poll(self.sinks, 0.05)
            self.take()

    def start(self):
        for t in self.threads:
            t.start()

    def stop(self):
        """Returns when all that was sent has arrived, or never will."""
        self.ended = True
        for t in self.threads:
            t.join()
        deadline = time.time() + TIMEOUT
        while len(self.got) < self.next and time.time() < deadline:
            poll(self.sinks, 0.1)
            self.take()


def cmd_change(args):
    """Sends packets from host 0 to host 1 or 2 while OpenFlow changes which.
    A packet sent after a change is done must not go the old way, none may be
    lost or come twice, and the OpenFlow counters must have them all."""
    stream = Stream("ns0:e0", ["ns1:e1", "ns2:e2"], 0.0005)
    run("ovs-ofctl", "del-flows", "br0")
    run("ovs-ofctl", "add-flow", "br0",
        "priority=1,send_flow_rem,in_port=p0,actions=output:p1")
    stream.start()
    periods = []                # (first number, number behind, index of sink)
    for i in range(args.changes):
        hits = kernel_counters()[0]
        wait_for(lambda hits=hits: kernel_counters()[0] > hits + 50)
        if kernel_counters()[0] <= hits:
            print("no packet is forwarded in the kernel")
            return 1
        if periods:
            periods[-1] = periods[-1][0], stream.next, periods[-1][2]
        sink = (i + 1) % 2
        if args.delete:
            run("ovs-ofctl", "add-flow", "br0", f"priority={i + 2},"
                f"send_flow_rem,in_port=p0,actions=output:p{sink + 1}")
            run("ovs-ofctl", "--strict", "del-flows", "br0",
                f"priority={i + 1},in_port=p0")
        else:
            run("ovs-ofctl", "mod-flows", "br0",
                f"in_port=p0,actions=output:p{sink + 1}")
        for _ in range(2):      # The round under way began before.
            appctl("revalidator/wait")
        periods.append((stream.next, None, sink))
    time.sleep(0.1)
    stream.stop()

    problems = []
    for first, behind, index in periods:
        stale = [n for sink, n in stream.got
                 if first <= n < (behind or stream.next)
                 and sink is not stream.sinks[index]]
        if stale:
            problems.append(f"{len(stale)} packets went the old way, first"
                            f" {stale[0] - first} packets after the change")
    times = collections.Counter(n for _, n in stream.got)
    if max(times.values()) > 1:
        problems.append(f"{sum(n > 1 for n in times.values())} came twice")
    lost = stream.next - len(times)
    if lost:
        problems.append(f"{lost} of {stream.next} are lost")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"sent {stream.next}, received {len(stream.got)}",
          file=sys.stderr)
    return bool(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    p = sub.add_parser("tables", help=cmd_tables.__doc__)
    p.add_argument("--hosts", type=int, default=3)
    p.add_argument("--rounds", type=int, default=2)
    p.set_defaults(run=cmd_tables)
    p = sub.add_parser("change", help=cmd_change.__doc__)
    p.add_argument("--changes", type=int, default=8)
    p.add_argument("--delete", action="store_true",
                   help="add another and delete the old one")
    p.set_defaults(run=cmd_change)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
