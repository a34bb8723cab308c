/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "base/xdp-features.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>

#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/thread.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"
#include "base/xdp-compat.h"

VLOG_DEFINE_THIS_MODULE(xdp_features);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);

enum { SUBSCRIBE_INTERVAL_MS = 5000 };

/* Notifications that one xdp_features_run() takes; the rest wait for the
 * next. */
enum { MAX_NOTIFICATIONS = 1000 };

/* Where changes are announced; null while there is no such thing.  Main thread
 * only. */
static struct nl_sock *notify_sock;
static long long int next_subscribe;

const char *
xdp_target_to_string(enum xdp_target target)
{
    static const char *const names[] = {
        [XDP_TARGET_UNKNOWN] = "unknown",
        [XDP_TARGET_YES] = "yes",
        [XDP_TARGET_NO] = "no",
    };

    return names[target];
}

/* Stores the number of the family in '*family' and returns 0, or a positive
 * errno, ENOENT if the kernel does not have it. */
static int
get_family(int *family)
{
    static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
    static int cached;
    int error;

    ovs_mutex_lock(&mutex);
    error = nl_lookup_genl_family(NETDEV_FAMILY_NAME, &cached);
    *family = cached;
    if (error && error != ENOENT) {
        /* Any other error may pass. */
        cached = 0;
    }
    ovs_mutex_unlock(&mutex);
    return error;
}

struct features {
    uint64_t xdp;               /* NETDEV_XDP_ACT_*. */
    uint64_t rx_metadata;       /* NETDEV_XDP_RX_METADATA_*. */
};

static int
query_features(int ifindex, struct features *features)
{
    static const struct nl_policy policy[] = {
        [NETDEV_A_DEV_XDP_FEATURES] = { .type = NL_A_U64 },
        [NETDEV_A_DEV_XDP_RX_METADATA_FEATURES]
            = { .type = NL_A_U64, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct ofpbuf request, *reply;
    int family;
    int error = get_family(&family);

    if (error) {
        return error;
    }
    ofpbuf_init(&request, 0);
    nl_msg_put_genlmsghdr(&request, 0, family, NLM_F_REQUEST,
                          NETDEV_CMD_DEV_GET, NETDEV_FAMILY_VERSION);
    nl_msg_put_u32(&request, NETDEV_A_DEV_IFINDEX, ifindex);
    error = nl_transact(NETLINK_GENERIC, &request, &reply);
    ofpbuf_uninit(&request);
    if (error) {
        return error;
    }
    if (nl_policy_parse(reply, NLMSG_HDRLEN + GENL_HDRLEN, policy, attrs,
                        ARRAY_SIZE(policy))) {
        const struct nlattr *rx_metadata
            = attrs[NETDEV_A_DEV_XDP_RX_METADATA_FEATURES];

        features->xdp = nl_attr_get_u64(attrs[NETDEV_A_DEV_XDP_FEATURES]);
        features->rx_metadata = (rx_metadata
                                 ? nl_attr_get_u64(rx_metadata) : 0);
    } else {
        error = EPROTO;
    }
    ofpbuf_delete(reply);
    return error;
}

enum xdp_target
xdp_features_query_target(int ifindex)
{
    struct features features;
    int error = query_features(ifindex, &features);

    if (!error) {
        return (features.xdp & NETDEV_XDP_ACT_NDO_XMIT ? XDP_TARGET_YES
                : XDP_TARGET_NO);
    }
    if (error == ENODEV) {
        return XDP_TARGET_NO;
    }
    if (error != ENOENT) {
        VLOG_WARN_RL(&rl, "cannot ask the kernel for the XDP features of "
                     "device %d (%s)", ifindex, ovs_strerror(error));
    }
    return XDP_TARGET_UNKNOWN;
}

bool
xdp_features_lack_zero_copy(int ifindex)
{
    struct features features;

    return (!query_features(ifindex, &features)
            && !(features.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY));
}

bool
xdp_features_have_vlan_tag(int ifindex)
{
    struct features features;

    return (!query_features(ifindex, &features)
            && features.rx_metadata & NETDEV_XDP_RX_METADATA_VLAN_TAG);
}

bool
xdp_features_lack_native(int ifindex)
{
    struct features features;

    return (!query_features(ifindex, &features)
            && !(features.xdp & NETDEV_XDP_ACT_BASIC));
}

static int
subscribe(struct nl_sock **sockp)
{
    unsigned int group;
    int error = nl_lookup_genl_mcgroup(NETDEV_FAMILY_NAME, NETDEV_MCGRP_MGMT,
                                       &group);

    if (error) {
        return error;
    }
    error = nl_sock_create(NETLINK_GENERIC, sockp);
    if (!error) {
        error = nl_sock_join_mcgroup(*sockp, group);
        if (error) {
            nl_sock_destroy(*sockp);
            *sockp = NULL;
        }
    }
    return error;
}

/* Returns true if there are notifications now, and were none before. */
static bool
try_subscribe(void)
{
    int error = subscribe(&notify_sock);

    if (error == ENOENT) {
        next_subscribe = LLONG_MAX;
    } else if (error) {
        VLOG_WARN_RL(&rl, "cannot watch the XDP features of devices (%s)",
                     ovs_strerror(error));
        next_subscribe = time_msec() + SUBSCRIBE_INTERVAL_MS;
    }
    return !error;
}

/* Takes one notification and returns 0, or a positive errno; EAGAIN if there
 * is none.  Makes '*changed' true if a device's features may have changed. */
static int
receive(bool *changed)
{
    uint64_t stub[4096 / 8];
    struct ofpbuf buf;
    int error;

    ofpbuf_use_stub(&buf, stub, sizeof stub);
    error = nl_sock_recv(notify_sock, &buf, NULL, false);
    if (!error) {
        const struct genlmsghdr *genl = nl_msg_genlmsghdr(&buf);

        *changed |= genl && genl->cmd == NETDEV_CMD_DEV_CHANGE_NTF;
    } else if (error != EAGAIN) {
        /* With ENOBUFS some are lost, and nobody knows which. */
        *changed = true;
    }
    ofpbuf_uninit(&buf);
    return error;
}

bool
xdp_features_run(void)
{
    bool changed = false;
    int error = 0;

    if (!notify_sock) {
        /* What was asked before the subscription may be outdated. */
        return time_msec() >= next_subscribe && try_subscribe();
    }
    for (int i = 0; !error && i < MAX_NOTIFICATIONS; i++) {
        error = receive(&changed);
    }
    if (error && error != EAGAIN) {
        VLOG_INFO_RL(&rl, "notifications of devices' XDP features were lost "
                     "(%s)", ovs_strerror(error));
    }
    return changed;
}

void
xdp_features_wait(void)
{
    if (notify_sock) {
        nl_sock_wait(notify_sock, POLLIN);
    } else if (next_subscribe != LLONG_MAX) {
        poll_timer_wait_until(next_subscribe);
    }
}
