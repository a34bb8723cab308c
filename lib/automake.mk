# SPDX-License-Identifier: Apache-2.0

# A convenience library: what the daemon pulls from it replaces Open vSwitch's
# own AF_XDP provider.
noinst_LTLIBRARIES += lib/libafxdp.la
lib_libafxdp_la_SOURCES = \
	lib/base/link-info.c \
	lib/base/link-info.h \
	lib/base/partial-csum.c \
	lib/base/partial-csum.h \
	lib/base/slab-pool.c \
	lib/base/slab-pool.h \
	lib/base/sw-offload.c \
	lib/base/sw-offload.h \
	lib/base/xdp-compat.h \
	lib/base/xdp-features.c \
	lib/base/xdp-features.h \
	lib/ctl/afxdp-about.c \
	lib/ctl/afxdp-about.h \
	lib/ctl/afxdp-forecast.c \
	lib/ctl/afxdp-forecast.h \
	lib/ctl/afxdp-monitor.c \
	lib/ctl/afxdp-monitor.h \
	lib/ctl/afxdp-offload-unixctl.c \
	lib/ctl/afxdp-offload-unixctl.h \
	lib/ctl/afxdp-unixctl.c \
	lib/ctl/afxdp-unixctl.h \
	lib/ctl/afxdp.c \
	lib/ctl/afxdp.h \
	lib/ctl/datapath-flows.c \
	lib/ctl/datapath-flows.h \
	lib/offload/xdp-buckets.c \
	lib/offload/xdp-buckets.h \
	lib/offload/xdp-flow-actions.c \
	lib/offload/xdp-flow-actions.h \
	lib/offload/xdp-flow-key.c \
	lib/offload/xdp-flow-key.h \
	lib/offload/xdp-flow-table.c \
	lib/offload/xdp-flow-table.h \
	lib/offload/xdp-output-sets.c \
	lib/offload/xdp-output-sets.h \
	lib/offload/xdp-masks.c \
	lib/offload/xdp-masks.h \
	lib/offload/xdp-offload-change.c \
	lib/offload/xdp-offload-copy.c \
	lib/offload/xdp-offload-copy.h \
	lib/offload/xdp-offload-flow.c \
	lib/offload/xdp-offload-flow.h \
	lib/offload/xdp-offload-format.c \
	lib/offload/xdp-offload-places.c \
	lib/offload/xdp-offload-places.h \
	lib/offload/xdp-offload-port.c \
	lib/offload/xdp-offload-port.h \
	lib/offload/xdp-offload-private.h \
	lib/offload/xdp-offload-reason.c \
	lib/offload/xdp-offload-reason.h \
	lib/offload/xdp-offload-retry.c \
	lib/offload/xdp-offload-retry.h \
	lib/offload/xdp-offload-state.c \
	lib/offload/xdp-offload-state.h \
	lib/offload/xdp-offload-update.c \
	lib/offload/xdp-offload-update.h \
	lib/offload/xdp-offload-waiting.c \
	lib/offload/xdp-offload-waiting.h \
	lib/offload/xdp-offload.c \
	lib/offload/xdp-offload.h \
	lib/ovs/netdev/ovs-netdev.c \
	lib/ovs/netdev/ovs-netdev.h \
	lib/ovs/netdev/ovs-packet.h \
	lib/ovs/netdev/umem-packet.c \
	lib/ovs/netdev/umem-packet.h \
	lib/ovs/vswitchd/netdev-class-afxdp.c \
	lib/ovs/vswitchd/netdev-class-afxdp.h \
	lib/ovs/vswitchd/netdev-offload-xdp.c \
	lib/ovs/vswitchd/netdev-offload-xdp.h \
	lib/port/afxdp-attachment.c \
	lib/port/afxdp-attachment.h \
	lib/port/afxdp-config.c \
	lib/port/afxdp-config.h \
	lib/port/afxdp-jumbo.c \
	lib/port/afxdp-jumbo.h \
	lib/port/afxdp-mtu.c \
	lib/port/afxdp-mtu.h \
	lib/port/afxdp-plan.c \
	lib/port/afxdp-plan.h \
	lib/port/netdev-afxdp-attach.c \
	lib/port/netdev-afxdp-attach.h \
	lib/port/netdev-afxdp-counters.c \
	lib/port/netdev-afxdp-counters.h \
	lib/port/netdev-afxdp-defer.c \
	lib/port/netdev-afxdp-defer.h \
	lib/port/netdev-afxdp-gso.c \
	lib/port/netdev-afxdp-gso.h \
	lib/port/netdev-afxdp-io.c \
	lib/port/netdev-afxdp-io.h \
	lib/port/netdev-afxdp-map.c \
	lib/port/netdev-afxdp-map.h \
	lib/port/netdev-afxdp-offload.c \
	lib/port/netdev-afxdp-offload.h \
	lib/port/netdev-afxdp-port.c \
	lib/port/netdev-afxdp-port.h \
	lib/port/netdev-afxdp-redirect.c \
	lib/port/netdev-afxdp-redirect.h \
	lib/port/netdev-afxdp-stats.c \
	lib/port/netdev-afxdp-stats.h \
	lib/port/netdev-afxdp-tso.c \
	lib/port/netdev-afxdp-tso.h \
	lib/port/netdev-afxdp-watch.c \
	lib/port/netdev-afxdp-watch.h \
	lib/port/netdev-afxdp.c \
	lib/port/netdev-afxdp.h \
	lib/prog/xdp-foreign-prog.c \
	lib/prog/xdp-foreign-prog.h \
	lib/prog/xdp-program.c \
	lib/prog/xdp-program.h \
	lib/prog/xdp-rx-vlan-tag.c \
	lib/prog/xdp-rx-vlan-tag.h \
	lib/prog/xdp-tables.c \
	lib/prog/xdp-tables.h \
	lib/prog/xsks-map.c \
	lib/prog/xsks-map.h \
	lib/umem/umem-format.c \
	lib/umem/umem-format.h \
	lib/umem/umem-frames.c \
	lib/umem/umem-frames.h \
	lib/umem/umem-zone.c \
	lib/umem/umem-zone.h \
	lib/umem/umem.c \
	lib/umem/umem.h \
	lib/xsk/xsk-mode.c \
	lib/xsk/xsk-mode.h \
	lib/xsk/xsk-queue-io.c \
	lib/xsk/xsk-queue-private.h \
	lib/xsk/xsk-queue.c \
	lib/xsk/xsk-queue.h
