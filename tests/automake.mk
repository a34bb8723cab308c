# SPDX-License-Identifier: Apache-2.0

# Folders are layers here, too: tests/unit/X tests folder X, of lib/ or of the
# tree.

# Unit tests: no privilege needed, except that a test which loads BPF programs
# skips without it.
TESTSUITE_AT = \
	tests/unit/port/afxdp-config.at \
	tests/unit/port/send.at \
	tests/unit/base/partial-csum.at \
	tests/unit/base/sw-offload.at \
	tests/unit/umem/umem.at \
	tests/unit/datapath-xdp/xdp-parse.at \
	tests/unit/offload/xdp-flow.at \
	tests/unit/prog/xdp-program.at \
	tests/unit/vswitchd/daemon.at \
	tests/unit/build-aux/structure.at \
	tests/unit/build-aux/check-system.at \
	tests/unit/utilities/bench.at

# System tests: root, network namespaces, real traffic.
SYSTEM_TESTSUITE_AT = \
	tests/system/common-macros.at \
	tests/system/traffic.at \
	tests/system/openflow.at \
	tests/system/conntrack.at \
	tests/system/tunnel.at \
	tests/system/bridge.at \
	tests/system/pmd.at \
	tests/system/config.at \
	tests/system/lifecycle.at \
	tests/system/attach.at \
	tests/system/stats.at \
	tests/system/tso.at \
	tests/system/gso.at \
	tests/system/redirect-target.at \
	tests/system/robust.at \
	tests/system/memory.at \
	tests/system/controller.at \
	tests/system/offload-macros.at \
	tests/system/offload.at \
	tests/system/offload-counters.at \
	tests/system/offload-tables.at \
	tests/system/offload-life.at \
	tests/system/offload-generic.at \
	tests/system/encap.at \
	tests/system/offload-changes.at \
	tests/system/unprivileged.at \
	tests/system/vlan-tag.at \
	tests/system/generator.at \
	tests/system/bench.at

EXTRA_DIST += $(TESTSUITE_AT) $(SYSTEM_TESTSUITE_AT) tests/atlocal.in \
	tests/system/hold.py \
	tests/system/learning-switch.py \
	tests/system/net.py \
	tests/system/offload-changes.py \
	tests/system/offload-log.py \
	tests/system/offload-random.py \
	tests/system/offload.py \
	tests/system/tap.py \
	tests/system/traffic-frames.py \
	tests/unit/datapath-xdp/verifier-records \
	tests/unit/utilities/test-bench.py

AUTOTEST = $(AUTOM4TE) --language=autotest
AUTOTEST_DIR = vswitchd:tests:utilities

tests/package.m4: $(top_srcdir)/configure.ac
	$(AM_V_GEN){ \
		echo 'm4_define([AT_PACKAGE_NAME], [$(PACKAGE_NAME)])'; \
		echo 'm4_define([AT_PACKAGE_TARNAME], [$(PACKAGE_TARNAME)])'; \
		echo 'm4_define([AT_PACKAGE_VERSION], [$(PACKAGE_VERSION)])'; \
		echo 'm4_define([AT_PACKAGE_STRING], [$(PACKAGE_STRING)])'; \
		echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	} >$@.tmp && mv $@.tmp $@

# $(call autotest,FILE...): a suite of these files.
autotest = $(AM_V_GEN){ \
		echo 'AT_INIT'; \
		echo 'AT_COLOR_TESTS'; \
		printf 'm4_include([%s])\n' $(1); \
	} >$@.at && $(AUTOTEST) -I tests -I '$(srcdir)' -o $@.tmp $@.at && \
	mv $@.tmp $@

tests/testsuite: $(TESTSUITE_AT) tests/package.m4 Makefile
	$(call autotest,$(TESTSUITE_AT))

tests/system-testsuite: $(SYSTEM_TESTSUITE_AT) tests/package.m4 Makefile
	$(call autotest,$(SYSTEM_TESTSUITE_AT))

