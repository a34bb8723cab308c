/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "prog/xdp-foreign-prog.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include "util.h"

struct xdp_foreign_prog
xdp_foreign_prog_find(int ifindex)
{
    DECLARE_LIBBPF_OPTS(bpf_xdp_query_opts, opts);
    struct xdp_foreign_prog prog = { .id = 0 };

    if (!bpf_xdp_query(ifindex, 0, &opts)
        && opts.attach_mode != XDP_ATTACHED_NONE) {
        prog.id = (opts.prog_id ? opts.prog_id
                   : opts.drv_prog_id ? opts.drv_prog_id
                   : opts.skb_prog_id ? opts.skb_prog_id : opts.hw_prog_id);
        prog.generic = opts.attach_mode == XDP_ATTACHED_SKB;
    }
    return prog;
}

static char *
describe(uint32_t id)
{
    struct bpf_prog_info info = { .name = "" };
    uint32_t len = sizeof info;
    int fd = bpf_prog_get_fd_by_id(id);

    if (fd < 0) {
        return xasprintf("XDP program id %"PRIu32, id);
    }

    bool named = !bpf_obj_get_info_by_fd(fd, &info, &len) && info.name[0];
    close(fd);
    return (named
            ? xasprintf("XDP program id %"PRIu32" \"%s\"", id, info.name)
            : xasprintf("XDP program id %"PRIu32" (no name)", id));
}

char *
xdp_foreign_prog_explain(int ifindex)
{
    uint32_t id = xdp_foreign_prog_find(ifindex).id;
    char name[IF_NAMESIZE] = "NAME";
    char *prog, *sentence;

    if (!id) {
        return NULL;
    }
    prog = describe(id);
    if_indextoname(ifindex, name);
    sentence = xasprintf("%s is attached to the device and is not ours; "
                         "detach it first (ip link set dev %s xdp off or "
                         "xdpgeneric off, or stop what owns it)", prog, name);
    free(prog);
    return sentence;
}
