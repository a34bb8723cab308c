/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-fake-kernel.h"

#include <errno.h>
#include <string.h>

#include "random.h"
#include "util.h"
#include "offload/xdp-flow-key.h"
#include "tests/unit/prog/xdp-hooks.h"

enum { MAX_PACKETS = 8 };

/* A set of devices that a packet is sent to. */
struct set {
    int ifindexes[DP_PORTS];
    size_t n;
};

/* A packet on its way. */
struct packet {
    bool is_awaited;
    struct kernel_flow flow;
    struct xdp_flow_action act;
    struct set set;
};

struct kernel kernel;

static struct packet packets[MAX_PACKETS];
static int n_packets;
static int devices[XDP_MAX_PORTS];
static struct set sets[XDP_MAX_OUTPUT_SETS];
static struct {
    struct xdp_key key, mask;
} rules[DP_MEGAFLOWS];

/* Each port's number in the tables, plus one. */
static uint32_t names[DP_PORTS];

/* Whose flow is in a place, and the sequence number that it has there. */
static struct {
    struct dp_megaflow *mega;
    uint64_t seq;
} places[KERNEL_MAX_FLOWS];

static void finish_packet(int);

/* Functions that take the place of real ones. */

static long long int
get_time(void)
{
    return kernel.now;
}

static int
create(const struct xdp_limits *limits OVS_UNUSED, struct xdp_tables **tablesp,
       char **errp)
{
    int error = __real_xdp_tables_create(&kernel.limits, tablesp, errp);

    if (!error) {
        kernel.tables = *tablesp;
        kernel.tables->n_actions = kernel.n_actions;
        random_bytes(&kernel.tables->basis, sizeof kernel.tables->basis);
        xdp_hash_basis_complete(&kernel.tables->basis);
    }
    return error;
}

static bool
fails(void)
{
    bool fails = kernel.failing && !random_range(kernel.failing);

    kernel.failed |= fails;
    return fails;
}

static int
set_device(struct xdp_tables *t OVS_UNUSED, uint32_t port, int ifindex)
{
    kernel.last_port = port;
    if (ifindex && fails()) {
        return ENODEV;
    }
    devices[port] = ifindex;
    return 0;
}

/* What happens meanwhile, others need not wait for. */
static void
synchronize(const struct xdp_tables *t OVS_UNUSED)
{
    void (*meanwhile)(void) = kernel.meanwhile;

    kernel.meanwhile = NULL;
    for (int i = 0; i < n_packets; i++) {
        packets[i].is_awaited = true;
    }
    if (meanwhile) {
        meanwhile();
    }
    for (int i = 0; i < n_packets;) {
        if (packets[i].is_awaited) {
            finish_packet(i);
        } else {
            i++;
        }
    }
}

/* The kernel waits for programs when it changes a map of maps. */
static int
set_outputs(struct xdp_tables *t, uint32_t idx,
            const int ifindexes[], size_t n)
{
    struct set *set = &sets[idx];

    if (kernel.others) {
        kernel.others();
    }
    if (n && fails()) {
        return ENOMEM;
    }
    ovs_assert(n <= ARRAY_SIZE(set->ifindexes));
    for (size_t i = 0; i < n; i++) {
        set->ifindexes[i] = ifindexes[i];
    }
    set->n = n;
    synchronize(t);
    return 0;
}

static int
enable_offload(struct xdp_prog *prog OVS_UNUSED,
               const struct xdp_tables *t OVS_UNUSED, uint32_t port OVS_UNUSED,
               char **errp)
{
    if (fails()) {
        *errp = xstrdup("no memory");
        return ENOMEM;
    }
    return 0;
}

void
kernel_init(const struct xdp_limits *limits, uint32_t n_actions)
{
    ovs_assert(limits->n_flows <= KERNEL_MAX_FLOWS);
    kernel.limits = *limits;
    kernel.n_actions = n_actions;
    kernel.now = 1000 * 1000;
    xdp_hooks = (struct xdp_hooks) {
        .time_msec = get_time,
        .create = create,
        .synchronize = synchronize,
        .set_device = set_device,
        .set_outputs = set_outputs,
        .enable_offload = enable_offload,
    };
}

/* Flows. */

void
kernel_name_port(int port, uint32_t idx)
{
    for (int i = 0; i < DP_PORTS; i++) {
        names[i] = i == port ? idx + 1 : names[i] == idx + 1 ? 0 : names[i];
    }
    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        if (dp_megaflows[i].port == port) {
            ovs_assert(xdp_key_from_match(&dp_megaflows[i].match, idx,
                                          &rules[i].key, &rules[i].mask)
                       == XDP_WHY_OFFLOADED);
        }
    }
}

static uint32_t
port_of(const struct xdp_flow *flow)
{
    return flow->key.w[XDP_KEY_ETH_DST] >> 48;
}