DISTCLEANFILES += tests/atconfig
CLEANFILES += tests/testsuite tests/testsuite.at tests/system-testsuite \
	tests/system-testsuite.at tests/package.m4
check_DATA += tests/testsuite tests/system-testsuite
check_PROGRAMS += tests/test-afxdp
tests_test_afxdp_SOURCES = \
	tests/unit/base/guarded-page.h \
	tests/unit/port/test-afxdp.c
tests_test_afxdp_LDADD = lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS)
$(tests_test_afxdp_OBJECTS): $(OVS_STAMP) $(XDP_SKELETONS)

check_PROGRAMS += tests/test-send
tests_test_send_SOURCES = tests/unit/port/test-send.c
tests_test_send_LDFLAGS = \
	-Wl,--wrap=xsk_queue_share \
	-Wl,--wrap=xsk_queue_owner \
	-Wl,--wrap=xsk_queue_count \
	-Wl,--wrap=xsk_queue_tx_room \
	-Wl,--wrap=xsk_queue_tx_burst
tests_test_send_LDADD = lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS)
$(tests_test_send_OBJECTS): $(OVS_STAMP)

check_PROGRAMS += tests/test-sw-offload
tests_test_sw_offload_SOURCES = \
	tests/unit/base/guarded-page.h \
	tests/unit/base/test-sw-offload.c
tests_test_sw_offload_LDADD = lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS)
$(tests_test_sw_offload_OBJECTS): $(OVS_STAMP)

check_PROGRAMS += tests/test-umem
tests_test_umem_SOURCES = tests/unit/umem/test-umem.c
tests_test_umem_LDADD = lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS)
$(tests_test_umem_OBJECTS): $(OVS_STAMP)

check_PROGRAMS += tests/test-xdp
tests_test_xdp_SOURCES = \
	tests/unit/base/guarded-page.h \
	tests/unit/base/ovs-version.h \
	tests/unit/base/test-xdp.c \
	tests/unit/base/test-xdp.h \
	tests/unit/base/xdp-samples.c \
	tests/unit/base/xdp-samples.h \
	tests/unit/datapath-xdp/masked-key.h \
	tests/unit/datapath-xdp/test-xdp-churn.c \
	tests/unit/datapath-xdp/test-xdp-interleave.c \
	tests/unit/datapath-xdp/test-xdp-parse.c \
	tests/unit/datapath-xdp/test-xdp-race.c \
	tests/unit/datapath-xdp/test-xdp-rewrite.c \
	tests/unit/datapath-xdp/test-xdp-room.c \
	tests/unit/datapath-xdp/test-xdp-table.c \
	tests/unit/datapath-xdp/test-xdp-verifier.c \
	tests/unit/datapath-xdp/xdp-lab.c \
	tests/unit/datapath-xdp/xdp-lab.h \
	tests/unit/datapath-xdp/xdp-parse-check.c \
	tests/unit/datapath-xdp/xdp-parse-check.h \
	tests/unit/datapath-xdp/xdp-random.c \
	tests/unit/datapath-xdp/xdp-random.h \
	tests/unit/offload/test-xdp-flow.c \
	tests/unit/offload/test-xdp-offload-threads.c \
	tests/unit/offload/test-xdp-offload.c \
	tests/unit/offload/test-xdp-output-sets.c \
	tests/unit/offload/xdp-fake-dp.c \
	tests/unit/offload/xdp-fake-dp.h \
	tests/unit/offload/xdp-fake-kernel.c \
	tests/unit/offload/xdp-fake-kernel.h \
	tests/unit/offload/xdp-fake-megaflows.c \
	tests/unit/offload/xdp-model-calm.c \
	tests/unit/offload/xdp-model-change.c \
	tests/unit/offload/xdp-model-check.c \
	tests/unit/offload/xdp-model-ports.c \
	tests/unit/offload/xdp-model-rules.c \
	tests/unit/offload/xdp-model.h \
	tests/unit/offload/xdp-witness.c \
	tests/unit/offload/xdp-witness.h \
	tests/unit/prog/test-xdp-hash.c \
	tests/unit/prog/test-xdp-synchronize.c \
	tests/unit/prog/xdp-hooks.c \
	tests/unit/prog/xdp-hooks.h
