# SPDX-License-Identifier: Apache-2.0
"""What a whole run has in common: a build, peers, cores."""

import os
import re
from dataclasses import dataclass

from bench import packages
from bench.command import Failed, run
from bench.variants import OURS

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
DAEMON = "vswitchd/ovs-vswitchd"
TRAFFIC = "utilities/ovs-afxdp-traffic"
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
        self.build_dir = find_build(build_dir)
        self.cores = cores
        self.traffic = f"{self.build_dir}/{TRAFFIC}"
        source = self.makefile_variable("OVS_SRCDIR")
        build = self.makefile_variable("OVS_BUILDDIR")
        self.schema = f"{source}/vswitchd/vswitch.ovsschema"
        self.ovs_path = f"{build}/utilities:{build}/ovsdb"
        self.packages = packages.Packages(f"{self.build_dir}/peers", install)
        self.daemons = {}
        self.hugepages = 0

    def makefile_variable(self, name):
        with open(f"{self.build_dir}/Makefile") as f:
            found = re.search(rf"^{name} = (.*)$", f.read(), re.MULTILINE)
        if not found:
            raise Failed(f"{self.build_dir}/Makefile has no {name}")
        return os.path.join(self.build_dir, found[1])

    def prepare(self, variant):
        """Finds or fetches what the variant needs, or fails."""
        if variant.daemon is None:
            return
        if variant.daemon == OURS:
            self.daemons[OURS] = Daemon(f"{self.build_dir}/{DAEMON}")
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


def find_build(build_dir):
    candidates = [build_dir] if build_dir \
        else [os.getcwd(), f"{TOP}/_build", TOP]
    for folder in candidates:
        if all(os.access(os.path.join(folder, program), os.X_OK)
               for program in (DAEMON, TRAFFIC)):
            return os.path.realpath(folder)
    raise Failed(
        f"there is no build with {DAEMON} and {TRAFFIC} in "
        f"{' or '.join(candidates)}; build first ({TOP}/utilities/quickstart "
        "run, or configure and make), or say where with --build-dir")


def commit():
    """Of the checkout that the tool is in, or None."""
    try:
        return run("git", "-c", "safe.directory=*", "-C", TOP, "describe",
                   "--always", "--dirty").strip()
    except Failed:
        return None
