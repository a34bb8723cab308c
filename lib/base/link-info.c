/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "base/link-info.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>

#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "socket-util.h"
#include "util.h"

/* 'arg' is the structure for the command that its first member says. */
static int
ethtool_ioctl(const char *name, void *arg)
{
    struct ifreq ifr;

    memset(&ifr, 0, sizeof ifr);
    ovs_strzcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    ifr.ifr_data = arg;
    return af_inet_ioctl(SIOCETHTOOL, &ifr);
}

int
link_info_get(const char *name, struct link_info *info)
{
    struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
    struct ifreq ifr;
    int error;

    error = af_inet_ifreq_ioctl(name, &ifr, SIOCGIFINDEX, "SIOCGIFINDEX");
    if (error) {
        return error;
    }
    info->ifindex = ifr.ifr_ifindex;

    error = af_inet_ifreq_ioctl(name, &ifr, SIOCGIFMTU, "SIOCGIFMTU");
    if (error) {
        return error;
    }
    info->mtu = ifr.ifr_mtu;

    error = af_inet_ifreq_ioctl(name, &ifr, SIOCGIFFLAGS, "SIOCGIFFLAGS");
    if (error) {
        return error;
    }
    info->is_up = (ifr.ifr_flags & IFF_UP) != 0;

    info->n_rx_queues = info->n_tx_queues = 1;
    error = ethtool_ioctl(name, &channels);
    if (!error) {
        info->n_rx_queues = MAX(channels.combined_count + channels.rx_count,
                                1);
        info->n_tx_queues = MAX(channels.combined_count + channels.tx_count,
                                1);
    } else if (error != EOPNOTSUPP) {
        return error;
    }
    return 0;
}

bool
link_info_equals(const struct link_info *a, const struct link_info *b)
{
    return (a->ifindex == b->ifindex && a->mtu == b->mtu
            && a->n_rx_queues == b->n_rx_queues
            && a->n_tx_queues == b->n_tx_queues);
}

bool
link_has_driver(const char *name, const char *driver)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

    return (!ethtool_ioctl(name, &info)
            && !strncmp(info.driver, driver, sizeof info.driver));
}

/* Stores the nested attributes of 'attr', which may be null, in 'attrs'. */
static bool
parse_nested(const struct nlattr *attr, const struct nl_policy policy[],
             struct nlattr *attrs[], size_t n)
{
    return attr && nl_parse_nested(attr, policy, attrs, n);
}

static bool
parse_vnet_hdr(const struct ofpbuf *reply)
{
    static const struct nl_policy link_policy[] = {
        [IFLA_LINKINFO] = { .type = NL_A_NESTED, .optional = true },
    };
    static const struct nl_policy info_policy[] = {
        [IFLA_INFO_KIND] = { .type = NL_A_STRING, .optional = true },
        [IFLA_INFO_DATA] = { .type = NL_A_NESTED, .optional = true },
    };
    static const struct nl_policy tun_policy[] = {
        [IFLA_TUN_VNET_HDR] = { .type = NL_A_U8, .optional = true },
    };
    struct nlattr *link[ARRAY_SIZE(link_policy)];
    struct nlattr *info[ARRAY_SIZE(info_policy)];
    struct nlattr *tun[ARRAY_SIZE(tun_policy)];

    return (nl_policy_parse(reply,
                            NLMSG_HDRLEN + sizeof(struct ifinfomsg),
                            link_policy, link, ARRAY_SIZE(link))
            && parse_nested(link[IFLA_LINKINFO], info_policy, info,
                            ARRAY_SIZE(info))
            && info[IFLA_INFO_KIND]
            && !strcmp(nl_attr_get_string(info[IFLA_INFO_KIND]), "tun")
            && parse_nested(info[IFLA_INFO_DATA], tun_policy, tun,
                            ARRAY_SIZE(tun))
            && tun[IFLA_TUN_VNET_HDR]
            && nl_attr_get_u8(tun[IFLA_TUN_VNET_HDR]));
}

/* Makes '*request' one of 'type' about device 'ifindex'.  The caller frees
 * it. */
static struct ifinfomsg *
init_request(struct ofpbuf *request, uint16_t type, int ifindex)
{
    struct ifinfomsg *ifi;

    ofpbuf_init(request, 0);
    nl_msg_put_nlmsghdr(request, sizeof *ifi, type, NLM_F_REQUEST);
    ifi = ofpbuf_put_zeros(request, sizeof *ifi);
    ifi->ifi_family = AF_UNSPEC;
    ifi->ifi_index = ifindex;
    return ifi;
}

bool
link_has_vnet_hdr(int ifindex)
{
    struct ofpbuf request, *reply;
    bool has_vnet_hdr;

    init_request(&request, RTM_GETLINK, ifindex);
    has_vnet_hdr = (!nl_transact(NETLINK_ROUTE, &request, &reply)
                    && parse_vnet_hdr(reply));
    ofpbuf_uninit(&request);
    ofpbuf_delete(reply);
    return has_vnet_hdr;
}

int
link_set_promiscuous(int ifindex)
{
    struct ofpbuf request;
    struct ifinfomsg *ifi = init_request(&request, RTM_NEWLINK, ifindex);
    int error;

    ifi->ifi_flags = IFF_PROMISC;
    ifi->ifi_change = IFF_PROMISC;
    error = nl_transact(NETLINK_ROUTE, &request, NULL);
    ofpbuf_uninit(&request);
    return error;
}