static struct dp_megaflow *
find_mega(const struct xdp_flow *flow)
{
    const struct xdp_port *port = &kernel.tables->ports[port_of(flow)];

    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        if (names[dp_megaflows[i].port] == port_of(flow) + 1
            && !memcmp(&rules[i].key, &flow->key, sizeof flow->key)
            && !memcmp(&rules[i].mask, &port->masks[flow->mask],
                       sizeof rules[i].mask)) {
            return &dp_megaflows[i];
        }
    }
    OVS_NOT_REACHED();
}

/* The program passes over slots whose mask is not in the port's order. */
static bool
is_in_order(const struct xdp_flow *flow)
{
    const struct xdp_port *port = &kernel.tables->ports[port_of(flow)];

    for (int i = 0; i < XDP_MAX_MASKS && port->order[i]; i++) {
        if (port->order[i] == flow->mask + 1) {
            return true;
        }
    }
    return false;
}

static void
look_at(uint32_t idx)
{
    const struct xdp_flow *flow = &kernel.tables->flows[idx];
    struct kernel_flow *found = &kernel.flows[kernel.n_flows++];

    ovs_assert(idx < kernel.limits.n_flows && !(flow->seq & 1)
               && is_in_order(flow));
    if (places[idx].seq != flow->seq) {
        places[idx].seq = flow->seq;
        places[idx].mega = find_mega(flow);
    }
    found->idx = idx;
    found->port = port_of(flow);
    found->mega = places[idx].mega;
    found->act = &kernel.tables->actions[flow->action];
    for (int i = 0; i < kernel.n_flows - 1; i++) {
        ovs_assert(kernel.flows[i].mega != found->mega);
    }
}

void
kernel_look(void)
{
    kernel.n_flows = 0;
    for (uint32_t b = 0; kernel.tables && b < kernel.tables->n_buckets; b++) {
        const struct xdp_bucket *bucket = &kernel.tables->buckets[b];

        for (int i = 0; i < XDP_BUCKET_SLOTS; i++) {
            uint32_t idx = (uint32_t) bucket->slots[i];

            if (idx) {
                look_at(idx - 1);
            }
        }
    }
}

bool
kernel_has(const struct dp_megaflow *mega)
{
    for (int i = 0; i < kernel.n_flows; i++) {
        if (kernel.flows[i].mega == mega) {
            return true;
        }
    }
    return false;
}

long long int
kernel_used(const struct kernel_flow *flow)
{
    uint64_t used = 0;

    for (uint32_t i = 0; i < kernel.tables->stats_shards; i++) {
        uint32_t place = i * kernel.limits.n_flows + flow->idx;

        used = MAX(used, kernel.tables->stats[place].used);
    }
    return used / 1000000;
}

int
kernel_device(uint32_t port)
{
    return devices[port];
}

const int *
kernel_outputs(uint32_t set, size_t *n)
{
    *n = sets[set].n;
    return *n ? sets[set].ifindexes : NULL;
}

/* Packets. */

void
kernel_start_packet(int i)
{
    struct packet *p;

    if (n_packets == MAX_PACKETS) {
        kernel_finish_packet();
    }
    p = &packets[n_packets++];
    p->is_awaited = false;
    p->flow = kernel.flows[i];
    p->act = *p->flow.act;
    p->set = sets[p->act.flags & XDP_ACT_BROADCAST ? p->act.out_port : 0];
}

/* What the packet has found is as it was: it is carried out as the flow said,
 * and credited to it. */
static void
carry_out(const struct packet *p)
{
    uint32_t shard = random_range(kernel.tables->stats_shards);
    struct xdp_flow_stats *s
        = &kernel.tables->stats[shard * kernel.limits.n_flows + p->flow.idx];

    ovs_assert(!memcmp(&p->act, p->flow.act, sizeof p->act));
    ovs_assert(places[p->flow.idx].mega == p->flow.mega);
    if (p->act.flags & XDP_ACT_BROADCAST) {
        const struct set *set = &sets[p->act.out_port];

        ovs_assert(set->n == p->set.n
                   && !memcmp(set->ifindexes, p->set.ifindexes,
                              set->n * sizeof set->ifindexes[0]));
    }
    s->n_packets++;
    s->n_bytes += DP_PACKET_SIZE;
    s->used = kernel.now * 1000000;
    p->flow.mega->n_sent++;
    kernel.n_packets++;
    kernel.n_late += kernel.tables->flows[p->flow.idx].seq & 1;
}

static void
finish_packet(int i)
{
    carry_out(&packets[i]);
    packets[i] = packets[--n_packets];
}

void
kernel_finish_packet(void)
{
    if (n_packets) {
        finish_packet(random_range(n_packets));
    }
}

void
kernel_finish_packets(void)
{
    while (n_packets) {
        kernel_finish_packet();
    }
}
