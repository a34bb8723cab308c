# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# "quickstart check": everything that can be tested on one machine.

quick=''                        # --quick: only some of it.

n_passed=0 n_failed=0 n_skipped=0
check_hint="see the log; \"$(invocation check)\" starts where the build stands."

cmd_check() {
    local began=$SECONDS
    prepare_machine
    lock_lab
    if check_build; then
        if [[ $quick ]]; then check_quickly; else check_suites; fi
        check_lab
    else
        (( n_skipped++ ))
        record "all further tests" skipped 0 "there is nothing to test"
    fi
    summary $((SECONDS - began))
    (( n_failed == 0 ))
}

# check NAME COMMAND...: a step that counts as one test.
check() {
    if step "$1" "$check_hint" "${@:2}"; then
        (( ++n_passed ))
    else
        (( ++n_failed ))
        return 1
    fi
}

check_build() {
    local packages=("${check_packages[@]}")
    [[ ! $quick ]] || packages=("${quick_packages[@]}")
    if ! step_packages "${run_packages[@]}" "${packages[@]}"; then
        (( n_failed++ ))
        return 1
    fi
    check_kernel
    if ! build_all --enable-Werror; then
        (( n_failed++ ))
        return 1
    fi
    (( ++n_passed ))
    find_ovs
}

check_suites() {
    check "shell scripts" shellcheck -x -a "$self" "$top/.ci/run"
    check "build with clang" build_with_clang &&
        suite "unit tests, clang" 600 make -C "$build/clang" check-unit "TESTSUITEFLAGS=-j$JOBS"
    suite "unit tests" 600 make -C "$build" check-unit "TESTSUITEFLAGS=-j$JOBS"
    # They wait more than they work.
    suite "system tests" 2700 make -C "$build" check-system "SYSTEM_TESTSUITEFLAGS=-j$((2 * JOBS))"
    suite "Open vSwitch's tests" 2400 make -C "$build" check-ovs
    suite sanitizers 2400 make -C "$build" check-sanitizers "CHECK_SANITIZERS_FLAGS=--jobs $JOBS"
    check benchmark try_benchmark
    suite "Debian's kernel" 900 make -C "$build" check-kernel
    suite zero-copy 900 make -C "$build" check-zero-copy
    suite package 1200 make -C "$build" check-package
    # The tests have just run: here it is enough that they are all there.
    limit=900 check distcheck make -C "$build" -j"$JOBS" distcheck \
        "TESTSUITEFLAGS=-j$JOBS" SYSTEM_TESTSUITEFLAGS=1
    check install try_install
}

# What another Open vSwitch and other tools may break, in a few minutes: names
# of statistics and status, output of commands, flow offload.
check_quickly() {
    local some="-j$((2 * JOBS)) -k traffic,unchanged -k stats"
    some+=" -k openflow,set_field -k lifecycle,device"
    some+=" -k offload,counters -k offload,same"
    suite "unit tests" 900 make -C "$build" check-unit "TESTSUITEFLAGS=-j$JOBS"
    suite "some system tests" 900 make -C "$build" check-system \
        "SYSTEM_TESTSUITEFLAGS=$some"
}

# That it measures, and that our switch forwards all of it; not how fast.
try_benchmark() {
    "$top/utilities/ovs-afxdp-bench" --build-dir "$build" \
        --output "$build/bench/check" --quick --reps 1 \
        --only xdp-redirect ovs-afxdp ovs-afxdp-offload
}

build_with_clang() {
    local args=(CC=clang --enable-Werror
                "--with-ovs-source=$ovs_source" "--with-ovs-build=$ovs_build")
    configured "$build/clang" "${args[@]}" ||
        ( configure_in "$build/clang" "${args[@]}" ) || return
    make -C "$build/clang" -j"$JOBS"
}

try_install() {
    local dest=$build/install-check daemon version
    # What Open vSwitch's own daemon says.
    version=$("$ovs_build/vswitchd/ovs-vswitchd" --version | head -n 1)
    rm -rf "$dest"
    make -C "$build" install "DESTDIR=$dest" || return
    daemon=$(find "$dest" -name ovs-vswitchd -type f)
    "$daemon" --version | tee /dev/stderr | grep -qxF "$version" || return
    rm -rf "$dest"
}

# suite NAME LIMIT COMMAND...: a step that counts as the tests that it runs.
suite() {
    local name=$1 limit=$2 log passed failed skipped status=0
    shift 2
    log=$(log_of "$name")
    step "$name" "$check_hint" "$@" || status=1
    read -r passed failed skipped < <(count_tests "$log")
    (( ! status || failed )) || failed=1
    (( n_passed += passed, n_failed += failed, n_skipped += skipped ))
    step_details[-1]="$passed passed, $failed failed, $skipped skipped"
    echo "  ${step_details[-1]}"
    (( ! status )) || show_failures "$log" "$3/tests"
}

# Prints how many tests passed, failed and were skipped, from the lines of
# autotest or from a closing line of totals.
count_tests() {
    awk '/^ *[0-9]+: .* (ok|expected failure.*)$/ { passed++ }
         /^ *[0-9]+: .* (FAILED \(.*\)|UNEXPECTED PASS)$/ { failed++ }
         /^ *[0-9]+: .* skipped \(.*\)$/ { skipped++ }
         # A test that breaks off has no line.
         /^[0-9]+ failed unexpectedly/ && $1 > failed { failed = $1 }
         /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed = $1; failed = $3; skipped = $5 }
         END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# show_failures LOG DIR: prints the ends of the logs of the first few tests that
# failed, since a CI run may keep nothing else.
show_failures() {
    local number file
    grep -E '^ *[0-9]+: .* (FAILED \(.*\)|UNEXPECTED PASS)$' "$1"
    while read -r number; do
        for file in "$2"/*testsuite.dir/*"$number"/*testsuite.log; do
            [[ $file =~ /0*$number/[a-z-]*\.log$ ]] || continue
            echo "--- $file"
            tail -n 60 "$file" | cut -c 1-200
        done
    done < <(sed -n 's/^ *\([0-9]*\): .* FAILED (.*)$/\1/p' "$1" | head -n 4)
}

# What "run" and "stop" do, also twice, and with a daemon that was killed.
check_lab() {
    if start_lab && send_traffic && settle_lab && report; then
        (( ++n_passed ))
    else
        (( ++n_failed ))
    fi
    lab_state=starting
    check "run a second time" run_again
    check "stop after kill -9" stop_killed
    check "stop twice" take_down
    check "another's namespace" leave_others_namespace
    lab_state=none
}

run_again() {
    take_down && make_namespaces && start_switch && add_ports &&
        ping_right "$left_ip4" "$right_ip4"
}

leave_others_namespace() {
    local status=0
    ip netns add oaq-left || return
    # A lab does not start with it, and does not end it.
    if (start_lab) || ! take_down || ! ip -n oaq-left link show lo; then
        status=1
    fi
    ip netns delete oaq-left
    return $status
}

stop_killed() {
    kill -KILL "$(lab_pids ovs-vswitchd)" && sleep 1 && take_down
}

summary() {
    local i
    printf '\n%-24s %-8s %8s\n' step result time
    for i in "${!step_names[@]}"; do
        printf '%-24s %-8s %8s   %s\n' "${step_names[i]}" "${step_results[i]}" \
            "$(duration "${step_times[i]}")" "${step_details[i]}"
    done
    printf '%-24s %-8s %8s   logs in %s\n\n' "in all" \
        "$( (( n_failed )) && echo FAILED || echo ok)" "$(duration "$1")" "$logdir"
    echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
}
