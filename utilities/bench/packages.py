# SPDX-License-Identifier: Apache-2.0
"""Debian's packages: tools are installed, peers only unpacked.

An installed switch would start now and at every boot; one that is unpacked in
a folder changes nothing.  Tools are harmless, and somebody may want them.
"""

import glob
import os
import shutil
import sys
import sysconfig

from bench.command import Failed, run

# Package of each tool that scenarios use.
TOOLS = {"ip": "iproute2", "ethtool": "ethtool", "iperf3": "iperf3",
         "ping": "iputils-ping", "sysctl": "procps"}
CHARTS = "python3-matplotlib"
LIBRARIES = f"usr/lib/{sysconfig.get_config_var('MULTIARCH')}"


class Packages:
    """'folder' keeps what is unpacked, for the next run, too."""

    def __init__(self, folder, install):
        self.folder = folder
        self.install = install
        self.updated = False

    def need_tools(self, charts):
        missing = {package for tool, package in TOOLS.items()
                   if not shutil.which(tool)}
        if charts and not have_matplotlib():
            missing.add(CHARTS)
        if not missing or not self.install:
            return
        print(f"Installing {', '.join(sorted(missing))}.", flush=True)
        self.apt("install", "--no-install-recommends", *sorted(missing))

    def find(self, program, packages):
        """Returns (path, library folder or None) of 'program', installed or
        unpacked; 'packages' are what Debian has it in."""
        if os.access(program, os.X_OK) and all(map(installed, packages)):
            return program, None
        root = os.path.join(self.folder, packages[0])
        path = root + program
        if not os.access(path, os.X_OK):
            if not self.install:
                raise Failed(f"{packages[0]} is not on this machine, and "
                             "--no-install forbids to fetch it")
            self.unpack(packages, root)
        return path, root

    def unpack(self, packages, root):
        print(f"Fetching {', '.join(packages)} from Debian.", flush=True)
        cache = root + ".debs"
        shutil.rmtree(cache, ignore_errors=True)
        os.makedirs(cache + "/partial")
        self.apt("install", "--download-only", "--no-install-recommends",
                 "--reinstall", "-o", f"Dir::Cache::Archives={cache}",
                 *packages)
        shutil.rmtree(root, ignore_errors=True)
        for deb in glob.glob(cache + "/*.deb"):
            run("dpkg", "-x", deb, root + ".new")
        os.rename(root + ".new", root)
        shutil.rmtree(cache)

    def apt(self, *args):
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
        try:
            run(*command, *args, env=env, timeout=900)
        except Failed:
            if self.updated:
                raise
            self.updated = True
            run(*command, "update", env=env, timeout=900)
            run(*command, *args, env=env, timeout=900)


def installed(package):
    return version(package) is not None


def version(package):
    """Of an installed package, or None."""
    try:
        said = run("dpkg-query", "-W", "-f",
                   "${db:Status-Status} ${Version}", package)
    except Failed:
        return None
    state, _, number = said.partition(" ")
    return number if state == "installed" else None


def have_matplotlib():
    try:
        run(sys.executable, "-c", "import matplotlib")
        return True
    except Failed:
        return False
