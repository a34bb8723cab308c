# SPDX-License-Identifier: Apache-2.0
"""What forwards: each kind can start(), add_ports(), set_rules() and stop().

'context' is what the whole run has in common, see main.Context.
"""

import os
import shutil

from bench.command import Failed, run
from bench.lab import mac
from bench.process import (Background, end_daemon, resident_kib,
                           threads_time)


class Switch:
    """A kind that has no process of its own, no ports but two, no rules."""

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

    def prove(self):
        """What says that packets took the way that they should have: a
        dictionary for the JSON file.  Fails if they did not."""
        return {}


class Bare(Switch):
    """A command of ovs-afxdp-traffic: redirect, or forward."""

    def start(self):
        self.process = None

    def add_ports(self, ports):
        argv = [self.context.traffic, self.variant.command,
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


class OpenVSwitch(Switch):
    """A database, a daemon, and bridge br0 with datapath_type=netdev."""

    def start(self):
        self.pids = []
        self.dir = f"/run/bench/{self.variant.name}"
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        daemon = self.context.daemon(self.variant)
        self.env = self.environment(daemon)
        self.command("ovsdb-tool", "create", f"{self.dir}/conf.db",
                     self.context.schema)
        self.daemon("ovsdb-server", f"{self.dir}/conf.db",
                    f"--remote=punix:{self.dir}/db.sock")
        settings = {"pmd-cpu-mask": self.context.cores.switch_mask,
                    **self.context.other_config(self.variant)}
        self.vsctl("--no-wait", "init", "--", "set", "open_vswitch", ".",
                   *(f'other_config:{key}="{value}"'
                     for key, value in settings.items()))
        self.daemon(daemon.path, f"unix:{self.dir}/db.sock",
                    f"--unixctl={self.dir}/ctl")
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0",
                   "datapath_type=netdev", "--", "set", "bridge", "br0",
                   "fail_mode=secure")

    def environment(self, daemon):
        env = dict(os.environ, LC_ALL="C",
                   PATH=f"{self.context.ovs_path}:{os.environ['PATH']}",
                   OVS_PKGDATADIR=os.path.dirname(self.context.schema))
        for name in ("RUNDIR", "LOGDIR", "DBDIR", "SYSCONFDIR"):
            env[f"OVS_{name}"] = self.dir
        if daemon.libraries:
            env["LD_LIBRARY_PATH"] = daemon.libraries
        return env

    def daemon(self, program, *args):
        name = os.path.basename(program)
        pidfile, log = f"{self.dir}/{name}.pid", f"{self.dir}/{name}.log"
        try:
            self.command(program, *args, "--no-chdir", "--detach",
                         f"--pidfile={pidfile}", f"--log-file={log}",
                         "-vconsole:off", "-vsyslog:off")
        except Failed as failure:
            raise Failed(logged_error(log) or str(failure)) from None
        with open(pidfile) as f:
            self.pids.append(int(f.read()))

    def command(self, *argv):
        return self.lab.run(*argv, env=self.env)

    def vsctl(self, *argv):
        return self.command("ovs-vsctl", "--timeout=60", *argv)

    def appctl(self, *argv):
        return run("ovs-appctl", "--timeout=30", f"--target={self.dir}/ctl",
                   *argv, env=self.env)

    def add_ports(self, ports):
        for port in ports:
            self.vsctl("add-port", "br0", port, "--", "set", "interface",
                       port, f"ofport_request={int(port[1:]) + 1}",
                       *self.variant.interface(port))
            # The database has its text in quotes, or an empty set.
            error = self.vsctl("get", "interface", port, "error").strip()
            if error != "[]":
                raise Failed(f"{port}: {error.strip(chr(34))}")

    def set_rules(self, rules):
        """The datapath forgets what it knew, too."""
        self.command("ovs-ofctl", "del-flows", "br0")
        path = f"{self.dir}/rules"
        with open(path, "w") as f:
            f.write("\n".join(rules) + "\n")
        self.lab.log.extend(f"ovs-ofctl add-flow br0 '{rule}'"
                            for rule in rules)
        run("ovs-ofctl", "add-flows", "br0", path, env=self.env)
        self.appctl("revalidator/purge")

    def stop(self):
        try:
            # Otherwise the bridge's own device stays.
            self.appctl("exit", "--cleanup")
        except Failed:
            pass
        while self.pids:
            end_daemon(self.pids.pop())

    def times(self):
        return threads_time(self.pids[-1], "pmd-")

    def memory_kib(self):
        return resident_kib(self.pids[-1])

    def datapath_flows(self):
        """How many of the megaflows that forward packets there are."""
        return int(self.appctl("upcall/show").partition("(current ")[2]
                   .partition(")")[0])


class OffloadingOpenVSwitch(OpenVSwitch):
    """It must not only work, but work in the kernel."""

    def start(self):
        super().start()
        if "afxdp/offload-show" not in self.appctl("list-commands"):
            raise Failed("this build has no offload: ovs-appctl "
                         "list-commands has no afxdp/offload-show")

    def prove(self):
        return {"offload": self.appctl("afxdp/offload-show").splitlines()}


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
