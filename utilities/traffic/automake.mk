# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += utilities/ovs-afxdp-traffic

utilities_ovs_afxdp_traffic_SOURCES = \
	utilities/traffic/ovs-afxdp-traffic.c \
	utilities/traffic/traffic-abi.h \
	utilities/traffic/traffic-attach.c \
	utilities/traffic/traffic-attach.h \
	utilities/traffic/traffic-common.c \
	utilities/traffic/traffic-common.h \
	utilities/traffic/traffic-forward.c \
	utilities/traffic/traffic-frame.c \
	utilities/traffic/traffic-frame.h \
	utilities/traffic/traffic-receive.c \
	utilities/traffic/traffic-redirect.c \
	utilities/traffic/traffic-report.c \
	utilities/traffic/traffic-report.h \
	utilities/traffic/traffic-send-options.c \
	utilities/traffic/traffic-send-options.h \
	utilities/traffic/traffic-send.c
utilities_ovs_afxdp_traffic_CPPFLAGS = $(AM_CPPFLAGS) \
	-I $(top_srcdir)/utilities/traffic -I $(top_builddir)/utilities/traffic
utilities_ovs_afxdp_traffic_LDADD = \
	lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS) -lm

TRAFFIC_BPF_SRCS = \
	utilities/traffic/traffic-forward.bpf.c \
	utilities/traffic/traffic-receive.bpf.c \
	utilities/traffic/traffic-redirect.bpf.c \
	utilities/traffic/traffic-send.bpf.c
TRAFFIC_BPF_OBJS = $(TRAFFIC_BPF_SRCS:.c=.o)
TRAFFIC_SKELETONS = $(TRAFFIC_BPF_SRCS:.bpf.c=.skel.h)

EXTRA_DIST += $(TRAFFIC_BPF_SRCS)
CLEANFILES += $(TRAFFIC_BPF_OBJS) $(TRAFFIC_SKELETONS)
BUILT_SOURCES += $(TRAFFIC_SKELETONS)

$(TRAFFIC_BPF_OBJS): utilities/traffic/traffic-abi.h
$(utilities_ovs_afxdp_traffic_OBJECTS): $(OVS_STAMP) $(TRAFFIC_SKELETONS)
