/* SPDX-License-Identifier: Apache-2.0 */

/* Before Open vSwitch adds ports one by one, tells packet memory how many
 * there will be.  See hook.c for how. */

#include <config.h>

#include <string.h>

#include "ctl/afxdp-forecast.h"
#include "lib/vswitch-idl.h"
#include "userspace-tso.h"
#include "util.h"

__typeof__(userspace_tso_init)
    __real_userspace_tso_init, __wrap_userspace_tso_init;

static bool
is_afxdp(const struct ovsrec_interface *iface)
{
    return (!strcmp(iface->type, "afxdp")
            || !strcmp(iface->type, "afxdp-nonpmd"));
}

/* Adds the ports of our types to '*forecast', if it is not null.  Returns how
 * many they are. */
static size_t
add_ports(const struct ovsrec_open_vswitch *cfg,
          struct afxdp_forecast *forecast)
{
    size_t n = 0;

    for (size_t i = 0; i < cfg->n_bridges; i++) {
        const struct ovsrec_bridge *br = cfg->bridges[i];

        for (size_t j = 0; j < br->n_ports; j++) {
            const struct ovsrec_port *port = br->ports[j];

            for (size_t k = 0; k < port->n_interfaces; k++) {
                const struct ovsrec_interface *iface = port->interfaces[k];

                if (is_afxdp(iface)) {
                    n++;
                    if (forecast) {
                        afxdp_forecast_add(forecast, iface->name,
                                           &iface->options);
                    }
                }
            }
        }
    }
    return n;
}

/* The bridge calls this on every trip through its main loop, right before it
 * adds ports, with other_config of its configuration. */
void
__wrap_userspace_tso_init(const struct smap *other_config)
{
    const struct ovsrec_open_vswitch *cfg
        = CONTAINER_OF(other_config, struct ovsrec_open_vswitch, other_config);
    static size_t n_known;
    size_t n = add_ports(cfg, NULL);

    if (n != n_known) {
        struct afxdp_forecast forecast = { .n_small = 0 };

        add_ports(cfg, &forecast);
        afxdp_forecast_publish(&forecast);
        n_known = n;
    }
    __real_userspace_tso_init(other_config);
}
