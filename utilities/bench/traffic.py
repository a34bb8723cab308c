# SPDX-License-Identifier: Apache-2.0
"""ovs-afxdp-traffic: frames out of e0, and a count of what comes in at e1."""

import json
import time

from bench.command import Failed
from bench.lab import mac
from bench.process import Background

# Addresses that RFC 2544 sets aside: what the sink misses, no host answers.
SOURCE, SINK = "198.18.0.1", "198.19.0.1"


class Traffic:
    """'program' is the path of ovs-afxdp-traffic."""

    def __init__(self, program, cores):
        self.program = program
        self.cores = cores

    def send(self, seconds, times=None, **load):
        """Returns the program's report.  'times' is called twice while frames
        are sent, and what it returned and when is put into the report."""
        sender = Background(self.send_command(seconds, **load), ready="ready")
        samples = []
        if times:
            samples.append((times(), time.monotonic()))
            # The program needs a while to end.
            time.sleep(seconds * 0.95)
            samples.append((times(), time.monotonic()))
        report = parse(sender.finish(seconds + 60))
        return report | {"samples": samples}

    def warm_up(self, seconds, **load):
        with self.sink():
            self.send(seconds, **load)

    def start_sending(self, seconds, **load):
        return Background(self.send_command(seconds, **load), ready="ready")

    def send_command(self, seconds, size=64, flows=1, rate=None, stamps=False,
                     to=SINK):
        """'stamps' are for a sink that measures latency, and cost time."""
        options = [f"--rate={int(rate)}"] if rate else []
        options += [] if stamps else ["--no-timestamp"]
        return ["ip", "netns", "exec", "n0", self.program, "send", *options,
                f"--duration={seconds}", f"--size={size}", f"--flows={flows}",
                f"--cpu={self.cores.sender}",
                f"--src-mac={mac(0)}", f"--dst-mac={mac(1)}",
                f"--src-ip={SOURCE}", f"--dst-ip={to}",
                "--json", "--quiet", "e0"]

    def sink(self, stamps=False):
        options = [] if stamps else ["--no-latency"]
        return Sink(["ip", "netns", "exec", "n1", self.program, "receive",
                     *options, "--json", "--quiet", "e1"])


class Sink:
    """with traffic.sink() as sink: ...; sink.report has the counts."""

    def __init__(self, argv):
        self.argv = argv

    def __enter__(self):
        self.process = Background(self.argv, ready="ready")
        return self

    def __exit__(self, *failed):
        out = self.process.stop()
        self.report = {} if failed[0] else parse(out)


def parse(text):
    try:
        return json.loads(text)
    except ValueError:
        raise Failed(f"ovs-afxdp-traffic printed no JSON: {text[:80]}") \
            from None
