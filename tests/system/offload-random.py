#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""OpenFlow rules and groups that change at random, under traffic.

Each packet, whether it arrives or not, must be treated as some flow of the PMD
threads' own tables treats such packets when it is sent or later, or, as it may
be the first of a flow, as OpenFlow's tables do.  A PMD thread's flow can be
outdated.  That is counted, but it is Open vSwitch's business."""

import argparse
import collections
import importlib.machinery
import os
import random
import re
import sys
import time


def load(name):
    return importlib.machinery.SourceFileLoader(
        name.replace("-", "_"),
        os.path.join(os.path.dirname(__file__), name + ".py")).load_module()


offload = load("offload")
changes = load("offload-changes")
log = load("offload-log")
appctl = offload.appctl
run = offload.run

N_DSTS = 64
TOSES = 0, 0x20, 0xb8
N_PORTS = 4                 # UDP ports of each kind: enough for all queues.
N_GROUPS = 4
MAX_RULES = 30
BATCH = 120                 # Changes of one step, at most; mostly far fewer.
WAITS = (0,) * 50 + (1000,) * 20 + (6000,) * 5     # Packets between steps.
PATIENCE = 20000            # Packets behind one that may still come.
DROP = 0, 0


class Rule:
    """An OpenFlow rule.  It does what its group does, if it has one."""

    def __init__(self, priority, dst, wild, tos):
        self.priority = priority
        self.dst = dst & ~wild
        self.wild = wild
        self.tos = tos
        self.treatment = DROP
        self.group = 0

    @classmethod
    def draw(cls, priority):
        """A rule that looks at TOS comes seldom and makes all flows behind it
        look at that, too."""
        tos = random.choice((None,) * 60 + TOSES)
        return cls(priority + 1000 * (tos is not None),
                   random.randrange(N_DSTS),
                   random.choice((0, 0, 1, 7, 15, 63,
                                  random.randrange(N_DSTS))), tos)

    def changed(self, generation, groups):
        """A copy that does something else."""
        rule = Rule(self.priority, self.dst, self.wild, self.tos)
        if groups and random.random() < 0.2:
            rule.group = random.choice(list(groups))
        else:
            rule.treatment = draw_treatment(generation)
        return rule

    def kinds(self):
        """All that it matches."""
        toses = TOSES if self.tos is None else (self.tos,)
        return [(d, t) for d in range(self.dst, N_DSTS)
                if d & ~self.wild == self.dst for t in toses]

    def match(self):
        tos = "" if self.tos is None else f"nw_tos={self.tos},"
        return (f"table=1,priority={self.priority},ip,{tos}nw_dst=10.2.0."
                f"{self.dst}/255.255.255.{255 & ~self.wild}")

    def actions(self):
        return (f"group:{self.group}" if self.group
                else ",".join(actions(self.treatment)) or "drop")


def draw_treatment(generation):
    sinks = random.randrange(4)
    return (generation, sinks) if sinks else DROP


def actions(treatment):
    generation, sinks = treatment
    source = generation.to_bytes(4, "big").hex(":")
    outputs = [f"output:p{i + 1}" for i in range(2) if sinks & 1 << i]
    return [f"set_field:02:00:{source}->eth_src"] + outputs if outputs else []


