# SPDX-License-Identifier: Apache-2.0
"""OpenFlow rules, as functions of the ports' names.

In all of them the first port's packets leave by the second and so on.
"""

from bench.traffic import SINK


def straight(ports):
    """Whatever comes in: one megaflow a port."""
    return [f"in_port={port},actions=output:{other}"
            for one, two in zip(ports[::2], ports[1::2])
            for port, other in ((one, two), (two, one))]


def five_tuples(ports):
    """Each five-tuple needs a megaflow of its own, since a hash of it goes to
    a register."""
    field = "multipath(symmetric_l3l4+udp,0,modulo_n,1,0,NXM_NX_REG0[])"
    return [f"in_port={ports[0]},actions={field},output:{ports[1]}"]


def masks(n):
    """As many megaflows, each with a mask of its own: of source addresses
    with the same last bits, one bit more of the destination matters to
    each.  'n' is a power of two."""
    def make(ports):
        return [f"in_port={ports[0]},ip,nw_src=0.0.0.{i}/0.0.0.{n - 1},"
                f"actions=move:NXM_OF_IP_DST[0..{i}]->NXM_NX_REG0[0..{i}],"
                f"output:{ports[1]}" for i in range(n)]
    return make


def other_sink(i):
    return f"198.19.1.{i + 1}"


def masks_of_others(n):
    """As many megaflows, each with a mask of its own, for packets to other
    sinks; what goes to the sink is none of theirs, and needs a look at the
    packet that only user space takes."""
    def make(ports):
        return [f"in_port={ports[0]},ip,nw_dst={other_sink(i)},"
                f"actions=move:NXM_OF_IP_SRC[0..{i}]->NXM_NX_REG0[0..{i}],"
                f"output:{ports[1]}" for i in range(n)] \
            + [f"in_port={ports[0]},ip,nw_dst={SINK},"
               "actions=check_pkt_larger(9999)->NXM_NX_REG1[0],"
               f"output:{ports[1]}"]
    return make


ACTIONS = {
    "output": "",
    "VLAN push": "mod_vlan_vid:100,",
    "MACs and TTL": "set_field:02:00:00:00:01:01->eth_src,"
                    "set_field:02:00:00:00:01:02->eth_dst,dec_ttl,",
    "address and port": "set_field:10.9.9.9->ip_dst,"
                        "set_field:5353->udp_dst,",
}


def rewriting(name):
    def make(ports):
        return [f"in_port={ports[0]},udp,"
                f"actions={ACTIONS[name]}output:{ports[1]}"]
    return make
