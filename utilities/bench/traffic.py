# SPDX-License-Identifier: Apache-2.0
"""ovs-afxdp-traffic: frames out of e0, and a count of what comes in at e1."""

import json

from bench.command import Failed, run
from bench.lab import address, mac
from bench.process import Background


class Traffic:
    """'program' is the path of ovs-afxdp-traffic."""

    def __init__(self, program, cores):
        self.program = program
        self.cores = cores

    def send(self, seconds, size=64, flows=1, rate=None, source=0, sink=1):
        """Returns the program's report."""
        return parse(run(*self.send_command(seconds, size, flows, rate, source,
                                            sink), timeout=seconds + 60))

    def start_sending(self, seconds, size=64, flows=1, rate=None, source=0,
                      sink=1):
        return Background(self.send_command(seconds, size, flows, rate, source,
                                            sink))

    def send_command(self, seconds, size, flows, rate, source, sink):
        paced = [f"--rate={int(rate)}"] if rate else []
        return ["ip", "netns", "exec", f"n{source}", self.program, "send",
                *paced, f"--duration={seconds}", f"--size={size}",
                f"--flows={flows}", f"--cpu={self.cores.sender}",
                f"--src-mac={mac(source)}", f"--dst-mac={mac(sink)}",
                f"--src-ip={address(source)}", f"--dst-ip={address(sink)}",
                "--json", "--quiet", f"e{source}"]

    def sink(self, host=1):
        return Sink(["ip", "netns", "exec", f"n{host}", self.program,
                     "receive", "--json", f"e{host}"])


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
