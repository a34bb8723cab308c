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

# The addresses in pages are those of configure.ac, which are placeholders here:
# set them there, and the check says which pages still have others.
ALL_LOCAL += check-addresses
check-addresses:
	$(AM_V_at)cd '$(srcdir)' && for page in README.rst SECURITY.rst \
	    Documentation/internals/bug-reports.rst debian/control; do \
	    others=`grep -oE '[A-Za-z0-9.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z0-9]' \
	        $$page | grep -vxF -e '$(PACKAGE_BUGREPORT)' \
	        -e '$(OVS_AFXDP_SECURITY)'`; \
	    test -z "$$others" || { echo "$$page names $$others, configure.ac" \
	        'names $(PACKAGE_BUGREPORT) and $(OVS_AFXDP_SECURITY)' >&2; exit 1; }; \
	done; grep -qF '$(PACKAGE_URL)' README.rst || { \
	    echo 'README.rst does not name $(PACKAGE_URL)' >&2; exit 1; }
.PHONY: check-addresses
