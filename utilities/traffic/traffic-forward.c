/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "command-line.h"
#include "base/link-info.h"
#include "traffic-attach.h"
#include "traffic-common.h"
#include "util.h"

#include "traffic-forward.skel.h"

#define RING_SIZE 2048
#define N_FRAMES (2 * RING_SIZE)    /* At first, all are in the fill rings. */
#define FRAME_SIZE 4096
#define BATCH 64

/* One device with its socket. */
struct side {
    const char *device;
    struct xsk_socket *xsk;
    struct xsk_ring_cons rx, completion;
    struct xsk_ring_prod tx, fill;
    uint32_t n_in_tx;           /* Given to the kernel and not sent yet. */
    uint64_t n_received;
    struct traffic_forward_skel *skel;
};

struct forwarder {
    struct side sides[2];
    struct xsk_umem *umem;
    void *memory;
    enum traffic_mode mode;
    uint32_t queue;
    int cpu;
};

enum {
    OPT_MODE = TRAFFIC_OPT_FIRST,
    OPT_QUEUE,
    OPT_CPU,
};

static const struct option long_options[] = {
    {"mode", required_argument, NULL, OPT_MODE},
    {"queue", required_argument, NULL, OPT_QUEUE},
    {"cpu", required_argument, NULL, OPT_CPU},
    TRAFFIC_HELP_OPTION,
    {NULL, 0, NULL, 0},
};

static void
parse(struct ovs_cmdl_context *ctx, struct forwarder *f)
{
    struct traffic_run run;
    int option;

    optind = 0;
    while ((option = getopt_long(ctx->argc, ctx->argv, "h", long_options,
                                 NULL)) != -1) {
        switch (option) {
        case OPT_MODE:
            f->mode = traffic_parse_mode(optarg);
            break;
        case OPT_QUEUE:
            f->queue = traffic_parse_number("queue", optarg, 0, 1023);
            break;
        case OPT_CPU:
            f->cpu = traffic_parse_number("cpu", optarg, 0, CPU_SETSIZE - 1);
            break;
        default:
            traffic_parse_run_option(&run, option);
            break;
        }
    }

    char **devices = traffic_arguments(ctx, 2, "IN OUT");

    for (int i = 0; i < 2; i++) {
        f->sides[i].device = devices[i];
    }
}

/* Puts half of all frames, from number 'first' on, on the fill ring. */
static void
fill(struct side *side, uint32_t first)
{
    uint32_t index;

    ovs_assert(xsk_ring_prod__reserve(&side->fill, RING_SIZE, &index)
               == RING_SIZE);
    for (uint32_t i = 0; i < RING_SIZE; i++) {
        *xsk_ring_prod__fill_addr(&side->fill, index + i)
            = (uint64_t) (first + i) * FRAME_SIZE;
    }
    xsk_ring_prod__submit(&side->fill, RING_SIZE);
}

static void
create_umem(struct forwarder *f)
{
    const struct xsk_umem_config config = {
        .fill_size = RING_SIZE, .comp_size = RING_SIZE,
        .frame_size = FRAME_SIZE,
    };
    size_t size = (size_t) N_FRAMES * FRAME_SIZE;
    int error;

    f->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (f->memory == MAP_FAILED) {
        ovs_fatal(errno, "%"PRIuSIZE" bytes of packet memory cannot be "
                  "allocated", size);
    }
    error = -xsk_umem__create(&f->umem, f->memory, size, &f->sides[0].fill,
                              &f->sides[0].completion, &config);
    if (error) {
        ovs_fatal(error, "packet memory cannot be registered%s",
                  error == ENOBUFS ? "; raise the limit on locked memory "
                                     "(ulimit -l)" : "");
    }
}

static void
create_socket(struct forwarder *f, struct side *side)
{
    const struct xsk_socket_config config = {
        .rx_size = RING_SIZE, .tx_size = RING_SIZE,
        .libbpf_flags = XSK_LIBBPF_FLAGS__INHIBIT_PROG_LOAD,
        .bind_flags = XDP_USE_NEED_WAKEUP,
    };
    int error = -xsk_socket__create_shared(&side->xsk, side->device, f->queue,
                                           f->umem, &side->rx, &side->tx,
                                           &side->fill, &side->completion,
                                           &config);

    if (error) {
        ovs_fatal(error, "%s: an AF_XDP socket cannot be created on queue "
                  "%"PRIu32"%s", side->device, f->queue,
                  error == EBUSY ? "; somebody else has one there"
                  : error == EINVAL ? "; see \"ethtool -l\" for the device's "
                                      "queues" : "");
    }
}

