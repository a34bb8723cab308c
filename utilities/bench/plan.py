# SPDX-License-Identifier: Apache-2.0
"""What runs in which order, and how long it takes."""

import fnmatch
import time
from dataclasses import dataclass

from bench.command import WrongOption

# Seconds to start and stop a switch with its lab, roughly.
BRING_UP = 1.5


@dataclass(frozen=True)
class Job:
    """One switch's turn: it starts, all of a group is measured, it ends."""
    repetition: int
    group: str
    variant: object
    # (scenario, points, seconds for each)
    work: tuple

    @property
    def seconds(self):
        return BRING_UP + sum(len(points) * (seconds + scenario.overhead)
                              for scenario, points, seconds in self.work)


class Selection:
    """What --only lets through: patterns like "ovs-afxdp/rate", "*/tcp-*" or
    just a variant's or a scenario's name."""

    def __init__(self, patterns, variants, scenarios):
        self.pairs = []
        for pattern in patterns or ["*/*"]:
            left, slash, right = pattern.partition("/")
            if not slash and not matching(left, variants):
                left, right = "*", left
            self.require(left or "*", variants, "variant", pattern)
            self.require(right or "*", scenarios, "scenario", pattern)
            self.pairs.append((left or "*", right or "*"))

    @staticmethod
    def require(name, known, kind, pattern):
        if not matching(name, known):
            raise WrongOption(
                f'--only {pattern}: there is no {kind} "{name}", only '
                + ", ".join(one.name for one in known))

    def takes(self, variant, scenario):
        return any(fnmatch.fnmatchcase(variant.name, left)
                   and fnmatch.fnmatchcase(scenario.name, right)
                   for left, right in self.pairs)


def matching(pattern, known):
    return [one for one in known if fnmatch.fnmatchcase(one.name, pattern)]


def make_plan(variants, scenarios, selection, repetitions, quick):
    """Returns the jobs in order: A B C, A B C, of one group after the other
    in each repetition.  In a hurry, all is one group."""
    jobs = []
    group_of = {scenario: "all" if quick else scenario.group
                for scenario in scenarios}
    groups = list(dict.fromkeys(group_of.values()))
    for repetition in range(repetitions):
        for group in groups:
            for variant in variants:
                work = tuple(share(variant, scenario, quick)
                             for scenario in scenarios
                             if group_of[scenario] == group
                             and scenario.needs <= variant.can
                             and (scenario.quick or not quick)
                             and selection.takes(variant, scenario))
                if work:
                    jobs.append(Job(repetition, group, variant, work))
    if not jobs:
        raise WrongOption("nothing to do: " + (
            "--quick leaves out all that --only asks for" if quick else
            "what --only asks for needs more than the variant can; see "
            "--list"))
    return jobs


def share(variant, scenario, quick):
    if quick:
        return scenario, scenario.quick, scenario.quick_seconds
    return scenario, scenario.points, scenario.seconds


class Progress:
    """Says what runs, and about how long it will take, on 'stream'."""

    def __init__(self, jobs, stream):
        self.left = sum(job.seconds for job in jobs)
        self.planned = self.took = 0.0
        self.repetitions = max(job.repetition for job in jobs) + 1
        self.stream = stream

    def show(self, job):
        # Plans are corrected by what has been, once there is enough of it.
        speed = self.took / self.planned if self.planned > 10 else 1.0
        line = (f"repetition {job.repetition + 1} of {self.repetitions}: "
                f"{job.group}, {job.variant.name}; "
                f"about {duration(self.left * speed)} left")
        if self.stream.isatty():
            self.stream.write(f"\r\033[K{line}")
        else:
            self.stream.write(line + "\n")
        self.stream.flush()
        self.start = time.monotonic()

    def finished(self, job):
        """It was shown, and has come to its end."""
        self.took += time.monotonic() - self.start
        self.planned += job.seconds
        self.skipped(job)

    def skipped(self, job):
        self.left -= job.seconds

    def end(self):
        if self.stream.isatty():
            self.stream.write("\r\033[K")
            self.stream.flush()


def duration(seconds):
    minutes, seconds = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
