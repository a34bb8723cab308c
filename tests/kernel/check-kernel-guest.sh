#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs in the machine that check-kernel starts, on veth devices.  See check-kernel-common.sh.

set -u
. /common.sh

# add_host N [LINK-OPTION]...: a network namespace and its veth pair.
add_host() {
    local n=$1
    shift
    ip netns add "n$n" &&
    ip link add "p$n" "$@" type veth peer name "e$n" "$@" netns "n$n" address "02:00:00:00:00:0$((n + 1))" &&
    ip link set "p$n" up &&
    start_host "$n"
}

native_on_both() {
    add_port p0 && add_port p1 && no_error p0 && no_error p1 &&
    within 10 status_is p0 xdp-mode native && within 10 status_is p1 xdp-mode native && log_quiet
}

tcp_ok() {
    dd if=/dev/urandom of=/tmp/data bs=64k count=32 &&
    in_ns n0 ethtool -k e0 | grep 'tx-checksumming: on' &&
    send_file /tmp/data n0 n1 10.1.1.2 && send_file /tmp/data n0 n1 fc00::2
}

csum_completed() {
    (( $(statistic p0 xsk_queue_0_rx_csum_completed) > 0 ))
}

mode_changes() {
    ovs-vsctl set interface p0 "options:xdp-mode=$1" && no_error p0 &&
    within 10 status_is p0 xdp-mode "$1" && ping_ok n0 10.1.1.2 && log_quiet
}

# Each TCP connection chooses a queue by its random hash.
both_queues_used() {
    for _ in {1..8}; do
        in_ns n2 timeout 1 nc 10.1.1.1 9 </dev/null 2>/dev/null
    done
    (( $(statistic p2 xsk_queue_0_rx_packets) && $(statistic p2 xsk_queue_1_rx_packets) ))
}

two_queues() {
    ovs-vsctl set open_vswitch . other_config:pmd-cpu-mask=3 &&
    add_host 2 numrxqueues 2 numtxqueues 2 &&
    add_port p2 options:n_rxq=2 && no_error p2 &&
    within 10 status_is p2 n_rxq 2 && ping_ok n2 10.1.1.1 &&
    within 30 both_queues_used &&
    [[ $(ovs-appctl afxdp/show p2 | grep -o 'on core [01]' | sort -u | wc -l) == 2 ]] &&
    log_quiet
    local result=$?
    ovs-appctl afxdp/show p2
    return $result
}

back_to_one_pmd() {
    ovs-vsctl del-port p2 && ip netns del n2 && ovs-vsctl remove open_vswitch . other_config pmd-cpu-mask
}

moves_and_returns() {
    ip link set p0 netns n0 && within 10 error_matches p0 'device is gone' &&
    ip -n n0 link set p0 netns 1 && ip link set p0 up &&
    within 20 no_error p0 && ping_ok n0 10.1.1.2 &&
    log_quiet '\|p0: .*(device is gone)|could not open network device p0'
}

vlan_devices() {
    local n
    for n in 0 1; do
        ip -n n$n link add link e$n name v$n type vlan id 10 &&
        ip -n n$n addr add 10.1.10.$((n + 1))/24 dev v$n && ip -n n$n link set v$n up || return 1
    done
}

# set_txvlan on|off: whether the hosts' kernels leave the insertion of VLAN tags to their devices.
set_txvlan() {
    in_ns n0 ethtool -K e0 txvlan "$1" && in_ns n1 ethtool -K e1 txvlan "$1" && ovs-appctl fdb/flush
}

# learned_in VLAN: the switch has seen both hosts there.
learned_in() {
    ovs-appctl fdb/show br0
    [[ $(ovs-appctl fdb/show br0 | awk -v vlan="$1" '$2 == vlan' | wc -l) == 2 ]]
}

vlan_passes_tagged() {
    set_txvlan off && ping_ok n0 10.1.10.2 && learned_in 10 && log_quiet
}

# With tx-vlan-offload on, a tag stands beside its packet.  A kernel that shows it there makes no difference between both;
# on others, the port's status and, once, the log say that such tags are lost.
vlan_passes_offloaded() {
    set_txvlan on || return 1
    if status_is p0 xdp-rx-vlan-tag yes; then
        ping_ok n0 10.1.10.2 && learned_in 10
    else
        status_is p0 xdp-rx-vlan-tag "no \\($1 hides them; ethtool -K PEER txvlan off\\)" &&
        [[ $(grep -c "VLAN tags that a device keeps beside its packets are lost: $1" $log) == 1 ]]
    fi && log_quiet
}

program_runs() {
    unshare -n test-afxdp run-xdp \
        0200000000010200000000020800 \
        ffffffffffff02000000000208060001080006040001020000000002c0a80001000000000000c0a80002 \
        02000000000102000000000281000064080045000020000100004011f9c8c0a80001c0a8000200350035000c000001020304 \
        >/tmp/packets
    diff /tmp/packets - <<'EOT'
without a socket:
pass, packet unchanged
pass, packet unchanged
pass, packet unchanged
passed: 3
with a socket:
redirect, packet unchanged
redirect, packet unchanged
redirect, packet unchanged
passed: 3
frames: 64 = 64 + 0
EOT
}

