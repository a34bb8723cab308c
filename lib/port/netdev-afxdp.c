/* SPDX-License-Identifier: Apache-2.0 */

/* The class of ports "afxdp" and "afxdp-nonpmd": life and configuration. */

#include <config.h>
#include "port/netdev-afxdp-class.h"

#include <errno.h>
#include <net/if.h>

#include "port/netdev-afxdp-attach.h"
#include "port/netdev-afxdp-io.h"
#include "port/netdev-afxdp-map.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-redirect.h"
#include "port/netdev-afxdp-stats.h"
#include "netdev.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_afxdp);

/* What dpif-netdev last asked of any port, the best guess for a new one. */
static atomic_int usual_n_txq = 1;

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

/* Configuration. */

/* They may be meant for another version, so they are no error. */
static void
note_unknown_options(struct netdev_afxdp *dev, const struct smap *args)
    OVS_REQUIRES(dev->mutex)
{
    char *unknown = afxdp_config_find_unknown(args);

    if (!nullable_string_is_equal(unknown, dev->unknown_options)) {
        if (unknown) {
            VLOG_WARN("%s: unknown options are ignored: %s",
                      netdev_get_name(&dev->up.up), unknown);
        }
        netdev_change_seq_changed(&dev->up.up);
    }
    free(dev->unknown_options);
    dev->unknown_options = unknown;
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
    note_unknown_options(dev, args);
    error = afxdp_config_parse(args, &config, &reason);
    if (!dev->started) {
        if (!error) {
            dev->config = config;
            error = netdev_afxdp_attach_first(dev, &reason);
        }
        if (error) {
            *errp = xasprintf("%s: %s", netdev_get_name(netdev), reason);
            /* The caller warns that it failed, but without the reason. */
            VLOG_INFO("%s", *errp);
        }
    } else {
        /* An error here would take down the port. */
        netdev_afxdp_set_error(dev, &dev->config_error, reason);
        netdev_afxdp_set_error(dev, &dev->mtu_error, NULL);
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
        netdev_afxdp_set_error(dev, &dev->mtu_error, reason);
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

    netdev->n_rxq = 0;
    netdev->n_txq = 0;

    ovs_mutex_init(&dev->mutex);
    atomic_init(&dev->tx_max_len, 0);
    atomic_init(&dev->tx_detached_drops, 0);
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
    netdev_afxdp_detach(dev);
    free(dev->retired);
    free(dev->unknown_options);
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
netdev_afxdp_register(void)
{
    int error = replace_class(&afxdp_pmd_class, &netdev_afxdp_class);

    if (!error) {
        error = replace_class(&afxdp_nonpmd_class, &netdev_afxdp_nonpmd_class);
    }
    if (error) {
        VLOG_FATAL("cannot replace Open vSwitch's AF_XDP port types (%s)",
                   ovs_strerror(error));
    }
}
