/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/afxdp-attachment.h"

#include <errno.h>
#include <unistd.h>

#include "base/link-info.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "ovs/netdev/ovs-packet.h"
#include "port/afxdp-mtu.h"
#include "umem/umem.h"
#include "util.h"
#include "base/xdp-features.h"
#include "prog/xdp-foreign-prog.h"
#include "prog/xdp-program.h"
#include "xsk/xsk-queue.h"
#include "prog/xsks-map.h"

VLOG_DEFINE_THIS_MODULE(afxdp_attachment);

uint32_t
afxdp_attachment_max_packet_len(const struct afxdp_attachment *att)
{
    return (att->plan.multi_buffer ? afxdp_max_jumbo_len()
            : att->plan.frame_size);
}

static int
open_map(const struct link_info *link, const struct afxdp_config *config,
         struct xsks_map **mapp, char **errp)
{
    return xsks_map_open(config->xsks_map_path,
                         config->start_queue + afxdp_plan_n_rxq(link, config),
                         mapp, errp);
}

/* Can the port use the program that somebody else has attached or will
 * attach?  Its mode is not ours to choose. */
static bool
can_use_map(const struct link_info *link, const struct afxdp_config *config,
            char **errp)
{
    struct xdp_foreign_prog prog = xdp_foreign_prog_find(link->ifindex);
    struct xsks_map *map;

    if (prog.id && config->mode != XSK_MODE_BEST_EFFORT
        && prog.generic != (config->mode == XSK_MODE_GENERIC)) {
        *errp = xasprintf("options:xdp-mode=%s: XDP program id %"PRIu32" is "
                          "attached to the device in %s mode, which "
                          "options:xsks-map-path leaves to its owner; attach "
                          "it in the other mode or choose best-effort",
                          xsk_mode_to_string(config->mode), prog.id,
                          prog.generic ? "generic" : "native");
        return false;
    }
    if (open_map(link, config, &map, errp)) {
        return false;
    }
    xsks_map_close(map);
    return true;
}

bool
afxdp_can_attach(const char *devname, const struct link_info *link,
                 const struct afxdp_config *config, char **errp)
{
    if (link->mtu > afxdp_max_mtu()) {
        *errp = xasprintf("the device's MTU is %d and an afxdp port carries "
                          "up to %d%s; lower it (ip link set dev %s mtu %d)",
                          link->mtu, afxdp_max_mtu(),
                          afxdp_mtu_needs_multi_buffer(afxdp_max_mtu()) ? ""
                          : " before Linux 6.6", devname, afxdp_max_mtu());
        return false;
    }
    return (afxdp_config_fits_device(config, link->n_rx_queues,
                                     link->n_tx_queues, errp)
            && (!afxdp_config_has_map(config)
                || can_use_map(link, config, errp)));
}

/* Did we try better modes, and was it generic that worked? */
static bool
has_fallen_back(const struct afxdp_attachment *att)
{
    return (att->mode == XSK_MODE_GENERIC && !att->map
            && att->config.mode == XSK_MODE_BEST_EFFORT);
}

bool
afxdp_attachment_may_go_native(const struct afxdp_attachment *att)
{
    return (att->lacks_native && has_fallen_back(att)
            && !xdp_features_lack_native(att->ifindex));
}

/* Kernels that do not tell say no when asked.  What native mode depends on and
 * we can see is this. */
static bool
deserves_another_try(const struct afxdp_attachment *att,
                     const struct link_info *link)
{
    return (has_fallen_back(att)
            && (att->mtu != link->mtu
                || att->n_device_rx_queues != link->n_rx_queues
                || afxdp_attachment_may_go_native(att)));
}

bool
afxdp_attachment_is_intact(const struct afxdp_attachment *att)
{
    for (int i = 0; i < att->n_queues; i++) {
        if (!xsk_queue_is_bound(att->queues[i].xsk)) {
            return false;
        }
    }
    return !att->prog || xdp_prog_is_attached(att->prog);
}

bool
afxdp_attachment_is_current(const struct afxdp_attachment *att,
                            const struct link_info *link,
                            const struct afxdp_config *config,
                            int wanted_n_txq)
{
    struct afxdp_plan plan = afxdp_plan(att->mode, link, config,
                                        wanted_n_txq);

    return (att->ifindex == link->ifindex
            && afxdp_config_same_sockets(&att->config, config)
            && (!att->map || xsks_map_is_current(att->map))
            && link->mtu <= afxdp_max_mtu()
            && !deserves_another_try(att, link)
            && afxdp_plan_equals(&att->plan, &plan));
}

