# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For check-package and check-release.

# make_devices ROOT: gives a chroot a /dev, in this mount namespace.  The
# machine's own stays out of reach.
make_devices() {
    local dev=$1/dev device
    mount -t tmpfs -o mode=755 tmpfs "$dev" && mkdir "$dev/net" "$dev/shm" "$dev/pts" ||
        return
    for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 net/tun:10:200; do
        # shellcheck disable=SC2046  # two words
        mknod -m 666 "$dev/${device%%:*}" c $(cut -d: -f2- <<<"$device" | tr : ' ') ||
            return
    done
    chmod 1777 "$dev/shm" &&
        mount -t devpts -o newinstance,ptmxmode=666 devpts "$dev/pts" &&
        ln -s pts/ptmx "$dev/ptmx" &&
        ln -s /proc/self/fd "$dev/fd" &&
        ln -s /proc/self/fd/0 "$dev/stdin" &&
        ln -s /proc/self/fd/1 "$dev/stdout" &&
        ln -s /proc/self/fd/2 "$dev/stderr"
}
