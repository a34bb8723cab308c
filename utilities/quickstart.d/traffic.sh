# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Real traffic from one end of the lab to the other, and the report on it.

traffic_hint="look at the switch, which is still up: \
$(invocation exec ovs-appctl afxdp/show), and $logdir/ovs-vswitchd.log."

# What is measured, in user space first and then in the kernel.
send_traffic() {
    step "ping IPv4" "$traffic_hint" ping_right "$left_ip4" "$right_ip4" || return
    if has_ipv6; then
        step "ping IPv6" "$traffic_hint" ping_right "$left_ip6" "$right_ip6" || return
    else
        echo "ping IPv6: skipped, IPv6 is off in this kernel"
        record "ping IPv6" skipped 0 "IPv6 is off in this kernel"
    fi
    measure "user space" || return
    step "turn flow offload on" "$traffic_hint" turn_offload_on || return
    measure kernel
}

# measure WHERE: the logs of its steps have the figures.
measure() {
    step "round trip, $1" "$traffic_hint" ping_right "$left_ip4" "$right_ip4" &&
        step "TCP, $1" "$traffic_hint" iperf &&
        step "UDP, $1" "$traffic_hint" iperf -u -b "$UDP_RATE" -l 1400 &&
        step "frames, $1" "$traffic_hint" measure_frames
}

ping_right() {
    local tries
    for (( tries = 0; tries < 20; tries++ )); do
        in_ns left ping -q -c 1 -W 0.5 -I "$1" "$2" >/dev/null && break
    done
    # Now the addresses are resolved and the flow is installed.
    in_ns left ping -q -c 20 -i 0.05 -W 2 -I "$1" "$2" | tee "$logdir/ping.out"
    grep -q ', 0% packet loss' "$logdir/ping.out"
}

# iperf [ARG...]: prints iperf3's JSON, and nothing else, on success.
iperf() {
    local tries
    rm -f "$rundir/iperf3.pid"
    in_ns right iperf3 -s -1 -D -I "$rundir/iperf3.pid" || return
    for (( tries = 0; tries < 50; tries++ )); do
        [[ ! $(in_ns right ss -Hltn 'sport = :5201') ]] || break
        sleep 0.1
    done
    in_ns left timeout $((DURATION + 30)) iperf3 -J -t "$DURATION" -c "$right_ip4" "$@"
}

# send_frames SECONDS [ARG...]: to the host on the right, as fast as possible,
# away from the core of the PMD thread if there is another.
send_frames() {
    local seconds=$1 core cores
    shift
    cores=$(rxq_lines | awk '{ print $NF }')
    for (( core = $(nproc) - 1; core > 0; core-- )); do
        grep -qx "$core" <<<"$cores" || break
    done
    in_ns left "$build/utilities/ovs-afxdp-traffic" send --quiet --no-timestamp \
        "--cpu=$core" "--duration=$seconds" "--src-mac=$(mac_of left)" \
        "--dst-mac=$(mac_of right)" "$@" veth0
}

mac_of() {
    in_ns "$1" cat /sys/class/net/veth0/address
}

# How many frames the kernel has forwarded.
kernel_frames() {
    ovs-appctl --timeout=10 afxdp/offload-show |
        sed -n 's/.* \([0-9]*\) cache hits, \([0-9]*\) masked hits;.*/\1 \2/p' |
        awk '{ n += $1 + $2 } END { print n + 0 }'
}

# Prints what the sender and the receiver report, and how many frames the kernel
# has forwarded, a JSON object in each line.
measure_frames() {
    local receiver before tries
    # Now the flow is there, and caches are warm.
    send_frames 0.5 || return
    ip netns exec oaq-right "$build/utilities/ovs-afxdp-traffic" receive \
        --quiet --json --no-latency veth0 \
        >"$rundir/received.json" 2>"$rundir/receiver.err" &
    receiver=$!
    for (( tries = 0; tries < 50; tries++ )); do
        ! grep -q '^ready' "$rundir/receiver.err" || break
        sleep 0.1
    done
    before=$(kernel_frames)
    send_frames "$DURATION" --json
    kill -TERM $receiver
    wait $receiver && cat "$rundir/received.json" || { cat "$rundir/receiver.err"; return 1; }
    echo "{\"kernel\": $(( $(kernel_frames) - before ))}"
}

turn_offload_on() {
    local before tries port
    # The kernel does not tell before 6.3.
    for port in oaq-l0 oaq-r0; do
        [[ $(port_status "$port" xdp-redirect-target) != unknown* ]] ||
            vsctl set interface "$port" options:xdp-redirect-target=true || return
    done
    vsctl set open_vswitch . other_config:hw-offload=true || return
    for (( tries = 0; tries < 20; tries++ )); do
        before=$(kernel_frames)
        send_frames 0.3 || return
        (( $(kernel_frames) == before )) || break
    done
    ovs-appctl --timeout=10 afxdp/offload-show
    (( $(kernel_frames) > before ))
}

