/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "ctl/afxdp-about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/afxdp-version.h"
#include "ctl/ovs-package.h"
#include "dirs.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_afxdp);

/* ovs-ctl takes each line with the words "Open vSwitch" for a version. */
const char *
afxdp_about(void)
{
    return OVS_PACKAGE[0]
           ? "ovs-afxdp " AFXDP_VERSION ", built from " OVS_PACKAGE
           : "ovs-afxdp " AFXDP_VERSION;
}

/* Every shell script of Open vSwitch includes this one, which has a line
 * VERSION='3.1.0'. */
static char *
tools_version(const char *ovs_lib)
{
    FILE *stream = fopen(ovs_lib, "r");
    char line[256];
    char *version = NULL;

    while (stream && !version && fgets(line, sizeof line, stream)) {
        char *end = !strncmp(line, "VERSION='", 9) ? strchr(line + 9, '\'')
                                                   : NULL;
        if (end) {
            version = xmemdup0(line + 9, end - (line + 9));
        }
    }
    if (stream) {
        fclose(stream);
    }
    return version;
}

static void
check_tools(void)
{
    char *ovs_lib = xasprintf("%s/scripts/ovs-lib", ovs_pkgdatadir());
    char *version = tools_version(ovs_lib);

    if (version && strcmp(version, PACKAGE_VERSION)) {
        VLOG_WARN("this daemon is Open vSwitch %s, but the tools beside it "
                  "are %s (%s): install a daemon that was built for these",
                  PACKAGE_VERSION, version, ovs_lib);
    }
    free(version);
    free(ovs_lib);
}

void
afxdp_log_about(void)
{
    VLOG_INFO("%s", afxdp_about());
    check_tools();
}
