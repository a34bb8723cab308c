# SPDX-License-Identifier: Apache-2.0
"""What forwards: each kind can start(), add_ports(), set_rules() and stop().

'context' is what the whole run has in common, see main.Context.
"""

import os
import re
import shutil

from bench.command import Failed, run
from bench.lab import mac
from bench.process import (Background, end_daemon, is_alive, resident_kib,
                           threads_time)


class Switch:
    """A kind that has no process of its own, no ports but two, no rules."""

    # False if times() has nothing to do with how many packets there are.
    forwards_in_threads = True

    def __init__(self, context, variant, lab):
        self.context, self.variant, self.lab = context, variant, lab

    def start(self):
        pass

    def add_ports(self, ports):
        pass

    def set_rules(self, rules):
        """OpenFlow rules; what has no OpenFlow forwards between its ports."""

    def stop(self):
        pass

    def times(self):
        """(user, system) seconds that forwarding has taken, or None if that
        happens in no process of the switch."""
        return None

    def memory_kib(self):
        return None

    def n_flows(self):
        """How many megaflows there are, or None."""
        return None

    def kernel_counts(self):
        """(hits, misses) of flow offload, or None if there is none."""
        return None


class Bare(Switch):
    """A command of ovs-afxdp-traffic: redirect, or forward."""

    def start(self):
        self.process = None

    def add_ports(self, ports):
        argv = [self.context.subject.traffic, self.variant.command,
                *self.core_option(), *ports[:2]]
        self.lab.log.append(" ".join(argv))
        self.process = Background(argv, ready="ready")

    def core_option(self):
        if self.variant.command == "redirect":
            return []
        return [f"--cpu={self.context.cores.switch}"]

    def stop(self):
        if self.process:
            self.process.stop()

    def times(self):
        if self.variant.command == "redirect":
            return None
        return threads_time(self.process.pid, "")


class Bridge(Switch):
    """The kernel's own, which knows where each host is."""

    def start(self):
        self.lab.run("ip", "link", "add", "br0", "type", "bridge",
                     "mcast_snooping", 0)
        self.lab.run("sysctl", "-q", "net.ipv6.conf.br0.disable_ipv6=1")
        self.lab.run("ip", "link", "set", "br0", "up")

    def add_ports(self, ports):
        for port in ports:
            self.lab.run("ip", "link", "set", port, "master", "br0")
            self.lab.run("bridge", "fdb", "replace", mac(int(port[1:])),
                         "dev", port, "master", "static")

    def stop(self):
        run("ip", "link", "delete", "br0")


# Open vSwitch starts with room for 10,000 flows and lets in more by and by, up
# to this, its default.  It gets that time spared.
FLOW_LIMIT = 200_000


