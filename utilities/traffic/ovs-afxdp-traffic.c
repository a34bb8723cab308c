/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/afxdp-version.h"
#include "command-line.h"
#include "traffic-common.h"
#include "util.h"

static const struct ovs_cmdl_command commands[] = {
    { "send", "[OPTION]... INTERFACE", 0, INT_MAX,
      traffic_send_command, OVS_RO },
    { "receive", "[OPTION]... INTERFACE", 0, INT_MAX,
      traffic_receive_command, OVS_RO },
    { "redirect", "[OPTION]... IN OUT", 0, INT_MAX,
      traffic_redirect_command, OVS_RO },
    { "forward", "[OPTION]... IN OUT", 0, INT_MAX,
      traffic_forward_command, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

void
traffic_usage(void)
{
    printf("\
%s: a traffic generator and sink on XDP\n\
usage: %s COMMAND [OPTION]... INTERFACE...\n\
\n\
Commands:\n\
  send INTERFACE         send frames through INTERFACE\n\
  receive INTERFACE      count the frames of \"send\" that arrive\n\
  redirect IN OUT        exchange all frames between two devices, in XDP\n\
  forward IN OUT         the same, through AF_XDP sockets and a busy loop\n\
\n\
Options of send and receive:\n\
  --duration=SECONDS     end after this time (default: when interrupted)\n\
  --count=N              end after N frames\n\
  --json                 report in JSON\n\
  --quiet                no progress on stderr each second\n\
\n\
Options of send:\n\
  --rate=PPS             frames per second, such as 1000, 500k or 2.5M\n\
                         (default: as fast as possible)\n\
  --burst=N              send at most N frames at once to catch up with the\n\
                         rate (default: 64)\n\
  --size=BYTES|imix      length of a frame with its FCS (default: 64, or the\n\
                         least that there can be)\n\
  --flows=N              distinct five-tuples (default: 1)\n\
  --distribution=round-robin|uniform|zipf[:EXPONENT]\n\
                         in which order (default: round-robin)\n\
  --ipv6                 IPv6 (default: IPv4)\n\
  --tcp                  TCP (default: UDP)\n\
  --src-mac=MAC, --dst-mac=MAC\n\
  --src-ip=IP, --dst-ip=IP\n\
  --src-port=PORT, --dst-port=PORT\n\
                         addresses, of the first flow\n\
  --vlan=VID[,VID]       with VLAN tags, the outer one first\n\
  --stream=ID            tells this sender's frames from those of others\n\
                         (default: random)\n\
  --no-timestamp         do not read the clock for each frame\n\
\n\
Options of receive:\n\
  --no-latency           do not measure latency\n\
  --pass, --drop         what happens to other frames: they go to the\n\
                         kernel's network stack (default), or nowhere\n\
\n\
Options of receive, redirect and forward:\n\
  --mode=native|generic  XDP in the driver or in the network stack (default:\n\
                         native if possible)\n\
\n\
Options of forward:\n\
  --queue=N              the queue of both devices (default: 0)\n\
\n\
Options of send and forward:\n\
  --cpu=N                run on this CPU\n\
\n\
Other options:\n\
  -h, --help             print this\n\
  -V, --version          print the version\n", program_name, program_name);
    exit(EXIT_SUCCESS);
}

int
main(int argc, char *argv[])
{
    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };

    ovs_set_program_name(argv[0], AFXDP_VERSION);
    if (argc < 2) {
        ovs_fatal(0, "a command is missing; use --help for help");
    }
    if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")) {
        traffic_usage();
    }
    if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
        ovs_print_version(0, 0);
        return 0;
    }
    for (const struct ovs_cmdl_command *c = commands; c->name; c++) {
        if (!strcmp(argv[1], c->name)) {
            /* It is what getopt_long() begins its messages with. */
            argv[1] = CONST_CAST(char *, program_name);
            c->handler(&ctx);
            return 0;
        }
    }
    ovs_fatal(0, "unknown command \"%s\"; use --help for help", argv[1]);
}
