/* SPDX-License-Identifier: Apache-2.0 */

/* The class of ports "afxdp" and "afxdp-nonpmd": life, configuration and
 * reconfiguration. */

#include <config.h>
#include "netdev-afxdp-class.h"
#include "netdev-afxdp-private.h"

#include <errno.h>
#include <net/if.h>

#include "afxdp-monitor.h"
#include "afxdp-offload-unixctl.h"
#include "afxdp-unixctl.h"
#include "link-info.h"
#include "netdev-afxdp-map.h"
#include "netdev-afxdp-offload.h"
#include "netdev-afxdp-redirect.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "umem.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp);

struct ovs_mutex afxdp_ports_mutex = OVS_MUTEX_INITIALIZER;
struct ovs_list afxdp_ports OVS_GUARDED_BY(afxdp_ports_mutex)
    = OVS_LIST_INITIALIZER(&afxdp_ports);

/* Copies of Open vSwitch's classes with our functions over them. */
static struct netdev_class pmd_class;
static struct netdev_class nonpmd_class;

/* What dpif-netdev last asked of any port, the best guess for a new one. */
static atomic_int usual_n_txq = 1;

bool
netdev_afxdp_is_port(const struct netdev *netdev)
{
    return (netdev->netdev_class == &pmd_class
            || netdev->netdev_class == &nonpmd_class);
}

/* Errors. */

/* Makes '*errorp' a copy of "NAME: 'reason'", or null if 'reason' is null.
 * Logs it if it is news. */
static void
set_error(struct netdev_afxdp *dev, char **errorp, const char *reason)
    OVS_REQUIRES(dev->mutex)
{
    const char *name = netdev_get_name(&dev->up.up);
    char *error = reason ? xasprintf("%s: %s", name, reason) : NULL;

    if (!nullable_string_is_equal(error, *errorp)) {
        if (error) {
            VLOG_WARN("%s", error);
        }
        netdev_change_seq_changed(&dev->up.up);
    }
    free(*errorp);
    *errorp = error;
}

char *
netdev_afxdp_get_error(struct netdev_afxdp *dev)
{
    return nullable_xstrdup(dev->attach_error && !dev->att ? dev->attach_error
                            : dev->config_error ? dev->config_error
                            : dev->attach_error ? dev->attach_error
                            : dev->mtu_error);
}

bool
netdev_afxdp_get_port_error(const char *name, char **error)
{
    struct netdev *netdev = netdev_from_name(name);
    bool ours = netdev && netdev_afxdp_is_port(netdev);

    *error = NULL;
    if (ours) {
        struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);

        ovs_mutex_lock(&dev->mutex);
        *error = netdev_afxdp_get_error(dev);
        ovs_mutex_unlock(&dev->mutex);
    }
    netdev_close(netdev);
    return ours;
}

/* Attaching and detaching. */

static void
detach(struct netdev_afxdp *dev)
    OVS_REQUIRES(dev->mutex)
{
    netdev_afxdp_offload_detach(dev);
    netdev_afxdp_retire_counters(dev);
    afxdp_detach(dev->att);
    dev->att = NULL;
    netdev_afxdp_update_redirect(dev);
}

static int
numa_node(const struct netdev_afxdp *dev)
{
    return netdev_afxdp_class.get_numa_id(&dev->up.up);
}

