/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <math.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "openvswitch/json.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "random.h"
#include "socket-util.h"
#include "traffic-send-options.h"
#include "util.h"

#include "traffic-send.skel.h"

/* The kernel sends what the program has made after each so many calls of it.
 * When there is a rate, the program drops most of them while it waits, and
 * what it has made should not wait for more: the higher the rate, the more it
 * matters what a call costs. */
#define BATCH 64
#define RATE_PER_BATCH 250000

struct sender {
    struct traffic_send_options options;
    struct traffic_send_skel *skel;
    unsigned int max_length;

    /* Shared by both threads. */
    pthread_t thread;
    atomic_int tid;
    atomic_bool go, stop, ended;
    atomic_int error;
};

static bool
is_set(const atomic_bool *flag)
{
    bool value;

    atomic_read(CONST_CAST(atomic_bool *, flag), &value);
    return value;
}

static int
value_of(const atomic_int *number)
{
    int value;

    atomic_read(CONST_CAST(atomic_int *, number), &value);
    return value;
}

static struct traffic_send_state *
state_of(const struct sender *s)
{
    return &s->skel->bss->state;
}

static void
do_nothing(int signal_number OVS_UNUSED)
{
}

static int
batch_size(double rate)
{
    return rate ? MIN(MAX(rate / RATE_PER_BATCH, 1), BATCH) : BATCH;
}

/* Says where the thread may run. */
static void
print_cpus(pthread_t thread)
{
    const char *separator = "";
    cpu_set_t set;

    if (!pthread_getaffinity_np(thread, sizeof set, &set)) {
        fprintf(stderr, "sending from CPU ");
        for (int i = 0; i < CPU_SETSIZE; i++) {
            if (CPU_ISSET(i, &set)) {
                fprintf(stderr, "%s%d", separator, i);
                separator = " or ";
            }
        }
        fprintf(stderr, "\n");
    }
}

/* Makes the kernel run the program until a signal comes. */
static void *
run_program(void *sender)
{
    struct sender *s = sender;
    uint8_t *page;
    int prog_fd;

    atomic_store(&s->tid, gettid());
    while (!is_set(&s->go) && !is_set(&s->stop)) {
        usleep(1000);
    }
    prog_fd = bpf_program__fd(s->skel->progs.traffic_send);
    page = xzalloc(s->max_length);
    while (!is_set(&s->stop)) {
        DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts,
                            .data_in = page,
                            .data_size_in = s->max_length,
                            .repeat = INT_MAX,
                            .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                            .batch_size = batch_size(s->options.rate));
        int error = -bpf_prog_test_run_opts(prog_fd, &opts);

        if (error && error != EINTR) {
            atomic_store(&s->error, error);
            break;
        }
    }
    atomic_store(&s->ended, true);
    free(page);
    return NULL;
}

static void
start_thread(struct sender *s)
{
    struct sigaction action = { .sa_handler = do_nothing };
    sigset_t block, old;

    /* SIGUSR1 is what ends the thread's system call; the other signals are
     * for the main thread. */
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &block, &old);
    s->thread = ovs_thread_create("sender", run_program, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    while (!value_of(&s->tid)) {
        usleep(1000);
    }
}

static void
stop_thread(struct sender *s)
{
    atomic_store(&s->stop, true);
    /* A signal may come before the system call. */
    while (!is_set(&s->ended)) {
        pthread_kill(s->thread, SIGUSR1);
        usleep(1000);
    }
    pthread_join(s->thread, NULL);
}

/* Fills in the inverse of the distribution function: flow k has the weight
 * 1/(k+1)**exponent. */
