# SPDX-License-Identifier: Apache-2.0
"""What machine this is, and which cores do what."""

import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    sender: int
    switch: int

    @property
    def shared(self):
        return self.sender == self.switch

    @property
    def switch_mask(self):
        return f"{1 << self.switch:#x}"


def choose_cores():
    """The first core that this process may use sends, the second switches."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(sender=usable[0], switch=usable[1 % len(usable)])


def placement(cores):
    """Says so, in sentences."""
    if cores.shared:
        return (f"There is one core only, {cores.sender}: sender and switch "
                "share it, and figures say little.")
    return (f"Core {cores.sender} sends; PMD threads and bare forwarders run "
            f"on core {cores.switch}. What the kernel forwards by itself "
            "(redirect, offload, bridge) runs on the core that sends.")


def describe():
    return {
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "cpu": field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": field("/proc/meminfo", "MemTotal"),
        "distribution":
            field("/etc/os-release", "PRETTY_NAME", "=").strip('"'),
        "virtual": "hypervisor" in field("/proc/cpuinfo", "flags").split(),
    }


def field(path, key, separator=":"):
    try:
        with open(path) as f:
            for line in f:
                name, _, value = line.partition(separator)
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return "unknown"
