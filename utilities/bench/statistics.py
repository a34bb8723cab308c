# SPDX-License-Identifier: Apache-2.0
"""What repetitions say, and what they do not."""

from dataclasses import dataclass
from statistics import median

# A spread, (max - min) / median, above which a figure alone says little.
WIDE_SPREAD = 0.25
# Fewer values than this support no conclusion.
ENOUGH = 3
# And of each of two runs.  If nothing has changed, the ranges of three and
# three values miss each other in one case of 10, of five and five in one of
# 126; and a run has dozens of cases.
ENOUGH_OF_A_RUN = 5


@dataclass(frozen=True)
class Summary:
    n: int
    min: float
    median: float
    max: float

    @property
    def spread(self):
        return (self.max - self.min) / self.median if self.median else 0.0

    @property
    def wide(self):
        return self.spread > WIDE_SPREAD


def summarize(values):
    """Of a non-empty list of numbers."""
    return Summary(len(values), min(values), median(values), max(values))


def paired_ratios(values, reference):
    """Both map a repetition to a value: what ran close in time is compared.
    A repetition that only one of them has, or whose reference is 0, has no
    ratio."""
    return [values[r] / reference[r] for r in pairs(values, reference)]


def pairs(values, reference):
    return [r for r in sorted(values) if reference.get(r)]


@dataclass(frozen=True)
class Relation:
    """How many times its reference something is.  'value' and 'reference' are
    medians of the 'n' repetitions that both have, 'min' and 'max' are of the
    ratios in each of these, and 'ratio' cannot be outside."""
    n: int
    value: float
    reference: float
    min: float
    max: float

    @property
    def ratio(self):
        return self.value / self.reference


def relate(values, reference):
    """Returns None if there is no repetition with a ratio."""
    both = pairs(values, reference)
    if not both:
        return None
    ratios = paired_ratios(values, reference)
    return Relation(len(both), median(values[r] for r in both),
                    median(reference[r] for r in both),
                    min(ratios), max(ratios))


def judge_ratios(ratios, better):
    """Says "better", "worse" or "inconclusive" about values whose ratios to
    their reference are these; 'better' is "higher" or "lower"."""
    if len(ratios) < ENOUGH or min(ratios) <= 1 <= max(ratios):
        return "inconclusive"
    return "better" if (min(ratios) > 1) == (better == "higher") else "worse"


def judge_runs(old, new, better):
    """The same of two lists of values from different runs, which have no
    pairs, or "few" if there are not enough.  It is more than noise if the
    ranges do not meet and the medians are further apart than either range is
    wide."""
    if min(len(old), len(new)) < ENOUGH_OF_A_RUN:
        return "few"
    if max(old) >= min(new) and max(new) >= min(old):
        return "inconclusive"
    width = max(max(old) - min(old), max(new) - min(new))
    if abs(median(new) - median(old)) <= width:
        return "inconclusive"
    grew = min(new) > max(old)
    return "better" if grew == (better == "higher") else "worse"
