/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#undef NDEBUG
#include "tests/unit/base/test-xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ovs-thread.h"
#include "tests/unit/prog/busy.skel.h"
#include "timeval.h"
#include "util.h"
#include "prog/xdp-tables.h"

/* How long the program runs, in ns: nothing that waits for a fixed time waits
 * for so long. */
#define DURATION (UINT64_C(400) * 1000 * 1000)

/* How often to try to find the program running. */
enum { MAX_TRIES = 8 };

static void
pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ovs_assert(!sched_setaffinity(0, sizeof set, &set));
}

/* The 'n'th of the CPUs that this process may use, round and round. */
static int
nth_cpu(int n)
{
    cpu_set_t set;
    int cpu;

    ovs_assert(!sched_getaffinity(0, sizeof set, &set));
    for (cpu = 0; !CPU_ISSET(cpu, &set) || n-- % CPU_COUNT(&set); cpu++) {
        continue;
    }
    return cpu;
}

/* As systems do whose filters do not know the call. */
static void
refuse_membarrier(void)
{
    struct sock_filter insns[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { ARRAY_SIZE(insns), insns };

    ovs_assert(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    ovs_assert(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

struct busy_run {
    struct busy_skel *skel;
    int cpu;
};

static void *
run_busy(void *run_)
{
    struct busy_run *run = run_;
    char packet[64] = "";
    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
                        .data_size_in = sizeof packet);

    pin(run->cpu);
    ovs_assert(!bpf_prog_test_run_opts(bpf_program__fd(run->skel->progs.busy),
                                       &opts));
    return NULL;
}

/* Starts the program and waits for it.  Returns false if it had ended before
 * there was anything to wait for. */
static bool
wait_for_busy(struct busy_run *run, const struct xdp_tables *tables)
{
    uint64_t n = run->skel->bss->n_started + 1;
    pthread_t thread = ovs_thread_create("busy", run_busy, run);
    bool running;

    while (run->skel->bss->n_started < n) {
        sched_yield();
    }
    running = run->skel->bss->n_ended < n;
    xdp_tables_synchronize(tables);
    ovs_assert(run->skel->bss->n_ended == n);
    xpthread_join(thread, NULL);
    return running;
}

static void
open_tables(struct xdp_tables **tables)
{
    const struct xdp_limits limits = {
        .n_flows = 1024, .cache_size = 64, .n_masks = 1,
    };
    char *error;

    if (xdp_tables_create(&limits, tables, &error)) {
        ovs_fatal(0, "%s", error);
    }
}

/* "xdp-synchronize N OTHER_CPU": N times, waits for a program that is running,
 * on another CPU or on this one.  A kernel that does not preempt programs
 * never lets anyone wait for one on its own CPU. */
static void
test_synchronize(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[1]);
    struct busy_run run = {
        .skel = busy_skel__open(),
        .cpu = nth_cpu(atoi(ctx->argv[2])),
    };
    long long int start = time_msec();
    struct xdp_tables *tables;
    int n_waited = 0;

    refuse_membarrier();
    pin(nth_cpu(0));
    open_tables(&tables);
    ovs_assert(run.skel);
    run.skel->rodata->duration = DURATION;
    ovs_assert(!busy_skel__load(run.skel));
    for (int i = 0; i < MAX_TRIES && n_waited < n; i++) {
        n_waited += wait_for_busy(&run, tables);
    }
    fprintf(stderr, "waited %d times for a running program, %lld ms in all\n",
            n_waited, time_msec() - start);
    ovs_assert(n_waited == n || run.cpu == nth_cpu(0));

    start = time_usec();
    for (int i = 0; i < 10; i++) {
        xdp_tables_synchronize(tables);
    }
    fprintf(stderr, "and otherwise %lld us each\n",
            (time_usec() - start) / 10);
    puts("ok");
    busy_skel__destroy(run.skel);
    xdp_tables_destroy(tables);
}

static const struct ovs_cmdl_command commands[] = {
    { "xdp-synchronize", NULL, 2, 2, test_synchronize, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

TEST_XDP_COMMANDS(commands)
