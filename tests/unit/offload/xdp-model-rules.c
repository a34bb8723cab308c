/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow rules, and what there is of flows. */

#include <config.h>
#undef NDEBUG
#include "tests/unit/offload/xdp-model.h"

#include "random.h"
#include "util.h"

int model_step;

/* What packets are to be treated like. */
static const struct dp_actions *rules[DP_MEGAFLOWS];

const struct dp_actions *
model_random_actions(void)
{
    return &dp_actions[random_range(DP_ACTIONS)];
}

const struct dp_actions *
model_rule_of(const struct dp_megaflow *mega)
{
    return rules[mega - dp_megaflows];
}

void
model_change_rule(int i)
{
    rules[i] = model_random_actions();
}

struct dp_flow *
model_random_flow(void)
{
    int pmd = random_range(DP_PMDS);
    int first = random_range(DP_MEGAFLOWS);

    for (int i = 0; i < DP_MEGAFLOWS; i++) {
        struct dp_flow *flow
            = dp_find(pmd, &dp_megaflows[(first + i) % DP_MEGAFLOWS]);

        if (flow) {
            return flow;
        }
    }
    return NULL;
}
