# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The lab: a private switch between two network namespaces.

bridge=oaq-br0
namespaces=(oaq-switch oaq-left oaq-right)
left_ip4=10.99.0.1 left_ip6=fd00:99::1
right_ip4=10.99.0.2 right_ip6=fd00:99::2
idle_sleep=500                  # PMD threads of an idle lab, in us.

lab_hint="if the log does not tell, see those of ovsdb-server and ovs-vswitchd \
in $logdir, and please report it with them."

# Only one quickstart at a time works on the lab, whatever checkout it is from.
lock_lab() {
    [[ $(ip netns identify $$ 2>/dev/null) != oaq-* ]] ||
        die "this shell is inside the lab" "Leave it first: exit"
    while :; do
        mkdir -p "$rundir" && chmod 700 "$rundir" || exit 2
        exec {lock}<"$rundir" || exit 2
        flock -n "$lock" ||
            die "another quickstart is at work" "Wait for it to end, or interrupt it."
        # Who held the lock before may have removed the directory.
        [[ ! $rundir -ef /proc/self/fd/$lock ]] || return 0
        exec {lock}<&-
    done
}

lab_env() {
    export OVS_RUNDIR=$rundir OVS_DBDIR=$rundir OVS_SYSCONFDIR=$rundir
    export OVS_LOGDIR=$logdir OVS_PKGDATADIR=$ovs_build/vswitchd
    export PATH=$build/vswitchd:$ovs_build/utilities:$ovs_build/ovsdb:$PATH
    # For ovs-tcpdump and its like.
    export PYTHONPATH=$ovs_source/python${PYTHONPATH:+:$PYTHONPATH}
}

in_ns() {
    ip netns exec "oaq-$1" "${@:2}"
}

vsctl() {
    ovs-vsctl -vconsole:err --timeout=30 "$@"
}

start_lab() {
    local ns
    find_ovs
    lab_env
    for ns in "${namespaces[@]}"; do
        [[ ! -e /run/netns/$ns ]] || owns_namespace "$ns" ||
            die "there is a network namespace $ns that is not the lab's" \
                "If nobody needs it: ip netns delete $ns"
    done
    if lab_exists; then
        echo "the lab is up already, or a part of it: starting afresh"
        take_down || return
    fi
    lab_state=starting
    rm -f "$logdir"/ovs-vswitchd.log "$logdir"/ovsdb-server.log
    step "make namespaces" "$lab_hint" make_namespaces &&
        step "start the switch" "$lab_hint" start_switch &&
        step "add ports" "$lab_hint" add_ports || return
    lab_state=up
}

make_namespaces() {
    local ns
    # The first "ip netns add" of a machine makes a mount that no "ip netns
    # delete" takes away.
    if [[ ! -d /run/netns ]]; then
        echo directory >"$rundir/netns-mount"
    elif ! is_mounted /run/netns; then
        echo mount >"$rundir/netns-mount"
    fi
    for ns in "${namespaces[@]}"; do
        echo "$ns 0" >>"$rundir/namespaces"
        ip netns add "$ns" &&
            echo "$ns $(stat -L -c %i "/run/netns/$ns")" >>"$rundir/namespaces" &&
            ip -n "$ns" link set lo up || return
    done
    make_cable left "$left_ip4/24" "$left_ip6/64" &&
        make_cable right "$right_ip4/24" "$right_ip6/64"
}

# Somebody may have made a namespace of that name, or made it anew.  Without a
# number, quickstart was interrupted when it made it.
owns_namespace() {
    local inode
    inode=$(awk -v ns="$1" '$1 == ns { inode = $2 } END { print inode }' \
        "$rundir/namespaces" 2>/dev/null)
    [[ -e /run/netns/$1 && $inode ]] &&
        [[ $inode == 0 || $inode == $(stat -L -c %i "/run/netns/$1") ]]
}

own_namespaces() {
    local ns
    for ns in "${namespaces[@]}"; do
        ! owns_namespace "$ns" || echo "$ns"
    done
}

# make_cable SIDE ADDRESS...: between the switch and a namespace.
make_cable() {
    local ns=oaq-$1 port=oaq-${1:0:1}0 address
    shift
    ip -n oaq-switch link add "$port" type veth peer name veth0 netns "$ns" &&
        ip -n oaq-switch link set "$port" up || return
    if has_ipv6; then
        ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=0 || return
    fi
    ip -n "$ns" link set veth0 up || return
    # Without, the port takes no frames that XDP redirects.
    ip netns exec "$ns" ethtool -K veth0 gro on || return
    for address; do
        [[ $address != *:* ]] || has_ipv6 || continue
        if [[ $address == *:* ]]; then
            ip -n "$ns" address add "$address" dev veth0 nodad
        else
            ip -n "$ns" address add "$address" dev veth0
        fi || return
    done
}

