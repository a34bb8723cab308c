# SPDX-License-Identifier: Apache-2.0
"""What is measured.

A scenario's measure(bench, point, seconds) returns a dictionary with its
metrics.  Scenarios of one group share a switch that runs, one repetition at a
time.
"""

from dataclasses import dataclass
from typing import Callable

from bench import forwarding


@dataclass(frozen=True)
class Metric:
    title: str
    better: str = "higher"
    # What the table and the charts divide it by, and call it then.
    scale: float = 1.0
    unit: str = ""


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
    seconds: float = 1.0
    # What each point takes besides, roughly.
    overhead: float = 0.8
    # --quick measures these only, each for so long.
    quick: tuple = ()
    quick_seconds: float = 0.5
    needs: frozenset = frozenset()


METRICS = {
    "rate_pps": Metric("packet rate", scale=1e6, unit="Mpps"),
    "user_ns": Metric("user CPU per packet", "lower", unit="ns"),
    "system_ns": Metric("system CPU per packet", "lower", unit="ns"),
}

SCENARIOS = (
    Scenario("rate", "packet rate from port to port", "forward",
             forwarding.rate_of_size, ("rate_pps", "user_ns", "system_ns"),
             points=(64, 128, 256, 512, 1024, 1518), x="frame size (bytes)",
             quick=(64, 1518)),
)
