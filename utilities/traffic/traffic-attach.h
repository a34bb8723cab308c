/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAFFIC_ATTACH_H
#define TRAFFIC_ATTACH_H 1

/* An XDP program on a device, for as long as the process lives: it is attached
 * by a BPF link, which goes with the process, and never replaces another
 * program.
 *
 * Thread-safety: for the main thread only. */

#include <stdbool.h>

enum traffic_mode {
    TRAFFIC_MODE_ANY,           /* Native, else generic with a notice. */
    TRAFFIC_MODE_NATIVE,
    TRAFFIC_MODE_GENERIC,
};

/* Parses the value of --mode. */
enum traffic_mode traffic_parse_mode(const char *value);

/* Attaches the program to 'device'.  Returns false, with a notice on stderr,
 * if 'mode' leaves the choice and the driver cannot do native mode: the caller
 * may try again with TRAFFIC_MODE_GENERIC.  Ends the process with a sentence
 * if the program cannot be attached. */
bool traffic_attach(int prog_fd, const char *device, enum traffic_mode mode);

/* Detaches all programs, when what they have counted is to be read.  Otherwise
 * the end of the process does that. */
void traffic_detach(void);

const char *traffic_mode_name(enum traffic_mode);

#endif /* traffic-attach.h */
