# SPDX-License-Identifier: Apache-2.0
"""Hosts around a switch: namespace nN has device eN, whose peer is pN.

The switch is in the private world itself.  Each host has 10.1.1.N+1/24, and
knows its neighbours without asking.  Every variant gets the same lab.
"""

from bench.command import run

# Of which kind all are.
DEVICES = "veth"
SUBNET = "10.1.1."


def address(n):
    return f"{SUBNET}{n + 1}"


def mac(n):
    return f"02:00:00:00:00:{n + 1:02x}"


class Lab:
    """'log' gets the commands that change the machine."""

    def __init__(self, n_hosts, cores, log, queues=1):
        self.cores = cores
        self.log = log
        self.queues = queues
        self.hosts = range(0)
        try:
            self.grow(n_hosts)
            self.introduce(0, 1)
            self.introduce(1, 0)
        except BaseException:
            self.close()
            raise

    def grow(self, n_hosts):
        for n in range(len(self.hosts), n_hosts):
            self.hosts = range(n + 1)
            self.add_host(n)

    def ports(self):
        return [f"p{n}" for n in self.hosts]

    def add_host(self, n):
        host, port, device = f"n{n}", f"p{n}", f"e{n}"
        size = ["numrxqueues", self.queues, "numtxqueues", self.queues]
        self.run("ip", "netns", "add", host)
        self.run("ip", "link", "add", port, *size, "type", "veth",
                 "peer", "name", device, *size, "netns", host,
                 "address", mac(n))
        # A veth takes frames from a BPF program if its peer has GRO or a
        # program; so both ends have GRO.
        self.merge(port, True)
        self.inside(n, "ethtool", "-K", device, "gro", "on", "tx", "off")
        # Neither end has anything to say by itself.
        self.run("sysctl", "-q", f"net.ipv6.conf.{port}.disable_ipv6=1")
        self.inside(n, "sysctl", "-q",
                    f"net.ipv6.conf.{device}.disable_ipv6=1")
        self.run("ip", "link", "set", port, "up")
        self.run("ip", "-n", host, "link", "set", "lo", "up")
        self.run("ip", "-n", host, "link", "set", device, "up")
        self.run("ip", "-n", host, "address", "add", f"{address(n)}/24",
                 "dev", device)

    def merge(self, port, on):
        """GRO on a port.  It is what AF_PACKET cannot have for TCP, since
        what it merges is longer than the MTU."""
        self.run("ethtool", "-K", port, "gro", "on" if on else "off")

    def introduce(self, n, other):
        self.run("ip", "-n", f"n{n}", "neighbour", "replace", address(other),
                 "lladdr", mac(other), "dev", f"e{n}")

    def run(self, *argv, **kwargs):
        return run(*argv, log=self.log, **kwargs)

    def inside(self, n, *argv, **kwargs):
        return self.run("ip", "netns", "exec", f"n{n}", *argv, **kwargs)

    def close(self):
        for n in self.hosts:
            for command in (["ip", "link", "delete", f"p{n}"],
                            ["ip", "netns", "delete", f"n{n}"]):
                try:
                    run(*command)
                except Exception:
                    # It was never made.
                    pass
