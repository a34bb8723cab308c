# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += build-aux/build-ovs build-aux/check-interception \
	build-aux/check-structure

# Everything is compiled against Open vSwitch's headers and config.h.
OVS_STAMP =
if BUILD_OVS
OVS_STAMP += ovs/stamp
ovs/stamp: $(OVS_SOURCE) $(srcdir)/build-aux/build-ovs
	$(AM_V_at)$(srcdir)/build-aux/build-ovs '$(OVS_SOURCE)' \
		'$(OVS_SRCDIR)' '$(abs_top_builddir)/ovs'
BUILT_SOURCES += ovs/stamp
endif

distclean-local:
	rm -rf $(abs_top_builddir)/ovs

# The rules of Documentation/internals, for sources and for what they become.
ALL_LOCAL += check-structure
check-structure: lib/libafxdp.la $(vswitchd_ovs_vswitchd_OBJECTS)
	$(AM_V_at)$(srcdir)/build-aux/check-structure '$(srcdir)'
	$(AM_V_at)$(srcdir)/build-aux/check-structure '$(srcdir)' \
		$(lib_libafxdp_la_OBJECTS) $(vswitchd_ovs_vswitchd_OBJECTS)
.PHONY: check-structure
