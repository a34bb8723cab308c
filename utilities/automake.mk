# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += \
	.ci/run \
	utilities/quickstart \
	utilities/quickstart.d/build.sh \
	utilities/quickstart.d/check.sh \
	utilities/quickstart.d/lab.sh \
	utilities/quickstart.d/machine.sh \
	utilities/quickstart.d/step.sh \
	utilities/quickstart.d/stop.sh \
	utilities/quickstart.d/traffic.sh

# The benchmark, on this build: make bench BENCH_FLAGS=--quick
BENCH_MODULES = \
	utilities/bench/__init__.py \
	utilities/bench/charts.py \
	utilities/bench/command.py \
	utilities/bench/compare.py \
	utilities/bench/context.py \
	utilities/bench/forwarding.py \
	utilities/bench/growth.py \
	utilities/bench/hosts.py \
	utilities/bench/lab.py \
	utilities/bench/machine.py \
	utilities/bench/main.py \
	utilities/bench/packages.py \
	utilities/bench/plan.py \
	utilities/bench/private.py \
	utilities/bench/process.py \
	utilities/bench/results.py \
	utilities/bench/rules.py \
	utilities/bench/scenarios.py \
	utilities/bench/statistics.py \
	utilities/bench/subject.py \
	utilities/bench/switches.py \
	utilities/bench/table.py \
	utilities/bench/traffic.py \
	utilities/bench/trials.py \
	utilities/bench/variants.py
benchdir = $(pkgdatadir)/bench
dist_bench_DATA = $(BENCH_MODULES)
dist_pkgdata_SCRIPTS = utilities/ovs-afxdp-bench

# What an installed benchmark measures.
nodist_bench_DATA = utilities/installed.py
CLEANFILES += utilities/installed.py
utilities/installed.py: Makefile
	$(AM_V_GEN){ \
		echo "DAEMON = '$(sbindir)/$$(echo ovs-vswitchd | sed '$(transform)')'"; \
		echo "TRAFFIC = '$(bindir)/$$(echo ovs-afxdp-traffic | sed '$(transform)')'"; \
		echo "SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'"; \
		echo "PEERS = '$(localstatedir)/cache/$(PACKAGE)/peers'"; \
	} >$@

install-exec-hook:
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(LN_S) -f '$(pkgdatadir)/ovs-afxdp-bench' '$(DESTDIR)$(bindir)/ovs-afxdp-bench'
uninstall-hook:
	rm -f '$(DESTDIR)$(bindir)/ovs-afxdp-bench'
	@for dir in '$(pkgdatadir)' '$(docdir)' '$(sbindir)'; do \
	    test "$${dir##*/}" != '$(PACKAGE)' || test ! -d "$(DESTDIR)$$dir" \
	        || find "$(DESTDIR)$$dir" -depth -type d -empty -delete; \
	done

bench: vswitchd/ovs-vswitchd utilities/ovs-afxdp-traffic
	$(srcdir)/utilities/ovs-afxdp-bench \
		--build-dir='$(abs_top_builddir)' $(BENCH_FLAGS)
.PHONY: bench

CLEAN_LOCAL += clean-peers
clean-peers:
	rm -rf peers
