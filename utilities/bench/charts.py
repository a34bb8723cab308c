# SPDX-License-Identifier: Apache-2.0
"""Results as pictures, by matplotlib."""

import math
import os
import tempfile

from bench.scenarios import METRICS
from bench.statistics import summarize
from bench.table import number
from bench.variants import OURS, PEERS, VARIANTS

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


def draw(results, path):
    """Writes up to three files for each scenario, beside the results, which
    are in 'path', and returns their names."""
    # Matplotlib would keep a cache in the user's home.
    with tempfile.TemporaryDirectory() as cache:
        os.environ["MPLCONFIGDIR"] = cache
        pyplot = load()
        return draw_with(pyplot, results, path)


def draw_with(pyplot, results, path):
    if not pyplot:
        print("There are no charts: python3-matplotlib is not on this "
              "machine.  Install it, then:\n"
              f"  ovs-afxdp-bench --draw {path}")
        return []
    names = []
    for scenario in results.data["scenarios"]:
        cases = main_cases(results, scenario)
        for kind, drawing in (("", curves), ("-ratios", reference_bars),
                              ("-peers", peer_bars)):
            figure = drawing(pyplot, results, scenario, cases)
            if figure:
                names.append(f"{scenario}{kind}.svg")
                figure.savefig(os.path.join(os.path.dirname(path), names[-1]),
                               metadata={"Date": None})
                pyplot.close(figure)
    return names


def main_cases(results, scenario):
    """The cases of the scenario's first metric."""
    metric = results.data["scenarios"][scenario]["metrics"][0]
    return [case for case in results.cases()
            if case[0] == scenario and case[2] == metric]


def footer(results, scenario):
    data = results.data
    machine = data["machine"]
    lines = [f"{data['date'][:10]}, {data.get('devices', 'veth')} devices, "
             f"Linux {machine['kernel']}, {machine['cores']} cores of "
             f"{machine['cpu']}{', virtual' if machine['virtual'] else ''}.",
             f"{revision(data['commit'])}.  Repetitions: "
             f"{data['repetitions']}.",
             "A point or bar is of their medians, a band or whisker goes "
             "from the least to the greatest."]
    absent = missing(results, scenario)
    if absent:
        lines.append(f"Did not run (table.txt has why): {', '.join(absent)}.")
    return "\n".join(lines)


def revision(commit):
    """'commit' is of git describe, or None."""
    if not commit:
        return "ovs-afxdp as it is installed, commit unknown"
    clean = commit.removesuffix("-dirty")
    return f"ovs-afxdp, commit {clean}" + \
        (" with uncommitted changes" if clean != commit else "")


def missing(results, scenario):
    """Titles of the variants that should be in the chart and are not."""
    done = {result["variant"] for result in results.data["results"]
            if result["scenario"] == scenario}
    failed = {failure["variant"] for failure in results.data["failures"]
              if failure.get("scenario", scenario) == scenario}
    titles = {variant.name: variant.title for variant in VARIANTS}
    return [titles.get(name, name)
            for name in dict.fromkeys([*results.data["unavailable"],
                                       *sorted(failed)])
            if name not in done]


def finish(figure, results, scenario):
    figure.suptitle(results.data["scenarios"][scenario]["title"], x=0.01,
                    ha="left", fontweight="bold", fontsize=12)
    text = footer(results, scenario)
    figure.text(0.01, 0.01, text, fontsize=7, color="#666666")
    # Inches for the title and the footer, whatever the height.
    height, lines = figure.get_figheight(), text.count("\n") + 1
    figure.tight_layout(rect=(0, (0.08 + 0.13 * lines) / height,
                              1, 1 - 0.1 / height))
    return figure


def curves(pyplot, results, scenario, cases):
    """The metric over the points, if these are numbers."""
    points = [case[1] for case in cases]
    if len(points) < 2 or not all(isinstance(p, (int, float)) for p in points):
        return None
    metric = METRICS[cases[0][2]]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    drawn = []
    for variant in results.variants():
        series = [(case[1], summarize([value / metric.scale for value
                                       in values.values()]))
                  for case in cases
                  if (values := results.values(variant, case))]
        drawn += [y for _, s in series for y in (s.min, s.max)]
        if series:
            draw_curve(axes, series, COLORS[variant],
                       results.data["variants"][variant]["title"])
    if wide(points):
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(points, [f"{point:,}" for point in points])
    scale_y(axes, drawn)
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


def scale_y(axes, values):
    """Logarithmic where what is small would not be seen.  All values are
    between the first tick and the last."""
    axes.grid(axis="y", color="#dddddd")
    if wide(values):
        axes.set_yscale("log")
        ticks = log_ticks(min(values), max(values))
    else:
        ticks = linear_ticks(max(values))
    axes.set_yticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_ylim(ticks[0], ticks[-1])
    axes.minorticks_off()


