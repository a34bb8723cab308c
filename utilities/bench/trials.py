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
        self.lab = Lab(n_ports, context.cores, log)
        self.switch = variant.new_switch(context, self.lab)
        try:
            self.switch.start()
            self.switch.add_ports(self.lab.ports())
        except BaseException:
            self.close()
            raise

    def use_rules(self, make_rules):
        """'make_rules', a function, gets the ports' names."""
        if self.rules is not make_rules:
            self.switch.set_rules(make_rules(self.lab.ports()))
            self.rules = make_rules

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
                    self.measure(bench, job, scenario, point, seconds)
        finally:
            bench.close()
        self.progress.finished(job)
        self.settings.setdefault(job.variant.name, log)

    def measure(self, bench, job, scenario, point, seconds):
        try:
            metrics = scenario.measure(bench, point, seconds)
            metrics.update(bench.switch.prove())
        except Failed as failure:
            self.fail(job, failure, scenario=scenario.name, point=point)
            return
        self.results.append({"variant": job.variant.name,
                             "scenario": scenario.name, "point": point,
                             "repetition": job.repetition, **metrics})

    def fail(self, job, failure, **where):
        self.failures.append({"variant": job.variant.name, "group": job.group,
                              "repetition": job.repetition, **where,
                              "reason": str(failure)})