static void
attach(struct forwarder *f, struct side *side)
{
    struct link_info link;
    int error = link_info_get(side->device, &link);
    int fd;

    if (error) {
        ovs_fatal(error, "%s: the device cannot be used; see \"ip link\"",
                  side->device);
    }
    side->skel = traffic_forward_skel__open();
    if (!side->skel) {
        traffic_fatal_load(side->device, errno);
    }
    bpf_map__set_max_entries(side->skel->maps.sockets,
                             MAX(link.n_rx_queues, f->queue + 1));
    error = -traffic_forward_skel__load(side->skel);
    if (error) {
        traffic_fatal_load(side->device, error);
    }
    error = -xsk_socket__update_xskmap(
        side->xsk, bpf_map__fd(side->skel->maps.sockets));
    if (error) {
        ovs_fatal(error, "%s: the socket cannot be given to the BPF program",
                  side->device);
    }
    fd = bpf_program__fd(side->skel->progs.traffic_forward);
    if (!traffic_attach(fd, side->device, f->mode)) {
        traffic_attach(fd, side->device, TRAFFIC_MODE_GENERIC);
    }
}

/* Gives the frames that 'to' has sent back to 'from', where they came from. */
static void
recycle(struct side *from, struct side *to)
{
    uint32_t completed, index;
    uint32_t n = xsk_ring_cons__peek(&to->completion, BATCH, &completed);

    if (!n) {
        return;
    }
    /* The kernel may show a frame before it shows that its place on the fill
     * ring is free. */
    if (xsk_ring_prod__reserve(&from->fill, n, &index) != n) {
        xsk_ring_cons__cancel(&to->completion, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        *xsk_ring_prod__fill_addr(&from->fill, index + i)
            = *xsk_ring_cons__comp_addr(&to->completion, completed + i);
    }
    xsk_ring_prod__submit(&from->fill, n);
    xsk_ring_cons__release(&to->completion, n);
    to->n_in_tx -= n;
}

/* Moves what has come in on 'from' to 'to'. */
static void
forward(struct side *from, struct side *to)
{
    uint32_t n, received, index;

    recycle(from, to);
    n = xsk_ring_cons__peek(&from->rx, MIN(BATCH, RING_SIZE - to->n_in_tx),
                            &received);
    if (n && xsk_ring_prod__reserve(&to->tx, n, &index) != n) {
        xsk_ring_cons__cancel(&from->rx, n);
        n = 0;
    }
    if (n) {
        for (uint32_t i = 0; i < n; i++) {
            const struct xdp_desc *desc
                = xsk_ring_cons__rx_desc(&from->rx, received + i);
            struct xdp_desc *tx = xsk_ring_prod__tx_desc(&to->tx, index + i);

            tx->addr = desc->addr;
            tx->len = desc->len;
            tx->options = 0;
        }
        xsk_ring_prod__submit(&to->tx, n);
        xsk_ring_cons__release(&from->rx, n);
        to->n_in_tx += n;
        from->n_received += n;
    }
    if (to->n_in_tx && xsk_ring_prod__needs_wakeup(&to->tx)) {
        sendto(xsk_socket__fd(to->xsk), NULL, 0, MSG_DONTWAIT, NULL, 0);
    }
    if (xsk_ring_prod__needs_wakeup(&from->fill)) {
        recvfrom(xsk_socket__fd(from->xsk), NULL, 0, MSG_DONTWAIT, NULL,
                 NULL);
    }
}

void
traffic_forward_command(struct ovs_cmdl_context *ctx)
{
    struct forwarder f = { .cpu = -1 };
    struct side *in = &f.sides[0], *out = &f.sides[1];

    parse(ctx, &f);
    traffic_start();
    if (f.cpu >= 0) {
        traffic_pin(f.cpu);
    }
    traffic_ifindex(in->device);
    traffic_ifindex(out->device);
    create_umem(&f);
    for (int i = 0; i < 2; i++) {
        create_socket(&f, &f.sides[i]);
        fill(&f.sides[i], i * RING_SIZE);
        attach(&f, &f.sides[i]);
    }
    fprintf(stderr, "ready\n");
    while (!traffic_interrupted()) {
        forward(in, out);
        forward(out, in);
    }
    traffic_detach();
    printf("%s: received %"PRIu64" frames\n%s: received %"PRIu64" frames\n",
           in->device, in->n_received, out->device, out->n_received);
    for (int i = 0; i < 2; i++) {
        xsk_socket__delete(f.sides[i].xsk);
        traffic_forward_skel__destroy(f.sides[i].skel);
    }
    xsk_umem__delete(f.umem);
}
