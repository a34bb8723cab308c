# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Builds Open vSwitch and the project in _build, once.

build_hint="if the log does not tell, start afresh: rm -rf $build"

# build_all [CONFIGURE-ARG...]
build_all() {
    local args=("$@")
    [[ ! ${OVS_SOURCE-} ]] || args+=("--with-ovs-source=$(readlink -f "$OVS_SOURCE")")
    [[ ! ${OVS_BUILD-} ]] || args+=("--with-ovs-build=$(readlink -f "$OVS_BUILD")")
    boot_is_fresh || step "generate configure" "$build_hint" boot || return
    configured "$build" "${args[@]}" ||
        step configure "$build_hint" configure_in "$build" "${args[@]}" || return
    if grep -q '^ovs/stamp:' "$build/Makefile"; then
        step "build Open vSwitch" "$build_hint" make -C "$build" ovs/stamp || return
    fi
    step "build ovs-afxdp" "$build_hint" make -C "$build" -j"$JOBS"
}

boot_is_fresh() {
    [[ -x $top/configure && -e $top/Makefile.in && -e $top/build-aux/ltmain.sh ]] &&
        [[ ! $top/configure.ac -nt $top/configure ]]
}

boot() {
    cd "$top" && ./boot.sh
}

# configured DIR ARG...: a build that "check" configured will do for "run".
configured() {
    local dir=$1 have
    shift
    [[ -e $dir/Makefile ]] && have=$(cat "$dir/.quickstart" 2>/dev/null) &&
        [[ $have == "$*" || $have == "--enable-Werror${*:+ $*}" ]]
}

# configure_in DIR ARG...
configure_in() {
    local dir=$1
    shift
    mkdir -p "$dir" && cd "$dir" || return
    rm -f .quickstart
    # Make does not know that other flags make other objects.
    [[ ! -e Makefile ]] || make -s clean
    "$top/configure" "$@" && echo "$*" >.quickstart
}

# Sets 'ovs_source' and 'ovs_build' to what _build was configured with.
find_ovs() {
    [[ -e $build/Makefile ]] ||
        die "$build: nothing is built there" "Build it with: $(invocation run)"
    ovs_source=$(sed -n 's/^OVS_SRCDIR = //p' "$build/Makefile")
    ovs_build=$(sed -n 's/^OVS_BUILDDIR = //p' "$build/Makefile")
}
