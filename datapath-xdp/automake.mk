# SPDX-License-Identifier: Apache-2.0
XDP_HDRS = \
	datapath-xdp/xdp-abi.h \
	datapath-xdp/xdp-count.h \
	datapath-xdp/xdp-maps.h
XDP_SRCS = datapath-xdp/ovs-afxdp.bpf.c
XDP_OBJS = datapath-xdp/ovs-afxdp.bpf.o
XDP_SKELETONS = datapath-xdp/ovs-afxdp.skel.h

EXTRA_DIST += $(XDP_HDRS) $(XDP_SRCS)
CLEANFILES += $(XDP_OBJS) $(XDP_SKELETONS)
BUILT_SOURCES += $(XDP_SKELETONS)

BPF_CFLAGS = -O2 -g -target bpf -Wall -Wextra -Werror

datapath-xdp/ovs-afxdp.bpf.o: $(XDP_SRCS) $(XDP_HDRS)
	$(AM_V_at)$(MKDIR_P) datapath-xdp
	$(AM_V_GEN)$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) \
		-I $(srcdir)/datapath-xdp \
		-c $(srcdir)/datapath-xdp/ovs-afxdp.bpf.c -o $@.tmp
	$(AM_V_at)$(LLVM_STRIP) -g $@.tmp
	$(AM_V_at)mv $@.tmp $@

datapath-xdp/ovs-afxdp.skel.h: datapath-xdp/ovs-afxdp.bpf.o
	$(AM_V_GEN)$(BPFTOOL) gen skeleton $< name ovs_afxdp_skel > $@.tmp
	$(AM_V_at)mv $@.tmp $@