class Model:
    """OpenFlow table 1 and the groups."""

    def __init__(self, kinds):
        self.kinds = kinds
        self.rules = {}             # By priority.
        self.groups = {}            # Treatment by number.
        self.generation = 0x100     # None of the hosts' own addresses.

    def treatments(self):
        """By kind, at this time."""
        result = dict.fromkeys(self.kinds, DROP)
        for _, rule in sorted(self.rules.items()):
            result.update(dict.fromkeys(
                rule.kinds(), self.groups[rule.group] if rule.group
                else rule.treatment))
        return result

    def change(self, may_be_group):
        """Changes something and returns how ovs-ofctl writes it."""
        self.generation += 1
        if may_be_group and random.random() < 0.1:
            return self.change_group()
        what = random.choice(("add", "add", "modify", "modify", "delete"))
        if what == "add" and len(self.rules) < MAX_RULES or not self.rules:
            rule, what = Rule.draw(self.draw_priority()), "add"
        else:
            rule = random.choice(list(self.rules.values()))
            if what == "delete":
                del self.rules[rule.priority]
                return f"delete_strict {rule.match()}"
            what = "modify_strict"
        rule = rule.changed(self.generation, self.groups)
        self.rules[rule.priority] = rule
        return f"{what} {rule.match()},actions={rule.actions()}"

    def draw_priority(self):
        while True:
            priority = random.randrange(1, 1000)
            if not {priority, priority + 1000} & set(self.rules):
                return priority

    def change_group(self):
        """Rules go with their group."""
        group = random.randint(1, N_GROUPS)
        if group in self.groups and random.random() < 0.2:
            del self.groups[group]
            self.rules = {p: r for p, r in self.rules.items()
                          if r.group != group}
            return f"group delete group_id={group}"
        what = "modify" if group in self.groups else "add"
        self.groups[group] = draw_treatment(self.generation)
        buckets = self.draw_buckets(actions(self.groups[group]))
        return f"group {what} group_id={group},{buckets}"

    @staticmethod
    def draw_buckets(acts):
        """One bucket for all outputs, or one for each."""
        if not acts:
            return "type=all"
        if random.random() < 0.5:
            return f"type=all,bucket=actions={','.join(acts)}"
        return "type=all" + "".join(f",bucket=actions={acts[0]},{output}"
                                    for output in acts[1:])


class Period:
    """Packets from number 'first' on, for which the OpenFlow tables have had
    'treatments' (sets by kind)."""

    def __init__(self, first, models, is_through):
        self.first = first
        self.treatments = collections.defaultdict(set)
        for model in models:
            for kind, treatment in model.items():
                self.treatments[kind].add(treatment)
        # Have revalidators looked at all flows since the last change?
        self.is_through = is_through


class RandomChanges:
    def __init__(self):
        self.kinds = [(d, t) for d in range(N_DSTS) for t in TOSES]
        self.model = Model(self.kinds)
        self.periods = [Period(0, [self.model.treatments()], False)]
        self.tables = log.Tables(self.kinds, "p0", ["p1", "p2"])
        self.n_changes = 0
        self.next = 0               # Number of the next packet to judge.
        self.treatments = collections.defaultdict(lambda: DROP)
        self.n_outdated = self.n_lost = 0
        self.problems = []

    def step(self, flood):
        """Some changes, at once or one after the other."""
        bundle = random.random() < 0.7
        models = [self.model.treatments()]
        lines = []
        for _ in range(int(BATCH ** random.random())):
            lines.append(self.model.change(bundle))
            models.append(self.model.treatments())
        self.n_changes += len(lines)
        self.periods.append(Period(flood.next, models, False))
        if bundle:
            lines = [line if line.startswith("group") else "flow " + line
                     for line in lines]
        run("ovs-ofctl", "-O", "OpenFlow14", "bundle" if bundle
            else "add-flows", "br0", "-", text="\n".join(lines))
        self.periods.append(Period(flood.next, models[-1:], False))
        if random.random() < 0.1:
            changes.revalidate()
            self.periods.append(Period(flood.next, models[-1:], True))

    @staticmethod
    def copy(flood):
        """Lets each PMD thread have flows for packets of its own."""
        appctl("afxdp/offload-flush")
        flood.wait_sent(len(flood.heads))

    def take(self, flood):
        """What arrived: of each packet where, and by what."""
        n = len(flood.got)
        got, flood.got[:n] = flood.got[:n], []
        for sink, number, frame in got:
            generation, sinks = self.treatments[number]
            self.treatments[number] = (int.from_bytes(frame[8:12], "big"),
                                       sinks | 1 << sink)

    def judge(self, flood, end):
        """All packets up to number 'end'."""
        self.take(flood)
        self.tables.read()
        while self.next < end:
            self.judge_packet(flood, self.next,
                              self.treatments.pop(self.next, DROP))
            self.next += 1
        if end:
            self.tables.forget(flood.sent_at[end - 1])

    def judge_packet(self, flood, number, treatment):
        kind, sent_at = flood.kind(number), flood.sent_at[number]
        while len(self.periods) > 1 and self.periods[1].first <= number:
            self.periods.pop(0)
        if any(treatment in p.treatments[kind] for p in self.periods):
            return
        right = self.tables.treatments_since(kind, sent_at)
        if treatment in right:
            self.n_outdated += self.periods[0].is_through
            return
        for p in self.periods:
            right += p.treatments[kind]
        lost = [t[1] & ~treatment[1] for t in right
                if treatment == DROP or t[0] == treatment[0]]
        if lost:
            self.n_lost += 1
        else:
            self.problems.append(
                f"change {self.n_changes}: packet {number} {kind}, sent at "
                f"{sent_at}, was treated as {treatment} and not one of "
                f"{sorted(set(right))}; flows did that until "
                f"{self.tables.ended[kind].get(treatment)}")


