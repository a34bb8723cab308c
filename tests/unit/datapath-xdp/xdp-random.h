/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_RANDOM_H
#define XDP_RANDOM_H 1

/* Random packets and datapath actions, from random_set_seed() on. */

struct dp_packet;
struct flow;
struct ofpbuf;

/* Composes a packet of a kind that can be offloaded. */
void xdp_random_packet(struct dp_packet *);

/* Appends random actions that make sense for packets of 'flow', except that
 * they may pop VLAN tags that are not there. */
void xdp_random_actions(const struct flow *flow, struct ofpbuf *actions);

#endif /* xdp-random.h */
