# SPDX-License-Identifier: Apache-2.0
"""Results as pictures, by matplotlib."""

import os
import tempfile

from bench.scenarios import METRICS
from bench.statistics import summarize

COLORS = {"xdp-redirect": "#555555", "af-xdp-forward": "#999999",
          "ovs-afxdp-offload": "#b2182b", "ovs-afxdp": "#e08214",
          "debian-afxdp": "#2166ac", "debian-dpdk": "#1b7837",
          "debian-af-packet": "#67a9cf", "linux-bridge": "#762a83"}


def load():
    """Returns matplotlib's pyplot, or None."""
    try:
        import matplotlib
        matplotlib.use("svg")
        import matplotlib.pyplot
    except ImportError:
        return None
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "ovs-afxdp-bench",
        "font.family": "sans-serif", "font.size": 10,
        "axes.spines.top": False, "axes.spines.right": False,
        "axes.titlelocation": "left", "axes.titleweight": "bold"})
    return matplotlib.pyplot


def draw(results, folder):
    """Writes one or two files for each scenario and returns their names."""
    # Matplotlib would keep a cache in the user's home.
    with tempfile.TemporaryDirectory() as cache:
        os.environ["MPLCONFIGDIR"] = cache
        pyplot = load()
        return draw_with(pyplot, results, folder)


def draw_with(pyplot, results, folder):
    if not pyplot:
        print("There are no charts: python3-matplotlib is not on this "
              "machine.  Install it, then:\n"
              f"  ovs-afxdp-bench --draw {folder}/results.json")
        return []
    names = []
    for scenario in results.data["scenarios"]:
        cases = main_cases(results, scenario)
        for kind, drawing in (("", curves), ("-ratios", ratio_bars)):
            figure = drawing(pyplot, results, scenario, cases)
            if figure:
                names.append(f"{scenario}{kind}.svg")
                figure.savefig(f"{folder}/{names[-1]}", metadata={"Date": None})
                pyplot.close(figure)
    return names


def main_cases(results, scenario):
    """The cases of the scenario's first metric."""
    metric = results.data["scenarios"][scenario]["metrics"][0]
    return [case for case in results.cases()
            if case[0] == scenario and case[2] == metric]


def footer(results):
    data = results.data
    machine = data["machine"]
    return (f"{data['date'][:10]}, Linux {machine['kernel']}, "
            f"{machine['cores']} cores of {machine['cpu']}"
            f"{', virtual' if machine['virtual'] else ''}; "
            f"ovs-afxdp {data['commit']}; "
            f"{data['repetitions']} repetitions, min, median and max")


def finish(figure, results):
    figure.text(0.01, 0.01, footer(results), fontsize=7, color="#666666")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    return figure


def curves(pyplot, results, scenario, cases):
    """The metric over the points, if these are numbers."""
    points = [case[1] for case in cases]
    if len(points) < 2 or not all(isinstance(p, (int, float)) for p in points):
        return None
    about, metric = results.data["scenarios"][scenario], METRICS[cases[0][2]]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for variant in results.variants():
        series = [(case[1], summarize(list(values.values())))
                  for case in cases
                  if (values := results.values(variant, case))]
        if not series:
            continue
        x = [point for point, _ in series]
        low, middle, high = ([getattr(s, key) / metric.scale
                              for _, s in series]
                             for key in ("min", "median", "max"))
        axes.plot(x, middle, marker="o", markersize=4, color=COLORS[variant],
                  label=results.data["variants"][variant]["title"])
        axes.fill_between(x, low, high, color=COLORS[variant], alpha=0.15,
                          linewidth=0)
    if min(points) > 0 and max(points) / min(points) > 8:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(points, [f"{point:,}" for point in points])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(about["x"])
    axes.set_ylabel(f"{metric.title} ({metric.unit})")
    axes.set_title(about["title"])
    axes.grid(axis="y", color="#dddddd")
    axes.legend(frameon=False, fontsize=8, loc="upper left",
                bbox_to_anchor=(1.0, 1.0))
    return finish(figure, results)


def ratio_bars(pyplot, results, scenario, cases):
    """How many times its reference each variant is: a panel a reference."""
    panels = {}
    for case in cases:
        for variant in results.variants():
            ratios = results.ratios(variant, case)
            if ratios:
                panels.setdefault(results.reference(variant), []).append(
                    (case, variant, summarize(ratios)))
    if not panels:
        return None
    heights = [len(bars) for bars in panels.values()]
    figure, grid = pyplot.subplots(
        len(panels), squeeze=False, height_ratios=heights,
        figsize=(8, 1.2 * len(panels) + 0.24 * sum(heights) + 0.5))
    metric = METRICS[cases[0][2]]
    for (reference, bars), (axes,) in zip(panels.items(), grid):
        draw_panel(axes, bars, results)
        axes.set_title(
            f"{results.data['scenarios'][scenario]['title']}: {metric.title} "
            f"relative to {results.data['variants'][reference]['title']}",
            fontsize=10)
    return finish(figure, results)


def draw_panel(axes, bars, results):
    widest = max(ratio.max for _, _, ratio in bars)
    y, ticks, labels, last = 0.0, [], [], None
    for case, variant, ratio in bars:
        if last not in (None, case):
            y += 0.6
        last = case
        title = results.data["variants"][variant]["title"]
        axes.barh(y, ratio.median, height=0.8, color=COLORS[variant])
        axes.errorbar(ratio.median, y, capsize=3, color="black", linewidth=1,
                      xerr=[[ratio.median - ratio.min],
                            [ratio.max - ratio.median]])
        axes.text(max(ratio.max, 0) + widest * 0.015, y,
                  f"{ratio.median:.2f}", va="center", fontsize=8)
        ticks.append(y)
        labels.append(f"{case[1]}  {title}")
        y += 1
    axes.axvline(1, color="#333333", linewidth=1, linestyle="--")
    axes.set_yticks(ticks, labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, max(widest, 1) * 1.1)
