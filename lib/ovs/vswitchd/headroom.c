/* SPDX-License-Identifier: Apache-2.0 */

/* Open vSwitch aborts when it must enlarge a packet that is in packet memory
 * (dp_packet_resize()).  The headroom is enough for any one tunnel header; a
 * packet whose actions may add more (a tunnel in a tunnel, NSH in NSH) moves
 * to the heap before they are executed. */

#include <config.h>

#include "coverage.h"
#include "dp-packet.h"
#include "netlink.h"
#include "odp-execute.h"
#include "openvswitch/nsh.h"
#include "packets.h"
#include "util.h"

COVERAGE_DEFINE(afxdp_headroom_copy);

__typeof__(odp_execute_actions)
    __real_odp_execute_actions, __wrap_odp_execute_actions;

static size_t max_growth(const struct nlattr *actions, size_t actions_len);

/* At most this many bytes of headers does action 'a' add to a packet. */
static size_t
max_growth_of_action(const struct nlattr *a)
{
    const struct ovs_action_push_tnl *tnl;

    switch (nl_attr_type(a)) {
    case OVS_ACTION_ATTR_TUNNEL_PUSH:
        tnl = nl_attr_get(a);
        return tnl->header_len;

    case OVS_ACTION_ATTR_CLONE:
        return max_growth(nl_attr_get(a), nl_attr_get_size(a));

    /* The actions inside add less than they are long. */
    case OVS_ACTION_ATTR_SAMPLE:
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        return nl_attr_get_size(a);

    case OVS_ACTION_ATTR_PUSH_VLAN:
        return VLAN_HEADER_LEN;

    case OVS_ACTION_ATTR_PUSH_MPLS:
    case OVS_ACTION_ATTR_ADD_MPLS:
        return MPLS_HLEN;

    case OVS_ACTION_ATTR_PUSH_ETH:
        return ETH_HEADER_LEN;

    case OVS_ACTION_ATTR_PUSH_NSH:
        return NSH_HDR_MAX_LEN;

    /* What other actions there are depends on Open vSwitch's version; those up
     * to 3.5 add nothing. */
    default:
        return 0;
    }
}

static size_t
max_growth(const struct nlattr *actions, size_t actions_len)
{
    const struct nlattr *a;
    unsigned int left;
    size_t sum = 0;

    NL_ATTR_FOR_EACH_UNSAFE (a, left, actions, actions_len) {
        sum += max_growth_of_action(a);
    }
    return sum;
}

void
__wrap_odp_execute_actions(void *dp, struct dp_packet_batch *batch, bool steal,
                           const struct nlattr *actions, size_t actions_len,
                           odp_execute_cb dp_execute_action)
{
    size_t growth = max_growth(actions, actions_len);

    /* A packet that is not ours to take is a copy already. */
    if (OVS_UNLIKELY(growth) && steal) {
        struct dp_packet *packet;

        DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
            if (packet->source == DPBUF_AFXDP
                && dp_packet_headroom(packet) < growth) {
                batch->packets[i] = dp_packet_clone_with_headroom(packet,
                                                                  growth);
                dp_packet_delete(packet);
                COVERAGE_INC(afxdp_headroom_copy);
            }
        }
    }
    __real_odp_execute_actions(dp, batch, steal, actions, actions_len,
                               dp_execute_action);
}
