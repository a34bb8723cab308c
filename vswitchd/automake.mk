# SPDX-License-Identifier: Apache-2.0
sbin_PROGRAMS += vswitchd/ovs-vswitchd

vswitchd_ovs_vswitchd_SOURCES = \
	vswitchd/headroom.c \
	vswitchd/hook.c \
	vswitchd/memory-hook.c \
	vswitchd/offload-hook.c

# Open vSwitch's own daemon, object by object; and the places where ours steps
# in, which headroom.c and hook.c explain.
OVS_VSWITCHD_OBJS = \
	$(OVS_BUILDDIR)/vswitchd/ovs-vswitchd.o \
	$(OVS_BUILDDIR)/vswitchd/bridge.o \
	$(OVS_BUILDDIR)/vswitchd/system-stats.o
vswitchd_ovs_vswitchd_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=bridge_init \
	-Wl,--wrap=print_dpdk_version \
	-Wl,--wrap=ovsrec_interface_set_error \
	-Wl,--wrap=ovsrec_interface_set_status \
	-Wl,--wrap=odp_execute_actions \
	-Wl,--wrap=netdev_set_flow_api_enabled \
	-Wl,--wrap=udpif_create \
	-Wl,--wrap=udpif_destroy \
	-Wl,--wrap=dpif_operate \
	-Wl,--wrap=dpif_flow_del \
	-Wl,--wrap=dpif_flow_flush \
	-Wl,--wrap=dpif_flow_put \
	-Wl,--wrap=userspace_tso_init \
	-Wl,--wrap=netdev_run \
	-Wl,--wrap=netdev_wait \
	-Wl,--wrap=vlog_enable_async
vswitchd_ovs_vswitchd_LDADD = \
	$(OVS_VSWITCHD_OBJS) \
	lib/libafxdp.la \
	$(OVS_LIBS) \
	$(AFXDP_LIBS)
vswitchd_ovs_vswitchd_DEPENDENCIES = lib/libafxdp.la $(OVS_STAMP)

$(vswitchd_ovs_vswitchd_OBJECTS): $(OVS_STAMP)
