# SPDX-License-Identifier: Apache-2.0
"""A private world: network, mounts and processes that vanish with the tool.

The tool forks; the child is process 1 of a process namespace of its own, with
a network and mounts of its own.  The kernel ends all that runs in there when
the child ends, and the child when the tool ends, even by kill -9.
"""

import ctypes
import os
import signal
import sys

from bench.command import Failed, Interrupted, run

CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NR_HUGEPAGES = "/proc/sys/vm/nr_hugepages"

libc = ctypes.CDLL(None, use_errno=True)


def run_inside(function):
    """Runs function() in there and returns its exit status."""
    if libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET):
        reason = os.strerror(ctypes.get_errno())
        raise Failed(f"root may not create namespaces here ({reason}); in a "
                     "container, run it privileged")
    sys.stdout.flush()
    parent = os.getpid()
    child = os.fork()
    if not child:
        # Nothing of the parent's is undone twice, whatever happens.
        status = 1
        try:
            status = inside(function, parent)
        except Exception:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            os._exit(status)
    return watch(child)


def watch(child):
    for number in SIGNALS:
        signal.signal(number, lambda got, _: os.kill(child, got))
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def inside(function, parent):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The terminal's signals come from the parent only, once each.
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        make_private()
        return function()
    except Interrupted as signalled:
        print("ovs-afxdp-bench: interrupted, nothing is left behind",
              file=sys.stderr)
        return 128 + signalled.args[0]
    except Failed as failure:
        print(f"ovs-afxdp-bench: {failure}", file=sys.stderr)
        return 1


def interrupt(number, _):
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


def make_private():
    """Nothing that is mounted here, or written to /run, is seen outside."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.makedirs("/run/netns")
    run("ip", "link", "set", "lo", "up")


def reserve_hugepages(pages):
    """Asks the kernel for huge pages and returns how many there are.  They go
    back when this process and its children are gone, however they go."""
    with open(NR_HUGEPAGES) as f:
        before = int(f.read())
    if before >= pages:
        return before
    reader, writer = os.pipe()
    if not os.fork():
        os.setsid()
        os.close(writer)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        os.read(reader, 1)
        with open(NR_HUGEPAGES, "w") as f:
            f.write(str(before))
        os._exit(0)
    os.close(reader)
    try:
        with open(NR_HUGEPAGES, "w") as f:
            f.write(str(pages))
    except OSError:
        pass
    with open(NR_HUGEPAGES) as f:
        return int(f.read())
