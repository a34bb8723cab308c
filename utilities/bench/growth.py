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


def per_one_more(bench, n):
    """Resident memory with 'n' of what grows, and what each one more than the
    fewest so far has cost."""
    memory = bench.switch.memory_kib()
    bench.memory_at[n] = memory
    fewest = min(bench.memory_at)
    more = n - fewest
    return memory, (memory - bench.memory_at[fewest]) / more if more else None


def queues(bench, n, _):
    """Memory with 'n' queues on each of two ports."""
    bench.switch.set_queues(n)
    memory, each = per_one_more(bench, n * len(bench.lab.ports()))
    result = {"memory_kib": memory}
    return result if each is None else {"queue_kib": each, **result}


def ports(bench, n, seconds):
    """The rate between the first two of 'n' ports, and memory."""
    bench.grow(n)
    bench.use_rules(rules.straight, afresh=True)
    result = forwarding.rate(bench, seconds)
    if bench.switch.memory_kib():
        result["memory_kib"], each = per_one_more(bench, n)
        if each is not None:
            result["port_kib"] = each
    return result
