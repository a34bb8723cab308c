# SPDX-License-Identifier: Apache-2.0
"""Programs that run for a while, and what they use."""

import os
import select
import signal
import subprocess
import time

from bench.command import Failed, last_line

TICKS = os.sysconf("SC_CLK_TCK")


class Background:
    """A program that runs until stop()."""

    def __init__(self, argv, env=None, ready=None):
        """Waits for the line 'ready' on its standard error."""
        argv = [str(arg) for arg in argv]
        self.name = " ".join(argv)
        try:
            self.process = subprocess.Popen(
                argv, env=env, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise Failed(f"{argv[0]}: {error.strerror}") from None
        if ready:
            self.wait_ready(ready)

    def wait_ready(self, ready):
        said = ""
        deadline = time.monotonic() + 10
        while ready not in said.splitlines():
            left = deadline - time.monotonic()
            stream = self.process.stderr
            line = (stream.readline()
                    if select.select([stream], [], [], max(0, left))[0]
                    else "")
            said += line
            if not line:
                self.kill()
                raise Failed(f"{self.name}: {last_line(said)}")

    @property
    def pid(self):
        return self.process.pid

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """Returns what the program printed."""
        self.process.send_signal(signal.SIGINT)
        return self.finish(10)

    def finish(self, seconds):
        """The same, when it ends by itself."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name}: did not end") from None
        if self.process.returncode not in (0, -signal.SIGINT):
            raise Failed(f"{self.name}: {last_line(err or out)}")
        return out


def end_daemon(pid):
    """Ends a daemon that became ours when its parent ended.  It may be on its
    way out."""
    for number in (0, signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    return
            except ChildProcessError:
                return
            time.sleep(0.01)


def is_alive(pid):
    """False of a daemon that has ended and waits for end_daemon(), too."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def threads_time(pid, prefix):
    """Returns (user, system) seconds that the process has used, in threads
    whose name starts with 'prefix' if it has such."""
    chosen, rest = [], []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/stat") as f:
                name, _, fields = f.read().partition("(")[2].rpartition(") ")
        except OSError:
            continue
        # The 14th and 15th of the file; two are before the closing bracket.
        times = [int(ticks) / TICKS for ticks in fields.split()[11:13]]
        (chosen if name.startswith(prefix) else rest).append(times)
    times = chosen or rest
    return sum(t[0] for t in times), sum(t[1] for t in times)


def resident_kib(pid):
    """Resident memory, with huge pages, which the kernel counts apart."""
    total = 0
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith(("VmRSS:", "HugetlbPages:")):
                total += int(line.split()[1])
    return total
