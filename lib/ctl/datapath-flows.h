/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPATH_FLOWS_H
#define DATAPATH_FLOWS_H 1

struct ds;

/* Appends, for each port of another type than ours through which flows of
 * userspace datapaths enter, how many they are and why they stay in user
 * space. Flow offload itself never hears of most of them.  Dumps all flows.
 * Main thread. */
void datapath_flows_format_others(struct ds *);

#endif /* datapath-flows.h */
