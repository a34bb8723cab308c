# SPDX-License-Identifier: Apache-2.0
"""Results as pictures, by matplotlib."""

import os
import tempfile

from bench.scenarios import METRICS
from bench.statistics import summarize
from bench.table import number

COLORS = {"xdp-redirect": "#555555", "af-xdp-forward": "#999999",
          "ovs-afxdp-offload": "#b2182b", "ovs-afxdp": "#e08214",
          "debian-afxdp": "#2166ac", "debian-dpdk": "#1b7837",
          "debian-af-packet": "#67a9cf", "linux-bridge": "#762a83"}

LABEL = {"facecolor": "white", "pad": 1, "linewidth": 0}


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
        "axes.titlelocation": "left"})
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
                figure.savefig(f"{folder}/{names[-1]}",
                               metadata={"Date": None})
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
            f"repetitions: {data['repetitions']}, min, median and max")


def finish(figure, results, scenario):
    figure.suptitle(results.data["scenarios"][scenario]["title"], x=0.01,
                    ha="left", fontweight="bold", fontsize=12)
    figure.text(0.01, 0.01, footer(results), fontsize=7, color="#666666")
    # An inch has room for the title and the footer, whatever the height.
    height = figure.get_figheight()
    figure.tight_layout(rect=(0, 0.2 / height, 1, 1 - 0.1 / height))
    return figure


def curves(pyplot, results, scenario, cases):
    """The metric over the points, if these are numbers."""
    points = [case[1] for case in cases]
    if len(points) < 2 or not all(isinstance(p, (int, float)) for p in points):
        return None
    metric = METRICS[cases[0][2]]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for variant in results.variants():
        series = [(case[1], summarize([value / metric.scale for value
                                       in values.values()]))
                  for case in cases
                  if (values := results.values(variant, case))]
        if series:
            draw_curve(axes, series, COLORS[variant],
                       results.data["variants"][variant]["title"])
    if wide(points):
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(points, [f"{point:,}" for point in points])
    scale_y(axes)
    axes.set_xlabel(results.data["scenarios"][scenario]["x"])
    axes.set_ylabel(f"{metric.title} ({metric.unit})")
    axes.legend(frameon=False, fontsize=8, loc="upper left",
                bbox_to_anchor=(1.0, 1.0))
    return finish(figure, results, scenario)


def draw_curve(axes, series, color, label):
    """'series' has pairs of a point and a summary."""
    x = [point for point, _ in series]
    axes.plot(x, [s.median for _, s in series], marker="o", markersize=4,
              color=color, label=label)
    axes.fill_between(x, [s.min for _, s in series],
                      [s.max for _, s in series],
                      color=color, alpha=0.15, linewidth=0)


def wide(values):
    return min(values) > 0 and max(values) / min(values) > 8


def scale_y(axes):
    """Logarithmic where what is small would not be seen."""
    values = [y for line in axes.get_lines() for y in line.get_ydata()]
    axes.grid(axis="y", color="#dddddd")
    if not wide(values):
        axes.set_ylim(bottom=0)
        return
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    ticks = [digit * 10.0 ** power for power in range(-9, 10)
             for digit in (1, 2, 5) if low <= digit * 10.0 ** power <= high]
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.minorticks_off()


def ratio_bars(pyplot, results, scenario, cases):
    """How many times its reference each variant is: a panel a reference."""
    panels = {}
    for case in cases:
        for variant in results.variants():
            ratios = results.ratios(variant, case)
            if ratios:
                panels.setdefault(results.reference(variant), {}).setdefault(
                    case, []).append((variant, summarize(ratios)))
    if not panels:
        return None
    heights = [sum(1 + len(bars) for bars in panel.values())
               for panel in panels.values()]
    figure, grid = pyplot.subplots(
        len(panels), squeeze=False, height_ratios=heights,
        figsize=(8, 0.8 * len(panels) + 0.22 * sum(heights) + 0.6))
    metric = METRICS[cases[0][2]]
    for (reference, panel), (axes,) in zip(panels.items(), grid):
        draw_panel(axes, panel, results, reference)
        title = results.data["variants"][reference]["title"]
        axes.set_title(f"{metric.title}, relative to {title} "
                       f"({metric.better} is better)", fontsize=9)
    return finish(figure, results, scenario)


def measured(results, variant, case):
    """The median as text, with its unit."""
    metric = METRICS[case[2]]
    middle = summarize(list(results.values(variant, case).values())).median
    return f"{number(middle / metric.scale)} {metric.unit}"


def draw_panel(axes, panel, results, reference):
    widest = max(ratio.max for bars in panel.values() for _, ratio in bars)
    y, ticks, labels = 0, [], []
    axes.axvline(1, color="#333333", linewidth=1, linestyle="--", zorder=0)
    for case, bars in panel.items():
        point = f"{case[1]:,}" if isinstance(case[1], int) else case[1]
        axes.text(0, y, f" {results.data['scenarios'][case[0]]['x']}: {point}"
                  f"  (1 is {measured(results, reference, case)})",
                  va="center", fontsize=8, style="italic", bbox=LABEL)
        for variant, ratio in bars:
            y += 1
            axes.barh(y, ratio.median, height=0.8, color=COLORS[variant])
            axes.errorbar(ratio.median, y, capsize=3, color="black",
                          linewidth=1, xerr=[[ratio.median - ratio.min],
                                             [ratio.max - ratio.median]])
            axes.text(ratio.max + widest * 0.015, y, f"{ratio.median:.2f}  "
                      f"({measured(results, variant, case)})",
                      va="center", fontsize=8, bbox=LABEL)
            ticks.append(y)
            labels.append(results.data["variants"][variant]["title"])
        y += 1
    axes.set_yticks(ticks, labels, fontsize=8)
    axes.set_ylim(y - 0.4, -0.6)
    axes.set_xlim(0, max(widest, 1) * 1.25)
