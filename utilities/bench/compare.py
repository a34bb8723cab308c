# SPDX-License-Identifier: Apache-2.0
"""Two JSON files: what got faster or slower beyond the noise."""

from bench.scenarios import METRICS
from bench.statistics import judge_ranges, summarize
from bench.table import heading, word

# Figures of runs that differ in one of these say nothing about the switch.
SAME = ("kernel", "cpu", "cores", "architecture")


def print_comparison(old, new):
    for key in SAME:
        one, two = old.data["machine"].get(key), new.data["machine"].get(key)
        if one != two:
            print(f"Careful: the {key} is not the same ({one}; {two}).")
    cases = [case for case in new.cases() if case in set(old.cases())]
    changed = 0
    for case in cases:
        lines = [line for variant in new.variants()
                 if (line := compare(old, new, variant, case))]
        changed += sum("within noise" not in line for line in lines)
        if lines:
            print(f"\n{heading(new, case)}")
            print("\n".join(lines))
    if not cases:
        print("The files have no case in common.")
    else:
        print(f"\n{changed} beyond the noise: the ranges of all repetitions "
              "do not meet.")


def compare(old, new, variant, case):
    metric = METRICS[case[2]]
    before = list(old.values(variant, case).values())
    after = list(new.values(variant, case).values())
    if not before or not after:
        return None
    verdict = judge_ranges(before, after, metric.better)
    said = word(metric, verdict) if verdict != "inconclusive" \
        else "within noise"
    one, two = summarize(before).median, summarize(after).median
    change = f"{(two / one - 1) * 100:+.0f} %" if one else "from 0"
    return f"  {variant:20}{change:>9}  {said}"
