/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAFFIC_FRAME_H
#define TRAFFIC_FRAME_H 1

/* The frames of a stream, as the options describe them.
 *
 * Thread-safety: for the main thread only. */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/types.h"
#include "traffic-abi.h"

#define TRAFFIC_MAX_VLANS 2

/* The length of a frame includes this on the wire, but not in memory. */
#define TRAFFIC_FCS_LEN 4
#define TRAFFIC_MIN_SIZE 64
#define TRAFFIC_MAX_SIZE 3072

struct traffic_frame {
    bool ipv6;
    bool tcp;
    bool imix;
    unsigned int size;          /* With FCS; 0: the smallest possible. */
    struct eth_addr src_mac, dst_mac;
    const char *src_ip, *dst_ip;    /* Null: the default. */
    uint16_t src_port, dst_port;
    uint16_t vlans[TRAFFIC_MAX_VLANS];
    unsigned int n_vlans;
};

/* Fills in what the program wants to know of the frames: offsets and lengths
 * in '*config', 'header' and 'sizes'.  Ends the process if the options
 * contradict each other. */
void traffic_frame_prepare(struct traffic_frame *,
                           struct traffic_send_config *,
                           uint64_t header[TRAFFIC_HEADER_WORDS],
                           struct traffic_size sizes[TRAFFIC_N_STEPS]);

#endif /* traffic-frame.h */
