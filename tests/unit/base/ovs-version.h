/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVS_VERSION_H
#define OVS_VERSION_H 1

/* What tests use of Open vSwitch, and is not the same in all its versions. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dp-packet.h"
#include "flow.h"

typedef void flow_compose_3_1(struct dp_packet *, const struct flow *,
                              const void *payload, size_t n);
/* At the latest; the last argument asks for bad checksums. */
typedef void flow_compose_3_5(struct dp_packet *, const struct flow *,
                              const void *payload, size_t n, bool);

/* Since 3.3: completes the checksums that actions have left to whoever
 * sends. */
void dp_packet_ol_send_prepare(struct dp_packet *, uint64_t device_flags)
    __attribute__((weak));

/* Does to 'packet' what Open vSwitch does before a device without features
 * sends it. */
static inline void
ovs_prepare_to_send(struct dp_packet *packet)
{
    if (dp_packet_ol_send_prepare) {
        dp_packet_ol_send_prepare(packet, 0);
    }
}

/* Makes 'packet' of 'flow' and 'n' bytes of 'payload', or of some if that is
 * null.  Like one that has been received, it says nothing of its checksums. */
static inline void
ovs_flow_compose(struct dp_packet *packet, const struct flow *flow,
                 const void *payload, size_t n)
{
    void *function = flow_compose;

    if (__builtin_types_compatible_p(__typeof__(flow_compose),
                                     flow_compose_3_1)) {
        ((flow_compose_3_1 *) function)(packet, flow, payload, n);
    } else {
        ((flow_compose_3_5 *) function)(packet, flow, payload, n, false);
    }
    ovs_prepare_to_send(packet);
    dp_packet_reset_offload(packet);
}

#endif /* ovs-version.h */
