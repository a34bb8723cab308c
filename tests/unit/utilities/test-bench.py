# SPDX-License-Identifier: Apache-2.0
"""Tests of ovs-afxdp-bench that need its parts: see bench.at and
system-bench.at."""

import itertools
import json
import os
import shutil
import socket
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__),
                                "../../../utilities"))

from bench import (charts, forwarding, machine, main, plan,  # noqa: E402
                   private, subject, table)
from bench.command import Failed, run  # noqa: E402
from bench.context import Context  # noqa: E402
from bench.process import Background  # noqa: E402
from bench.results import FORMAT, Results  # noqa: E402
from bench.scenarios import METRICS, SCENARIOS, Scenario  # noqa: E402
from bench.statistics import (judge_ratios, judge_runs,  # noqa: E402
                              paired_ratios, relate, summarize)
from bench.switches import Bare, Switch  # noqa: E402
from bench.trials import Trials  # noqa: E402
from bench.variants import PEERS, VARIANTS, Variant  # noqa: E402


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


def test_a_ratio_is_of_the_medians():
    """And never outside of the ratios of the repetitions."""
    values, reference = {0: 3.0, 1: 1.0, 2: 2.5}, {0: 1.0, 1: 2.0, 2: 5.0}
    for order in itertools.permutations(values.values()):
        related = relate(dict(enumerate(order)), reference)
        assert (related.n, related.value, related.reference) == (3, 2.5, 2.0)
        assert related.min <= related.ratio == 1.25 <= related.max
    # Of what both have.
    related = relate({0: 4, 2: 9}, {0: 2, 1: 7, 2: 0})
    assert (related.n, related.value, related.reference) == (1, 4, 2)
    assert relate({0: 4}, {1: 2}) is None


def test_ticks_frame_the_data():
    for power in range(-5, 8):
        for digits in range(10, 100):
            high = digits * 10.0 ** (power - 1)
            ticks = charts.linear_ticks(high)
            assert ticks[0] == 0 and ticks[-2] < high <= ticks[-1] * 1.0001
            assert 3 <= len(ticks) <= 7, (high, ticks)
            ticks = charts.log_ticks(high / 30, high)
            assert ticks[0] <= high / 30 < ticks[1]
            assert ticks[-2] < high <= ticks[-1]
    assert charts.linear_ticks(1) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert charts.linear_ticks(0) == [0, 1]
    assert charts.log_ticks(0.02, 3) == [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]


def test_footer():
    data = {"date": "2026-11-28T20:00:00", "devices": "veth",
            "machine": {"kernel": "6.12", "cores": 2, "cpu": "x",
                        "virtual": True},
            "commit": "0123456-dirty", "repetitions": 3,
            "results": [{"variant": "ovs-afxdp", "scenario": "rate"}],
            "unavailable": {"debian-dpdk": "reason"},
            "failures": [{"variant": "ovs-afxdp", "scenario": "rate"},
                         {"variant": "linux-bridge", "group": "all"},
                         {"variant": "debian-afxdp", "scenario": "tcp"}]}
    text = charts.footer(Results(data), "rate")
    assert "veth devices" in text
    assert "commit 0123456 with uncommitted changes" in text
    assert "Did not run (table.txt has why): Debian's OVS-DPDK, " \
        "net_af_xdp, Linux bridge." in text
    data |= {"commit": "0123456", "unavailable": {}, "failures": []}
    text = charts.footer(Results(data), "rate")
    assert "commit 0123456." in text and "Did not run" not in text
    data["commit"] = None
    assert "commit unknown" in charts.footer(Results(data), "rate")


def test_commit_is_of_the_source_of_the_build():
    assert subject.commit(None) is None
    if not shutil.which("git"):
        return
    with tempfile.TemporaryDirectory() as folder:
        source, build = f"{folder}/source", f"{folder}/build"
        for new in (source, f"{source}/copy", build):
            os.mkdir(new)
        for path in ("configure.ac", "copy/configure.ac"):
            write(f"{source}/{path}", "1")
        write(f"{build}/Makefile", f"abs_top_srcdir = {source}\n"
              "OVS_SRCDIR = /ovs\nOVS_BUILDDIR = /ovs/build\n")
        found = subject.built_subject(build)
        assert found.source == source and subject.commit(source) is None
        git = ["git", "-C", source, "-c", "user.name=x", "-c", "user.email=x"]
        run(*git, "init", "-q")
        run(*git, "add", "configure.ac")
        run(*git, "commit", "-q", "-m", "x")
        clean = subject.commit(source)
        assert clean and not clean.endswith("-dirty")
        # In there, but not of it.
        assert subject.commit(f"{source}/copy") is None
        write(f"{source}/configure.ac", "2")
        assert subject.commit(source) == f"{clean}-dirty"


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def test_peers():
    assert PEERS == ("debian-afxdp", "debian-dpdk", "debian-af-packet",
                     "linux-bridge")
    assert {variant.name for variant in VARIANTS} <= set(charts.COLORS)


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


def draw():
    """Draws bars, and checks what they say of two repetitions, one of which
    the bridge has not."""
    pyplot = charts.load()
    if not pyplot:
        return 77
    rates = {"xdp-redirect": [4.0, 2.0], "ovs-afxdp-offload": [3.0, 2.0],
             "ovs-afxdp": [1.0, 1.5], "debian-afxdp": [0.5, 1.0],
             "linux-bridge": [1.0]}
    results = Results(handmade(
        "6.1", {name: [{"rate_pps": value * 1e6} for value in values]
                for name, values in rates.items()},
        {"ovs-afxdp-offload": "xdp-redirect", "ovs-afxdp": "debian-afxdp"}))
    results.data |= {"date": "2026-11-28", "commit": None, "repetitions": 2,
                     "unavailable": {}, "failures": []}
    results.data["machine"]["virtual"] = False
    results.data["scenarios"]["rate"]["title"] = "title"
    for name, variant in results.data["variants"].items():
        variant["title"] = name
    assert bars_of(pyplot, results, charts.reference_bars) == [
        ("packet rate, times that of xdp-redirect",
         ["frame size (bytes): 64  (1 is 3.00 Mpps)", "0.833  (2.50 Mpps)"]),
        ("packet rate, times that of debian-afxdp",
         ["frame size (bytes): 64  (1 is 0.750 Mpps)", "1.67  (1.25 Mpps)"])]
    both = "1.00 Mpps; repetitions of both: 1)"
    assert bars_of(pyplot, results, charts.peer_bars) == [
        ("packet rate, times that of debian-afxdp",
         ["frame size (bytes): 64  (1 is 0.750 Mpps)",
          "3.33  (2.50 Mpps)", "1.67  (1.25 Mpps)"]),
        ("packet rate, times that of linux-bridge",
         ["frame size (bytes): 64  (1 is 1.00 Mpps)",
          f"3.00  (3.00 Mpps to {both}", f"1.00  (1.00 Mpps to {both}"])]
    results.write("drawn.json")
    return 0


def bars_of(pyplot, results, drawing):
    """Each panel's label and texts; its ticks frame what is drawn."""
    cases = charts.main_cases(results, "rate")
    figure = drawing(pyplot, results, "rate", cases)
    for axes in figure.axes:
        ends = [x for line in axes.get_lines() for x in line.get_xdata()]
        ends += [bar.get_width() for bar in axes.patches]
        assert axes.get_xticks()[0] == 0 and ends
        assert max(ends) <= axes.get_xticks()[-1]
    return [(axes.get_xlabel(), [text.get_text() for text in axes.texts])
            for axes in figure.axes]


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
