# SPDX-License-Identifier: Apache-2.0
"""What a whole run has in common: what is measured, peers, cores."""

import os
from dataclasses import dataclass

from bench import packages
from bench.command import run
from bench.subject import find_subject
from bench.variants import OURS

# Of 2 MB each, for the packet memory of OVS-DPDK.
HUGEPAGES = 512


@dataclass(frozen=True)
class Daemon:
    path: str
    # Where the root of its unpacked packages is, if they are not installed.
    root: str | None = None

    @property
    def libraries(self):
        return f"{self.root}/{packages.LIBRARIES}" if self.root else None


class Context:
    def __init__(self, build_dir, cores, install):
        self.subject = find_subject(build_dir)
        self.cores = cores
        self.packages = packages.Packages(self.subject.peers, install)
        self.daemons = {}
        self.hugepages = 0

    def prepare(self, variant):
        """Finds or fetches what the variant needs, or fails."""
        if variant.daemon is None:
            return
        if variant.daemon == OURS:
            self.daemons[OURS] = Daemon(self.subject.daemon)
        elif variant.daemon not in self.daemons:
            self.daemons[variant.daemon] = Daemon(
                *self.packages.find(*variant.daemon))

    def daemon(self, variant):
        return self.daemons[variant.daemon]

    def other_config(self, variant):
        if variant.port_type != "dpdk":
            return variant.other_config
        daemon = self.daemon(variant)
        extra = "" if self.hugepages >= HUGEPAGES \
            else "--no-huge --legacy-mem -m 1024"
        if daemon.root:
            extra += f" -d {daemon.libraries}/dpdk/pmds-23.0"
        return {"dpdk-init": "true", "dpdk-extra": extra.strip(),
                "dpdk-lcore-mask": f"{1 << self.cores.sender:#x}"}

    def version(self, variant):
        """What the daemon says of itself, or None."""
        if variant.daemon not in self.daemons:
            return None
        daemon = self.daemon(variant)
        env = dict(os.environ)
        if daemon.libraries:
            env["LD_LIBRARY_PATH"] = daemon.libraries
        said = run(daemon.path, "--version", env=env).splitlines()
        if variant.daemon != OURS:
            package = variant.daemon[1][0]
            said.append(f"{package} {packages.version(package) or ''}".strip())
        return "; ".join(said)
