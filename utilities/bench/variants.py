# SPDX-License-Identifier: Apache-2.0
"""What is compared."""

from dataclasses import dataclass, field

from bench.switches import (Bare, Bridge, OffloadingOpenVSwitch, OpenVSwitch,
                            Switch)

OURS = "this build"
DEBIAN = ("/usr/lib/openvswitch-switch/ovs-vswitchd", ("openvswitch-switch",))
DEBIAN_DPDK = ("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk",
               ("openvswitch-switch-dpdk", "librte-net-af-xdp23",
                "librte-mempool-ring23"))


@dataclass(frozen=True)
class Variant:
    name: str
    title: str
    switch: type
    # What its ratios are to; None is for a reference itself.
    reference: str | None = "debian-afxdp"
    # What of the scenarios' needs it meets.
    can: frozenset = frozenset()
    # Of Open vSwitch: OURS, or Debian's path and packages.
    daemon: object = None
    port_type: str = ""
    other_config: dict = field(default_factory=dict, hash=False)
    # Of ovs-afxdp-traffic.
    command: str = ""

    def new_switch(self, context, lab) -> Switch:
        return self.switch(context, self, lab)

    def interface(self, port):
        """The columns of a port."""
        if self.port_type == "dpdk":
            return ["type=dpdk", "options:dpdk-devargs="
                    f"net_af_xdp{port[1:]},iface={port}"]
        return [f"type={self.port_type}"]


# Needs of scenarios: rules of OpenFlow, more than two ports, a process that
# forwards, packets that never leave the kernel, n_rxq.  Bare redirect is the
# limit whatever the rules are.
OPENFLOW = frozenset({"rules", "ports", "process"})
AFXDP = OPENFLOW | {"queues"}

VARIANTS = (
    Variant("xdp-redirect", "bare XDP redirect", Bare, reference=None,
            command="redirect", can=frozenset({"rules"})),
    Variant("af-xdp-forward", "bare AF_XDP forwarder", Bare,
            command="forward", can=frozenset({"process"})),
    Variant("ovs-afxdp-offload", "ovs-afxdp with offload",
            OffloadingOpenVSwitch, reference="xdp-redirect",
            daemon=OURS, port_type="afxdp", can=AFXDP | {"offload"},
            other_config={"hw-offload": "true"}),
    Variant("ovs-afxdp", "ovs-afxdp", OpenVSwitch, daemon=OURS,
            port_type="afxdp", can=AFXDP),
    Variant("debian-afxdp", "Debian's OVS, afxdp", OpenVSwitch,
            reference=None, daemon=DEBIAN, port_type="afxdp", can=AFXDP),
    Variant("debian-dpdk", "Debian's OVS-DPDK, net_af_xdp", OpenVSwitch,
            daemon=DEBIAN_DPDK, port_type="dpdk", can=OPENFLOW),
    Variant("debian-af-packet", "Debian's OVS, AF_PACKET", OpenVSwitch,
            daemon=DEBIAN, port_type="system", can=OPENFLOW),
    Variant("linux-bridge", "Linux bridge", Bridge,
            can=frozenset({"ports"})),
)

# What somebody runs who does not run this; the bare ones switch nothing.
PEERS = tuple(variant.name for variant in VARIANTS
              if variant.daemon not in (None, OURS)
              or variant.switch is Bridge)
