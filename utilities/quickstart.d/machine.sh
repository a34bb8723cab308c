# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the machine must be and have.

run_packages=(
    autoconf automake bpftool clang ethtool gcc iperf3 iproute2 iputils-ping kmod
    libbpf-dev libc6-dev libcap-ng-dev libelf-dev libnuma-dev libssl-dev libtool
    libunbound-dev libxdp-dev llvm make openvswitch-source pkg-config procps
    python3 python3-netifaces tcpdump xz-utils zlib1g-dev
)
# For the tests, ours and those of Open vSwitch: the more of it there is, the
# fewer are skipped.
check_packages=(
    binutils build-essential busybox-static cpio curl debhelper debootstrap
    dpkg-dev iptables lftp libclang-rt-dev lintian
    net-tools netcat-openbsd python3-matplotlib python3-os-ken
    python3-pyftpdlib python3-scapy qemu-system-x86 shellcheck wget
)
# For the tests that "check --quick" runs.
quick_packages=(python3-scapy)
packages_hint="see that the network is up and \"apt-get update\" works; if dpkg \
was interrupted once, run \"dpkg --configure -a\". Then run this again."

need_root() {
    (( EUID == 0 )) || die "this needs root" "Run it with sudo, or as root."
}

# Finds out early what would fail late.
prepare_machine() {
    need_root
    [[ $top != *[[:space:]]* ]] ||
        die "$top: make cannot build where a folder's name has a space" \
            "Move the checkout."
    [[ ! -e $top/config.status ]] ||
        die "$top is configured for a build in place" \
            "Run \"make distclean\" there, and again."
    [[ ${JOBS:=$(nproc)} =~ ^[1-9][0-9]*$ ]] ||
        die "JOBS must be a number, not \"$JOBS\""
    [[ ${DURATION:=3} =~ ^[1-9][0-9]*$ ]] ||
        die "DURATION must be a number of seconds, not \"$DURATION\""
    [[ ${UDP_RATE:=100M} =~ ^[1-9][0-9]*[KMG]?$ ]] ||
        die "UDP_RATE must be like 100M, not \"$UDP_RATE\""
    [[ -z ${OVS_BUILD-} || -n ${OVS_SOURCE-} ]] ||
        die "OVS_BUILD needs OVS_SOURCE, the tree that it was built from"
    export JOBS DURATION UDP_RATE
    check_system
}

check_system() {
    local major minor free id version error
    if ! command -v apt-get dpkg-query >/dev/null; then
        die "this machine has no apt-get: quickstart is for Debian 12 and 13" \
            "Elsewhere build by hand, see Documentation/intro/install.rst."
    fi
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && echo "$ID")
    # shellcheck source=/dev/null
    version=$(. /etc/os-release && echo "${VERSION_ID-}")
    [[ $id == debian && ${version%%.*} == 1[23] ]] ||
        echo "quickstart: only tested on Debian 12 and 13, this is $id $version; trying all the same"
    IFS=.- read -r major minor _ <<<"$(uname -r)"
    (( major > 5 || (major == 5 && minor >= 11) )) ||
        die "Linux $major.$minor is too old, 5.11 or newer is needed"
    error=$(unshare --net --mount true 2>&1) ||
        die "root may not create namespaces here ($error)" \
            "In a container, run it privileged (docker run --privileged)."
    free=$(df -Pm "$top" | awk 'NR == 2 { print $4 }')
    [[ -d $build ]] || (( free >= 1500 )) ||
        die "$top: $free MB are free, the build needs 1500 MB"
}

# After the packages are there.
check_kernel() {
    python3 -c 'import socket; socket.socket(44, socket.SOCK_RAW).close()' 2>/dev/null ||
        die "the kernel has no AF_XDP sockets (CONFIG_XDP_SOCKETS)" \
            "Boot Debian's own kernel (package linux-image-amd64)."
    [[ -e /dev/net/tun ]] || modprobe tun 2>/dev/null
    [[ -e /dev/net/tun ]] ||
        die "there is no /dev/net/tun, which the bridge's own port needs" \
            "Try \"modprobe tun\"; in a container pass the device (docker run --device /dev/net/tun)."
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-confold "$@"
}

step_packages() {
    # Dpkg must not be ended in the middle.
    local patience=300
    step packages "$packages_hint" install_packages "$@"
}

# install_packages PACKAGE...: those that are missing.
install_packages() {
    local missing=() package
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
    (( ${#missing[@]} )) || return 0
    echo "missing: ${missing[*]}"
    if ! apt_get install --no-install-recommends --download-only "${missing[@]}"; then
        echo "Once more, with fresh package lists."
        apt_get update &&
            apt_get install --no-install-recommends --download-only "${missing[@]}" || return
    fi
    # An interrupted dpkg leaves half-installed packages behind.
    trap '' INT TERM HUP
    apt_get install --no-install-recommends "${missing[@]}"
}
