# SPDX-License-Identifier: Apache-2.0
"""Two JSON files: what got faster or slower beyond the noise.

Repetitions of one run share what the machine was like in these minutes, so
their ranges alone do not tell a change of the switch from one of the machine.
What ran beside it in both runs does: only if the ratios to that have changed,
too, it was the switch.
"""

from bench.scenarios import METRICS
from bench.statistics import ENOUGH_OF_A_RUN, judge_runs, summarize
from bench.table import heading, word

# Figures of runs that differ in one of these say nothing about the switch.
SAME = ("kernel", "cpu", "cores", "architecture")

SAID = {"inconclusive": "within noise", "few": "too few repetitions",
        "machine": "apart, but not next to the reference",
        "alone": "apart, with no reference to tell why"}


def print_comparison(old, new):
    for key in SAME:
        one, two = old.data["machine"].get(key), new.data["machine"].get(key)
        if one != two:
            print(f"Careful: the {key} is not the same ({one}; {two}).")
    verdicts = []
    for case in (case for case in new.cases() if case in set(old.cases())):
        compared = [(variant, *values) for variant in new.variants()
                    if all(values := (values_of(old, variant, case),
                                      values_of(new, variant, case)))]
        if compared:
            print(f"\n{heading(new, case)}")
        for variant, before, after in compared:
            verdicts.append(judge(old, new, variant, case))
            print(line(variant, case, before, after, verdicts[-1]))
    print("\n" + conclusion(verdicts))


def values_of(results, variant, case):
    return list(results.values(variant, case).values())


def judge(old, new, variant, case):
    """Like judge_runs(), but also "machine" if that is not so next to the
    reference, or "alone" if there is none."""
    metric = METRICS[case[2]]
    verdict = judge_runs(values_of(old, variant, case),
                         values_of(new, variant, case), metric.better)
    if verdict not in ("better", "worse") or metric.steady:
        return verdict
    before, after = old.ratios(variant, case), new.ratios(variant, case)
    if not before or not after \
            or old.reference(variant) != new.reference(variant):
        return "alone"
    beside = judge_runs(before, after, metric.better)
    return beside if beside in (verdict, "few") else "machine"


def line(variant, case, before, after, verdict):
    one, two = summarize(before).median, summarize(after).median
    change = f"{(two / one - 1) * 100:+.0f} %" if one else "from 0"
    said = SAID.get(verdict) or word(METRICS[case[2]], verdict)
    return f"  {variant:20}{change:>9}  {said}"


def conclusion(verdicts):
    if not verdicts:
        return "The files have no case in common."
    changed = sum(verdict in ("better", "worse") for verdict in verdicts)
    text = f"{changed} of {len(verdicts)} beyond the noise."
    few = verdicts.count("few")
    if few:
        text += (f"  {few} had fewer than {ENOUGH_OF_A_RUN} repetitions in a "
                 f"run, and no conclusion:\nmeasure both again with "
                 f"--reps {ENOUGH_OF_A_RUN} or more.")
    return text
