# SPDX-License-Identifier: Apache-2.0
"""Carries out a plan."""

from collections import Counter

from bench.command import Failed
from bench.lab import Lab
from bench.traffic import Traffic


class Bench:
    """What a scenario works with: a lab, a switch in it, and traffic."""

    def __init__(self, context, variant, log, queues):
        self.context = context
        self.traffic = Traffic(context.subject.traffic, context.cores)
        self.rules = None
        # By number of ports or queues, see growth.
        self.memory_at = {}
        self.lab = Lab(2, context.cores, log, queues)
        self.switch = variant.new_switch(context, self.lab)
        try:
            self.switch.start()
            self.switch.add_ports(self.lab.ports())
        except BaseException:
            self.close()
            raise

    def use_rules(self, make_rules, afresh=False):
        """'make_rules', of module rules, gets the ports' names."""
        if afresh or self.rules is not make_rules:
            self.switch.set_rules(make_rules(self.lab.ports()))
            self.rules = make_rules

    def grow(self, n_ports):
        before = self.lab.ports()
        self.lab.grow(n_ports)
        self.switch.add_ports(self.lab.ports()[len(before):])

    def close(self):
        try:
            self.switch.stop()
        finally:
            self.lab.close()


class Trials:
    """Results and failures, as they come."""

    def __init__(self, context, progress):
        self.context = context
        self.progress = progress
        self.results = []
        self.failures = []
        # The commands that made each variant what it is, by name.
        self.settings = {}
        self.failed = Counter()

    def hopeless(self, *place):
        """What has failed twice is not tried again."""
        return self.failed[place] >= 2

    def carry_out(self, jobs):
        for job in jobs:
            if self.hopeless(job.variant.name, job.group):
                self.progress.skipped(job)
            else:
                self.carry_out_one(job)
        self.progress.end()

    def carry_out_one(self, job):
        log = []
        self.progress.show(job)
        try:
            queues = max(scenario.queues for scenario, _, _ in job.work)
            bench = Bench(self.context, job.variant, log, queues)
        except Failed as failure:
            self.failed[job.variant.name, job.group] += 1
            self.fail(job, failure)
            self.progress.skipped(job)
            return
        try:
            for scenario, points, seconds in job.work:
                for point in points:
                    if not self.hopeless(job.variant.name, scenario.name,
                                         point):
                        self.measure(bench, job, scenario, point, seconds)
        finally:
            bench.close()
        self.progress.finished(job)
        self.settings.setdefault(job.variant.name, log)

    def measure(self, bench, job, scenario, point, seconds):
        try:
            metrics = scenario.measure(bench, point, seconds)
        except Failed as failure:
            self.fail(job, failure, scenario=scenario.name, point=point)
            self.failed[job.variant.name, scenario.name, point] += 1
            return
        self.results.append({"variant": job.variant.name,
                             "scenario": scenario.name, "point": point,
                             "repetition": job.repetition, **metrics})

    def fail(self, job, failure, **where):
        self.failures.append({"variant": job.variant.name, "group": job.group,
                              "repetition": job.repetition, **where,
                              "reason": str(failure)})
