# SPDX-License-Identifier: Apache-2.0
"""What is measured.

A scenario's measure(bench, point, seconds) returns a dictionary with its
metrics.  Scenarios of one group share a switch that runs, one repetition at a
time.
"""

from dataclasses import dataclass
from typing import Callable

from bench import forwarding, growth, hosts, rules


@dataclass(frozen=True)
class Metric:
    title: str
    better: str = "higher"
    # What the table and the charts divide it by, and call it then.
    scale: float = 1.0
    unit: str = ""
    # A machine that is slower for a while does not change it.
    steady: bool = False


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    group: str
    measure: Callable
    # The first is the one that charts show.
    metrics: tuple
    points: tuple
    # What the points are, as in "frame size (bytes)".
    x: str
    seconds: float = 0.5
    # What each point takes besides, roughly.
    overhead: float = 0.6
    # --quick measures these only, each for so long.
    quick: tuple = ()
    quick_seconds: float = 0.4
    needs: frozenset = frozenset()
    # Of each device.
    queues: int = 1


METRICS = {
    "rate_pps": Metric("packet rate", scale=1e6, unit="Mpps"),
    "zero_loss_pps": Metric("highest rate without loss", scale=1e6,
                            unit="Mpps"),
    "setups_ps": Metric("new flows that got through", scale=1e3,
                        unit="thousand/s"),
    "bits_ps": Metric("throughput", scale=1e9, unit="Gbit/s"),
    "loss": Metric("loss", "lower", 0.01, "%"),
    "latency_p50_ns": Metric("one-way latency, median", "lower", 1e3, "us"),
    "latency_p99_ns": Metric("one-way latency, 99th percentile", "lower",
                             1e3, "us"),
    "rtt_p50_ns": Metric("round trip, median", "lower", 1e3, "us"),
    "rtt_p90_ns": Metric("round trip, 90th percentile", "lower", 1e3, "us"),
    "rtt_p99_ns": Metric("round trip, 99th percentile", "lower", 1e3, "us"),
    "user_ns": Metric("user CPU per packet", "lower", unit="ns"),
    "system_ns": Metric("system CPU per packet", "lower", unit="ns"),
    "kernel_share": Metric("forwarded in the kernel", "higher", 0.01, "%",
                           steady=True),
    "first_hit_ns": Metric("from first packet to first in the kernel",
                           "lower", 1e6, "ms"),
    "idle_busy": Metric("use of a core when idle", "lower", 0.01, "%"),
    "memory_kib": Metric("resident memory", "lower", 1024, "MiB",
                         steady=True),
    "port_kib": Metric("resident memory per port", "lower", 1024, "MiB",
                       steady=True),
    "queue_kib": Metric("resident memory per queue", "lower", 1024, "MiB",
                        steady=True),
    "flow_bytes": Metric("resident memory per flow", "lower", unit="bytes",
                         steady=True),
}

CPU = ("user_ns", "system_ns")
RULES = frozenset({"rules"})

SCENARIOS = (
    Scenario("rate", "packet rate from port to port", "rate",
             forwarding.rate_of_size, ("rate_pps", *CPU, "kernel_share"),
             points=(64, 128, 256, 512, 1024, 1518), x="frame size (bytes)",
             seconds=1.0, quick=(64, 1518)),
    Scenario("flows", "packet rate, microflows of one megaflow", "rate",
             forwarding.rate_of_flows, ("rate_pps", *CPU),
             points=(1, 10_000, 1_000_000), x="flows", seconds=1.0),
    Scenario("zero-loss", "rate without loss (RFC 2544)", "rate",
             forwarding.rate_without_loss, ("zero_loss_pps",),
             points=(64,), x="frame size (bytes)", seconds=0.15,
             overhead=3.5),
    Scenario("loss", "loss and latency at fixed loads, 64 bytes", "rate",
             forwarding.loss_at,
             ("loss", "latency_p50_ns", "latency_p99_ns"),
             points=(100_000, 300_000, 1_000_000),
             x="offered load (packets/s)", overhead=0.7),
    Scenario("five-tuples", "packet rate, a megaflow for each five-tuple",
             "rules", forwarding.rate_of_five_tuples,
             ("rate_pps", "flow_bytes", "kernel_share"),
             points=(1, 1_000, 10_000, 100_000, 1_000_000), x="flows",
             overhead=3.5, quick=(1000,), needs=RULES),
    Scenario("actions", "packet rate with actions, 64 bytes", "rules",
             forwarding.rate_of_actions, ("rate_pps", *CPU, "kernel_share"),
             points=tuple(rules.ACTIONS), x="actions", needs=RULES),
    Scenario("masks", "packet rate, 100,000 microflows over many masks",
             "rules", forwarding.rate_of_masks,
             ("rate_pps", "kernel_share"),
             points=(1, 8, 32), x="masks", needs=RULES),
    Scenario("misses", "packet rate, 100,000 microflows that the kernel's "
             "masks miss, or without a mask there", "rules",
             forwarding.rate_of_misses,
             ("rate_pps",), points=(0, 1, 32), x="masks", overhead=8.5,
             needs=RULES | {"process"}),
    Scenario("setup", "flow set-up rate", "rules", forwarding.flow_setups,
             ("setups_ps",), points=(1_000_000,),
             x="offered load (packets/s)", needs=RULES),
    Scenario("first-hit", "how soon a flow is in the kernel", "rules",
             forwarding.first_hit, ("first_hit_ns",), points=(100_000,),
             x="offered load (packets/s)", needs=frozenset({"offload"})),
    Scenario("tcp", "TCP, hosts' offloads off", "hosts", hosts.tcp,
             ("bits_ps",), points=("1 out", "1 back", "8 out", "8 back"),
             x="streams", seconds=1.0, overhead=0.5, quick=("1 out",),
             quick_seconds=1.0),
    Scenario("tcp-offloads", "TCP, hosts' default offloads", "hosts",
             hosts.tcp_with_offloads, ("bits_ps",),
             points=("8 out",), x="streams", seconds=1.0,
             overhead=0.5),
    Scenario("udp", "UDP", "hosts", hosts.udp, ("bits_ps", "loss"),
             points=(hosts.UDP_PAYLOAD,), x="payload (bytes)", seconds=1.0,
             overhead=0.4),
    Scenario("rtt", "round trip time (ping)", "hosts", hosts.round_trips,
             ("rtt_p50_ns", "rtt_p90_ns", "rtt_p99_ns"),
             points=("idle", "under load"), x="switch", quick=("idle",)),
    Scenario("idle", "use of CPU without traffic", "hosts", growth.idle,
             ("idle_busy",), points=("no traffic",), x="switch",
             overhead=0.0, needs=frozenset({"process"})),
    Scenario("ports", "packet rate between two of many ports", "ports",
             growth.ports, ("rate_pps", "memory_kib", "port_kib"),
             points=(2, 16, 64), x="ports", overhead=5.0,
             needs=frozenset({"ports"})),
    Scenario("queues", "memory of two ports with many queues", "queues",
             growth.queues, ("memory_kib", "queue_kib"), points=(1, 2, 4),
             x="queues of a port", seconds=0.0, overhead=0.5, queues=4,
             needs=frozenset({"queues"})),
)
