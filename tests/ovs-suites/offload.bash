# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# How check-ovs makes Open vSwitch's suite use flow offload: commands that the
# suite finds before the real ones.  Reads 'work_dir', 'daemon' and
# 'ovs_build'.

# wrapper NAME: writes the command NAME for the pass with our daemon.
wrapper() {
    cat >"$work_dir/bin/ours/$1"
    chmod +x "$work_dir/bin/ours/$1"
}

make_offload_tools() {
    local ip appctl=$ovs_build/utilities/ovs-appctl
    local link=$work_dir/bin/daemon/ovs-vswitchd    # Its name names its files.
    mkdir "$work_dir/bin/daemon"
    ln -s "$daemon" "$link"
    ip=$(command -v ip) || die "ip is needed"
    : >"$work_dir/kernel-packets"

    # Offload is on before the first port.
    wrapper ovs-vswitchd <<EOF2
#!/bin/sh
if test -S "\$OVS_RUNDIR/db.sock"; then
    ovs-vsctl --no-wait set Open_vSwitch . other_config:hw-offload=true
fi
exec $(printf %q "$link") "\$@"
EOF2

    # Each port takes redirected frames: its veth peer has GRO.
    wrapper ip <<EOF2
#!/bin/sh
case \$* in
"link set "*" up" | "link set "*" up "*) ;;
*) exec $(printf %q "$ip") "\$@" ;;
esac
$(printf %q "$ip") "\$@" || exit
test "\$3" != dev || shift
ethtool -K "\$3" gro on >/dev/null 2>&1
exit 0
EOF2

    # Before the daemon ends, how many packets it forwarded in the kernel.
    wrapper ovs-appctl <<EOF2
#!/bin/sh
case " \$* " in
*ovsdb-server*) ;;
*" exit "*)
    $(printf %q "$appctl") -t ovs-vswitchd afxdp/offload-show 2>/dev/null |
        awk '\$1 == "packets:" { n += \$2 + \$5 } END { if (NR) print n + 0 }' \\
        >>$(printf %q "$work_dir/kernel-packets") ;;
esac
exec $(printf %q "$appctl") "\$@"
EOF2
}

# Says how much of the traffic was in the kernel.  Fails if none was.
offload_summary() {
    awk '{ total += $1; used += $1 > 0 }
         END { printf "in the kernel: %d packets, ", total
               printf "of %d of %d daemons\n", used, NR
               exit !total }' "$work_dir/kernel-packets"
}
