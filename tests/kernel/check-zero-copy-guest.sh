#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs in the machine that "check-kernel --zero-copy" starts, on virtio_net devices in zero-copy mode.  See
# check-kernel-common.sh.

set -u
. /common.sh

risk='module virtio_net takes random headers'

# device_of ADDRESS
device_of() {
    ip -o link | awk -F '[ :]+' -v address=" $1 " 'index($0, address) { print $2 }'
}

# add_host N: a network namespace with one of two devices that are each other's peers.
add_host() {
    local e p
    e=$(device_of "02:00:00:00:00:0$(($1 + 1))") p=$(device_of "02:00:00:00:01:0$(($1 + 1))")
    ip link set "$e" name "e$1" &&
    ip link set "$p" name "p$1" &&
    ip link set "p$1" up &&
    ip netns add "n$1" &&
    ip link set "e$1" netns "n$1" &&
    start_host "$1"
}

# zero_copied PORT: it attaches so, and keeps it.
zero_copied() {
    no_error "$1" && within 10 status_is "$1" zero-copy true && status_is "$1" xdp-mode native-with-zerocopy
}

# The driver is a module here.
best_effort_is_careful() {
    add_port p0 && no_error p0 && within 10 status_is p0 xdp-mode native && status_is p0 zero-copy false &&
    ovs-vsctl get interface p0 status:xdp-mode-reason | grep "$risk" &&
    ovs-vsctl del-port p0 && log_quiet
}

add_zero_copy_port() {
    add_port "$1" options:xdp-mode=native-with-zerocopy && zero_copied "$1"
}

attaches() {
    add_zero_copy_port p0 && add_zero_copy_port p1 && grep "|WARN|.*$risk" $log && log_quiet "$risk"
}

# What is received on one port is sent by the other from where it is.
nothing_copied() {
    local port
    ovs-appctl afxdp/show
    for port in p0 p1; do
        (( $(statistic $port xsk_queue_0_tx_zero_copied) > 1000 )) || return 1
    done
    (( $(statistic p0 xsk_queue_0_tx_copied) + $(statistic p1 xsk_queue_0_tx_copied) < 20 ))
}

# Senders compute all checksums here, and receivers count those that are wrong; TCP would hide it.
no_damage() {
    local n
    for n in 0 1; do
        in_ns n$n awk '$1 ~ /^(Tcp|Icmp|Ip):$/ && !($1 in names) { names[$1] = $0; next }
                       $1 in names { n = split(names[$1], name)
                                     for (i = 2; i <= n; i++) if (name[i] ~ /InCsumErrors|InHdrErrors/ && $i) bad = 1
                                     print names[$1]; print }
                       END { exit bad }' /proc/net/snmp || return 1
    done
}

tcp_ok() {
    dd if=/dev/urandom of=/tmp/data bs=64k count=32 &&
    send_file /tmp/data n0 n1 10.1.1.2 && send_file /tmp/data n1 n0 fc00::1
}

# Many packets at once, fragments among them; then nothing, which would leave behind what is stuck.
bursts_pass() {
    local i pids=()
    for i in {1..20}; do
        in_ns n0 ping -q -c 40 -i 0.002 -s 1400 10.1.1.2 &
        pids+=($!)
        in_ns n1 ping -q -c 40 -i 0.002 -s $((i * 200)) fc00::1 &
        pids+=($!)
    done
    wait "${pids[@]}"
    sleep 1
    ovs-appctl afxdp/show
    ping_ok n0 10.1.1.2 && log_quiet "$risk"
}

# Frames that the device still had would be written to and sent while others use them.
comes_and_goes() {
    local i result transfer noise
    send_file /tmp/data n0 n1 10.1.1.2 >/tmp/transfer &
    transfer=$!
    in_ns n1 ping -q -A -w 60 10.1.1.1 >/dev/null &
    noise=$!
    for i in {1..6}; do
        ovs-vsctl del-port "p$((i % 2))" && sleep 0.3 && add_zero_copy_port "p$((i % 2))" || return 1
        sleep 0.5
    done
    kill $noise
    wait $transfer
    result=$?
    cat /tmp/transfer
    (( ! result )) && within 20 frames_accounted && log_quiet "$risk"
}

mode_changes() {
    local mode noise
    in_ns n1 ping -q -A -w 60 10.1.1.1 >/dev/null &
    noise=$!
    for mode in native native-with-zerocopy generic native-with-zerocopy best-effort native-with-zerocopy; do
        ovs-vsctl set interface p0 "options:xdp-mode=$mode" && no_error p0 && ping_ok n0 10.1.1.2 || return 1
    done
    kill $noise
    zero_copied p0 && log_quiet "$risk"
}

device_restarts() {
    local i
    for i in {1..3}; do
        ip link set p0 down && sleep 0.3 && ip link set p0 up || return 1
    done
    ping_ok n0 10.1.1.2 && zero_copied p0 && log_quiet "$risk"
}

restarts() {
    kill -9 "$(cat /run/ovs/ovs-vswitchd.pid)" && start_vswitchd &&
    zero_copied p0 && zero_copied p1 && ping_ok n0 10.1.1.2 && log_quiet "$risk"
}

run_checks() {
    check "best-effort does not take zero-copy mode from a module" best_effort_is_careful
    check "two virtio_net ports attach in zero-copy mode, with one warning each" attaches
    [[ $failed ]] && return
    check "IPv4 passes" ping_ok n0 10.1.1.2
    check "IPv6 passes" ping_ok n0 fc00::2
    check "2 MB over TCP arrive unchanged, either way" tcp_ok
    check "bursts pass" bursts_pass
    check "no packet is copied" nothing_copied
    check "frames are accounted for" within 20 frames_accounted
    check "ports come and go under traffic" comes_and_goes
    check "modes change under traffic" mode_changes
    check "the device goes down and up" device_restarts
    check "TCP still arrives unchanged" tcp_ok
    check "a killed daemon starts again at once" restarts
    check "TCP still arrives unchanged" tcp_ok
    check "no packet was damaged" no_damage
    check "the daemon ends in peace: frames accounted for, no BPF object left" ends_in_peace
    check "the kernel has nothing to complain about" kernel_log_quiet
}

run_guest
