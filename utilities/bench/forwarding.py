# SPDX-License-Identifier: Apache-2.0
"""Measuring what gets from e0 to e1."""

import time

from bench.command import Failed

# Before counting starts, so that flows are there and caches warm.
WARM_UP = 0.3


def straight(ports):
    """OpenFlow rules: each port of a pair to the other."""
    return [f"in_port={port},actions=output:{other}"
            for one, two in zip(ports[::2], ports[1::2])
            for port, other in ((one, two), (two, one))]


def offer(bench, seconds, **load):
    """Sends for so long and returns what arrived and what it took."""
    with bench.traffic.sink() as sink:
        before, start = bench.switch.times(), time.monotonic()
        sent = bench.traffic.send(seconds, **load)
        after, end = bench.switch.times(), time.monotonic()
    received = sink.report["received"]
    result = {"rate_pps": received / sent["seconds"],
              "offered_pps": (sent["sent"] + sent.get("refused", 0))
              / sent["seconds"],
              "sent": sent["sent"], "received": received,
              "lost": sent["sent"] - received}
    if before and received:
        for name, i in (("user_ns", 0), ("system_ns", 1)):
            result[name] = (after[i] - before[i]) / received * 1e9
        result["busy"] = (sum(after) - sum(before)) / (end - start)
    return result


def rate(bench, seconds, **load):
    """The same as fast as the sender can."""
    bench.traffic.send(WARM_UP, **load)
    result = offer(bench, seconds, **load)
    if not result["received"]:
        raise Failed(f"of {result['sent']} frames, none arrived")
    return result


def rate_of_size(bench, size, seconds):
    bench.use_rules(straight)
    return rate(bench, seconds, size=size)
