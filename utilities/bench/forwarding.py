# SPDX-License-Identifier: Apache-2.0
"""Measuring what gets from e0 to e1."""

from bench import rules
from bench.command import Failed
from bench.switches import FLOW_LIMIT

# Before counting starts, so that flows are there and caches warm.
WARM_UP = 0.3
# Where each flow must be set up, frames come in rounds until there are no more
# flows than before; for so long at most, with more flows than there can be
# (see switches.FLOW_LIMIT) not for as long.
ROUND = 0.5
MOST_ROUNDS, FEW_ROUNDS = 26, 6
# Of a binary search for the rate without loss, which ends at 1/64.
SEARCH_STEPS = 6
# Once a second, Open vSwitch puts the masks that hit most in front.
RANKED = 2.5
# More flows than a sender gets through in a second.
ENDLESS = 10_000_000
# Enough that no cache of exact matches holds them.
MANY = 100_000


def cpu_use(bench, samples, rate_pps):
    """Of the time when frames were sent, because a PMD thread is busy also
    when it has nothing to do."""
    (before, start), (after, end) = samples
    user, system = ((after[i] - before[i]) / (end - start) for i in (0, 1))
    # How much of its core the switch got: less than all of it, with more
    # offered than it takes, and something else ran there.
    result = {"busy": user + system}
    if rate_pps and bench.switch.forwards_in_threads:
        result |= {"user_ns": user / rate_pps * 1e9,
                   "system_ns": system / rate_pps * 1e9}
    return result


def offer(bench, seconds, stamps=False, **load):
    """Sends for so long and returns what arrived and what it took."""
    counts = bench.switch.kernel_counts()
    times = bench.switch.times if bench.switch.times() else None
    with bench.traffic.sink(stamps) as sink:
        sent = bench.traffic.send(seconds, times, stamps=stamps, **load)
    offered = sent["sent"] + sent["refused"]
    received = sink.report["received"]
    if received > offered:
        raise Failed(f"{received} frames arrived, but {offered} were sent")
    result = {"rate_pps": received / sent["seconds"],
              "offered_pps": offered / sent["seconds"],
              "offered": offered, "received": received,
              "loss": 1 - received / offered if offered else 0.0}
    if received and counts:
        hits = bench.switch.kernel_counts()[0] - counts[0]
        result["kernel_share"] = hits / received
    if received and stamps:
        latency = sink.report["latency_ns"]
        result |= {f"latency_{key}_ns": latency[key]
                   for key in ("p50", "p99", "max")}
    if times:
        result |= cpu_use(bench, sent["samples"], result["rate_pps"])
    return result


def rate(bench, seconds, warm_up=WARM_UP, **load):
    """The same as fast as the sender can."""
    bench.traffic.warm_up(warm_up, **load)
    result = offer(bench, seconds, **load)
    if not result["received"]:
        raise Failed(f"of {result['offered']} frames, none arrived")
    return result


def rate_of_size(bench, size, seconds):
    bench.use_rules(rules.straight)
    result = rate(bench, seconds, size=size)
    if result.get("kernel_share") == 0:
        raise Failed(f"of {result['received']} frames, the kernel forwarded "
                     "none; ovs-appctl afxdp/offload-show says why")
    return result


def rate_of_flows(bench, flows, seconds):
    bench.use_rules(rules.straight)
    return rate(bench, seconds, flows=flows)


def set_up(bench, flows):
    before = 0
    for _ in range(MOST_ROUNDS if flows <= FLOW_LIMIT else FEW_ROUNDS):
        bench.traffic.warm_up(ROUND, flows=flows)
        now = bench.switch.n_flows()
        if now is None or now >= flows or now < before * 1.01:
            return
        before = now


def rate_of_five_tuples(bench, flows, seconds):
    """How much memory a flow takes, too."""
    bench.use_rules(rules.five_tuples, afresh=True)
    before = bench.switch.memory_kib()
    set_up(bench, flows)
    result = rate(bench, seconds, flows=flows)
    if before:
        result["datapath_flows"] = bench.switch.n_flows()
        grown = bench.switch.memory_kib() - before
        # Memory comes in pages, and stays with the daemon when flows go.
        if flows == MANY:
            result["flow_bytes"] = grown * 1024 / result["datapath_flows"]
    return result


def rate_of_masks(bench, n, seconds):
    bench.use_rules(rules.masks(n))
    return rate(bench, seconds, flows=MANY)


def rate_of_misses(bench, n, seconds):
    """Packets that match none of the masks in the kernel."""
    bench.use_rules(rules.masks_of_others(n), afresh=True)
    for i in range(n):
        bench.traffic.warm_up(0.02, rate=1000, to=rules.other_sink(i))
    result = rate(bench, seconds, RANKED, flows=MANY)
    if result.get("kernel_share"):
        raise Failed("the kernel forwarded what it should miss")
    return result


def rate_of_actions(bench, name, seconds):
    bench.use_rules(rules.rewriting(name))
    return rate(bench, seconds)


def flow_setups(bench, offered_pps, seconds):
    """Each frame is the first of its flow; those that get through count."""
    bench.use_rules(rules.five_tuples, afresh=True)
    result = offer(bench, seconds, flows=ENDLESS, rate=offered_pps)
    return {"setups_ps": result.pop("rate_pps"), **result}


def first_hit(bench, offered_pps, seconds):
    """How long the first packets of a flow go through user space: so many
    as the kernel missed, at a known rate."""
    bench.use_rules(rules.straight, afresh=True)
    before = bench.switch.kernel_counts()
    result = offer(bench, seconds, rate=offered_pps)
    hits, misses = (after - count for after, count in
                    zip(bench.switch.kernel_counts(), before))
    if not hits:
        raise Failed(f"of {result['received']} frames, the kernel forwarded "
                     "none")
    return {"first_hit_ns": misses / offered_pps * 1e9, **result}


def loss_at(bench, offered_pps, seconds):
    bench.use_rules(rules.straight)
    bench.traffic.warm_up(WARM_UP, rate=offered_pps)
    return offer(bench, seconds, stamps=True, rate=offered_pps)


def rate_without_loss(bench, size, seconds):
    """A binary search as of RFC 2544, with short trials."""
    bench.use_rules(rules.straight)
    high, low, trials = rate(bench, seconds, size=size)["rate_pps"], 0.0, []
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        result = offer(bench, seconds, size=size, rate=middle)
        trials.append([round(middle), result["loss"]])
        if result["loss"]:
            high = middle
        else:
            low = middle
    return {"zero_loss_pps": low, "trials": trials}
