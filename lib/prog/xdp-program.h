/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XDP_PROGRAM_H
#define XDP_PROGRAM_H 1

/* Our BPF program on one network device.
 *
 * The program is attached through a BPF link: it goes when the process that
 * holds the link goes, however that ends, and a program that somebody else has
 * attached is never replaced.
 *
 * Thread-safety: an xdp_prog may be used by one thread at a time. */

#include <stdbool.h>
#include <stdint.h>
#include "xdp-abi.h"
#include "xsk/xsk-mode.h"

struct xdp_prog;
struct xdp_tables;

/* Do our programs see VLAN tags that stand beside packets?  Then they put them
 * into the packets.  Else, why not. */
enum xdp_vlan_tags {
    XDP_VLAN_TAGS_SEEN,
    XDP_VLAN_TAGS_GENERIC,      /* Generic mode does not tell. */
    XDP_VLAN_TAGS_UNTOLD,       /* Nor does the driver or the kernel. */
    XDP_VLAN_TAGS_REFUSED,      /* The kernel refuses the programs. */
    N_XDP_VLAN_TAGS
};

/* Why not, in words, or NULL. */
const char *xdp_vlan_tags_explain(enum xdp_vlan_tags);

/* Loads our program with room for the sockets of 'n_queues' receive queues and
 * attaches it to the device 'ifindex', in the driver or in the generic hook as
 * 'mode' (not "best-effort") says.  With 'multi_buffer', it takes packets that
 * are longer than a page.
 *
 * Returns 0, or a positive errno with a sentence in '*errp' for the caller to
 * free: EBUSY if the device has a program already, whose id and name the
 * sentence gives. */
int xdp_prog_attach(int ifindex, enum xsk_mode mode, uint32_t n_queues,
                    bool multi_buffer, struct xdp_prog **, char **errp);

/* Detaches and unloads.  Accepts NULL. */
void xdp_prog_destroy(struct xdp_prog *);

/* Takes the program off the device for good: from then on its counters stay as
 * they are.  Accepts NULL. */
void xdp_prog_detach(struct xdp_prog *);

/* From now on, packets that arrive on 'queue_id' go to the AF_XDP socket
 * 'xsk_fd'.  Returns 0 or a positive errno. */
int xdp_prog_set_xsk(struct xdp_prog *, uint32_t queue_id, int xsk_fd);

/* Is it still attached?  The kernel detaches it from a device that is deleted,
 * and the administrator can ("bpftool link detach"). */
bool xdp_prog_is_attached(const struct xdp_prog *);

enum xdp_vlan_tags xdp_prog_vlan_tags(const struct xdp_prog *);

/* The kernel's id of the program, as "bpftool prog" shows it. */
uint32_t xdp_prog_id(const struct xdp_prog *);

/* What the program has counted so far, all CPUs together. */
void xdp_prog_get_counters(const struct xdp_prog *, struct xdp_counters *);

/* Exchanges the program, without a packet lost, for the one that forwards the
 * flows in 'tables' of port number 'port'.  'tables' must outlive it.  Returns
 * 0, or a positive errno with a sentence in '*errp' for the caller to free and
 * everything as it was. */
int xdp_prog_enable_offload(struct xdp_prog *, const struct xdp_tables *,
                            uint32_t port, char **errp);

/* Takes it back, or, if the kernel refuses that, the program off the device.
 * Does nothing if there is no offload. */
void xdp_prog_disable_offload(struct xdp_prog *);

#endif /* xdp-program.h */
