# SPDX-License-Identifier: Apache-2.0
"""Tests of ovs-afxdp-bench that need its parts: see bench.at and
system-bench.at."""

import itertools
import json
import os
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__),
                                "../../../utilities"))

from bench import (forwarding, machine, main, plan, private,  # noqa: E402
                   table)
from bench.command import Failed  # noqa: E402
from bench.context import Context  # noqa: E402
from bench.process import Background  # noqa: E402
from bench.results import FORMAT, Results  # noqa: E402
from bench.scenarios import METRICS, SCENARIOS, Scenario  # noqa: E402
from bench.statistics import (judge_ratios, judge_runs,  # noqa: E402
                              paired_ratios, summarize)
from bench.switches import Bare, Switch  # noqa: E402
from bench.trials import Trials  # noqa: E402
from bench.variants import VARIANTS, Variant  # noqa: E402


def test_summaries():
    summary = summarize([3, 1, 2, 10])
    assert (summary.min, summary.median, summary.max) == (1, 2.5, 10)
    assert summary.wide
    assert not summarize([100, 110, 120]).wide
    assert not summarize([0, 0, 0]).wide


def test_ratios_are_paired():
    # Everything halves in the second repetition, which no ratio may see.
    assert paired_ratios({0: 4, 1: 2, 2: 6}, {0: 2, 1: 1, 2: 3}) == [2, 2, 2]
    assert paired_ratios({0: 4, 1: 2}, {1: 1, 2: 5}) == [2]
    assert paired_ratios({0: 4}, {0: 0}) == []


def test_verdicts():
    assert judge_ratios([1.1, 1.2, 1.3], "higher") == "better"
    assert judge_ratios([1.1, 1.2, 1.3], "lower") == "worse"
    assert judge_ratios([0.7, 0.8, 0.9], "higher") == "worse"
    assert judge_ratios([0.7, 0.8, 0.9], "lower") == "better"
    assert judge_ratios([0.9, 1.2, 1.3], "higher") == "inconclusive"
    assert judge_ratios([1.2, 1.3], "higher") == "inconclusive"


def test_verdicts_of_two_runs():
    # (old, new, verdict if higher is better)
    for old, new, verdict in (
            # Two runs of the same code, of three repetitions each.
            ((3.20, 3.15, 2.94), (2.35, 2.42, 2.35), "few"),
            ((1, 1, 1), (9, 9, 9, 9, 9), "few"),
            ((9, 9, 9, 9, 9), (1, 1, 1, 1), "few"),
            # A baseline, or another run, that is wider than what happened.
            ((1, 5, 6, 6, 7), (8, 8, 8, 8, 8), "inconclusive"),
            ((1, 1, 1, 1, 1), (2, 2, 2, 9, 9), "inconclusive"),
            ((1, 2, 3, 4, 5), (5, 6, 7, 8, 9), "inconclusive"),
            ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), "inconclusive"),
            ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), "inconclusive"),
            ((1, 2, 3, 4, 5), (6, 7, 8, 9, 10), "better"),
            ((6, 7, 8, 9, 10), (1, 2, 3, 4, 5), "worse"),
            ((1, 1, 1, 1, 1), (1.1, 1.1, 1.1, 1.1, 1.1), "better")):
        lower = {"better": "worse", "worse": "better"}.get(verdict, verdict)
        assert judge_runs(old, new, "higher") == verdict, (old, new)
        assert judge_runs(old, new, "lower") == lower, (old, new)


def test_nothing_is_claimed_of_noise():
    """Ten values of one distribution, as two runs in every possible way."""
    values = (0.81, 0.85, 0.88, 0.90, 0.91, 0.93, 0.94, 0.96, 1.01, 1.07)
    ways = [(old, [v for v in values if v not in old])
            for old in itertools.combinations(values, 5)]
    claims = sum(judge_runs(old, new, "higher") in ("better", "worse")
                 for old, new in ways)
    assert len(ways) == 252 and claims <= 2


def test_plan_is_interleaved():
    selection = plan.Selection(["debian-*", "ovs-afxdp"], VARIANTS, SCENARIOS)
    jobs = plan.make_plan(VARIANTS, SCENARIOS, selection, 2, quick=True)
    once = ["ovs-afxdp", "debian-afxdp", "debian-dpdk", "debian-af-packet"]
    assert [job.variant.name for job in jobs] == once * 2
    assert [job.repetition for job in jobs] == [0] * 4 + [1] * 4


def test_patterns():
    def chosen(*patterns):
        selection = plan.Selection(patterns, VARIANTS, SCENARIOS)
        return {(variant.name, scenario.name) for variant in VARIANTS
                for scenario in SCENARIOS
                if selection.takes(variant, scenario)}
    assert chosen("ovs-afxdp/rate") == {("ovs-afxdp", "rate")}
    assert len(chosen("ovs-afxdp")) == len(SCENARIOS)
    assert len(chosen("rate")) == len(VARIANTS)
    assert len(chosen("rate", "ovs-afxdp/rate")) == len(VARIANTS)
    assert len(chosen()) == len(SCENARIOS) * len(VARIANTS)
    try:
        chosen("*/nothing")
        assert False
    except Failed:
        pass


def test_exit_status():
    ours, theirs = {"variant": "ovs-afxdp"}, {"variant": "debian-dpdk"}
    for results, failures, status in (
            ([ours], [], 0), ([ours, theirs], [theirs], 0),
            ([ours, theirs], [ours], 1), ([theirs], [ours], 1),
            ([theirs], [theirs], 0), ([], [theirs], 1), ([], [], 1)):
        assert main.status(results, failures) == status


