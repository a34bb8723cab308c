#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Open vSwitch's own tables did with packets, and until when.

In debug mode, the daemon logs each flow of each PMD thread when it has added,
changed or deleted it.  So a packet that was sent after that line's time cannot
have found the flow as it was before."""

import calendar
import collections
import importlib.machinery
import os
import re
import time

offload = importlib.machinery.SourceFileLoader(
    "system_offload",
    os.path.join(os.path.dirname(__file__), "offload.py")
).load_module()
appctl = offload.appctl

ROTATE = 32 << 20           # Bytes of the log, until another file begins.

LINE = re.compile(
    r"(\S+)Z\|\d+\|dpif(?:_netdev)?(?:\((\S+)\))?\|DBG\|(?:\S+: )?"
    r"(flow_add:|flow_mod:|flow_del) ufid:(\S+) (.*)")
# A PMD thread can meet the key of a flow that is just being deleted.
WARNING = re.compile(r"\|(?!timeval[|(])[^|]+\|(?:WARN|ERR|EMER)\|"
                     r"(?!.*(?:to quiesce$|ukey installation fails))")

Flow = collections.namedtuple("Flow", "kinds treatment")


class NotUnderstood(Exception):
    pass


def masked(key, name, convert):
    """Value and mask of a field of a flow, as datapaths write flows."""
    m = re.search(rf"[(,]{name}=([^/,)]+)(?:/([^,)]+))?", key)
    if not m:
        return 0, 0
    return convert(m[1]), convert(m[2]) if m[2] else -1


def address(text):
    """The last two bytes of an IPv4 address."""
    _, _, high, low = map(int, text.split("."))
    return high << 8 | low


class Tables:
    """Packets come in 'kinds' (dst, tos).  A treatment is (generation, sinks):
    the sender's address that a packet gets, and a bit for each of the ports
    'sinks' that it is sent to."""

    def __init__(self, kinds, source, sinks):
        self.kinds = kinds
        ports = dict(re.findall(r"^ *port (\d+): (\w+) ",
                                appctl("dpctl/show"), re.M))
        self.source = next(p for p in ports if ports[p] == source)
        self.bits = {p: 1 << sinks.index(ports[p])
                     for p in ports if ports[p] in sinks}
        self.flows = collections.defaultdict(dict)  # Flow by ufid and PMD.
        self.n_deleted = collections.Counter()      # By ufid: of these flows.
        # How many flows do so, and when one last ended: by kind, treatment.
        self.n_alive = {kind: collections.Counter() for kind in kinds}
        self.ended = {kind: {} for kind in kinds}
        self.n_changes = 0
        self.warnings = []          # The test looks at the last file only.
        self.rest = ""
        self.path = os.path.join(os.environ["OVS_LOGDIR"], "ovs-vswitchd.log")
        self.log = open(self.path, encoding="utf-8")
        appctl("vlog/disable-rate-limit", "dpif", "dpif_netdev")
        appctl("vlog/set", "dpif:file:dbg", "dpif_netdev:file:dbg")

    def stop(self):
        """What has been logged until now is known then."""
        appctl("vlog/set", "dpif:file:info", "dpif_netdev:file:info")
        self.rotate()

    def rotate(self):
        old = self.path + ".old"
        os.rename(self.path, old)
        appctl("vlog/reopen")
        self.read_lines()
        self.log.close()
        self.log = open(self.path, encoding="utf-8")

    def read(self):
        self.read_lines()
        if self.log.tell() > ROTATE:
            self.rotate()

    def read_lines(self):
        lines = (self.rest + self.log.read()).split("\n")
        self.rest = lines.pop()
        for line in lines:
            if "flow_dump" in line:
                continue
            m = LINE.match(line)
            if m:
                self.take(*m.groups())
            elif WARNING.search(line):
                self.warnings.append(line)

    def take(self, date, pmd, what, ufid, text):
        self.n_changes += 1
        whole, ms = date.split(".")
        when = 1000 * self.seconds(whole) + int(ms)
        if what == "flow_del":
            self.delete(ufid, when)
        elif what == "flow_mod:":
            key, old, new = re.match(
                r"(.*), old_actions:(.*), actions:(.*)", text).groups()
            if ufid in self.flows:
                self.modify(ufid, self.treatment(old), self.treatment(new),
                            when)
        elif f"in_port({self.source})" in text and "eth_type(0x0800)" in text:
            key, actions = text.split(", actions:")
            self.add(pmd, ufid, Flow(self.matching(key),
                                     self.treatment(actions)), when)

    @staticmethod
    def seconds(date, cache={}):
        """Since the epoch.  Dates of lines are mostly the same."""
        if date not in cache:
            cache.clear()
            cache[date] = calendar.timegm(
                time.strptime(date, "%Y-%m-%dT%H:%M:%S"))
        return cache[date]

    def matching(self, key):
        dst, dst_mask = masked(key, "dst", address) \
            if "ipv4(" in key else (0, 0)
        tos, tos_mask = masked(key, "tos", lambda s: int(s, 0))
        return [(d, t) for d, t in self.kinds
                if not (d ^ dst) & dst_mask and not (t ^ tos) & tos_mask]

    def treatment(self, actions):
        if actions == "drop":
            return 0, 0
        m = re.fullmatch(r"set\(eth\(src=02:00:([\da-f:]+)\)\)((?:,\d+)+)",
                         actions)
        if not m:
            raise NotUnderstood(actions)
        return (int(m[1].replace(":", ""), 16),
                sum(self.bits[port] for port in m[2].split(",")[1:]))

    # Flows.  Deletion is logged after it, without the PMD thread's name, maybe
    # even after the thread has a flow of this name anew; a change, without
    # that name, too.  So if threads' flows of a name differ, none of them is
    # known to have ended before all have.

    def begin(self, flow):
        for kind in flow.kinds:
            self.n_alive[kind][flow.treatment] += 1

    def end(self, flow, when):
        for kind in flow.kinds:
            self.n_alive[kind][flow.treatment] -= 1
            self.ended[kind][flow.treatment] = when

    def add(self, pmd, ufid, flow, when):
        flows = self.flows[ufid]
        if pmd in flows:
            if len({f.treatment for f in flows.values()}) == 1:
                self.end(flows[pmd], when)
                self.n_deleted[ufid] -= 1
            else:
                flows[pmd, self.n_changes] = flows[pmd]
        flows[pmd] = flow
        self.begin(flow)

    def modify(self, ufid, old, new, when):
        for pmd, flow in self.flows[ufid].items():
            if flow.treatment == old:
                self.flows[ufid][pmd] = Flow(flow.kinds, new)
                self.begin(self.flows[ufid][pmd])
                self.end(flow, when)
                return
        raise NotUnderstood(f"flow_mod: ufid:{ufid} from {old} to {new}")

    def delete(self, ufid, when):
        """Of several PMD threads' flows it is not known which one goes, before
        all have."""
        if ufid not in self.flows:
            return
        self.n_deleted[ufid] += 1
        if self.n_deleted[ufid] == len(self.flows[ufid]):
            for flow in self.flows.pop(ufid).values():
                self.end(flow, when)
            del self.n_deleted[ufid]

    def treatments_since(self, kind, when):
        """All that a flow has done with such packets at that time or later."""
        n_alive = self.n_alive[kind]
        return [t for t in n_alive
                if n_alive[t] or self.ended[kind][t] >= when]

    def forget(self, when):
        """Nobody asks for an earlier time."""
        for kind, n_alive in self.n_alive.items():
            for t in list(n_alive):
                if not n_alive[t] and self.ended[kind][t] < when:
                    del n_alive[t], self.ended[kind][t]