nodist_lib_libafxdp_la_SOURCES = lib/base/afxdp-version.h lib/ctl/ovs-package.h

# The package of Open vSwitch's source, unless that is from elsewhere.
BUILT_SOURCES += lib/ctl/ovs-package.h
CLEANFILES += lib/ctl/ovs-package.h
lib/ctl/afxdp-about.lo: lib/ctl/ovs-package.h
lib/ctl/ovs-package.h: $(OVS_STAMP) Makefile
	$(AM_V_GEN)package=`dpkg-query -S '$(OVS_SOURCE)' 2>/dev/null \
	    | sed 's/:.*//'`; \
	test -z "$$package" \
	    || package=`dpkg-query -W -f '$${Package} $${Version}' $$package`; \
	$(MKDIR_P) lib/ctl && echo "#define OVS_PACKAGE \"$$package\"" >$@

# What every program that uses the library links after it.
OVS_LIBS = \
	$(OVS_BUILDDIR)/ofproto/libofproto.la \
	$(OVS_BUILDDIR)/lib/libsflow.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la
AFXDP_LIBS = $(LIBXDP_LIBS) $(LIBBPF_LIBS) -lnuma

$(lib_libafxdp_la_OBJECTS): $(OVS_STAMP) $(XDP_SKELETONS)
