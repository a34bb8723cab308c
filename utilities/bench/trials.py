# SPDX-License-Identifier: Apache-2.0
"""Carries out a plan."""

from bench.command import Failed
from bench.lab import Lab
from bench.traffic import Traffic


class Bench:
    """What a scenario works with: a lab, a switch in it, and traffic."""

    def __init__(self, context, variant, log, n_ports=2):
        self.context = context
        self.traffic = Traffic(context.traffic, context.cores)
        self.rules = None
        # By number of ports, see growth.
        self.memory_at = {}
        self.lab = Lab(n_ports, context.cores, log)
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
        # What has failed once is not tried again.
        self.hopeless = set()

    def carry_out(self, jobs):
        for job in jobs:
            if (job.variant.name, job.group) in self.hopeless:
                self.progress.skipped(job)
            else:
                self.carry_out_one(job)
        self.progress.end()

    def carry_out_one(self, job):
        log = []
        self.progress.show(job)
        try:
            bench = Bench(self.context, job.variant, log)
        except Failed as failure:
            self.hopeless.add((job.variant.name, job.group))
            self.fail(job, failure)
            self.progress.skipped(job)
            return
        try:
            for scenario, points, seconds in job.work:
                for point in points:
                    place = job.variant.name, scenario.name, point
                    if place not in self.hopeless:
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
            self.hopeless.add((job.variant.name, scenario.name, point))
            return
        self.results.append({"variant": job.variant.name,
                             "scenario": scenario.name, "point": point,
                             "repetition": job.repetition, **metrics})

    def fail(self, job, failure, **where):
        self.failures.append({"variant": job.variant.name, "group": job.group,
                              "repetition": job.repetition, **where,
                              "reason": str(failure)})
