# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Steps: commands that run with their output in a log, a sign of life while
# they do, and a helpful end when they fail.  Used by "run" and "check" only.

job=''                          # Process group of the step that runs.
patience=10                     # Seconds that it gets to end when told to.
lab_state=none                  # none, starting, up: what an interrupt undoes.
step_names=() step_results=() step_times=() step_details=()

# die MESSAGE [WHAT-TO-DO]
die() {
    echo "quickstart: $1" >&2
    [[ ! ${2-} ]] || printf '  %s\n' "$2" >&2
    exit 2
}

# Prints how to call this script with ARGS, ready to paste.
invocation() {
    local line
    printf -v line '%q ' "$self" "$@"
    [[ ! ${SUDO_USER-} ]] || line="sudo $line"
    echo "${line% }"
}

duration() {
    if (( $1 < 60 )); then echo "${1}s"; else printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); fi
}

log_of() {
    echo "$logdir/${1//[^a-zA-Z0-9]/-}.log"
}

# step NAME HINT COMMAND...: runs COMMAND, for at most 'limit' seconds if that
# is set, and returns its exit status.  HINT says what to do when it fails.
step() {
    local name=$1 hint=$2 log status start=$SECONDS
    shift 2
    log=$(log_of "$name")
    mkdir -p "$logdir"
    # With job control the step has a process group of its own, to be ended
    # whole.  It does not get the lock, which must not outlive this script.
    set -m
    ( exec {lock}<&-; "$@" ) </dev/null >"$log" 2>&1 &
    job=$!
    set +m
    watch_job "$name" "$log"
    wait "$job" 2>/dev/null
    status=$?
    job=''
    [[ ! -t 1 ]] || printf '\r\033[K'
    if (( status )); then
        record "$name" FAILED $((SECONDS - start))
        step_failed "$name" "$hint" "$log" $status $((SECONDS - start)) >&2
    else
        record "$name" ok $((SECONDS - start))
        echo "$name: ok ($(duration $((SECONDS - start))))"
    fi
    return $status
}

record() {
    step_names+=("$1") step_results+=("$2") step_times+=("$3") step_details+=("${4-}")
}

# Shows that the job is alive, and ends it when it takes too long.
watch_job() {
    local name=$1 log=$2 start=$SECONDS elapsed next=10 last width
    width=$(tput cols 2>/dev/null) || width=80
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        elapsed=$((SECONDS - start))
        if [[ -t 1 ]]; then
            last=$(last_line "$log")
            last="$name: $(duration $elapsed)  $last"
            printf '\r\033[K%s' "${last:0:width - 1}"
        elif (( elapsed >= next )); then
            echo "  $name: $(duration $elapsed)  $(last_line "$log")"
            next=$((elapsed - elapsed % 30 + 30))
        fi
        if (( elapsed > ${limit:-3600} )); then
            echo "quickstart: gave up after $(duration $elapsed)" >>"$log"
            end_job
            return
        fi
    done
}

last_line() {
    tail -n 1 "$1" | tr -d '\r' | cut -c 1-90
}

# Ends the running job with all its children.
end_job() {
    local pid=$job tries
    [[ $pid ]] || return 0
    kill -TERM -- "-$pid" 2>/dev/null
    for (( tries = 0; tries < patience * 5; tries++ )); do
        kill -0 -- "-$pid" 2>/dev/null || return 0
        sleep 0.2
    done
    kill -KILL -- "-$pid" 2>/dev/null
}

step_failed() {
    local name=$1 hint=$2 log=$3 status=$4 time=$5
    echo
    echo "quickstart: \"$name\" FAILED after $(duration "$time") (exit status $status)."
    echo "  The end of $log:"
    tail -n 25 "$log" | sed 's/^/    /'
    echo "  What to do: $hint"
    echo
}

# Signal handler.
interrupted() {
    trap '' INT TERM HUP
    [[ ! -t 1 ]] || printf '\r\033[K'
    echo "quickstart: interrupted, cleaning up; this can take $patience s" >&2
    end_job
    [[ $lab_state != up ]] || lab_state=starting
    exit "$1"
}

# EXIT handler: leaves no half-started lab, and no file of root's in somebody's
# checkout.
finish() {
    trap '' INT TERM HUP
    trap - EXIT
    end_job
    if [[ $lab_state == starting ]]; then
        echo "quickstart: taking down what was started" >&2
        take_down >&2
    fi
    [[ ! ${lock-} ]] || rmdir "$rundir" 2>/dev/null
    give_back
    exit "$1"
}

give_back() {
    local owner
    owner=$(stat -c %u:%g "$top") || return
    [[ $owner == 0:* || $EUID != 0 ]] ||
        find "$top" -xdev -name .git -prune -o -uid 0 -exec chown -h "$owner" {} +
}