static int
attach(struct netdev_afxdp *dev, const struct link_info *link,
       const struct afxdp_config *config, int wanted_n_txq, char **errp)
    OVS_REQUIRES(dev->mutex)
{
    struct netdev *netdev = &dev->up.up;
    struct afxdp_attachment *att;
    int error = afxdp_attach(netdev_get_name(netdev), link, config,
                             wanted_n_txq, numa_node(dev), &att, errp);

    if (error) {
        return error;
    }
    if (dev->started && dev->last_ifindex != link->ifindex) {
        /* A device that came back does not have the flag that dpif-netdev gave
         * its predecessor. */
        netdev_afxdp_make_promiscuous(dev, link->ifindex);
    }
    dev->last_ifindex = link->ifindex;
    dev->att = att;
    dev->started = true;
    netdev->n_rxq = att->n_rxq;
    netdev->n_txq = att->n_txq;
    atomic_store_relaxed(&dev->tx_max_len, afxdp_max_packet_len(link->mtu));
    netdev_afxdp_ask_redirect(dev);
    netdev_afxdp_offload_attach(dev);
    netdev_change_seq_changed(netdev);
    VLOG_INFO("%s: attached in %s mode (%s), device queues %d to %d, %d to "
              "receive and %d to transmit", netdev_get_name(netdev),
              xsk_mode_to_string(att->mode),
              xsk_queue_is_zero_copy(att->queues[0].xsk) ? "zero-copy"
                                                         : "copy",
              config->start_queue, config->start_queue + att->n_queues - 1,
              att->n_rxq, att->n_txq);
    if (att->fallback_reason) {
        VLOG_INFO("%s: no better mode: %s", netdev_get_name(netdev),
                  att->fallback_reason);
    }
    if (att->n_device_rx_queues > att->n_rxq) {
        VLOG_INFO("%s: the port receives from %d of the device's %d queues; "
                  "what arrives on the others goes to the kernel's network "
                  "stack (options:n_rxq, options:start-queue, ethtool -L)",
                  netdev_get_name(netdev), att->n_rxq,
                  att->n_device_rx_queues);
    }
    netdev_afxdp_map_attached(dev);
    return 0;
}

/* The port has no queues on its device, or the device is another: there is
 * nothing to keep. */
static void
attach_afresh(struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    char *reason = NULL;

    detach(dev);
    attach(dev, link, &dev->config, dev->wanted_n_txq, &reason);
    set_error(dev, &dev->attach_error, reason);
    free(reason);
}

/* Exchanges what the port has on its device for what the operator wants.  If
 * that fails, takes back what there was. */
static void
attach_or_roll_back(struct netdev_afxdp *dev, const struct link_info *link)
    OVS_REQUIRES(dev->mutex)
{
    const struct afxdp_config old_config = dev->att->config;
    int old_n_txq = dev->att->n_txq;
    char *reason = NULL;
    int error;

    if (!afxdp_can_attach(netdev_get_name(&dev->up.up), link, &dev->config,
                          &reason)) {
        error = EINVAL;
    } else {
        detach(dev);
        error = attach(dev, link, &dev->config, dev->wanted_n_txq, &reason);
    }
    if (error) {
        char *rollback_reason = NULL;
        char *s;

        dev->failed_config = dev->config;
        dev->failed_ifindex = link->ifindex;
        if (!dev->att) {
            attach(dev, link, &old_config, old_n_txq, &rollback_reason);
        }
        s = xasprintf("%s; %s%s", reason,
                      dev->att ? "the previous configuration stays in use"
                      : "the previous configuration failed, too: ",
                      dev->att ? "" : rollback_reason);
        set_error(dev, &dev->attach_error, s);
        free(s);
        free(rollback_reason);
    } else {
        dev->failed_ifindex = 0;
        set_error(dev, &dev->attach_error, NULL);
    }
    free(reason);
}

static bool
has_failed_before(const struct netdev_afxdp *dev,
                  const struct link_info *link)
{
    return (dev->att && dev->failed_ifindex == link->ifindex
            && dev->att->mtu == link->mtu
            && afxdp_config_same_sockets(&dev->failed_config, &dev->config));
}