def table_0():
    """Packets that its only flow has counted."""
    appctl("revalidator/wait")
    return int(re.search(r"n_packets=(\d+)", run(
        "ovs-ofctl", "dump-flows", "br0", "table=0"))[1])


def change(args, flood, rc):
    while rc.n_changes < args.changes and not rc.problems:
        if random.random() < 0.1:
            rc.copy(flood)
        rc.step(flood)
        flood.wait_sent(int(random.choice(WAITS) * random.random()))
        rc.judge(flood, max(rc.next, flood.next - PATIENCE))
        if args.verbose:
            print(f"{rc.n_changes} changes, {flood.next} packets",
                  file=sys.stderr)


def finish(flood, rc):
    """When all has arrived that ever will."""
    time.sleep(offload.QUIET)
    for i in range(2):
        flood.take(i)
    rc.tables.stop()
    rc.judge(flood, flood.next)
    rc.problems += rc.tables.warnings
    if rc.n_lost:
        rc.problems.append(f"{rc.n_lost} packets were lost")


def check_counters(args, n_sent, hits, rc):
    """Open vSwitch itself can miss packets when it changes flows, but counts
    none twice.  Returns how many it has missed."""
    if hits < n_sent / 10 and not args.no_offload:
        rc.problems.append(f"only {hits} packets were of flows in the kernel")
    offload.wait_for(lambda: table_0() == n_sent)
    n_missed = n_sent - table_0()
    if not 0 <= n_missed <= n_sent / 100:
        rc.problems.append(f"{n_missed} packets are not counted")
    return n_missed


def set_up(args):
    run("ovs-ofctl", "del-flows", "br0")
    run("ovs-ofctl", "add-flow", "br0",
        "table=0,in_port=p0,udp,actions=resubmit(,1)")
    if args.no_offload:
        run("ovs-vsctl", "set", "interface", "p0", "options:xdp-offload=false")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--no-offload", action="store_true")
    parser.add_argument("--pause", type=float, default=0.02)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    seed = args.seed or random.randrange(1, 1 << 32)
    random.seed(seed)
    print(f"seed {seed}", file=sys.stderr)
    set_up(args)
    rc = RandomChanges()
    hits = offload.kernel_counters()[0]
    with changes.Flood(rc.kinds, ["ns1:e1", "ns2:e2"], args.pause,
                       N_PORTS) as flood:
        change(args, flood, rc)
        flood.wait_sent(1000)
    finish(flood, rc)
    hits = offload.kernel_counters()[0] - hits
    n_missed = check_counters(args, flood.next, hits, rc)
    print(*rc.problems[:20], sep="\n", end="\n" if rc.problems else "")
    if rc.problems:
        print(appctl("afxdp/offload-show"), appctl("dpctl/dump-flows", "-m"),
              file=sys.stderr)
    print(f"seed {seed}: {rc.n_changes} changes, {rc.tables.n_changes} of "
          f"flows; {flood.next} packets, {hits} of flows in the kernel; "
          f"Open vSwitch treated {rc.n_outdated} by flows of its own that "
          f"were outdated, and did not count {n_missed}", file=sys.stderr)
    return bool(rc.problems)


if __name__ == "__main__":
    sys.exit(main())
