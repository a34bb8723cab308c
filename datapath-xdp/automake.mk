# SPDX-License-Identifier: Apache-2.0
XDP_HDRS = \
	datapath-xdp/xdp-abi.h \
	datapath-xdp/xdp-bytes.h \
	datapath-xdp/xdp-count.h \
	datapath-xdp/xdp-csum.h \
	datapath-xdp/xdp-inner.h \
	datapath-xdp/xdp-key.h \
	datapath-xdp/xdp-lookup.h \
	datapath-xdp/xdp-maps.h \
	datapath-xdp/xdp-parse.h \
	datapath-xdp/xdp-partial-csum.h \
	datapath-xdp/xdp-rewrite.h \
	datapath-xdp/xdp-sctp-csum.h \
	datapath-xdp/xdp-shared-maps.h \
	datapath-xdp/xdp-vlan-tag.h
XDP_SRCS = \
	datapath-xdp/ovs-afxdp.bpf.c \
	datapath-xdp/ovs-afxdp-offload.bpf.c
XDP_OBJS = $(XDP_SRCS:.c=.o)
XDP_SKELETONS = $(XDP_SRCS:.bpf.c=.skel.h)

EXTRA_DIST += $(XDP_HDRS) $(XDP_SRCS)
CLEANFILES += $(XDP_OBJS) $(XDP_SKELETONS)
BUILT_SOURCES += $(XDP_SKELETONS)

# Atomic operations are in the third version of the instruction set.
BPF_CFLAGS = -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror

# For all BPF programs of the tree.  A generated skeleton is not written to our
# warning level: for the compiler, it is a header of the system.
SUFFIXES += .bpf.c .bpf.o .skel.h
.bpf.c.bpf.o:
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) \
		-I $(<D) -c $< -o $@.tmp
	$(AM_V_at)$(LLVM_STRIP) -g $@.tmp
	$(AM_V_at)mv $@.tmp $@
.bpf.o.skel.h:
	$(AM_V_GEN){ \
		echo '#pragma GCC system_header' && \
		$(BPFTOOL) gen skeleton $< \
			name `basename $@ .skel.h | tr - _`_skel; \
	} > $@.tmp
	$(AM_V_at)mv $@.tmp $@

$(XDP_OBJS): $(XDP_HDRS)
