# SPDX-License-Identifier: Apache-2.0
"""The parts of ovs-afxdp-bench.

From the bottom: command runs commands; machine, packages, private and lab know
the machine; traffic, switches and hosts know one program each; variants and
scenarios are the tables of what is compared; plan and trials run them;
statistics, results, table, charts and compare say what came of it.
"""