# What it uses of Open vSwitch pulls in ports: ours, all of them.
tests_test_xdp_LDFLAGS = -Wl,-u,netdev_afxdp_construct \
	-Wl,--wrap=time_msec \
	-Wl,--wrap=xdp_prog_enable_offload \
	-Wl,--wrap=xdp_tables_create \
	-Wl,--wrap=xdp_tables_set_device \
	-Wl,--wrap=xdp_tables_set_outputs \
	-Wl,--wrap=xdp_tables_synchronize
tests_test_xdp_LDADD = lib/libafxdp.la $(OVS_LIBS) $(AFXDP_LIBS)
nodist_tests_test_xdp_SOURCES = tests/unit/prog/busy.skel.h
$(tests_test_xdp_OBJECTS): $(OVS_STAMP) $(XDP_SKELETONS) \
	tests/unit/prog/busy.skel.h
EXTRA_DIST += tests/unit/prog/busy.bpf.c
CLEANFILES += tests/unit/prog/busy.bpf.o tests/unit/prog/busy.skel.h

# As 'make' does for the library: see build-aux/automake.mk.
TEST_PROGRAMS_OBJECTS = $(tests_test_afxdp_OBJECTS) \
	$(tests_test_send_OBJECTS) $(tests_test_sw_offload_OBJECTS) \
	$(tests_test_umem_OBJECTS) $(tests_test_xdp_OBJECTS)
check-test-structure: $(TEST_PROGRAMS_OBJECTS)
	$(AM_V_at)$(srcdir)/build-aux/check-structure '$(srcdir)' \
		$(TEST_PROGRAMS_OBJECTS)
.PHONY: check-test-structure

# make check TESTSUITEFLAGS='-k umem' SYSTEM_TESTSUITEFLAGS='1-3'
CHECK_LOCAL += check-unit check-system
check-unit: tests/testsuite $(check_PROGRAMS) vswitchd/ovs-vswitchd \
		check-test-structure
	@test "`id -u`" = 0 || \
	    echo "make check: tests that load BPF programs skip: they need root"
	$(SHELL) tests/testsuite -C tests AUTOTEST_PATH='$(AUTOTEST_DIR)' \
		$(TESTSUITEFLAGS)

# Each test has namespaces of its own: nothing is left behind, not even when it
# is killed.
EXTRA_DIST += tests/system/check-system tests/unit/build-aux/suite.sh
SYSTEM_JOBS = $(filter -j% --jobs%,$(TESTSUITEFLAGS))
check-system: tests/system-testsuite $(check_PROGRAMS) vswitchd/ovs-vswitchd \
		utilities/ovs-afxdp-traffic
	@if test -n "$(SKIP_SYSTEM_TESTS)"; then \
	    echo "make check: skipping the system tests: SKIP_SYSTEM_TESTS is set"; \
	elif test "`id -u`" != 0; then \
	    echo "make check: skipping the system tests: they need root"; \
	else \
	    CONFIG_SHELL='$(SHELL)' $(srcdir)/tests/system/check-system \
	        tests/system-testsuite AUTOTEST_PATH='$(AUTOTEST_DIR)' \
	        $(SYSTEM_JOBS) $(SYSTEM_TESTSUITEFLAGS); \
	fi
check-programs: tests/testsuite tests/system-testsuite $(check_PROGRAMS) \
		vswitchd/ovs-vswitchd utilities/ovs-afxdp-traffic
.PHONY: check-unit check-system check-programs