static void
fill_zipf(uint64_t table[TRAFFIC_N_ZIPF], uint32_t n_flows, double exponent)
{
    double total = 0, sum = 0;
    int i = 0;

    for (uint32_t k = 0; k < n_flows; k++) {
        total += pow(k + 1, -exponent);
    }
    for (uint32_t k = 0; k < n_flows; k++) {
        double weight = pow(k + 1, -exponent) / total;

        for (; i < TRAFFIC_N_ZIPF - 1; i++) {
            double quantile = (double) i / (TRAFFIC_N_ZIPF - 1);

            if (quantile >= sum + weight) {
                break;
            }
            table[i] = ldexp(k + (quantile - sum) / weight,
                             TRAFFIC_ZIPF_SHIFT);
        }
        sum += weight;
    }
    for (; i < TRAFFIC_N_ZIPF; i++) {
        table[i] = (uint64_t) n_flows << TRAFFIC_ZIPF_SHIFT;
    }
}

static void
configure(struct sender *s)
{
    struct traffic_send_options *o = &s->options;
    struct traffic_send_config config = {
        .ifindex = traffic_ifindex(o->device),
        .n_flows = o->n_flows,
        .distribution = o->distribution,
        .stream = o->stream >= 0 ? o->stream : random_uint16(),
        .stamp = o->stamp,
        .burst = o->burst,
        .interval = o->rate ? ldexp(1e9 / o->rate, TRAFFIC_TIME_SHIFT) : 0,
        .limit = o->run.count ? o->run.count : UINT64_MAX,
        .tid = value_of(&s->tid),
    };
    uint64_t header[TRAFFIC_HEADER_WORDS];
    struct traffic_size sizes[TRAFFIC_N_STEPS];
    struct stat pid_ns;

    if (stat("/proc/self/ns/pid", &pid_ns)) {
        ovs_fatal(errno, "/proc/self/ns/pid: stat failed; is /proc mounted?");
    }
    /* As the kernel writes device numbers. */
    config.pid_ns_dev = (uint64_t) major(pid_ns.st_dev) << 20
                        | minor(pid_ns.st_dev);
    config.pid_ns_ino = pid_ns.st_ino;
    memset(sizes, 0, sizeof sizes);
    traffic_frame_prepare(&o->frame, &config, header, sizes);
    s->max_length = config.max_length;
    memcpy(&s->skel->rodata->config, &config, sizeof config);
    memcpy(&s->skel->rodata->header, header, sizeof header);
    memcpy(&s->skel->rodata->sizes, sizes, sizeof sizes);
    state_of(s)->random = random_uint64() | 1;
    if (o->distribution == TRAFFIC_ZIPF) {
        fill_zipf((uint64_t *) s->skel->bss->zipf, o->n_flows,
                  o->zipf_exponent);
    }
}

static void
load(struct sender *s)
{
    int error = 0;

    s->skel = traffic_send_skel__open();
    if (!s->skel) {
        error = errno;
    } else {
        configure(s);
        error = -traffic_send_skel__load(s->skel);
        if (!error) {
            error = -traffic_send_skel__attach(s->skel);
        }
    }
    if (error) {
        traffic_fatal_load(s->options.device, error);
    }
}

static void
print_progress(const struct traffic_send_state *now,
               const struct traffic_send_state *before, double seconds)
{
    fprintf(stderr, "%.3f Mpps sent, %"PRIu64" refused\n",
            (now->n_sent - before->n_sent) / seconds / 1e6,
            (uint64_t) (now->n_frames - now->n_sent));
}

/* Waits until the run is over. */
static void
wait_for_end(struct sender *s)
{
    const volatile struct traffic_send_state *state = state_of(s);
    const struct traffic_run *run = &s->options.run;
    struct traffic_send_state before = *state_of(s);
    uint64_t next = traffic_now() + UINT64_C(1000000000);

    while (traffic_sleep() && !is_set(&s->ended)) {
        uint64_t now = traffic_now();

        if ((run->count && state->n_frames >= run->count)
            || (run->duration && state->first_ns
                && now >= state->first_ns + run->duration * 1e9)) {
            break;
        }
        if (now >= next) {
            double seconds = (now - next) / 1e9 + 1;
            struct traffic_send_state snapshot = *state_of(s);

            if (!run->quiet) {
                print_progress(&snapshot, &before, seconds);
            }
            before = snapshot;
            next = now + UINT64_C(1000000000);
        }
    }
}

