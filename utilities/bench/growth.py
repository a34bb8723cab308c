# SPDX-License-Identifier: Apache-2.0
"""Measuring what a switch takes when it has much, and when it has nothing to
do."""

import time

from bench import forwarding, rules


def idle(bench, _, seconds):
    """What forwarding takes of a core while nothing comes in."""
    bench.use_rules(rules.straight)
    before, start = bench.switch.times(), time.monotonic()
    time.sleep(seconds)
    after, end = bench.switch.times(), time.monotonic()
    return {"idle_busy": (sum(after) - sum(before)) / (end - start)}


def ports(bench, n, seconds):
    """The rate between the first two of 'n' ports, and memory."""
    bench.grow(n)
    bench.use_rules(rules.straight, afresh=True)
    result = forwarding.rate(bench, seconds)
    memory = bench.switch.memory_kib()
    if memory:
        result["memory_kib"] = memory
        bench.memory_at.setdefault(n, memory)
        fewest = min(bench.memory_at)
        if n > fewest:
            result["port_kib"] = ((memory - bench.memory_at[fewest])
                                  / (n - fewest))
    return result
