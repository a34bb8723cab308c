# SPDX-License-Identifier: Apache-2.0
#
# What the guests of check-kernel share: sourced by check-kernel-guest.sh and check-zero-copy-guest.sh, each the first and
# only program of a machine.  They print "ok - CLAIM" or "FAIL - CLAIM" and, indented, why, and "guest: done" as the last
# line.  The only other programs are busybox, ip, ethtool, bpftool and OVS's.
#
# As in the system tests, port pN of the switch is the peer of device eN, which is in network namespace nN and has address
# 10.1.1.N+1.

export PATH=/bin
export OVS_RUNDIR=/run/ovs OVS_LOGDIR=/run/ovs OVS_DBDIR=/run/ovs OVS_SYSCONFDIR=/run/ovs
log=/run/ovs/ovs-vswitchd.log

# check CLAIM COMMAND...: sets $failed if it fails.
failed=''
check() {
    local claim=$1
    shift
    if "$@" >/tmp/output 2>&1; then
        echo "ok - $claim"
    else
        failed=yes
        echo "FAIL - $claim"
        tail -n 30 /tmp/output | sed 's/^/    /'
        tail -n 8 $log | sed 's/^/    log: /'
    fi
}

# Succeeds as soon as COMMAND does, within $1 seconds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        (( SECONDS < end )) || return 1
        sleep 0.2
    done
}

in_ns() {
    ip netns exec "$@"
}

boot() {
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev
    mount -t tmpfs tmp /run
    mount -t bpf bpf /sys/fs/bpf
    dmesg -n 3
    local module
    while read -r module; do
        insmod "/modules/$module" || echo "    cannot load $module"
    done </modules/list
    mkdir -p /dev/net /run/ovs
    [[ -e /dev/net/tun ]] || mknod /dev/net/tun c 10 200
    ip link set lo up
}

# Idle PMD threads sleep for a moment, or they would keep the emulated processors from everything else.
start_ovsdb() {
    ovsdb-tool create /run/ovs/conf.db /vswitch.ovsschema &&
    ovsdb-server /run/ovs/conf.db --remote=punix:/run/ovs/db.sock --pidfile --detach --no-chdir -vconsole:off -vsyslog:off &&
    ovs-vsctl --no-wait init &&
    ovs-vsctl --no-wait set open_vswitch . other_config:pmd-maxsleep=500 other_config:pmd-sleep-max=500 other_config:stats-update-interval=500
}

start_vswitchd() {
    ovs-vswitchd --pidfile --detach --no-chdir --log-file -vconsole:off -vsyslog:off
}

# start_host N: gives device eN, which is in namespace nN, its addresses.
start_host() {
    ip -n "n$1" link set lo up &&
    ip -n "n$1" link set "e$1" up &&
    ip -n "n$1" addr add "10.1.1.$(($1 + 1))/24" dev "e$1" &&
    ip -n "n$1" addr add "fc00::$(($1 + 1))/64" dev "e$1" nodad
}

# add_port NAME [COLUMN]...
add_port() {
    local port=$1
    shift
    ovs-vsctl add-port br0 "$port" -- set interface "$port" type=afxdp "$@"
}

# status_is PORT KEY VALUE
status_is() {
    [[ $(ovs-vsctl get interface "$1" "status:$2" 2>&1) =~ ^\"?$3\"?$ ]]
}

no_error() {
    [[ $(ovs-vsctl get interface "$1" error) == "[]" ]]
}

error_matches() {
    ovs-vsctl get interface "$1" error | grep -E "$2"
}

# statistic PORT NAME
statistic() {
    ovs-vsctl get interface "$1" "statistics:$2"
}

# log_quiet [REGEX]: no warning since the last call, but for those that match.  OVS notices that an emulated processor is
# slow, and when packets come in while their port goes.
log_mark=0
log_quiet() {
    local start=$((log_mark + 1))
    log_mark=$(wc -l <$log)
    ! tail -n +$start $log | grep -E '\|(WARN|ERR|EMER)\|' |
        grep -v -E "\|(timeval|ovs_rcu)[^|]*\||received packet on unknown port|xlate_key failed|${1:-^$}"
}

# ping_ok NAMESPACE ADDRESS: waits for a first answer, and then wants all of them.
ping_ok() {
    within 20 in_ns "$1" ping -q -c 1 -W 1 "$2" &&
    in_ns "$1" ping -c 10 -i 0.1 -W 5 "$2" | grep '10 packets received'
}

# send_file FILE FROM TO ADDRESS: between two namespaces; ADDRESS is that of TO, which sends the SHA-256 back.
send_file() {
    local sum
    ip netns exec "$3" nc -l -p 5000 -e /bin/sha256sum &
    sleep 0.5
    sum=$(ip netns exec "$2" timeout 60 nc "$4" 5000 <"$1")
    kill $! 2>/dev/null
    echo "received: $sum; sent: $(sha256sum "$1")"
    [[ ${sum%% *} == "$(sha256sum "$1" | cut -d' ' -f1)" ]]
}

bpf_objects() {
    local kind
    for kind in prog map link; do
        bpftool $kind show
    done
}

nothing_left() {
    ! ip link | grep xdp && ! bpf_objects | grep -E 'ovs_afx|xskmap|xdp'
}

frames_accounted() {
    { ovs-appctl afxdp/show; ovs-appctl afxdp/memory-show; } | tee /tmp/frames
    awk '/frames: .* fill/ { n++; on_queues += $2; bad += $2 != $4 + $8 }
         /frames: .* free/ { on_rings += $12; bad += $2 != $4 + $7 + $12 + $16 || $16 }
         $1 == "packets:" { bad += $2 }
         END { exit !n || bad || on_queues != on_rings }' /tmp/frames
}

ends_in_peace() {
    local pid
    pid=$(cat /run/ovs/ovs-vswitchd.pid)
    within 20 frames_accounted && ovs-appctl exit --cleanup &&
    within 20 eval "! kill -0 $pid" && within 5 nothing_left && log_quiet
}

kernel_log_quiet() {
    ! dmesg | grep -A 20 -E 'WARNING|BUG|Oops|Call Trace|unregister_netdevice'
}

# run_guest: the guest's whole life, with its own add_host and run_checks.
run_guest() {
    boot
    echo "guest: kernel $(uname -r), $(grep -c ^processor /proc/cpuinfo) processors"
    if start_ovsdb && start_vswitchd && ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev &&
       add_host 0 && add_host 1; then
        run_checks
    else
        echo "FAIL - the switch starts"
    fi
    echo "guest: done"
    poweroff -f
}