int
netdev_afxdp_reconfigure(struct netdev *netdev)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    struct link_info link;

    ovs_mutex_lock(&dev->mutex);
    int error = link_info_get(netdev_get_name(netdev), &link);
    if (error) {
        detach(dev);
        set_error(dev, &dev->attach_error,
                  "the device is gone; the port works again when a device of "
                  "that name is back");
    } else if (!dev->att || dev->att->ifindex != link.ifindex) {
        attach_afresh(dev, &link);
    } else if (afxdp_attachment_is_current(dev->att, &link, &dev->config,
                                           dev->wanted_n_txq)) {
        dev->failed_ifindex = 0;
        set_error(dev, &dev->attach_error, NULL);
    } else if (!has_failed_before(dev, &link)) {
        attach_or_roll_back(dev, &link);
    }

    /* dpif-netdev drops a port whose reconfiguration fails.  A port that has
     * worked stays and waits for its device; a new one is refused. */
    error = dev->started ? 0 : EINVAL;
    ovs_mutex_unlock(&dev->mutex);
    return error;
}

/* Configuration. */

/* For a port that is not in a datapath yet, so that what is wrong can be
 * said to the one who adds it. */
static int
attach_first(struct netdev_afxdp *dev, char **errp)
    OVS_REQUIRES(dev->mutex)
{
    struct link_info link;
    int error = link_info_get(netdev_get_name(&dev->up.up), &link);

    if (error) {
        *errp = xasprintf("cannot ask the kernel about the device (%s)",
                          ovs_strerror(error));
        return error;
    }
    return attach(dev, &link, &dev->config, dev->wanted_n_txq, errp);
}

int
netdev_afxdp_set_config(struct netdev *netdev, const struct smap *args,
                        char **errp)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    struct afxdp_config config;
    char *reason = NULL;
    int error;

    ovs_mutex_lock(&dev->mutex);
    error = afxdp_config_parse(args, &config, &reason);
    if (!dev->started) {
        if (!error) {
            dev->config = config;
            error = attach_first(dev, &reason);
        }
        if (error) {
            *errp = xasprintf("%s: %s", netdev_get_name(netdev), reason);
            /* The caller warns that it failed, but without the reason. */
            VLOG_INFO("%s", *errp);
        }
    } else {
        /* An error here would take down the port. */
        set_error(dev, &dev->config_error, reason);
        set_error(dev, &dev->mtu_error, NULL);
        if (!error && !afxdp_config_equals(&config, &dev->config)) {
            bool attach_anew = !afxdp_config_same_sockets(&config,
                                                          &dev->config);

            dev->config = config;
            netdev_afxdp_update_redirect(dev);
            netdev_change_seq_changed(netdev);
            if (attach_anew) {
                netdev_request_reconfigure(netdev);
            }
        }
        error = 0;
    }
    free(reason);
    ovs_mutex_unlock(&dev->mutex);
    return error;
}

static int
netdev_afxdp_set_tx_multiq(struct netdev *netdev, unsigned int n_txq)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);

    atomic_store_relaxed(&usual_n_txq, n_txq);
    ovs_mutex_lock(&dev->mutex);
    if (dev->wanted_n_txq != n_txq) {
        dev->wanted_n_txq = n_txq;
        netdev_request_reconfigure(netdev);
    }
    ovs_mutex_unlock(&dev->mutex);
    return 0;
}

int
netdev_afxdp_verify_mtu_size(const struct netdev *netdev OVS_UNUSED, int mtu)
{
    return mtu > afxdp_max_mtu() ? EINVAL : 0;
}

static int
netdev_afxdp_set_mtu(struct netdev *netdev, int mtu)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    char *reason = NULL;
    int error = netdev_afxdp_verify_mtu_size(netdev, mtu);

    if (error) {
        reason = xasprintf("MTU %d is more than an afxdp port carries, which "
                           "is up to %d", mtu, afxdp_max_mtu());
    } else {
        error = netdev_linux_class.set_mtu(netdev, mtu);
        if (error) {
            reason = xasprintf("the device does not accept MTU %d (%s)", mtu,
                               ovs_strerror(error));
        }
    }
    if (error != ENODEV) {
        ovs_mutex_lock(&dev->mutex);
        set_error(dev, &dev->mtu_error, reason);
        ovs_mutex_unlock(&dev->mutex);
    }
    free(reason);
    return error;
}