has_ipv6() {
    [[ -e /proc/sys/net/ipv6 ]]
}

is_mounted() {
    grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $1 " /proc/self/mountinfo
}

start_switch() {
    local schema=$ovs_source/vswitchd/vswitch.ovsschema
    umask 077
    ovsdb-tool create "$rundir/conf.db" "$schema" &&
        in_ns switch ovsdb-server "$rundir/conf.db" \
            "--remote=punix:$rundir/db.sock" "--pidfile=$rundir/ovsdb-server.pid" \
            "--log-file=$logdir/ovsdb-server.log" -vconsole:off -vsyslog:off --detach &&
        vsctl --no-wait init &&
        in_ns switch "$build/vswitchd/ovs-vswitchd" "unix:$rundir/db.sock" \
            "--pidfile=$rundir/ovs-vswitchd.pid" \
            "--log-file=$logdir/ovs-vswitchd.log" -vconsole:off -vsyslog:off --detach &&
        vsctl add-br "$bridge" -- set bridge "$bridge" datapath_type=netdev
}

add_ports() {
    local port error
    for port in oaq-l0 oaq-r0; do
        vsctl add-port "$bridge" "$port" -- set interface "$port" type=afxdp || return
        error=$(vsctl get interface "$port" error) || return
        if [[ $error != '[]' ]]; then
            echo "$port: $error"
            return 1
        fi
        port_status "$port" xdp-prog-id >>"$rundir/programs" || return
    done
}

# port_status PORT KEY: a value from the port's status, or nothing.
port_status() {
    vsctl --if-exists get interface "$1" "status:$2" | tr -d '"'
}

# An idle PMD thread polls without rest, which a lab that somebody forgot about
# should not.  Open vSwitch 3.1 knows only the first key, newer ones warn of it
# when they do not see the second.
settle_lab() {
    vsctl set open_vswitch . "other_config:pmd-maxsleep=$idle_sleep" \
        "other_config:pmd-sleep-max=$idle_sleep"
}

# Prints the state of a process of the lab.
process_line() {
    local name=$1 pid
    pid=$(lab_pids "$name")
    if [[ $pid ]]; then
        echo "$name: up for $(ps -o etime= -p "${pid%%$'\n'*}" | tr -d ' '), pid ${pid//$'\n'/, }"
    else
        echo "$name: not running"
    fi
}

port_line() {
    local port=$1 copy error
    copy=$(port_status "$port" zero-copy)
    error=$(vsctl get interface "$port" error)
    case $copy in true) copy="zero-copy" ;; false) copy="copy" ;; *) copy="?" ;; esac
    [[ $error == '[]' ]] && error='' || error=", error: $error"
    echo "$port: type afxdp, $(port_status "$port" xdp-mode) mode ($copy), $(port_status "$port" n_rxq) queue(s)$error"
}

# "PORT queue N: polled by core C", from dpif-netdev.
rxq_lines() {
    ovs-appctl --timeout=10 dpif-netdev/pmd-rxq-show | awk '
        /^pmd thread/ { core = $NF; sub(":", "", core) }
        $1 == "port:" { printf "%s queue %s: polled by core %s\n", $2, $4, core }'
}

cmd_status() {
    need_root
    local names sleep
    if ! lab_exists; then
        echo "the lab is not up"
        exit 3
    fi
    mapfile -t names < <(own_namespaces)
    process_line ovs-vswitchd
    process_line ovsdb-server
    echo "namespaces: ${names[*]:-none}"
    [[ $(lab_pids ovs-vswitchd) && $(lab_pids ovsdb-server) && ${#names[@]} == 3 ]] || {
        echo "not all of it is up; start afresh: $(invocation run); or clean up: $(invocation stop)"
        exit 1
    }
    find_ovs
    lab_env
    port_line oaq-l0
    port_line oaq-r0
    rxq_lines
    sleep=$(vsctl --if-exists get open_vswitch . other_config:pmd-maxsleep | tr -d '"')
    echo "idle PMD threads sleep up to ${sleep:-0} us"
    echo "more: $(invocation exec ovs-appctl afxdp/show)"
}
