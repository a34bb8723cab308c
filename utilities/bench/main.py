# SPDX-License-Identifier: Apache-2.0
"""The command line."""

import argparse
import os
import sys
from datetime import datetime, timezone

from bench import (charts, compare, context, lab, machine, plan, private,
                   subject, table)
from bench.command import Failed, Interrupted, WrongOption
from bench.results import FORMAT, Results
from bench.scenarios import SCENARIOS
from bench.trials import Trials
from bench.variants import OURS, VARIANTS

EPILOG = """
Measures this switch against what you would pick instead: on this machine, in
namespaces of its own, with the same commands for each.  Prints a table, and
writes results.json and charts.  All but --help, --list, --compare and --draw
need root.  More: ovs-afxdp-bench(8), in a checkout
man -l Documentation/ref/ovs-afxdp-bench.8
"""


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="ovs-afxdp-bench", epilog=EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--quick", action="store_true",
        help="three repetitions of less, in under 3 minutes")
    add("--only", nargs="+", metavar="VARIANT/SCENARIO",
        help='only these; both may have "*", and each may stand alone')
    add("--reps", type=int, metavar="N",
        help="how many repetitions [5, with --quick 3]")
    add("--output", metavar="DIR",
        help="where files go [bench/DATE-TIME in the build, or for what is "
             "installed ovs-afxdp-bench/DATE-TIME in this folder]")
    add("--build-dir", metavar="DIR",
        help="the build to measure [what is installed with this tool, or of "
             "a checkout this folder or _build]")
    add("--no-install", action="store_true",
        help="install and fetch nothing from Debian, leave out what is not "
             "there")
    add("--list", action="store_true",
        help="print variants and scenarios, and what runs where")
    add("--compare", nargs=2, metavar=("OLD.json", "NEW.json"),
        help="say what got faster or slower beyond the noise")
    add("--draw", metavar="FILE.json",
        help="make the charts of a file again, beside it")
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    try:
        if args.list:
            print_list()
        elif args.compare:
            compare.print_comparison(*map(Results.read, args.compare))
        elif args.draw:
            return draw(args.draw)
        else:
            return measure(args)
    except Failed as failure:
        print(f"ovs-afxdp-bench: {failure}", file=sys.stderr)
        return 2 if isinstance(failure, WrongOption) else 1
    except KeyboardInterrupt:
        return 130
    return 0


def draw(path):
    names = charts.draw(Results.read(path), path)
    for name in names:
        print(name)
    return 0 if names else 1


def print_list():
    print("Variants:")
    for variant in VARIANTS:
        against = f" (compared to {variant.reference})" \
            if variant.reference else ""
        print(f"  {variant.name:20}{variant.title}{against}")
    print("\nScenarios:")
    for scenario in SCENARIOS:
        left_out = [variant.name for variant in VARIANTS
                    if not scenario.needs <= variant.can]
        print(f"  {scenario.name:20}{scenario.title}")
        print(f"  {'':20}{scenario.x}: "
              + ", ".join(map(str, scenario.points)))
        if left_out:
            print(f"  {'':20}not for {', '.join(left_out)}")


def measure(args):
    if args.reps is not None and args.reps < 1:
        raise WrongOption(f"--reps {args.reps}: must be 1 or more")
    repetitions = args.reps or (3 if args.quick else 5)
    jobs = plan.make_plan(VARIANTS, SCENARIOS,
                          plan.Selection(args.only, VARIANTS, SCENARIOS),
                          repetitions, args.quick)
    if os.geteuid():
        raise Failed("this needs root; run it with sudo")
    cores = machine.choose_cores()
    run = context.Context(args.build_dir, cores, not args.no_install)
    started = datetime.now(timezone.utc)
    folder = args.output or os.path.join(
        run.subject.results, started.strftime("%Y%m%d-%H%M%S"))
    os.makedirs(folder, exist_ok=True)
    print(machine.placement(cores))
    run.packages.need_tools(charts=True)
    jobs, unavailable = prepare(run, jobs)
    return private.run_inside(
        lambda: measure_inside(args, run, jobs, unavailable, started, folder))


def prepare(run, jobs):
    """Returns the jobs that can be done, and why others cannot."""
    unavailable = {}
    for variant in dict.fromkeys(job.variant for job in jobs):
        try:
            run.prepare(variant)
        except Failed as failure:
            unavailable[variant.name] = str(failure)
        else:
            if variant.port_type == "dpdk":
                run.hugepages = private.reserve_hugepages(context.HUGEPAGES)
    return [job for job in jobs
            if job.variant.name not in unavailable], unavailable


def measure_inside(args, run, jobs, unavailable, started, folder):
    trials = Trials(run, plan.Progress(jobs, sys.stderr))
    interrupted = None
    try:
        trials.carry_out(jobs)
    except Interrupted as signalled:
        # What there is may have taken long.
        interrupted = signalled
    results = Results({
        "format": FORMAT,
        "date": started.isoformat(timespec="seconds"),
        "commit": subject.commit(run.subject.source),
        "devices": lab.DEVICES,
        "command": sys.argv,
        "quick": args.quick,
        "interrupted": interrupted is not None,
        "repetitions": max(job.repetition for job in jobs) + 1,
        "machine": machine.describe(),
        "placement": {"sender": run.cores.sender, "switch": run.cores.switch},
        "hugepages": run.hugepages,
        "variants": describe_variants(run, jobs, trials),
        "scenarios": describe_scenarios(jobs),
        "unavailable": unavailable,
        "failures": trials.failures,
        "results": trials.results,
    })
    report = "\n".join(table.lines(results)) + "\n"
    print(report, end="")
    path = os.path.join(folder, "results.json")
    results.write(path)
    with open(os.path.join(folder, "table.txt"), "w") as f:
        f.write(report.lstrip())
    charts.draw(results, path)
    give_back(folder)
    print(f"\nFiles are in {folder}.")
    if interrupted:
        raise interrupted
    return status(trials.results, trials.failures)


def status(results, failures):
    """What the tool exits with: 1 if nothing was measured, or not all of what
    this build was asked for."""
    failed = {failure["variant"] for failure in failures}
    return int(any(variant.daemon == OURS and variant.name in failed
                   for variant in VARIANTS) or not results)


def describe_variants(run, jobs, trials):
    return {variant.name: {"title": variant.title,
                           "reference": variant.reference,
                           "version": run.version(variant),
                           "commands": trials.settings.get(variant.name, [])}
            for variant in dict.fromkeys(job.variant for job in jobs)}


def describe_scenarios(jobs):
    used = dict.fromkeys(scenario for job in jobs
                         for scenario, _, _ in job.work)
    return {scenario.name: {"title": scenario.title, "x": scenario.x,
                            "metrics": list(scenario.metrics)}
            for scenario in SCENARIOS if scenario in used}


def give_back(folder):
    """With sudo, results belong to the one who asked for them."""
    owner = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if all(owner):
        for path in [folder, *(entry.path for entry in os.scandir(folder))]:
            os.chown(path, *map(int, owner))
