/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "prog/xdp-rx-vlan-tag.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "ovs-thread.h"
#include "util.h"
#include "xdp-abi.h"
#include "base/xdp-compat.h"

/* Returns the number of bpf_xdp_metadata_rx_vlan_tag() in the kernel's type
 * information, or a negative errno. */
static int
find_function(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;
    static int id;

    if (ovsthread_once_start(&once)) {
        struct btf *btf = btf__load_vmlinux_btf();

        id = (btf ? btf__find_by_name_kind(btf, "bpf_xdp_metadata_rx_vlan_tag",
                                           BTF_KIND_FUNC)
              : -errno);
        btf__free(btf);
        ovsthread_once_done(&once);
    }
    return id;
}

static bool
is_our_call(const struct bpf_insn *insn)
{
    return (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg
            && insn->imm == XDP_CALL_RX_VLAN_TAG);
}

/* libbpf could find the function, but then it would read all of the kernel's
 * type information for each program and require it on every kernel, and the
 * kernel would refuse a program with the call, executed or not, where it is
 * not bound to a device. */
static int
replace_call(struct bpf_program *prog, const struct bpf_insn *replacement)
{
    size_t n = bpf_program__insn_cnt(prog);
    struct bpf_insn *insns = xmemdup(bpf_program__insns(prog),
                                     n * sizeof *insns);
    int n_calls = 0;

    for (size_t i = 0; i < n; i++) {
        if (is_our_call(&insns[i])) {
            insns[i] = *replacement;
            n_calls++;
        }
    }

    int error = n_calls ? -bpf_program__set_insns(prog, insns, n) : EINVAL;

    free(insns);
    return error;
}

int
xdp_rx_vlan_tag_prepare(struct bpf_program *prog, int ifindex, uint32_t flags)
{
    struct bpf_insn no_tag = {
        .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = -EOPNOTSUPP,
    };
    struct bpf_insn ask = {
        .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL,
    };

    if (ifindex) {
        ask.imm = find_function();
        if (ask.imm < 0) {
            return -ask.imm;
        }
        bpf_program__set_ifindex(prog, ifindex);
        flags |= BPF_F_XDP_DEV_BOUND_ONLY;
    }

    int error = replace_call(prog, ifindex ? &ask : &no_tag);

    return error ? error : -bpf_program__set_flags(prog, flags);
}
