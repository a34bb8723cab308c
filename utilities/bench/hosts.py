# SPDX-License-Identifier: Apache-2.0
"""Measuring what two hosts see: TCP, UDP and round trips."""

import json
import re

from bench import rules
from bench.command import Failed, run, wait_until
from bench.lab import address
from bench.process import Background

PORT = 5201
UDP_PAYLOAD = 1400
PING_INTERVAL = 0.002
# Other traffic while round trips are measured "under load".
LOAD_PPS = 100_000


def on_host(bench, n, *argv):
    """A command on the core that sends."""
    return ["ip", "netns", "exec", f"n{n}", "taskset", "--cpu-list",
            str(bench.context.cores.sender), *map(str, argv)]


def iperf(bench, seconds, *options):
    """Returns what of iperf3's report is about all of the test."""
    bench.use_rules(rules.straight)
    for port in bench.lab.ports():
        bench.lab.merge(port, False)
    server = Background(on_host(bench, 1, "iperf3", "-s", "-1",
                                "--forceflush"))
    try:
        wait_until(lambda: listens(bench), 5, "the iperf3 server has not come")
        said = run(*on_host(bench, 0, "iperf3", "-J", "-c", address(1),
                            "--connect-timeout", 3000,
                            "-t", round(seconds) or 1, *options),
                   timeout=seconds + 10)
    finally:
        server.kill()
        for port in bench.lab.ports():
            bench.lab.merge(port, True)
    report = json.loads(said)
    if "error" in report or not report.get("end"):
        raise Failed(f"iperf3: {report.get('error', said)}")
    return report["end"]


def listens(bench):
    return run("ip", "netns", "exec", "n1", "ss", "-Hltn",
               f"sport = {PORT}").strip()


def tcp(bench, point, seconds):
    """'point' is like "8 out": streams from the first host, or "back"."""
    streams, way = point.split()
    options = ["-P", streams] + (["-R"] if way == "back" else [])
    end = iperf(bench, seconds, *options)
    return {"bits_ps": end["sum_received"]["bits_per_second"],
            "retransmits": end["sum_sent"].get("retransmits", 0)}


def tcp_with_offloads(bench, point, seconds):
    """With the offloads that a new veth device has."""
    for n in (0, 1):
        bench.lab.inside(n, "ethtool", "-K", f"e{n}", "tx", "on")
    try:
        return tcp(bench, point, seconds)
    finally:
        for n in (0, 1):
            bench.lab.inside(n, "ethtool", "-K", f"e{n}", "tx", "off")


def udp(bench, payload, seconds):
    total = iperf(bench, seconds, "-u", "-b", 0, "-l", payload)["sum"]
    loss = total["lost_percent"] / 100
    return {"bits_ps": total["bits_per_second"] * (1 - loss), "loss": loss}


def round_trips(bench, point, seconds):
    """'point' is "idle" or "under load"."""
    bench.use_rules(rules.straight)
    ping(bench, 0.1)
    if point == "idle":
        return ping(bench, seconds)
    with bench.traffic.sink():
        load = bench.traffic.start_sending(seconds + 0.5, rate=LOAD_PPS)
        try:
            return ping(bench, seconds)
        finally:
            load.stop()


def ping(bench, seconds):
    count = max(1, round(seconds / PING_INTERVAL))
    said = run("ip", "netns", "exec", "n0", "ping", "-n", "-i", PING_INTERVAL,
               "-c", count, "-W", 1, address(1), timeout=seconds + 20)
    times = sorted(float(ms) * 1e6
                   for ms in re.findall(r"time=(\S+) ms", said))
    if not times:
        raise Failed(f"of {count} pings, none was answered")
    return {**{f"rtt_p{p}_ns": times[min(len(times) - 1,
                                         len(times) * p // 100)]
               for p in (50, 90, 99)}, "answered": len(times) / count}