class OpenVSwitch(Switch):
    """A database, a daemon, and bridge br0 with datapath_type=netdev."""

    def start(self):
        # (name, process id)
        self.running = []
        self.dir = f"/run/bench/{self.variant.name}"
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        daemon = self.context.daemon(self.variant)
        self.env = self.environment(daemon)
        self.command("ovsdb-tool", "create", f"{self.dir}/conf.db",
                     self.context.subject.schema)
        self.daemon("ovsdb-server", f"{self.dir}/conf.db",
                    f"--remote=punix:{self.dir}/db.sock")
        settings = {"pmd-cpu-mask": self.context.cores.switch_mask,
                    **self.context.other_config(self.variant)}
        self.vsctl("--no-wait", "init", "--", "set", "open_vswitch", ".",
                   *(f'other_config:{key}="{value}"'
                     for key, value in settings.items()))
        self.daemon(daemon.path, f"unix:{self.dir}/db.sock")
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0",
                   "datapath_type=netdev", "--", "set", "bridge", "br0",
                   "fail_mode=secure")
        self.appctl("upcall/set-flow-limit", str(FLOW_LIMIT))

    def environment(self, daemon):
        subject = self.context.subject
        env = dict(os.environ, LC_ALL="C",
                   PATH=":".join((*subject.tools, os.environ["PATH"])),
                   OVS_PKGDATADIR=os.path.dirname(subject.schema))
        for name in ("RUNDIR", "LOGDIR", "DBDIR", "SYSCONFDIR"):
            env[f"OVS_{name}"] = self.dir
        if daemon.libraries:
            env["LD_LIBRARY_PATH"] = daemon.libraries
        return env

    def daemon(self, program, *args):
        name = os.path.basename(program)
        pidfile = f"{self.dir}/{name}.pid"
        self.log = log = f"{self.dir}/{name}.log"
        try:
            self.command(program, *args, "--no-chdir", "--detach",
                         f"--pidfile={pidfile}", f"--log-file={log}",
                         f"--unixctl={self.dir}/{name}.ctl",
                         "-vconsole:off", "-vsyslog:off")
        except Failed as failure:
            raise Failed(logged_error(log) or str(failure)) from None
        with open(pidfile) as f:
            self.running.append((name, int(f.read())))

    def command(self, *argv):
        return self.lab.run(*argv, env=self.env)

    def vsctl(self, *argv):
        try:
            return self.command("ovs-vsctl", "--timeout=30", *argv)
        except Failed as failure:
            # It waits for a daemon that has died, too.
            raise self.explained(failure) from None

    def explained(self, failure):
        if len(self.running) == 2 and not is_alive(self.pid):
            failure = f"the daemon has died ({failure})"
        said = logged_error(self.log)
        return Failed(f"{failure}: {said}" if said else str(failure))

    def appctl(self, *argv):
        try:
            return self.control(self.running[-1][0], *argv)
        except Failed as failure:
            raise self.explained(failure) from None

    def control(self, name, *argv):
        return run("ovs-appctl", "--timeout=30",
                   f"--target={self.dir}/{name}.ctl", *argv, env=self.env)

    @property
    def pid(self):
        return self.running[-1][1]

    def add_ports(self, ports):
        for port in ports:
            self.vsctl("add-port", "br0", port, "--", "set", "interface",
                       port, f"ofport_request={int(port[1:]) + 1}",
                       *self.variant.interface(port))
            # The database has its text in quotes, or an empty set.
            error = self.vsctl("get", "interface", port, "error").strip()
            if error != "[]":
                raise Failed(f"{port}: {error.strip(chr(34))}")

    def set_queues(self, n):
        for port in self.lab.ports():
            self.vsctl("set", "interface", port, f"options:n_rxq={n}")

    def set_rules(self, rules):
        """The datapath forgets what it knew, too."""
        self.command("ovs-ofctl", "del-flows", "br0")
        path = f"{self.dir}/rules"
        with open(path, "w") as f:
            f.write("\n".join(rules) + "\n")
        self.lab.log.extend(f"ovs-ofctl add-flow br0 {rule}"
                            for rule in rules)
        run("ovs-ofctl", "add-flows", "br0", path, env=self.env)
        self.appctl("revalidator/purge")

    def stop(self):
        while self.running:
            name, pid = self.running.pop()
            # Otherwise the bridge's own device stays.
            how = [] if name == "ovsdb-server" else ["--cleanup"]
            try:
                self.control(name, "exit", *how)
            except Failed:
                # end_daemon() is less polite.
                pass
            end_daemon(pid)

    def times(self):
        return threads_time(self.pid, "pmd-")

    def memory_kib(self):
        return resident_kib(self.pid)

    def n_flows(self):
        return int(self.appctl("upcall/show").partition("(current ")[2]
                   .partition(")")[0])


class OffloadingOpenVSwitch(OpenVSwitch):
    """It must not only work, but work in the kernel."""

    forwards_in_threads = False
    COUNTS = re.compile(r"(\d+) cache hits, (\d+) masked hits; (\d+) misses")

    def start(self):
        super().start()
        if "afxdp/offload-show" not in self.appctl("list-commands"):
            raise Failed("this build has no offload: ovs-appctl "
                         "list-commands has no afxdp/offload-show")

    def n_flows(self):
        """In the kernel, where they are a little later."""
        return int(re.match(r"flows: (\d+)",
                            self.appctl("afxdp/offload-show"))[1])

    def kernel_counts(self):
        ports = [list(map(int, port)) for port in
                 self.COUNTS.findall(self.appctl("afxdp/offload-show"))]
        return (sum(hits + masked for hits, masked, _ in ports),
                sum(misses for _, _, misses in ports))


def logged_error(path):
    """The text of the last error or worse in a daemon's log, or None."""
    try:
        with open(path) as f:
            lines = [line.rstrip().split("|", 4) for line in f]
    except OSError:
        return None
    texts = [line[4] for line in lines
             if len(line) == 5 and line[3] in ("ERR", "EMER")]
    return "; ".join(texts) or None
