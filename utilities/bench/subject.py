# SPDX-License-Identifier: Apache-2.0
"""What is measured: a build, or what is installed with this tool."""

import os
import re
from dataclasses import dataclass

from bench.command import Failed, run

try:
    from bench import installed
except ImportError:
    installed = None

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
DAEMON = "vswitchd/ovs-vswitchd"
TRAFFIC = "utilities/ovs-afxdp-traffic"


@dataclass(frozen=True)
class Subject:
    daemon: str
    traffic: str
    schema: str
    # Folders of Open vSwitch's own tools, if they are in no usual place.
    tools: tuple[str, ...]
    # Where Debian's peers are unpacked.
    peers: str
    # Where folders of results go.
    results: str
    # What a build was made from.
    source: str | None = None


def find_subject(build_dir):
    if installed and not build_dir:
        return installed_subject()
    return built_subject(find_build(build_dir))


def built_subject(folder):
    with open(f"{folder}/Makefile") as f:
        makefile = f.read()

    def variable(name):
        found = re.search(rf"^{name} = (.*)$", makefile, re.MULTILINE)
        if not found:
            raise Failed(f"{folder}/Makefile has no {name}")
        return os.path.join(folder, found[1])

    ovs, ovs_build = variable("OVS_SRCDIR"), variable("OVS_BUILDDIR")
    return Subject(daemon=f"{folder}/{DAEMON}", traffic=f"{folder}/{TRAFFIC}",
                   schema=f"{ovs}/vswitchd/vswitch.ovsschema",
                   tools=(f"{ovs_build}/utilities", f"{ovs_build}/ovsdb"),
                   peers=f"{folder}/peers", results=f"{folder}/bench",
                   source=variable("abs_top_srcdir"))


def installed_subject():
    for program, package in ((installed.DAEMON, "openvswitch-switch-afxdp"),
                             (installed.TRAFFIC, "ovs-afxdp-tools"),
                             (installed.SCHEMA, "openvswitch-switch")):
        if not os.path.exists(program):
            raise Failed(f"{program} is not there: install {package}, or say "
                         "with --build-dir where there is a build")
    return Subject(daemon=installed.DAEMON, traffic=installed.TRAFFIC,
                   schema=installed.SCHEMA, tools=(),
                   peers=installed.PEERS,
                   results=os.path.join(os.getcwd(), "ovs-afxdp-bench"))


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


def commit(source):
    """Of the checkout in that folder, with "-dirty" if something in it is not
    committed, or None."""
    if not source:
        return None
    git = ["git", "-c", "safe.directory=*", "-C", source]
    try:
        # A folder in the checkout of something else has no commit.
        run(*git, "ls-files", "--error-unmatch", "configure.ac")
        return run(*git, "describe", "--always", "--dirty").strip()
    except Failed:
        return None
