/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_FEATURES_H
#define XDP_FEATURES_H 1

/* What the kernel says a network device can do for XDP: generic netlink family
 * "netdev", since Linux 6.3.
 *
 * The answer changes while a device exists: on veth with GRO and XDP programs
 * of the peer, on NICs with their own program.  So whoever keeps one asks
 * again when xdp_features_run() says so. */

#include <stdbool.h>

/* Can the device take frames that XDP redirects to it? */
enum xdp_target {
    XDP_TARGET_UNKNOWN,         /* The kernel cannot tell: it is older. */
    XDP_TARGET_YES,
    XDP_TARGET_NO
};

/* "unknown", "yes" or "no". */
const char *xdp_target_to_string(enum xdp_target);

/* Asks the kernel about device 'ifindex' in our network namespace.  A device
 * that does not exist takes nothing.  A failure is logged and gives
 * XDP_TARGET_UNKNOWN.  Any thread. */
enum xdp_target xdp_features_query_target(int ifindex);

/* Does the kernel say that zero-copy AF_XDP is impossible on device 'ifindex'?
 * False before Linux 6.3.  Any thread. */
bool xdp_features_lack_zero_copy(int ifindex);

/* Does the kernel say that no XDP program can run in the driver of device
 * 'ifindex', as things are?  False before Linux 6.3.  Any thread. */
bool xdp_features_lack_native(int ifindex);

/* Does the driver of device 'ifindex' tell XDP programs of VLAN tags that
 * stand beside packets? False before Linux 6.8.  Any thread. */
bool xdp_features_have_vlan_tag(int ifindex);

/* For the main loop, in one thread.  Returns true if some device's features
 * may have changed since the last call, and on the first one. */
bool xdp_features_run(void);
void xdp_features_wait(void);

#endif /* xdp-features.h */
