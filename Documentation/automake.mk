# SPDX-License-Identifier: Apache-2.0

# Installed with their directories, so that links between them work.
nobase_dist_doc_DATA = \
	Documentation/index.rst \
	Documentation/internals/bug-reports.rst \
	Documentation/internals/ovs-versions.rst \
	Documentation/internals/structure.rst \
	Documentation/intro/install.rst \
	Documentation/ref/configuration.rst \
	Documentation/topics/architecture.rst \
	Documentation/topics/offload.rst \
	Documentation/topics/packet-memory.rst \
	Documentation/topics/performance.rst \
	Documentation/topics/testing.rst \
	Documentation/topics/troubleshooting.rst \
	Documentation/topics/unprivileged.rst \
	datapath-xdp/LICENSE.bpf

dist_man_MANS += \
	Documentation/ref/ovs-afxdp-bench.8 \
	Documentation/ref/ovs-afxdp-traffic.8 \
	Documentation/ref/ovs-afxdp.8
