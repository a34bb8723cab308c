/* SPDX-License-Identifier: Apache-2.0 */

/* Changes of flows, by threads that take turns. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "util.h"

int model_n_misled;
void (*model_others)(void);

/* Which change holds the lock of a PMD thread's tables, plus one. */
static int locks[DP_PMDS];

bool
model_is_locked(int pmd)
{
    return locks[pmd] != 0;
}

static int
packet_of(const struct dp_flow *flow)
{
    ovs_u128 ufid;

    for (int i = 0; i < DP_PACKETS; i++) {
        dp_packet_ufid(i, &ufid);
        if (ovs_u128_equals(ufid, flow->ufid)) {
            return i;
        }
    }
    OVS_NOT_REACHED();
}

/* Mostly, a copy becomes what its rule says. */
static void
plan_op(struct model_op *op)
{
    const struct dp_flow *flow = model_random_flow();

    memset(op, 0, sizeof *op);
    op->deletes = random_range(3) == 0;
    op->pmd = random_range(DP_PMDS);
    op->packet = random_range(DP_PACKETS);
    op->actions = model_random_actions();
    if (flow && random_range(30)) {
        op->pmd = flow->pmd_id;
        op->packet = packet_of(flow);
        op->actions = model_rule_of(flow->mega);
    }
}

/* What flow offload is told about the change. */
static void
describe(struct model_change *change)
{
    struct xdp_offload_change *changes = change->told;

    for (int i = 0; i < change->n; i++) {
        const struct model_op *op = &change->ops[i];

        changes[i].all = change->all;
        changes[i].deletes = op->deletes;
        dp_packet_ufid(op->packet, &changes[i].ufid);
        if (!op->deletes && !change->all) {
            changes[i].actions = op->actions->attrs.data;
            changes[i].actions_len = op->actions->attrs.size;
            changes[i].pmd_id = op->pmd;
            changes[i].in_port = u32_to_odp(op->packet / DP_VALUES / DP_VALUES
                                            + 1);
        }
    }
}

static void
trace_change(const struct model_change *change)
{
    for (int i = 0; i < change->n; i++) {
        const struct model_op *op = &change->ops[i];

        TRACE("%d: change %"PRIdPTR": %s packet %d on pmd %d%s to %"PRIdPTR
              "\n", model_step, change - model_changes,
              op->deletes ? "deletes" : "modifies", op->packet, op->pmd,
              change->all ? " and all" : "", op->actions - dp_actions);
    }
}

static void
begin(struct model_change *change)
{
    struct kernel_flow before[KERNEL_MAX_FLOWS];
    int n = kernel.n_flows;
    bool busy, must_wait = false;

    trace_change(change);
    describe(change);
    memcpy(before, kernel.flows, sizeof before);
    change->state = BEGUN;
    busy = xdp_offload_begin_changes(dp_offload, change->told, change->n);
    kernel_look();
    for (int i = 0; i < n; i++) {
        must_wait |= (!kernel_has(before[i].mega)
                      && kernel_used(&before[i]) + 1000 > kernel.now);
    }
    ovs_assert(busy || !must_wait);

    /* Who waits less than for a grace period waits long enough. */
    if (busy && random_range(2)) {
        kernel.meanwhile = model_others;
        xdp_offload_synchronize(dp_offload);
    } else {
        kernel_finish_packets();
    }
}

/* Returns true when it is through. */
static bool
modify(struct model_change *change, struct model_op *op)
{
    int self = change - model_changes + 1;

    if (op->step++ == 0) {
        op->flow = dp_classify(op->pmd, op->packet);
        if (!op->flow || op->flow->old_actions) {
            return true;
        }
        locks[op->pmd] = self;
        ovs_assert(dp_ref(op->flow));
        op->flow->old_actions = dp_get_actions(op->flow);
        change->modified[change->n_modified++] = op->flow;
        dp_set_actions(op->flow, op->actions);
        if (packet_of(op->flow) != op->packet) {
            model_n_misled++;
            TRACE("%d: pmd %d: megaflow %"PRIdPTR" is changed instead\n",
                  model_step, op->pmd, op->flow->mega - dp_megaflows);
        }
        return false;
    }
    dp_queue_modify(op->flow);
    if (random_range(8) == 0) {
        dp_get(op->flow, dp_get_port(op->flow->mega->port));
    }
    locks[op->pmd] = 0;
    return true;
}

static bool
delete(struct model_change *change, struct model_op *op)
{
    ovs_u128 ufid;

    switch (op->step++) {
    case 0:
        dp_packet_ufid(op->packet, &ufid);
        op->flow = dp_find_ufid(op->pmd, &ufid);
        if (!op->flow) {
            return true;
        }
        locks[op->pmd] = change - model_changes + 1;
        dp_get(op->flow, dp_get_port(op->flow->mega->port));
        return false;
    case 1:
        TRACE("%d: pmd %d: copy of megaflow %"PRIdPTR" dies\n", model_step,
              op->pmd, op->flow->mega - dp_megaflows);
        dp_queue_delete(op->flow);
        return false;
    default:
        dp_bury(op->flow);
        locks[op->pmd] = 0;
        return true;
    }
}

static void
end(struct model_change *change)
{
    TRACE("%d: change %"PRIdPTR" ends\n", model_step, change - model_changes);
    xdp_offload_end_changes(dp_offload, change->told, change->n);
    model_end_change(change);
}

/* No two threads change a copy by its name at a time. */
static bool
is_taken(const struct model_op *op)
{
    for (int i = 0; i < N_CHANGES; i++) {
        const struct model_change *change = &model_changes[i];

        for (int j = 0; change->state != IDLE && j < change->n; j++) {
            const struct model_op *other = &change->ops[j];

            if (!op->deletes && !other->deletes && op->pmd == other->pmd
                && op->packet == other->packet) {
                return true;
            }
        }
    }
    return false;
}

static void
plan(struct model_change *change)
{
    int n = 1 + random_range(MAX_OPS);

    memset(change, 0, sizeof *change);
    change->all = random_range(50) == 0;
    change->state = READY;
    while (change->n < n) {
        struct model_op op;

        do {
            plan_op(&op);
        } while (is_taken(&op));
        change->ops[change->n++] = op;
    }
}

void
model_advance(struct model_change *change)
{
    struct model_op *op = &change->ops[change->i];

    if (change->state == IDLE) {
        plan(change);
    } else if (change->state == READY) {
        begin(change);
    } else if (change->i == change->n) {
        end(change);
    } else if (op->step || !locks[op->pmd]) {
        change->i += op->deletes ? delete(change, op) : modify(change, op);
    }
}