def test_tables_fit_together():
    names = {variant.name for variant in VARIANTS}
    for variant in VARIANTS:
        assert variant.reference is None or variant.reference in names
    for scenario in SCENARIOS:
        assert set(scenario.metrics) <= set(METRICS)
        assert set(scenario.quick) <= set(scenario.points)


def unit():
    for name, function in list(globals().items()):
        if name.startswith("test_"):
            function()
    print("ok")


def handmade(kernel, rates, references):
    return {"format": FORMAT,
            "machine": {"kernel": kernel, "cpu": "x", "cores": 2,
                        "architecture": "x86_64"},
            "variants": {name: {"reference": references.get(name)}
                         for name in rates},
            "scenarios": {"rate": {"x": "frame size (bytes)",
                                   "metrics": ["rate_pps", "user_ns",
                                               "kernel_share"]}},
            "results": [{"variant": name, "scenario": "rate", "point": 64,
                         "repetition": i, **metrics}
                        for name, values in rates.items()
                        for i, metrics in enumerate(values)]}


# Five repetitions on a machine that is as fast as ever, or half as fast.
STEADY, HALF = (1.0, 1.1, 0.9, 1.0, 1.05), (0.5, 0.55, 0.45, 0.5, 0.52)


def times(factor, machine, **steady):
    """What is 'factor' times as fast, on such a machine."""
    return [{"rate_pps": factor * n * 1e6, "user_ns": 100 / factor / n,
             **steady} for n in machine]


def files():
    """old.json and new.json: the switch is faster; slow.json: the machine is
    slower, and the switch only forwards less in the kernel."""
    references = {"ovs-afxdp": "debian-afxdp", "linux-bridge": "debian-afxdp",
                  "ovs-afxdp-offload": "xdp-redirect"}

    def results(kernel, machine, factor, share, few):
        rates = {"xdp-redirect": times(4, machine),
                 "ovs-afxdp-offload": times(3, machine, kernel_share=share),
                 "ovs-afxdp": times(factor, machine),
                 "debian-afxdp": times(1, machine),
                 "linux-bridge": times(1, machine)[:few]}
        return Results(handmade(kernel, rates, references))
    results("6.1", STEADY, 1, 1.0, 3).write("old.json")
    results("6.12", STEADY, 2, 1.0, 5).write("new.json")
    results("6.1", HALF, 1, 0.4, 3).write("slow.json")
    alone = results("6.1", HALF, 1, 1.0, 5)
    alone.data["variants"] = {"ovs-afxdp": {"reference": "debian-afxdp"}}
    alone.data["results"] = [result for result in alone.data["results"]
                             if result["variant"] == "ovs-afxdp"]
    alone.write("alone.json")


class Script(Switch):
    """This file's forward(), which is slow, or loses, or forwards nothing."""

    def add_ports(self, ports):
        self.process = Background([sys.executable, __file__, "forward",
                                   self.variant.command, *ports],
                                  ready="ready")

    def stop(self):
        self.process.kill()


def forward(lose, source, sink):
    """Loses each frame whose number is divisible by 'lose'; 0: none."""
    def link(name):
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(3))
        link.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        link.bind((name, 0))
        return link
    incoming, outgoing, n = link(source), link(sink), 0
    print("ready", file=sys.stderr, flush=True)
    while True:
        frame, where = incoming.recvfrom(2048)
        # What this host says itself does not count.
        if where[2] != socket.PACKET_OUTGOING:
            n += 1
            if not int(lose) or n % int(lose):
                outgoing.send(frame)


def paths(build_dir):
    """Prints the table of a lossy, a slow and a deaf path."""
    variants = (Variant("redirect", "", Bare, None, command="redirect"),
                Variant("lossy", "", Script, "redirect", command="10"),
                Variant("slow", "", Script, "redirect", command="0"),
                Variant("deaf", "", Script, "redirect", command="1"))
    scenarios = (
        Scenario("loss", "", "all", forwarding.loss_at, ("loss",),
                 (2000,), "frames/s", 0.5),
        Scenario("rate", "", "all", forwarding.rate_of_size, ("rate_pps",),
                 (64,), "frame size", 0.3))
    context = Context(build_dir, machine.choose_cores(), install=False)
    jobs = plan.make_plan(variants, scenarios,
                          plan.Selection(None, variants, scenarios), 3, False)
    trials = Trials(context, plan.Progress(jobs, sys.stderr))

    def inside():
        trials.carry_out(jobs)
        print(*table.lines(Results({
            "repetitions": 3, "results": trials.results,
            "variants": {variant.name: {"reference": variant.reference}
                         for variant in variants},
            "scenarios": {scenario.name: {"x": scenario.x,
                                          "metrics": scenario.metrics}
                          for scenario in scenarios},
            "failures": trials.failures, "unavailable": {}})), sep="\n")
        return 0
    return private.run_inside(inside)


def results(path):
    data = Results.read(path).data
    assert len(data["results"]) == 4, data["failures"]
    assert not data["failures"] and not data["interrupted"]
    for name in ("ovs-afxdp", "linux-bridge"):
        assert any("p1" in command
                   for command in data["variants"][name]["commands"])
    for result in data["results"]:
        assert 0 < result["received"] <= result["offered"]
    assert data["machine"]["kernel"] and data["date"] and data["placement"]
    print("ok")


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