report() {
    local port
    cat <<EOT

The switch is up and forwards traffic.

  $left_ip4, $left_ip6                                $right_ip4, $right_ip6
  [oaq-left] --------- oaq-l0 [ $bridge ] oaq-r0 --------- [oaq-right]

  daemon      $("$build/vswitchd/ovs-vswitchd" --version | paste -sd, | sed 's/,/, /g')
  ping IPv4   $(ping_result "ping IPv4")
  ping IPv6   $(ping_result "ping IPv6")
EOT
    for port in oaq-l0 oaq-r0; do
        printf '  %-11s %s\n' port "$(port_line "$port")"
    done
    rxq_lines | sed 's/^/  core        /'
    printf '  %-11s %s\n' log "$(grep -Ec '\|(WARN|ERR|EMER)\|' "$logdir/ovs-vswitchd.log") warnings in $logdir/ovs-vswitchd.log"
    printf '\nThe same traffic, forwarded by PMD threads in user space, and then, with flow\noffload, by BPF in the kernel:\n\n'
    figures
    cat <<EOT

  Round trips are ping's, TCP and UDP iperf3's, 64-byte frames those of
  ovs-afxdp-traffic, as fast as it can, with the sender on this machine, too.
  Offload stays on, as "ovs-vsctl set open_vswitch . other_config:hw-offload=true"
  left it.  What is in the kernel, and why not:
  $(invocation exec ovs-appctl afxdp/offload-show)
  $(invocation exec ovs-appctl dpctl/dump-flows type=offloaded)

While there is no traffic its PMD threads sleep up to $idle_sleep us at a time, so that
they do not take a whole core each; a lone packet's RTT grows by as much.  For
full speed: $(invocation exec ovs-vsctl remove open_vswitch . other_config pmd-maxsleep pmd-sleep-max)

To look around:
  $(invocation status)
  $(invocation exec ovs-vsctl show)
  $(invocation exec ovs-ofctl dump-flows "$bridge")
  $(invocation exec ovs-appctl dpif-netdev/pmd-stats-show)
  $(invocation exec ovs-appctl afxdp/show)
  $(invocation exec ovs-tcpdump -i oaq-l0 -n)
  $(invocation shell)
  ${SUDO_USER:+sudo }ip netns exec oaq-left ping $right_ip4

To stop it:
  $(invocation stop)
EOT
}

ping_result() {
    local log
    log=$(log_of "$1")
    if [[ $1 == *6 ]] && ! has_ipv6; then
        echo "skipped, IPv6 is off"
        return
    fi
    awk -F'[ ,/=]+' '
        / packet loss/ { for (i = 1; i <= NF; i++) if ($i == "packet") loss = $(i - 1)
                         sent = $1 }
        /^rtt/ { printf "%d packets, %s lost, RTT min/avg/max %s/%s/%s ms\n",
                        sent, loss, $6, $7, $8 }' "$log"
}

# Prints a table of what "measure" has measured.
figures() {
    python3 - "$logdir" <<'EOT'
import json, re, sys


def log(what, where):
    name = re.sub("[^a-zA-Z0-9]", "-", f"{what}, {where}")
    with open(f"{sys.argv[1]}/{name}.log") as f:
        return f.read()


def figures(where):
    rtt = re.search(r"= [\d.]+/([\d.]+)/", log("round trip", where))
    tcp = json.loads(log("TCP", where))["end"]["sum_received"]
    udp = json.loads(log("UDP", where))["end"]["sum"]
    objects = [json.loads(line) for line in
               log("frames", where).splitlines() if line.startswith("{")]
    sent, received, kernel = objects
    yield "round trip, average", f"{float(rtt[1]) * 1000:.0f} us"
    yield "TCP", f"{tcp['bits_per_second'] / 1e9:.2f} Gbit/s"
    yield (f"UDP, {udp['bits_per_second'] / 1e6:.0f} Mbit/s offered",
           f"{udp['lost_percent']:.2f} % lost")
    yield ("64-byte frames",
           f"{received['received'] / sent['seconds'] / 1e6:.2f} Mpps")
    yield ("forwarded in the kernel",
           f"{100 * kernel['kernel'] / max(received['received'], 1):.1f} %")


print(f"  {'':28}{'user space':>16}{'kernel':>16}")
for (name, before), (_, after) in zip(figures("user space"),
                                      figures("kernel")):
    print(f"  {name:28}{before:>16}{after:>16}")
EOT
}
