# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Takes the lab down, whatever state it is in, and checks that it is gone.

cmd_stop() {
    need_root
    lock_lab
    local was_up=false
    ! lab_exists || was_up=true
    take_down
    local status=$?
    $was_up || echo "there was no lab to stop"
    rmdir "$rundir" 2>/dev/null
    exit $status
}

# A rundir that is only the lock does not count.
lab_exists() {
    [[ ! -e $rundir/conf.db && ! -e $rundir/netns-mount ]] || return 0
    [[ $(own_namespaces; lab_pids) ]]
}

# Prints the pids of those processes that this script started, or only of those
# that run program NAME.  A pid file may name a process that has long ended and
# whose number somebody else's has got, so ask the processes.
lab_pids() {
    local want=${1-} dir args arg exe pid_ns
    pid_ns=$(readlink /proc/self/ns/pid)
    for dir in /proc/[0-9]*; do
        mapfile -d '' -t args 2>/dev/null <"$dir/cmdline" || continue
        for arg in "${args[@]}"; do
            [[ $arg == "$rundir/"* || $arg == --*=*"$rundir/"* ]] || continue
            exe=$(readlink "$dir/exe") || break
            exe=${exe% (deleted)}
            # Not those of a container, which can have a lab of its own.
            [[ $dir/root -ef / && $(readlink "$dir/ns/pid") == "$pid_ns" ]] || break
            case ${exe##*/} in
            ovs-vswitchd | ovsdb-server | iperf3)
                [[ $want && $want != "${exe##*/}" ]] || echo "${dir#/proc/}" ;;
            esac
            break
        done
    done 2>/dev/null
}

# Prints the pids of what runs inside the namespaces.
namespace_pids() {
    local ns
    for ns in $(own_namespaces); do
        ip netns pids "$ns" 2>/dev/null
    done
}

# end_processes LISTER [ARG]: those whose pids "LISTER ARG" prints, gently first.
end_processes() {
    local tries pids
    for (( tries = 0; tries < 75; tries++ )); do
        mapfile -t pids < <("$@")
        (( ${#pids[@]} )) || return 0
        case $tries in
        0) kill -TERM "${pids[@]}" ;;
        5) kill -HUP "${pids[@]}" ;;    # An interactive shell's way out.
        50 | 60) kill -KILL "${pids[@]}" ;;
        esac 2>/dev/null
        sleep 0.2
    done
}

take_down() {
    local programs own netns_mount_left=false
    mapfile -t programs < <(lab_programs | sort -un)
    mapfile -t own < <(own_namespaces)
    end_processes lab_pids iperf3
    end_processes lab_pids ovs-vswitchd
    end_processes lab_pids
    end_guests
    remove_namespaces
    find "$rundir" -mindepth 1 -delete
    check_gone "${programs[@]}"
}

# Says what else runs inside the namespaces, and ends it.
end_guests() {
    local pid pids
    mapfile -t pids < <(namespace_pids)
    for pid in "${pids[@]}"; do
        echo "ending process $pid ($(cat "/proc/$pid/comm" 2>/dev/null)) in the lab's namespaces"
    done
    end_processes namespace_pids
}

# Prints the ids of the XDP programs of the lab, as it began and as it is.
lab_programs() {
    cat "$rundir/programs" 2>/dev/null
    ! owns_namespace oaq-switch ||
        ip -n oaq-switch -d link show 2>/dev/null |
            sed -n 's/.*prog\/xdp[a-z]* id \([0-9]*\) .*/\1/p'
}

remove_namespaces() {
    local ns port made
    if owns_namespace oaq-switch; then
        for port in oaq-l0 oaq-r0; do
            ip -n oaq-switch link delete "$port"
        done 2>/dev/null
    fi
    for ns in "${own[@]}"; do
        ip netns delete "$ns"
    done
    made=$(cat "$rundir/netns-mount" 2>/dev/null) || return 0
    if [[ -n $(ls -A /run/netns 2>/dev/null) ]]; then
        echo "/run/netns stays mounted: there are other namespaces in it"
        return
    fi
    ! is_mounted /run/netns || umount /run/netns || netns_mount_left=true
    [[ $made != directory ]] || rmdir /run/netns
}

# check_gone PROGRAM-ID...: says what is left, if anything.
check_gone() {
    local left tries
    # The kernel frees programs and namespaces a moment later.
    for (( tries = 0; tries < 50; tries++ )); do
        left=$(leftovers "$@")
        [[ $left ]] || break
        sleep 0.1
    done
    if [[ $left ]]; then
        echo "quickstart: the lab is down, but this is left:" >&2
        printf '  %s\n' "${left//$'\n'/$'\n'  }" >&2
        return 1
    fi
    echo "the lab is down; checked that no process, namespace, interface, XDP program or mount of it is left"
}

leftovers() {
    local pid id ns
    for pid in $(lab_pids); do
        echo "process $pid ($(cat "/proc/$pid/comm"))"
    done
    command -v ip >/dev/null || return  # Then there was no lab either.
    for ns in "${own[@]}"; do
        [[ ! -e /run/netns/$ns ]] || echo "network namespace $ns"
    done
    ip -o link show | grep -Eo ' oaq-[^:@]*' | sed 's/^/interface/'
    grep ' /run/ovs-afxdp-quickstart' /proc/self/mountinfo |
        awk '{ print "mount " $5 }'
    ! $netns_mount_left || echo "mount /run/netns"
    for id; do
        ! bpftool prog show id "$id" >/dev/null 2>&1 || echo "XDP program $id"
    done
    find "$rundir" -mindepth 1 2>/dev/null | sed 's/^/file /'
}
