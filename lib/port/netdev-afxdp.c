/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "port/netdev-afxdp.h"

#include <errno.h>

#include "port/afxdp-mtu.h"
#include "port/netdev-afxdp-attach.h"
#include "port/netdev-afxdp-port.h"
#include "port/netdev-afxdp-redirect.h"
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
    bool ours = netdev && ovs_netdev_is_ours(netdev);

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
                      netdev_afxdp_name(dev), unknown);
        }
        ovs_netdev_changed(&dev->up);
    }
    free(dev->unknown_options);
    dev->unknown_options = unknown;
}

int
netdev_afxdp_configure(struct netdev_afxdp *dev, const struct smap *args,
                       char **errp)
{
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
            *errp = xasprintf("%s: %s", netdev_afxdp_name(dev), reason);
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
            ovs_netdev_changed(&dev->up);
            if (attach_anew) {
                ovs_netdev_request_reconfigure(&dev->up);
            }
        }
        error = 0;
    }
    free(reason);
    ovs_mutex_unlock(&dev->mutex);
    return error;
}

void
netdev_afxdp_want_n_txq(struct netdev_afxdp *dev, int n_txq)
{
    atomic_store_relaxed(&usual_n_txq, n_txq);
    ovs_mutex_lock(&dev->mutex);
    if (dev->wanted_n_txq != n_txq) {
        dev->wanted_n_txq = n_txq;
        ovs_netdev_request_reconfigure(&dev->up);
    }
    ovs_mutex_unlock(&dev->mutex);
}

int
netdev_afxdp_set_mtu(struct netdev_afxdp *dev, int mtu)
{
    char *reason = NULL;
    int error = afxdp_check_mtu(mtu);

    if (error) {
        reason = xasprintf("MTU %d is more than an afxdp port carries, which "
                           "is up to %d", mtu, afxdp_max_mtu());
    } else {
        error = ovs_netdev_set_mtu(&dev->up, mtu);
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

int
netdev_afxdp_init_port(struct netdev_afxdp *dev)
{
    static const struct smap no_options = SMAP_INITIALIZER(&no_options);
    char *errmsg = NULL;
    int error = ovs_netdev_construct(&dev->up);

    if (error) {
        return error;
    }

    atomic_init(&dev->tx_max_len, 0);
    atomic_init(&dev->tx_detached_drops, 0);
    ovs_mutex_init(&dev->mutex);
    ovs_mutex_lock(&dev->mutex);
    afxdp_config_parse(&no_options, &dev->config, &errmsg);
    atomic_read_relaxed(&usual_n_txq, &dev->wanted_n_txq);
    ovs_mutex_unlock(&dev->mutex);

    ovs_mutex_lock(&afxdp_ports_mutex);
    ovs_list_push_back(&afxdp_ports, &dev->list_node);
    ovs_mutex_unlock(&afxdp_ports_mutex);

    ovs_netdev_request_reconfigure(&dev->up);
    return 0;
}

void
netdev_afxdp_destroy_port(struct netdev_afxdp *dev)
{
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
    ovs_netdev_destruct(&dev->up);
}