# Open vSwitch's own suites, unmodified, on our daemon.
EXTRA_DIST += tests/check-work-dir.bash tests/chroot-devices.bash
EXTRA_DIST += tests/ovs-suites/check-ovs tests/ovs-suites/memlock.c \
	tests/ovs-suites/offload.bash tests/ovs-suites/reasons \
	tests/ovs-suites/report.bash \
	tests/ovs-suites/tools
check-ovs: vswitchd/ovs-vswitchd
	$(srcdir)/tests/ovs-suites/check-ovs --daemon '$(abs_top_builddir)/vswitchd/ovs-vswitchd' \
		--ovs-source '$(OVS_SRCDIR)' --ovs-build '$(OVS_BUILDDIR)' \
		--work-dir '$(abs_top_builddir)/tests/ovs-suites.dir' \
		$(CHECK_OVS_FLAGS)
.PHONY: check-ovs

# The daemon on Debian 12's own kernel, and in zero-copy mode on a newer one, in
# QEMU without acceleration.
EXTRA_DIST += tests/kernel/check-kernel tests/kernel/check-kernel-common.sh \
	tests/kernel/check-kernel-guest.sh tests/kernel/check-zero-copy-guest.sh
CHECK_KERNEL = $(srcdir)/tests/kernel/check-kernel \
	--daemon '$(abs_top_builddir)/vswitchd/ovs-vswitchd' \
	--test-afxdp '$(abs_top_builddir)/tests/test-afxdp' \
	--test-xdp '$(abs_top_builddir)/tests/test-xdp' \
	--ovs-source '$(OVS_SRCDIR)' --ovs-build '$(OVS_BUILDDIR)'
check-kernel: vswitchd/ovs-vswitchd tests/test-afxdp tests/test-xdp
	$(CHECK_KERNEL) --work-dir '$(abs_top_builddir)/tests/check-kernel.dir' \
		$(CHECK_KERNEL_FLAGS) || test $$? = 77
check-zero-copy: vswitchd/ovs-vswitchd tests/test-afxdp tests/test-xdp
	$(CHECK_KERNEL) --work-dir '$(abs_top_builddir)/tests/check-zero-copy.dir' \
		--zero-copy $(CHECK_KERNEL_FLAGS) || test $$? = 77
.PHONY: check-kernel check-zero-copy

# Debian's packages, built from what "make dist" distributes.
EXTRA_DIST += tests/package/check-package
PACKAGE_DIR = $(abs_top_builddir)/tests/check-package.build
check-package:
	rm -rf '$(PACKAGE_DIR)' && $(MKDIR_P) '$(PACKAGE_DIR)'
	$(MAKE) $(AM_MAKEFLAGS) distdir distdir='$(PACKAGE_DIR)/source'
	cd '$(PACKAGE_DIR)/source' && unset MAKEFLAGS MFLAGS MAKELEVEL && \
	    DEB_BUILD_OPTIONS="nocheck parallel=`nproc`" \
	    dpkg-buildpackage -b -us -uc
	cd '$(PACKAGE_DIR)' && lintian --allow-root --fail-on error,warning *.changes
	$(srcdir)/tests/package/check-package --packages '$(PACKAGE_DIR)' \
		--work-dir '$(abs_top_builddir)/tests/check-package.dir' \
		$(CHECK_PACKAGE_FLAGS) || test $$? = 77
.PHONY: check-package

# This tree on another release of Debian.
EXTRA_DIST += tests/release/check-release
check-release:
	$(srcdir)/tests/release/check-release --source '$(abs_top_srcdir)' \
		--work-dir '$(abs_top_builddir)/tests/check-release.dir' \
		$(CHECK_RELEASE_FLAGS) || test $$? = 77
.PHONY: check-release

# The unit tests and a part of the system tests, with sanitizers.
EXTRA_DIST += tests/sanitizers/check-sanitizers \
	tests/sanitizers/address.tests tests/sanitizers/thread.supp \
	tests/sanitizers/thread.tests
