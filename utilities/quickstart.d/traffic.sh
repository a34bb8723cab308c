# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Real traffic from one end of the lab to the other, and the report on it.

traffic_hint="look at the switch, which is still up: \
$(invocation exec ovs-appctl afxdp/show), and $logdir/ovs-vswitchd.log."

send_traffic() {
    step "ping IPv4" "$traffic_hint" ping_right "$left_ip4" "$right_ip4" || return
    if has_ipv6; then
        step "ping IPv6" "$traffic_hint" ping_right "$left_ip6" "$right_ip6" || return
    else
        echo "ping IPv6: skipped, IPv6 is off in this kernel"
        record "ping IPv6" skipped 0 "IPv6 is off in this kernel"
    fi
    step "iperf3 TCP" "$traffic_hint" iperf || return
    step "iperf3 UDP" "$traffic_hint" iperf -u -b "$UDP_RATE" -l 1400
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

report() {
    local port
    cat <<EOT

The switch is up and forwards traffic.

  $left_ip4, $left_ip6                                $right_ip4, $right_ip6
  [oaq-left] --------- oaq-l0 [ $bridge ] oaq-r0 --------- [oaq-right]

  daemon      $("$build/vswitchd/ovs-vswitchd" --version | paste -sd, | sed 's/,/, /g')
  ping IPv4   $(ping_result "ping IPv4")
  ping IPv6   $(ping_result "ping IPv6")
  TCP         $(iperf_result tcp)
  UDP         $(iperf_result udp)
EOT
    for port in oaq-l0 oaq-r0; do
        printf '  %-11s %s\n' port "$(port_line "$port")"
    done
    rxq_lines | sed 's/^/  core        /'
    printf '  %-11s %s\n' log "$(grep -Ec '\|(WARN|ERR|EMER)\|' "$logdir/ovs-vswitchd.log") warnings in $logdir/ovs-vswitchd.log"
    cat <<EOT

While there is no traffic its PMD threads sleep up to $idle_sleep us at a time, so that
they do not take a whole core each; a lone packet's RTT grows by as much.  For
full speed: $(invocation exec ovs-vsctl remove open_vswitch . other_config pmd-maxsleep pmd-sleep-max)

To look around:
  $(invocation status)
  $(invocation exec ovs-vsctl show)
  $(invocation exec ovs-ofctl dump-flows "$bridge")
  $(invocation exec ovs-appctl dpif-netdev/pmd-stats-show)
  $(invocation exec ovs-appctl afxdp/show)
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

# iperf_result tcp|udp
iperf_result() {
    python3 - "$(log_of "iperf3 ${1^^}")" "$1" <<'EOT'
import json, sys

end = json.load(open(sys.argv[1]))["end"]
if sys.argv[2] == "tcp":
    got = end["sum_received"]
    print("%.2f Gbit/s, %d retransmits, %d s" % (got["bits_per_second"] / 1e9,
          end["sum_sent"]["retransmits"], round(got["seconds"])))
else:
    got = end["sum"]
    print("%.0f Mbit/s offered, %.2f %% lost, jitter %.3f ms, %d datagrams of 1400 bytes"
          % (got["bits_per_second"] / 1e6, got["lost_percent"], got["jitter_ms"],
             got["packets"]))
EOT
}