/* Makes packets of the queue go to its socket. */
static int
direct_queue(struct afxdp_attachment *att, const struct xsk_queue *xsk,
             char **errp)
{
    uint32_t queue_id = xsk_queue_id(xsk);
    int error;

    if (att->map) {
        return xsks_map_add(att->map, queue_id, xsk_queue_fd(xsk), errp);
    }
    error = xdp_prog_set_xsk(att->prog, queue_id, xsk_queue_fd(xsk));
    if (error) {
        *errp = xasprintf("cannot direct queue %"PRIu32" to its socket (%s)",
                          queue_id, ovs_strerror(error));
    }
    return error;
}

static int
open_queue(struct afxdp_attachment *att, const char *devname, int i,
           char **errp)
{
    const struct afxdp_config *config = &att->config;
    const struct xsk_queue_config queue_config = {
        .devname = devname,
        .ifindex = att->ifindex,
        .queue_id = config->start_queue + i,
        .mode = att->mode,
        .need_wakeup = config->need_wakeup,
        .multi_buffer = att->plan.multi_buffer,
        .rx = i < att->plan.n_rxq,
        .tx = i < att->plan.n_txq,
        .n_rxq_desc = config->n_rxq_desc,
        .n_txq_desc = config->n_txq_desc,
        .busy_poll_budget = config->busy_poll_budget,
        .busy_poll_interval = config->busy_poll_interval,
        .share = att->share,
    };
    struct xsk_queue *xsk;
    int error = xsk_queue_create(&queue_config, &xsk, errp);

    if (error) {
        return error;
    }
    ovs_mutex_init(&att->queues[i].tx_mutex);
    att->queues[i].xsk = xsk;
    att->n_queues++;

    return queue_config.rx ? direct_queue(att, xsk, errp) : 0;
}

bool
afxdp_prepare(const struct link_info *link, const struct afxdp_config *config,
              int wanted_n_txq, int numa_node, long long int deadline)
{
    struct afxdp_plan plan = afxdp_plan(XSK_MODE_NATIVE, link, config,
                                        wanted_n_txq);

    /* If there is a program that is not ours, it will come to nothing. */
    return ((!afxdp_config_has_map(config)
             && xdp_foreign_prog_find(link->ifindex).id)
            || umem_prepare(plan.n_frames, plan.frame_size, numa_node,
                            deadline));
}

static int
get_program(struct afxdp_attachment *att, const struct link_info *link,
            char **errp)
{
    if (afxdp_config_has_map(&att->config)) {
        return open_map(link, &att->config, &att->map, errp);
    }
    /* A program that takes packets of several buffers, too, lets the device's
     * MTU grow while the port is attached. */
    return xdp_prog_attach(link->ifindex, att->mode, link->n_rx_queues,
                           afxdp_mtu_needs_multi_buffer(afxdp_max_mtu()),
                           &att->prog, errp);
}

static int
try_mode(const char *devname, const struct link_info *link,
         const struct afxdp_config *config, enum xsk_mode mode,
         int wanted_n_txq, int numa_node, struct afxdp_attachment **attp,
         char **errp)
{
    struct afxdp_attachment *att = xzalloc(sizeof *att);
    int n_queues;
    int error;

    att->ifindex = link->ifindex;
    att->config = *config;
    att->mode = mode;
    att->mtu = link->mtu;
    att->plan = afxdp_plan(mode, link, config, wanted_n_txq);
    att->n_device_rx_queues = link->n_rx_queues;
    n_queues = MAX(att->plan.n_rxq, att->plan.n_txq);
    att->queues = xcalloc(n_queues, sizeof *att->queues);

    error = get_program(att, link, errp);
    if (!error) {
        error = umem_share_create(att->plan.n_frames, att->plan.frame_size,
                                  numa_node, &att->share, errp);
    }
    for (int i = 0; !error && i < n_queues; i++) {
        error = open_queue(att, devname, i, errp);
    }
    if (error) {
        afxdp_detach(att);
        return error;
    }
    /* veth counts what it could not redirect (veth_xdp_rcv_one() and its like
     * in drivers/net/veth.c), drivers of NICs and generic mode do not. */
    att->device_counts_drops = (mode != XSK_MODE_GENERIC
                                && link_has_driver(devname, "veth"));
    att->lacks_native = (mode == XSK_MODE_GENERIC
                         && xdp_features_lack_native(link->ifindex));
    *attp = att;
    return 0;
}

/* Is the device's zero-copy mode worse than none? virtio_net's is when the
 * driver is a module, as it is in Debian's kernels: it maps its static
 * variable 'xsk_hdr' for the device to take each packet's virtio header from
 * (Linux 6.13 and at least to 7.3), as if a module were in the kernel's own
 * mapping.  What happens to be at the resulting address, and whether the host
 * looks at it, decides what becomes of the packets. */
static bool
zero_copy_is_broken(const char *devname)
{
    return (link_has_driver(devname, "virtio_net")
            && !access("/sys/module/virtio_net/coresize", F_OK));
}

