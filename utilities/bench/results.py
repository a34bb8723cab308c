# SPDX-License-Identifier: Apache-2.0
"""The JSON file, and questions to it."""

import json

from bench.command import Failed
from bench.scenarios import METRICS
from bench.statistics import paired_ratios, relate

FORMAT = 1


class Results:
    """'data' is what the JSON file has."""

    def __init__(self, data):
        self.data = data

    @classmethod
    def read(cls, path):
        try:
            with open(path) as f:
                data = json.load(f)
        except (OSError, ValueError) as error:
            raise Failed(f"{path}: {error}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise Failed(f"{path} is no file of results that this version "
                         "of ovs-afxdp-bench can read")
        return cls(data)

    def write(self, path):
        with open(path, "w") as f:
            json.dump(self.data, f, indent=1)
            f.write("\n")

    def cases(self):
        """Returns each (scenario, point, metric) that has a value."""
        cases = {}
        for result in self.data["results"]:
            names = self.data["scenarios"][result["scenario"]]["metrics"]
            for name in names:
                if name in result:
                    cases[result["scenario"], result["point"], name] = None
        # Of points the order is that of the measurements.
        points = list(dict.fromkeys((result["scenario"], result["point"])
                                    for result in self.data["results"]))
        scenarios = list(self.data["scenarios"])
        return sorted(cases, key=lambda case: (
            scenarios.index(case[0]), list(METRICS).index(case[2]),
            points.index(case[:2])))

    def variants(self):
        return list(self.data["variants"])

    def values(self, variant, case):
        """By repetition."""
        scenario, point, metric = case
        return {result["repetition"]: result[metric]
                for result in self.data["results"]
                if (result["variant"], result["scenario"], result["point"])
                == (variant, scenario, point) and metric in result}

    def reference(self, variant):
        return self.data["variants"][variant]["reference"]

    def ratios(self, variant, case):
        """To the variant's reference, or an empty list."""
        reference = self.reference(variant)
        if not reference:
            return []
        return paired_ratios(self.values(variant, case),
                             self.values(reference, case))

    def relation(self, variant, case, reference=None):
        """To that variant, or to its own reference; None if there is none."""
        reference = reference or self.reference(variant)
        if not reference:
            return None
        return relate(self.values(variant, case),
                      self.values(reference, case))
