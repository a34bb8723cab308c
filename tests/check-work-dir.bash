# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For check-kernel, check-ovs, check-package, check-release and
# check-sanitizers, which have die().

# claim_work_dir: makes $work_dir if need be, as this script's until it ends.
# Never takes a directory in which the same script has not been before, since
# what is in there may be deleted.
claim_work_dir() {
    local mark
    mkdir -p "$work_dir" || die "$work_dir: cannot create it"
    work_dir=$(readlink -f "$work_dir")
    mark=$work_dir/.${0##*/}
    [[ -e $mark || -z $(ls -A "$work_dir") ]] ||
        die "$work_dir: exists and is not from an earlier run"
    exec {lock}>"$mark"
    flock -n "$lock" || die "$work_dir: in use by another run"
}
