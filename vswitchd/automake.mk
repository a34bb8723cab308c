# SPDX-License-Identifier: Apache-2.0
sbin_PROGRAMS += vswitchd/ovs-vswitchd

vswitchd_ovs_vswitchd_SOURCES = \
	lib/ovs/vswitchd/headroom.c \
	lib/ovs/vswitchd/hook.c \
	lib/ovs/vswitchd/memory-hook.c \
	lib/ovs/vswitchd/offload-hook.c

# Open vSwitch's own daemon, object by object; and the places where ours steps
# in, which headroom.c and hook.c explain.
OVS_VSWITCHD_OBJS = \
	$(OVS_BUILDDIR)/vswitchd/ovs-vswitchd.o \
	$(OVS_BUILDDIR)/vswitchd/bridge.o \
	$(OVS_BUILDDIR)/vswitchd/system-stats.o
INTERCEPTED = \
	bridge_init \
	print_dpdk_version \
	ovsrec_interface_set_error \
	ovsrec_interface_set_status \
	odp_execute_actions \
	netdev_set_flow_api_enabled \
	dpif_operate \
	dpif_flow_del \
	dpif_flow_flush \
	dpif_flow_put \
	userspace_tso_init \
	netdev_run \
	netdev_wait \
	vlog_enable_async
vswitchd_ovs_vswitchd_LDFLAGS = $(AM_LDFLAGS) $(INTERCEPTED:%=-Wl,--wrap=%)
vswitchd_ovs_vswitchd_LDADD = \
	$(OVS_VSWITCHD_OBJS) \
	lib/libafxdp.la \
	$(OVS_LIBS) \
	$(AFXDP_LIBS)
vswitchd_ovs_vswitchd_DEPENDENCIES = lib/libafxdp.la $(OVS_STAMP) \
	vswitchd/intercepted.stamp

# The linker says nothing of a call that it leaves alone.
EXTRA_DIST += lib/ovs/vswitchd/intercepted
CLEANFILES += vswitchd/intercepted.stamp
vswitchd/intercepted.stamp: $(OVS_STAMP) lib/ovs/vswitchd/intercepted \
		vswitchd/automake.mk build-aux/check-interception
	$(AM_V_GEN)$(srcdir)/build-aux/check-interception \
		$(srcdir)/lib/ovs/vswitchd/intercepted $(OVS_BUILDDIR) $(INTERCEPTED)
	$(AM_V_at)echo >$@

$(vswitchd_ovs_vswitchd_OBJECTS): $(OVS_STAMP)
