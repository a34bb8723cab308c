/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_OFFLOAD_REASON_H
#define XDP_OFFLOAD_REASON_H 1

/* Why a flow stays in user space, in words for the operator. */
#define XDP_OFFLOAD_REASONS                                                  \
    REASON(OFFLOADED, "offloaded")                                           \
    REASON(RECIRCULATED, "match: recirculated packets")                      \
    REASON(TUNNEL_MATCH, "match: tunneled packets")                          \
    REASON(CT_MATCH, "match: connection tracking state")                     \
    REASON(ETH_TYPE, "match: Ethernet type MPLS, NSH or 802.2")              \
    REASON(VLAN_LIMIT, "match: more VLAN tags than other_config:vlan-limit") \
    REASON(FIELD, "match: a field other than those that are offloaded")      \
    REASON(USERSPACE, "action: packets for the controller, sampling or "     \
           "slow path")                                                      \
    REASON(CONNTRACK, "action: connection tracking")                         \
    REASON(RECIRCULATE, "action: recirculation")                             \
    REASON(TUNNEL, "action: tunnel")                                         \
    REASON(METER, "action: meter")                                           \
    REASON(SEVERAL_OUTPUTS, "action: several outputs that send different "   \
           "packets")                                                        \
    REASON(SET_FIELD, "action: set a field that is not offloaded")           \
    REASON(ACTION, "action: not offloaded")                                  \
    REASON(OUTPUT_TYPE, "output port: not of type afxdp")                    \
    REASON(OUTPUT_DEVICE, "output port: device cannot take redirected "      \
           "frames (enable GRO on the veth peer, or see "                    \
           "status:xdp-redirect-target)")                                    \
    REASON(OUTPUT_DETACHED, "output port: not attached to its device")       \
    REASON(INPUT_TYPE, "input port: not of type afxdp")                      \
    REASON(STOPPED, "other_config:hw-offload is not true any more")          \
    REASON(PORT_DISABLED, "input port: options:xdp-offload=false, or jumbo " \
           "frames")                                                         \
    REASON(PORT_DETACHED, "input port: not attached to its device")          \
    REASON(FOREIGN_PROGRAM, "input port: the XDP program is not ours "       \
           "(options:xsks-map-path)")                                        \
    REASON(GENERIC_MODE, "input port: generic XDP mode, in which the "       \
           "program does not see all of a packet (see "                      \
           "status:xdp-mode-reason)")                                        \
    REASON(PROGRAM, "input port: the BPF program could not be loaded")       \
    REASON(FLOWS_FULL, "limit: other_config:xdp-offload-flows, or the "      \
           "port's share of it")                                             \
    REASON(MASKS_FULL, "limit: other_config:xdp-offload-masks")              \
    REASON(ACTIONS_FULL, "limit: different actions (a quarter of "           \
           "other_config:xdp-offload-flows)")                                \
    REASON(OUTPUT_SETS_FULL, "limit: different sets of several outputs")     \
    REASON(CHANGING, "being changed")

enum xdp_offload_reason {
#define REASON(NAME, TEXT) XDP_WHY_##NAME,
    XDP_OFFLOAD_REASONS
#undef REASON
    N_XDP_OFFLOAD_REASONS
};

const char *xdp_offload_reason_to_string(enum xdp_offload_reason);

#endif /* xdp-offload-reason.h */
