/* SPDX-License-Identifier: Apache-2.0 */

/* Ports that come, go and change. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "util.h"

/* No program is loaded: any pointer will do. */
static struct xdp_prog *const prog = (void *) &model_ports;

/* Flows enter through ports of the datapath. */
static void
tell_state(const struct model_port *port)
{
    xdp_offload_port_set_odp_port(port->port, port->odp_port);
    xdp_offload_port_set_roles(port->port, port->takes_redirect,
                               port->may_enter);
}

static void
set_state(struct model_port *port, int i)
{
    port->odp_port = random_range(12) ? u32_to_odp(i + 1) : ODPP_NONE;
    port->takes_redirect = random_range(12) != 0;
    port->may_enter = random_range(12) != 0;
    tell_state(port);
}

static void
open_port(struct model_port *port, int i)
{
    char *error = NULL;

    *port = (struct model_port) { .odp_port = ODPP_NONE };
    port->port = xdp_offload_port_open(dp_offload, "port", &error);
    ovs_assert(port->port);
    dp_set_port(i, port->port);
    if (random_range(2)) {
        set_state(port, i);
    }
}

static void
attach(struct model_port *port, int i, bool has_prog)
{
    static int last_ifindex;
    char *error = NULL;
    int retval;

    port->ifindex = random_range(2) ? 100 + i : 1000 + ++last_ifindex;
    port->max_len = 1400 + random_range(3) * 100;
    kernel.failed = false;
    retval = xdp_offload_port_attach(port->port, has_prog ? prog : NULL,
                                     XDP_WHY_FOREIGN_PROGRAM, port->ifindex,
                                     port->max_len, &error);
    ovs_assert(!retval == !error);
    ovs_assert(!error || kernel.failed);
    free(error);
    port->idx = kernel.last_port;
    port->attached = kernel_device(port->idx) == port->ifindex;
    port->is_input = port->attached && has_prog && !retval;
    kernel_name_port(i, port->idx);
}

static void
detach(struct model_port *port)
{
    xdp_offload_port_detach(port->port);
    if (port->attached) {
        ovs_assert(!kernel_device(port->idx));
        port->attached = false;
    }
}

/* As dpif-netdev removes a port: the queue is empty then. */
static void
flush(struct model_port *port)
{
    while (!dp_queue_is_empty()) {
        dp_run_queue();
        model_check();
    }
    xdp_offload_port_flush(port->port);
    port->going = true;
}

static void
close_port(struct model_port *port, int i)
{
    if (random_range(2)) {
        detach(port);
    }
    xdp_offload_port_close(port->port);
    ovs_assert(!port->attached || !kernel_device(port->idx));
    dp_set_port(i, NULL);
    port->port = NULL;
    port->going = false;
}

static void
change_port(struct model_port *port, int i)
{
    int what = random_range(24);

    if (what == 0) {
        flush(port);
    } else if (what == 1) {
        close_port(port, i);
    } else if (what < 4) {
        detach(port);
    } else if (what < 10) {
        port->max_len = 1400 + random_range(3) * 100;
        xdp_offload_port_set_max_len(port->port, port->max_len);
    } else {
        set_state(port, i);
    }
}

static void
trace_port(const struct model_port *port)
{
    TRACE("port %"PRIdPTR": %s, ODP port %d%s%s%s\n",
          port - model_ports + 1,
          !port->port ? "closed" : port->going ? "flushed"
          : port->attached ? "attached" : "detached",
          odp_to_u32(port->odp_port),
          port->is_input ? ", input" : "",
          port->may_enter ? ", may enter" : "",
          port->takes_redirect ? ", takes redirect" : "");
}

/* A port that is being removed goes at last. */
void
model_change_port(void)
{
    int i = random_range(DP_PORTS);
    struct model_port *port = &model_ports[i];

    if (!port->port) {
        open_port(port, i);
    } else if (port->going) {
        close_port(port, i);
    } else if (!port->attached) {
        attach(port, i, random_range(8) != 0);
    } else {
        change_port(port, i);
    }
    trace_port(port);
}

void
model_raise_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        struct model_port *port = &model_ports[i];

        if (port->going) {
            close_port(port, i);
        }
        if (!port->port) {
            open_port(port, i);
        }
        if (!port->is_input) {
            detach(port);
        }
        if (!port->attached) {
            attach(port, i, true);
        }
        port->odp_port = u32_to_odp(i + 1);
        port->takes_redirect = true;
        port->may_enter = true;
        tell_state(port);
        trace_port(port);
    }
}

void
model_renew_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        struct model_port *port = &model_ports[i];

        if (port->port && port->attached && !port->going) {
            detach(port);
            attach(port, i, true);
            trace_port(port);
        }
    }
}

void
model_close_ports(void)
{
    for (int i = 0; i < DP_PORTS; i++) {
        if (model_ports[i].port) {
            close_port(&model_ports[i], i);
        }
    }
}