/* Returns why best-effort should not even try zero-copy mode, for the caller
 * to free, or NULL if it should. */
static char *
why_no_zero_copy(const char *devname, const struct link_info *link)
{
    const char *mode = xsk_mode_to_string(XSK_MODE_NATIVE_ZC);

    /* Asking costs less than to register all packet memory in vain. */
    return (xdp_features_lack_zero_copy(link->ifindex)
            ? xasprintf("the device does not support %s mode", mode)
            : zero_copy_is_broken(devname)
            ? xasprintf("module virtio_net takes random headers in %s mode",
                        mode)
            : NULL);
}

/* Best-effort leaves the mode to whoever attaches the program.  One in the
 * network stack must not be combined with zero-copy: it would fill packet
 * memory beside the driver. */
static void
follow_program(const struct link_info *link, enum xsk_mode *first,
               enum xsk_mode *last, char **reason)
{
    if (xdp_foreign_prog_find(link->ifindex).generic) {
        *first = XSK_MODE_GENERIC;
        free(*reason);
        *reason = xstrdup("the device's XDP program is attached in generic "
                          "mode");
    } else {
        *last = XSK_MODE_NATIVE;
    }
}

/* Says so once for each cause: the status of each port does, too. */
static void
report_vlan_tags(const char *devname, const struct xdp_prog *prog)
{
    static bool reported[N_XDP_VLAN_TAGS];
    enum xdp_vlan_tags tags = xdp_prog_vlan_tags(prog);

    if (tags != XDP_VLAN_TAGS_SEEN && !reported[tags]) {
        reported[tags] = true;
        VLOG_INFO("%s: VLAN tags that a device keeps beside its packets are "
                  "lost: %s; if there are any, turn that off (ethtool -K "
                  "DEVICE txvlan off at the other end of a veth device, "
                  "rxvlan off on a NIC); status:xdp-rx-vlan-tag tells about "
                  "each port", devname, xdp_vlan_tags_explain(tags));
    }
}

int
afxdp_attach(const char *devname, const struct link_info *link,
             const struct afxdp_config *config, int wanted_n_txq,
             int numa_node, struct afxdp_attachment **attp, char **errp)
{
    enum xsk_mode first = config->mode;
    enum xsk_mode last = config->mode;
    bool lacks_native = xdp_features_lack_native(link->ifindex);
    int error = EINVAL;

    *attp = NULL;
    *errp = NULL;
    if (!afxdp_can_attach(devname, link, config, errp)) {
        return EINVAL;
    }
    if (config->mode == XSK_MODE_BEST_EFFORT) {
        *errp = why_no_zero_copy(devname, link);
        first = *errp ? XSK_MODE_NATIVE : XSK_MODE_NATIVE_ZC;
        last = XSK_MODE_GENERIC;
        if (afxdp_config_has_map(config)) {
            follow_program(link, &first, &last, errp);
        }
    }
    for (enum xsk_mode mode = first; mode <= last; mode++) {
        char *reason = NULL;

        error = try_mode(devname, link, config, mode, wanted_n_txq, numa_node,
                         attp, &reason);
        if (!error) {
            (*attp)->fallback_reason = *errp;
            /* As it was while the other modes were tried. */
            (*attp)->lacks_native |= lacks_native && mode == XSK_MODE_GENERIC;
            *errp = NULL;
            if ((*attp)->prog) {
                report_vlan_tags(devname, (*attp)->prog);
            }
            if (mode == XSK_MODE_NATIVE_ZC && zero_copy_is_broken(devname)) {
                VLOG_WARN("%s: module virtio_net takes random headers in %s "
                          "mode: packets may get lost or damaged; use "
                          "options:xdp-mode=native", devname,
                          xsk_mode_to_string(mode));
            }
            break;
        }
        free(*errp);
        *errp = reason;
        VLOG_DBG("%s: %s mode: %s", devname, xsk_mode_to_string(mode), reason);
        if (error == EBUSY || error == ENODEV || error == EPERM) {
            break;
        }
    }
    return error;
}

void
afxdp_detach(struct afxdp_attachment *att)
{
    if (att) {
        /* First nothing more comes in, then the sockets can go: all of them
         * before it is waited for any. */
        xdp_prog_destroy(att->prog);
        for (int i = 0; i < att->n_queues; i++) {
            xsk_queue_close(att->queues[i].xsk);
        }
        for (int i = 0; i < att->n_queues; i++) {
            xsk_queue_destroy(att->queues[i].xsk);
            ovs_mutex_destroy(&att->queues[i].tx_mutex);
            dp_packet_delete(att->queues[i].partial);
        }
        xsks_map_close(att->map);
        umem_share_destroy(att->share);
        free(att->queues);
        free(att->fallback_reason);
        free(att);
    }
}
