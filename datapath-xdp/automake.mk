# SPDX-License-Identifier: Apache-2.0
XDP_HDRS = \
	datapath-xdp/xdp-abi.h \
	datapath-xdp/xdp-count.h \
	datapath-xdp/xdp-csum.h \
	datapath-xdp/xdp-key.h \
	datapath-xdp/xdp-lookup.h \
	datapath-xdp/xdp-maps.h \
	datapath-xdp/xdp-parse.h \
	datapath-xdp/xdp-partial-csum.h \
	datapath-xdp/xdp-rewrite.h \
	datapath-xdp/xdp-shared-maps.h
XDP_SRCS = \
	datapath-xdp/ovs-afxdp.bpf.c \
	datapath-xdp/ovs-afxdp-offload.bpf.c
XDP_OBJS = \
	datapath-xdp/ovs-afxdp.bpf.o \
	datapath-xdp/ovs-afxdp-offload.bpf.o
XDP_SKELETONS = \
	datapath-xdp/ovs-afxdp.skel.h \
	datapath-xdp/ovs-afxdp-offload.skel.h

EXTRA_DIST += $(XDP_HDRS) $(XDP_SRCS)
CLEANFILES += $(XDP_OBJS) $(XDP_SKELETONS)
BUILT_SOURCES += $(XDP_SKELETONS)

BPF_CFLAGS = -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror

datapath-xdp/ovs-afxdp.bpf.o: $(XDP_SRCS) $(XDP_HDRS)
	$(AM_V_at)$(MKDIR_P) datapath-xdp
	$(AM_V_GEN)$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) \
		-I $(srcdir)/datapath-xdp \
		-c $(srcdir)/datapath-xdp/ovs-afxdp.bpf.c -o $@.tmp
	$(AM_V_at)$(LLVM_STRIP) -g $@.tmp
	$(AM_V_at)mv $@.tmp $@

datapath-xdp/ovs-afxdp-offload.bpf.o: $(XDP_SRCS) $(XDP_HDRS)
	$(AM_V_at)$(MKDIR_P) datapath-xdp
	$(AM_V_GEN)$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) \
		-I $(srcdir)/datapath-xdp \
		-c $(srcdir)/datapath-xdp/ovs-afxdp-offload.bpf.c -o $@.tmp
	$(AM_V_at)$(LLVM_STRIP) -g $@.tmp
	$(AM_V_at)mv $@.tmp $@

datapath-xdp/ovs-afxdp.skel.h: datapath-xdp/ovs-afxdp.bpf.o
	$(AM_V_GEN)$(BPFTOOL) gen skeleton $< name ovs_afxdp_skel > $@.tmp
	$(AM_V_at)mv $@.tmp $@

datapath-xdp/ovs-afxdp-offload.skel.h: datapath-xdp/ovs-afxdp-offload.bpf.o
	$(AM_V_GEN)$(BPFTOOL) gen skeleton $< name ovs_afxdp_offload_skel > $@.tmp
	$(AM_V_at)mv $@.tmp $@
