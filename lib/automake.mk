# SPDX-License-Identifier: Apache-2.0

# A convenience library: what the daemon pulls from it replaces Open vSwitch's
# own AF_XDP provider.
noinst_LTLIBRARIES += lib/libafxdp.la
lib_libafxdp_la_SOURCES = \
	lib/afxdp-attachment.c \
	lib/afxdp-attachment.h \
	lib/afxdp-config.c \
	lib/afxdp-config.h \
	lib/afxdp-forecast.c \
	lib/afxdp-forecast.h \
	lib/afxdp-jumbo.c \
	lib/afxdp-jumbo.h \
	lib/afxdp-monitor.c \
	lib/afxdp-monitor.h \
	lib/afxdp-offload-unixctl.c \
	lib/afxdp-offload-unixctl.h \
	lib/afxdp-unixctl.c \
	lib/afxdp-unixctl.h \
	lib/datapath-flows.c \
	lib/datapath-flows.h \
	lib/link-info.c \
	lib/link-info.h \
	lib/netdev-afxdp-attach.c \
	lib/netdev-afxdp-attach.h \
	lib/netdev-afxdp-io.h \
	lib/netdev-afxdp-stats.h \
	lib/afxdp.c \
	lib/afxdp.h \
	lib/netdev-afxdp-class.h \
	lib/netdev-afxdp-gso.c \
	lib/netdev-afxdp-gso.h \
	lib/netdev-afxdp-io.c \
	lib/netdev-afxdp-map.c \
	lib/netdev-afxdp-map.h \
	lib/netdev-afxdp-offload.c \
	lib/netdev-afxdp-offload.h \
	lib/netdev-afxdp-port.c \
	lib/netdev-afxdp-port.h \
	lib/netdev-afxdp-counters.c \
	lib/netdev-afxdp-counters.h \
	lib/netdev-afxdp-redirect.c \
	lib/netdev-afxdp-redirect.h \
	lib/netdev-afxdp-stats.c \
	lib/netdev-afxdp-tso.c \
	lib/netdev-afxdp-tso.h \
	lib/netdev-afxdp.c \
	lib/netdev-offload-xdp.c \
	lib/netdev-offload-xdp.h \
	lib/partial-csum.c \
	lib/partial-csum.h \
	lib/slab-pool.c \
	lib/slab-pool.h \
	lib/sw-offload.c \
	lib/sw-offload.h \
	lib/umem-format.c \
	lib/umem-packet.c \
	lib/umem-private.h \
	lib/umem-zone.c \
	lib/umem.c \
	lib/umem.h \
	lib/xdp-buckets.c \
	lib/xdp-buckets.h \
	lib/xdp-compat.h \
	lib/xdp-features.c \
	lib/xdp-features.h \
	lib/xdp-flow-actions.c \
	lib/xdp-flow-actions.h \
	lib/xdp-flow-key.c \
	lib/xdp-flow-key.h \
	lib/xdp-flow-table.c \
	lib/xdp-flow-table.h \
	lib/xdp-foreign-prog.c \
	lib/xdp-foreign-prog.h \
	lib/xdp-groups.c \
	lib/xdp-groups.h \
	lib/xdp-masks.c \
	lib/xdp-masks.h \
	lib/xdp-offload-change.c \
	lib/xdp-offload-copy.c \
	lib/xdp-offload-flow.c \
	lib/xdp-offload-format.c \
	lib/xdp-offload-private.h \
	lib/xdp-offload-reason.c \
	lib/xdp-offload-reason.h \
	lib/xdp-offload-room.c \
	lib/xdp-offload.c \
	lib/xdp-offload.h \
	lib/xdp-program.c \
	lib/xdp-program.h \
	lib/xdp-rx-vlan-tag.c \
	lib/xdp-rx-vlan-tag.h \
	lib/xdp-tables.c \
	lib/xdp-tables.h \
	lib/xsk-mode.c \
	lib/xsk-mode.h \
	lib/xsk-queue-io.c \
	lib/xsk-queue-private.h \
	lib/xsk-queue.c \
	lib/xsk-queue.h \
	lib/xsks-map.c \
	lib/xsks-map.h
nodist_lib_libafxdp_la_SOURCES = lib/afxdp-version.h

# What every program that uses the library links after it.
OVS_LIBS = \
	$(OVS_BUILDDIR)/ofproto/libofproto.la \
	$(OVS_BUILDDIR)/lib/libsflow.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la
AFXDP_LIBS = $(LIBXDP_LIBS) $(LIBBPF_LIBS) -lnuma

$(lib_libafxdp_la_OBJECTS): $(OVS_STAMP) $(XDP_SKELETONS)