# The unit suite's tests of flow offload, fewer cases: the processor is emulated.
rewrites() {
    unshare -n test-xdp xdp-rewrite 5000 1
}

finds_flows() {
    unshare -n test-xdp xdp-table 2000 1 65536 0 64 200 500 && unshare -n test-xdp xdp-table 2000 1 1024 2 64 200 1024
}

waits_for_programs() {
    unshare -n test-xdp xdp-synchronize 1 1 && unshare -n test-xdp xdp-synchronize 1 0
}

# For tests/unit/datapath-xdp/verifier-records.
report_verifier() {
    unshare -n test-xdp xdp-verifier /dev/null 2>&1 | sed -n 's/ (record 0)//; s/^[0-9]/guest: verifier: &/p'
}

killed_leaves_nothing() {
    bpf_objects
    bpf_objects | grep xskmap && ip link show p0 | grep xdp &&
    kill -9 "$(cat /run/ovs/ovs-vswitchd.pid)" && within 5 nothing_left
}

restarts() {
    start_vswitchd && no_error p0 && no_error p1 &&
    within 5 status_is p0 afxdp attached && within 5 status_is p1 xdp-mode native && ping_ok n0 10.1.1.2 && log_quiet
}

foreign_program_refused() {
    local pin=/sys/fs/bpf/foreign id
    add_host 3 && bpftool prog load /foreign.o $pin type xdp && bpftool net attach xdp pinned $pin dev p3 || return 1
    id=$(bpftool prog show pinned $pin | sed -n '1s/:.*//p')
    add_port p3
    error_matches p3 "XDP program id $id .*foreign" && ip link show p3 | grep "xdp id $id " &&
    log_quiet '\|p3: '
}

foreign_program_goes() {
    bpftool net detach xdp dev p3 && rm /sys/fs/bpf/foreign &&
    within 20 no_error p3 && ping_ok n3 10.1.1.1 && log_quiet '\|p3: '
}

# Kernels before 6.3 do not tell that a device takes redirected frames; the operator may.
offload_starts() {
    in_ns n0 ethtool -K e0 gro on && in_ns n1 ethtool -K e1 gro on &&
    ovs-vsctl set open_vswitch . other_config:hw-offload=true -- set interface p0 options:xdp-redirect-target=true \
        -- set interface p1 options:xdp-redirect-target=true &&
    within 10 eval "ovs-appctl afxdp/offload-show p1 | grep 'flows in the kernel'" &&
    ! ovs-appctl afxdp/offload-show | grep 'could not be loaded' && log_quiet
}

# hits PORT: how many packets the kernel has forwarded.
hits() {
    echo $(($(statistic "$1" xdp_cache_hits) + $(statistic "$1" xdp_masked_hits)))
}

kernel_forwards() {
    ping_ok n0 10.1.1.2 && ping_ok n0 fc00::2 && within 10 eval '(( $(hits p0) >= 15 && $(hits p1) >= 15 ))' &&
    ovs-appctl dpctl/dump-flows -m netdev@ovs-netdev | grep 'offloaded:yes, dp:xdp' && log_quiet
}

kernel_forwards_tcp() {
    tcp_ok && within 5 eval '(( $(statistic p0 xdp_csum_completed) > 100 ))' && log_quiet
}

run_checks() {
    check "two veth ports attach in native mode, without a warning" native_on_both
    check "IPv4 passes" ping_ok n0 10.1.1.2
    check "IPv6 passes" ping_ok n0 fc00::2
    check "2 MB over TCP arrive unchanged, with checksum offload on" tcp_ok
    check "the port completes offloaded checksums" within 5 csum_completed
    check "VLAN devices can be added" vlan_devices
    check "VLAN devices talk in their VLAN, with tx-vlan-offload off" vlan_passes_tagged
    check "VLAN devices talk in their VLAN, with tx-vlan-offload on, or the port says why not" \
        vlan_passes_offloaded "the driver or Linux before 6.8"
    check "a live change to generic mode" mode_changes generic
    check "VLAN devices talk in their VLAN in generic mode" vlan_passes_tagged
    check "the port says that generic mode hides offloaded VLAN tags" vlan_passes_offloaded "generic mode"
    check "a live change back to native mode" mode_changes native
    check "two queues, a PMD thread each" two_queues
    check "a port is removed" back_to_one_pmd
    check "a device that leaves for another namespace works when it is back" moves_and_returns
    check "the BPF program does with packets as it should" program_runs
    check "kill -9 leaves no BPF object" killed_leaves_nothing
    check "a restarted daemon attaches at once" restarts
    check "a foreign XDP program stays, and the error names it" foreign_program_refused
    check "the port works when the foreign program is gone" foreign_program_goes
    check "flow offload: packets become what they become in user space" rewrites
    check "flow offload: the program finds the flows that there are" finds_flows
    check "flow offload: waiting for a program that runs is certain" waits_for_programs
    report_verifier
    check "flow offload: the BPF program loads" offload_starts
    check "flow offload: the kernel forwards IPv4 and IPv6" kernel_forwards
    check "flow offload: 2 MB over TCP, checksums completed in the kernel" kernel_forwards_tcp
    check "the daemon ends in peace: frames accounted for, no BPF object left" ends_in_peace
    check "the kernel has nothing to complain about" kernel_log_quiet
}

run_guest
