/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-witness.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>

#include "dp-packet.h"
#include "flow.h"
#include "tests/unit/base/ovs-version.h"
#include "ovs-thread.h"
#include "util.h"

/* How many copies say that a megaflow's packets are to be treated so; when the
 * last has ceased to.  A clock that counts events tells before from after. */
struct proof {
    int n;
    uint64_t gone_at;
};

/* Packets of port 0. */
enum { N_PACKETS = DP_VALUES * DP_VALUES };

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct proof proofs[DP_MEGAFLOWS][DP_ACTIONS] OVS_GUARDED_BY(mutex);
static uint64_t now OVS_GUARDED_BY(mutex) = 1;

uint64_t witness_n_sent, witness_n_missed;

uint64_t
witness_clock(bool advance)
{
    uint64_t t;

    ovs_mutex_lock(&mutex);
    now += advance;
    t = now;
    ovs_mutex_unlock(&mutex);
    return t;
}

/* Proof. */

static struct proof *
find_proof(const struct dp_megaflow *mega, const struct dp_actions *actions)
    OVS_REQUIRES(mutex)
{
    return &proofs[mega - dp_megaflows][actions - dp_actions];
}

void
witness_add(const struct dp_megaflow *mega, const struct dp_actions *actions)
{
    ovs_mutex_lock(&mutex);
    find_proof(mega, actions)->n++;
    ovs_mutex_unlock(&mutex);
}

/* From time 't' on, a copy less says so. */
void
witness_remove(const struct dp_megaflow *mega,
               const struct dp_actions *actions, uint64_t t)
{
    struct proof *proof;

    ovs_mutex_lock(&mutex);
    proof = find_proof(mega, actions);
    proof->n--;
    proof->gone_at = MAX(proof->gone_at, t);
    ovs_mutex_unlock(&mutex);
}

/* May a packet have been treated so that came at time 'start' and is through
 * now? */
static void
check_packet(int packet, int actions, uint64_t start)
{
    bool ok = false;

    ovs_mutex_lock(&mutex);
    for (int kind = 0; kind < DP_KINDS; kind++) {
        const struct proof *proof = find_proof(dp_megaflow(packet, kind),
                                               &dp_actions[actions]);

        ok |= proof->n || proof->gone_at > start;
    }
    ovs_mutex_unlock(&mutex);
    if (!ok) {
        fprintf(stderr, "packet %d: action %d without proof\n", packet,
                actions);
    }
    ovs_assert(ok);
}

/* Packets. */

static void
send_packet(int prog_fd, int i, const struct dp_packet *packet)
{
    uint8_t out[256];
    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts,
                        .data_in = dp_packet_data(packet),
                        .data_size_in = dp_packet_size(packet),
                        .data_out = out, .data_size_out = sizeof out);
    uint64_t start = witness_clock(false);

    if (bpf_prog_test_run_opts(prog_fd, &opts)) {
        ovs_fatal(errno, "BPF_PROG_TEST_RUN");
    }
    if (opts.retval == XDP_PASS) {
        witness_n_missed++;
    } else {
        witness_n_sent++;
        check_packet(i, opts.retval == XDP_DROP ? 0 : out[11], start);
    }
}

void
witness_send_packets(int prog_fd, bool (*is_over)(void))
{
    struct dp_packet packets[N_PACKETS];

    for (int i = 0; i < N_PACKETS; i++) {
        struct flow flow = dp_megaflow(i, DP_KINDS - 1)->match.flow;

        flow.nw_proto = IPPROTO_UDP;
        flow.nw_ttl = 64;
        dp_packet_init(&packets[i], 128);
        ovs_flow_compose(&packets[i], &flow, NULL, DP_PACKET_SIZE - 42);
        ovs_assert(dp_packet_size(&packets[i]) == DP_PACKET_SIZE);
    }
    for (int i = 0; !is_over(); i = (i + 1) % N_PACKETS) {
        send_packet(prog_fd, i, &packets[i]);
    }
    for (int i = 0; i < N_PACKETS; i++) {
        dp_packet_uninit(&packets[i]);
    }
}
