# SPDX-License-Identifier: Apache-2.0
"""Results as text."""

from bench.scenarios import METRICS
from bench.statistics import judge_ratios, summarize

WORDS = {("higher", "better"): "faster", ("higher", "worse"): "slower",
         ("lower", "better"): "less", ("lower", "worse"): "more"}


def word(metric, verdict):
    """How somebody says it: what is better is faster, or less."""
    if metric.unit == "%" and metric.better == "higher":
        return {"better": "more", "worse": "less"}.get(verdict, "inconclusive")
    return WORDS.get((metric.better, verdict), "inconclusive")


def heading(results, case):
    scenario, point, name = case
    about, metric = results.data["scenarios"][scenario], METRICS[name]
    return (f"{scenario}, {about['x']}: {point} - {metric.title}, "
            f"{metric.unit} "
            f"({metric.better} is better)")


def lines(results):
    """Returns the whole report, line by line."""
    text = []
    for case in results.cases():
        text += ["", heading(results, case),
                 f"  {'':20}{'min':>10}{'median':>10}{'max':>10}"]
        text += [line(results, variant, case, list(values.values()))
                 for variant in results.variants()
                 if (values := results.values(variant, case))]
    return text + failures(results) + notes(results)


def line(results, variant, case, values):
    metric, summary = METRICS[case[2]], summarize(values)
    text = f"  {variant:20}" + "".join(
        f"{number(value / metric.scale):>10}"
        for value in (summary.min, summary.median, summary.max))
    text += " ~" if summary.wide else "  "
    related = results.relation(variant, case)
    if related:
        verdict = word(metric, judge_ratios(results.ratios(variant, case),
                                            metric.better))
        text += (f"  {related.min:.2f} {related.ratio:.2f} {related.max:.2f} "
                 f"x {results.reference(variant)}: {verdict}")
    return text.rstrip()


def number(value):
    """Three digits that count."""
    if value == 0:
        return "0"
    for limit, digits in ((0.1, 4), (1, 3), (10, 2), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def failures(results):
    text = []
    for name, reason in results.data["unavailable"].items():
        text += ["", f"{name} did not run: {reason}"]
    for failure in results.data["failures"]:
        where = failure.get("scenario", failure["group"])
        if "point" in failure:
            where += f" {failure['point']}"
        text += ["", f"{failure['variant']}, {where}, repetition "
                 f"{failure['repetition'] + 1}: {failure['reason']}"]
    return text


# Of its core a busy switch gets less if something else runs there.
BUSY = 0.9


def notes(results):
    data = results.data
    text = ["", f"Repetitions: {data['repetitions']}, one of each variant "
            "after the other.  Ratios: the least in a",
            "repetition, that of the medians, the greatest in a repetition; "
            "on both sides of 1,",
            "or of fewer than three, they are inconclusive."]
    if any(summarize(list(values.values())).wide
           for case in results.cases() for variant in results.variants()
           if (values := results.values(variant, case))):
        text += ["~ The spread is above 25 % of the median: this machine is "
                 "too noisy for the figure", "  to say much alone."]
    disturbed = [result["busy"] for result in data["results"]
                 if result.get("loss", 0) > 0.1
                 and result.get("busy", 1) < BUSY]
    if disturbed:
        text += [f"In {len(disturbed)} measurements the switch had more "
                 "packets than it took, and yet got less",
                 "than 90 % of its core: something else ran there."]
    return text