static void
report(const struct sender *s)
{
    const struct traffic_send_state *state = state_of(s);
    const struct traffic_send_options *o = &s->options;
    uint64_t refused = state->n_frames - state->n_sent;
    double share = state->n_frames ? (double) state->n_sent / state->n_frames
                   : 0;
    uint64_t bytes = (refused ? state->n_bytes * share : state->n_bytes);
    double seconds = (state->last_ns > state->first_ns
                      ? (state->last_ns - state->first_ns) / 1e9 : 0);
    double rate = seconds ? state->n_sent / seconds : 0;

    if (!o->run.json) {
        printf("%s: sent %"PRIu64" frames, %"PRIu64" bytes in %.3f seconds "
               "from CPU %u: %.0f frames/s\n", o->device,
               (uint64_t) state->n_sent, bytes, seconds, state->cpu, rate);
        if (refused) {
            printf("%s: refused %"PRIu64" frames (%s)\n", o->device, refused,
                   state->error ? ovs_strerror(-state->error)
                   : "the device's queue was full");
        }
        return;
    }

    struct json *json = json_object_create();

    json_object_put(json, "sent", json_integer_create(state->n_sent));
    json_object_put(json, "bytes", json_integer_create(bytes));
    json_object_put(json, "refused", json_integer_create(refused));
    json_object_put(json, "seconds", json_real_create(seconds));
    json_object_put(json, "rate_pps", json_real_create(rate));
    json_object_put(json, "cpu", json_integer_create(state->cpu));
    if (o->frame.imix) {
        json_object_put_string(json, "size", "imix");
    } else {
        json_object_put(json, "size", json_integer_create(o->frame.size));
    }
    json_object_put(json, "flows", json_integer_create(o->n_flows));
    json_object_put(json, "stream", json_integer_create(
                        s->skel->rodata->config.stream));
    traffic_print_json(json);
}

static bool
is_up(const char *device)
{
    struct ifreq ifr;

    return (!af_inet_ifreq_ioctl(device, &ifr, SIOCGIFFLAGS, "SIOCGIFFLAGS")
            && ifr.ifr_flags & IFF_UP);
}

/* Says why a device takes nothing at all. */
static void
check_outcome(const struct sender *s)
{
    const struct traffic_send_state *state = state_of(s);
    const char *device = s->options.device;
    int error = value_of(&s->error);

    if (error) {
        ovs_fatal(error, "%s: the kernel cannot run the program that sends%s",
                  device, error == EINVAL || error == E2BIG
                  ? "; it needs Linux 5.18 or later" : "");
    }
    if (!state->n_frames || state->n_sent) {
        return;
    }
    if (!is_up(device)) {
        ovs_fatal(0, "%s: all frames were refused: the device is down; use "
                  "\"ip link set dev %s up\"", device, device);
    } else if (state->error == -EMSGSIZE) {
        ovs_fatal(0, "%s: all frames were refused: they are longer than the "
                  "device's MTU allows; see \"ip link show %s\"", device,
                  device);
    }
    ovs_fatal(-state->error, "%s: all frames were refused; the driver must be "
              "able to send XDP frames, and behind a veth device, its peer "
              "must have an XDP program", device);
}

void
traffic_send_command(struct ovs_cmdl_context *ctx)
{
    struct sender s = { .max_length = 0 };

    traffic_send_parse(ctx, &s.options);
    random_init();
    traffic_start();
    if (s.options.cpu >= 0) {
        /* Both threads: the wakeups of this one also give the kernel, which
         * runs the program under RCU, a quiescent state. */
        traffic_pin(s.options.cpu);
    }
    start_thread(&s);
    load(&s);
    if (!s.options.run.quiet) {
        print_cpus(s.thread);
    }
    fprintf(stderr, "ready\n");
    atomic_store(&s.go, true);
    wait_for_end(&s);
    stop_thread(&s);
    check_outcome(&s);
    report(&s);
    traffic_send_skel__destroy(s.skel);
}