/* Life. */

static struct netdev *
netdev_afxdp_alloc(void)
{
    struct netdev_afxdp *dev = xzalloc(sizeof *dev);

    return &dev->up.up;
}

static void
netdev_afxdp_dealloc(struct netdev *netdev)
{
    free(netdev_afxdp_cast(netdev));
}

int
netdev_afxdp_construct(struct netdev *netdev)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);
    static const struct smap no_options = SMAP_INITIALIZER(&no_options);
    char *errmsg = NULL;
    int error = netdev_linux_construct(netdev);

    if (error) {
        return error;
    }

    /* What netdev-linux has promised in 'ol_flags', with
     * userspace-tso-enable, is done in software: netdev-afxdp-tso.h. */
    netdev->n_rxq = 0;
    netdev->n_txq = 0;

    ovs_mutex_init(&dev->mutex);
    atomic_init(&dev->tx_max_len, 0);
    atomic_init(&dev->tx_detached_drops, 0);
    atomic_init(&dev->takes_redirect, false);
    atomic_init(&dev->may_offload, false);
    afxdp_config_parse(&no_options, &dev->config, &errmsg);
    atomic_read_relaxed(&usual_n_txq, &dev->wanted_n_txq);

    ovs_mutex_lock(&afxdp_ports_mutex);
    ovs_list_push_back(&afxdp_ports, &dev->list_node);
    ovs_mutex_unlock(&afxdp_ports_mutex);

    netdev_request_reconfigure(netdev);
    return 0;
}

void
netdev_afxdp_destruct(struct netdev *netdev)
{
    struct netdev_afxdp *dev = netdev_afxdp_cast(netdev);

    ovs_mutex_lock(&afxdp_ports_mutex);
    ovs_list_remove(&dev->list_node);
    ovs_mutex_unlock(&afxdp_ports_mutex);

    ovs_mutex_lock(&dev->mutex);
    detach(dev);
    free(dev->retired);
    free(dev->config_error);
    free(dev->mtu_error);
    free(dev->attach_error);
    ovs_mutex_unlock(&dev->mutex);
    ovs_mutex_destroy(&dev->mutex);
    ovs_mutex_destroy(&dev->up.mutex);
}

int
netdev_afxdp_init(void)
{
    return 0;
}

/* Open vSwitch calls this on exit for its own class only.  Our programs go
 * with their links. */
void
signal_remove_xdp(struct netdev *netdev OVS_UNUSED)
{
}

static int
replace_class(struct netdev_class *class, const struct netdev_class *base)
{
    int error = netdev_unregister_provider(base->type);

    if (error) {
        return error;
    }
    *class = *base;
    class->alloc = netdev_afxdp_alloc;
    class->dealloc = netdev_afxdp_dealloc;
    class->get_status = netdev_afxdp_get_status;
    class->set_mtu = netdev_afxdp_set_mtu;
    class->update_flags = netdev_afxdp_update_flags;
    class->set_tx_multiq = netdev_afxdp_set_tx_multiq;
    class->rxq_wait = netdev_afxdp_rxq_wait;
    return netdev_register_provider(class);
}

void
netdev_afxdp_run(void)
{
    afxdp_monitor_run();
    netdev_afxdp_redirect_run();
    umem_run();
}

void
netdev_afxdp_wait(void)
{
    afxdp_monitor_wait();
    netdev_afxdp_redirect_wait();
    umem_wait();
}

void
netdev_afxdp_register(void)
{
    int error = replace_class(&pmd_class, &netdev_afxdp_class);

    if (!error) {
        error = replace_class(&nonpmd_class, &netdev_afxdp_nonpmd_class);
    }
    if (error) {
        VLOG_FATAL("cannot replace Open vSwitch's AF_XDP port types (%s)",
                   ovs_strerror(error));
    }
    afxdp_monitor_init();
    afxdp_unixctl_init();
    afxdp_offload_unixctl_init();
}