def log_ticks(low, high):
    """1, 2, 5, 10 and so on, from what is not above 'low' to what is not
    below 'high'."""
    ticks = [float(f"{digit}e{power}") for power in range(-9, 13)
             for digit in (1, 2, 5)]
    first = max(i for i, tick in enumerate(ticks) if tick <= low)
    last = min(i for i, tick in enumerate(ticks) if tick >= high)
    return ticks[first:last + 1]


def linear_ticks(high):
    """Up to seven from 0 to what is not below 'high'."""
    if high <= 0:
        return [0, 1]
    power = math.floor(math.log10(high)) - 1
    step = next(step for step in (float(f"{digit}e{p}")
                                  for p in (power, power + 1)
                                  for digit in (1, 2, 5))
                if step * 6 >= high)
    return [float(f"{i * step:.9g}")
            for i in range(math.ceil(high / step - 1e-9) + 1)]


def reference_bars(pyplot, results, scenario, cases):
    """How many times its reference each variant is."""
    return ratio_bars(pyplot, results, scenario, cases,
                      [(variant, results.reference(variant))
                       for variant in results.variants()])


def peer_bars(pyplot, results, scenario, cases):
    """How many times what users run this build is: of numbers, only at the
    first point and at the last."""
    points = list(dict.fromkeys(case[1] for case in cases))
    if all(isinstance(point, (int, float)) for point in points):
        cases = [case for case in cases
                 if case[1] in (points[0], points[-1])]
    ours = [variant.name for variant in VARIANTS if variant.daemon == OURS]
    return ratio_bars(pyplot, results, scenario, cases,
                      [(variant, peer) for peer in PEERS
                       for variant in results.variants() if variant in ours])


def ratio_bars(pyplot, results, scenario, cases, pairs):
    """A panel a reference; 'pairs' are of a variant and its reference."""
    panels = {}
    for case in cases:
        for variant, reference in pairs:
            related = results.relation(variant, case, reference)
            if related:
                panels.setdefault(reference, {}).setdefault(
                    case, []).append((variant, related))
    if not panels:
        return None
    heights = [2 + sum(1 + len(bars) for bars in panel.values())
               for panel in panels.values()]
    figure, grid = pyplot.subplots(
        len(panels), squeeze=False, height_ratios=heights,
        figsize=(8, 0.6 * len(panels) + 0.22 * sum(heights) + 1))
    metric = METRICS[cases[0][2]]
    for (reference, panel), (axes,) in zip(panels.items(), grid):
        draw_panel(axes, panel, results, reference)
        title = results.data["variants"][reference]["title"]
        axes.set_title(f"{metric.title}, relative to {title} "
                       f"({metric.better} is better)", fontsize=9)
        axes.set_xlabel(f"{metric.title}, times that of {title}", fontsize=8)
    return finish(figure, results, scenario)


def measured(value, metric):
    """As text, with its unit."""
    return f"{number(value / metric.scale)} {metric.unit}"


def bar_text(results, variant, case, reference, related):
    """The ratio, and what it is of: all of a variant's repetitions, unless
    some have no pair."""
    metric = METRICS[case[2]]
    text = f"{number(related.ratio)}  ({measured(related.value, metric)}"
    values = (results.values(name, case) for name in (variant, reference))
    if any(len(one) != related.n for one in values):
        text += (f" to {measured(related.reference, metric)}; repetitions "
                 f"of both: {related.n}")
    return text + ")"


def draw_panel(axes, panel, results, reference):
    widest = max(related.max for bars in panel.values() for _, related in bars)
    y, places, labels = 0, [], []
    axes.axvline(1, color="#333333", linewidth=1, linestyle="--", zorder=0)
    for case, bars in panel.items():
        metric = METRICS[case[2]]
        point = f"{case[1]:,}" if isinstance(case[1], int) else case[1]
        middle = summarize(list(results.values(reference, case).values()))
        write(axes, 0, y, f"{results.data['scenarios'][case[0]]['x']}: {point}"
              f"  (1 is {measured(middle.median, metric)})", style="italic")
        for variant, related in bars:
            y += 1
            draw_bar(axes, y, related, COLORS[variant],
                     bar_text(results, variant, case, reference, related))
            places.append(y)
            labels.append(results.data["variants"][variant]["title"])
        y += 1
    axes.set_yticks(places, labels, fontsize=8)
    axes.set_ylim(y - 0.4, -0.6)
    ticks = linear_ticks(max(widest, 1))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
    # What is behind the last tick is for the figures behind the bars.
    axes.spines["bottom"].set_bounds(0, ticks[-1])
    axes.set_xlim(0, ticks[-1] * 1.3)


def draw_bar(axes, y, related, color, text):
    axes.barh(y, related.ratio, height=0.8, color=color)
    axes.errorbar(related.ratio, y, capsize=3, color="black", linewidth=1,
                  xerr=[[related.ratio - related.min],
                        [related.max - related.ratio]])
    write(axes, related.max, y, text)


def write(axes, x, y, text, **style):
    """A little to the right of 'x'."""
    axes.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points",
                  va="center", fontsize=8, bbox=LABEL, **style)
