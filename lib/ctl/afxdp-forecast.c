/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp-forecast.h"

#include <stdlib.h>

#include "port/afxdp-attachment.h"
#include "port/afxdp-config.h"
#include "port/afxdp-plan.h"
#include "base/link-info.h"
#include "umem/umem.h"
#include "util.h"

void
afxdp_forecast_add(struct afxdp_forecast *forecast, const char *name,
                   const struct smap *options)
{
    struct afxdp_config config;
    struct link_info link;
    char *error = NULL;

    if (!link_info_get(name, &link)
        && !afxdp_config_parse(options, &config, &error)
        && afxdp_can_attach(name, &link, &config, &error)) {
        uint32_t frame_size;
        uint32_t n = afxdp_forecast_frames(&link, &config, &frame_size);

        if (frame_size == UMEM_SMALL_FRAME_SIZE) {
            forecast->n_small += n;
        } else {
            forecast->n_large += n;
        }
    }
    free(error);
}

void
afxdp_forecast_publish(const struct afxdp_forecast *forecast)
{
    umem_expect(UMEM_SMALL_FRAME_SIZE, forecast->n_small);
    umem_expect(get_page_size(), forecast->n_large);
}