check-sanitizers:
	$(srcdir)/tests/sanitizers/check-sanitizers \
		--ovs-source '$(OVS_SRCDIR)' --ovs-build '$(OVS_BUILDDIR)' \
		--work-dir '$(abs_top_builddir)/tests/check-sanitizers.dir' \
		$(CHECK_SANITIZERS_FLAGS)
.PHONY: check-sanitizers

# The parser under libFuzzer and sanitizers, Open vSwitch's with it.  Loads
# that need no alignment are right for BPF.  The corpus is what the samples and
# earlier runs have found; "make fuzz-keep" after "make fuzz" adds to it.
FUZZ_RUNS = 10000000
FUZZ_FLAGS = -seed=1 -max_len=256
FUZZ_CORPUS = $(srcdir)/tests/fuzz/corpus/xdp-parse.hex
FUZZ_COMPILE = $(CLANG) $(DEFS) -I $(srcdir) $(AM_CPPFLAGS) $(CPPFLAGS) -pthread -g -O1 \
	-Wno-everything
FUZZ_SRCS = tests/fuzz/fuzz-xdp-parse.c \
	tests/unit/datapath-xdp/xdp-parse-check.c \
	lib/offload/xdp-flow-key.c
EXTRA_DIST += tests/fuzz/fuzz-xdp-parse.c tests/fuzz/corpus/xdp-parse.hex
CLEANFILES += tests/fuzz-xdp-parse tests/fuzz-xdp-parse-flow.o
tests/fuzz-xdp-parse: $(FUZZ_SRCS) $(XDP_HDRS) \
		tests/unit/datapath-xdp/xdp-parse-check.h
	$(AM_V_CC)$(FUZZ_COMPILE) -fsanitize=fuzzer-no-link,address \
		-c '$(OVS_SRCDIR)/lib/flow.c' -o tests/fuzz-xdp-parse-flow.o
	$(AM_V_CCLD)$(LIBTOOL) --silent --tag=CC --mode=link $(FUZZ_COMPILE) \
		-fsanitize=fuzzer,address,undefined -fno-sanitize=alignment \
		-fno-sanitize-recover=undefined -o $@ \
		$(FUZZ_SRCS:%=$(srcdir)/%) tests/fuzz-xdp-parse-flow.o \
		$(OVS_BUILDDIR)/lib/libopenvswitch.la
fuzz: tests/fuzz-xdp-parse tests/test-xdp
	rm -rf tests/fuzz.dir && $(MKDIR_P) tests/fuzz.dir
	tests/test-xdp fuzz-unpack $(FUZZ_CORPUS) tests/fuzz.dir
	tests/fuzz-xdp-parse $(FUZZ_FLAGS) -runs=$(FUZZ_RUNS) \
		-artifact_prefix=tests/fuzz-xdp-parse- -print_final_stats=1 \
		tests/fuzz.dir
fuzz-keep: tests/fuzz-xdp-parse tests/test-xdp
	rm -rf tests/fuzz-small.dir && $(MKDIR_P) tests/fuzz-small.dir
	tests/fuzz-xdp-parse -merge=1 tests/fuzz-small.dir tests/fuzz.dir
	tests/test-xdp fuzz-pack tests/fuzz-small.dir >$(FUZZ_CORPUS).tmp
	mv $(FUZZ_CORPUS).tmp $(FUZZ_CORPUS)
.PHONY: fuzz fuzz-keep

CLEAN_LOCAL += clean-tests
clean-tests:
	rm -rf tests/testsuite.dir tests/testsuite.log \
		tests/system-testsuite.dir tests/system-testsuite.log \
		tests/ovs-suites.dir tests/check-kernel.dir \
		tests/check-zero-copy.dir \
		tests/check-package.build tests/check-package.dir \
		tests/check-release.dir tests/check-sanitizers.dir \
		tests/fuzz.dir tests/fuzz-small.dir tests/fuzz-xdp-parse-crash-*
