# SPDX-License-Identifier: Apache-2.0

# Installed with their directories, so that links between them work.
nobase_dist_doc_DATA = \
	Documentation/index.rst \
	Documentation/internals/bug-reports.rst \
	Documentation/internals/structure.rst \
	Documentation/intro/install.rst \
	Documentation/ref/configuration.rst \
	Documentation/topics/architecture.rst \
	Documentation/topics/offload.rst \
	Documentation/topics/packet-memory.rst \
	Documentation/topics/performance.rst \
	Documentation/topics/performance/actions-ratios.svg \
	Documentation/topics/performance/five-tuples.svg \
	Documentation/topics/performance/flows.svg \
	Documentation/topics/performance/masks.svg \
	Documentation/topics/performance/misses.svg \
	Documentation/topics/performance/rate-ratios.svg \
	Documentation/topics/performance/rate.svg \
	Documentation/topics/performance/results.json \
	Documentation/topics/performance/rtt-ratios.svg \
	Documentation/topics/performance/table.txt \
	Documentation/topics/performance/tcp-ratios.svg \
	Documentation/topics/testing.rst \
	Documentation/topics/troubleshooting.rst \
	Documentation/topics/unprivileged.rst \
	datapath-xdp/LICENSE.bpf

dist_man_MANS += \
	Documentation/ref/ovs-afxdp-traffic.8 \
	Documentation/ref/ovs-afxdp.8

# The benchmark is not installed.
EXTRA_DIST += Documentation/ref/ovs-afxdp-bench.8
