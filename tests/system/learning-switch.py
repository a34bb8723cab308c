# SPDX-License-Identifier: Apache-2.0
"""A learning switch for OpenFlow 1.3, for osken-manager: what arrives for an
unknown address comes to us and is flooded; for an address that we have seen,
the switch gets a flow of its own."""

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import (CONFIG_DISPATCHER, MAIN_DISPATCHER,
                                       set_ev_cls)
from os_ken.lib import mac
from os_ken.ofproto import ofproto_v1_3


class LearningSwitch(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ports = {}

    @staticmethod
    def add_flow(dp, priority, match, port):
        parser = dp.ofproto_parser
        actions = [parser.OFPActionOutput(port,
                                          dp.ofproto.OFPCML_NO_BUFFER)]
        dp.send_msg(parser.OFPFlowMod(
            datapath=dp, priority=priority, match=match,
            instructions=[parser.OFPInstructionActions(
                dp.ofproto.OFPIT_APPLY_ACTIONS, actions)]))

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_connect(self, event):
        dp = event.msg.datapath
        self.add_flow(dp, 0, dp.ofproto_parser.OFPMatch(),
                      dp.ofproto.OFPP_CONTROLLER)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet(self, event):
        msg = event.msg
        dp = msg.datapath
        parser = dp.ofproto_parser
        in_port = msg.match["in_port"]
        dst = mac.haddr_to_str(msg.data[0:6])
        src = mac.haddr_to_str(msg.data[6:12])

        self.ports[src] = in_port
        out_port = self.ports.get(dst, dp.ofproto.OFPP_FLOOD)
        if out_port != dp.ofproto.OFPP_FLOOD:
            self.add_flow(dp, 1, parser.OFPMatch(in_port=in_port, eth_dst=dst,
                                                 eth_src=src), out_port)
        dp.send_msg(parser.OFPPacketOut(
            datapath=dp, buffer_id=dp.ofproto.OFP_NO_BUFFER, in_port=in_port,
            actions=[parser.OFPActionOutput(out_port)], data=msg.data))
