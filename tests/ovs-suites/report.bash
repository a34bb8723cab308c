# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# How check-ovs judges the tests that it ran: why one did not pass, and what to
# tell the user.  Reads 'status', 'where' and the variables of load_suite().

test_log() {
    printf '%s/%s/%s/%s.dir/%0*d/%s.log' "$work_dir" "$1" "$2" \
           "${script##*/}" ${#count} "$3" "${script##*/}"
}

# Prints the last command in a test's log and what that printed.
last_command() {
    awk '/^>|^[^ ]*\.log:$|^[0-9]+\. / { next }
         /: (exit code was|hard failure|wait (failed|succeeded))/ { next }
         /^[^ +>-][^ ]*\.at:[0-9]+: / { text = "" }
         { text = text $0 "\n" }
         END { printf "%s", text }' "$1"
}

# Prints why a test was skipped or failed in a pass.
reason() {
    local suite=$1 pass=$2 test=$3 text kind pattern why log
    local at=${where[$pass,$test]} result=${status[$pass,$test]}
    if [[ $result == skip ]]; then
        text=$(sed -n "${at##*:}p" "$ovs_source/tests/${at%:*}")
    else
        log=$(test_log "$suite" "$pass" "$test")
        [[ -f $log && $at ]] || { echo "gave no result"; return; }
        text=$(last_command "$log")
    fi
    while IFS=$'\t' read -r kind pattern why; do
        [[ $kind == "$result" && $text =~ $pattern ]] || continue
        [[ $why != *\\1* ]] || why=${why//\\1/${BASH_REMATCH[1]}}
        echo "$why"
        return
    done <"$data_dir/reasons"
    why=$(grep -m1 -E '^[+-]([^+-]|$)' <<<"$text") ||
        why=$(grep -m1 . <<<"$text")
    [[ ! $why =~ ^\+[0-9TZ:.-]+\|[0-9]+\|(.*) ]] ||
        why="logged ${BASH_REMATCH[1]}"
    echo "$at: ${why:0:160}"
}

# Adds a suite's tests to results.txt: verdict, suite, number, name, reason and
# log.
judge_suite() {
    local suite=$1 test verdict why log
    for test in "${selected[@]}"; do
        verdict=${status[ours,$test]} why='' log=''
        if [[ ${status[ours-again,$test]-} == ok ]]; then
            verdict=ok why="passed at the second try"
        elif [[ ${status[ours-again,$test]-} ]]; then
            verdict=fail why=$(reason "$suite" ours-again "$test")
            log=$(test_log "$suite" ours-again "$test")
        elif [[ $verdict != ok ]]; then
            why=$(reason "$suite" ours "$test")
            [[ $verdict == skip ]] || why="fails with $peer_name too: $why"
            verdict=skip
        fi
        printf '%s\t%s\t%s\t%s\t%s\t%s\n' \
               "$verdict" "$suite" "$test" "${names[test]}" "$why" "$log"
    done >>"$work_dir/results.txt"
}

summary() {
    awk -F'\t' '
        { total[$1]++; test = "\n    " $2 " " $3 ": " $4 }
        $1 == "skip" { if (!($5 in list)) order[++n] = $5
                       list[$5] = list[$5] test; size[$5]++ }
        $1 == "ok" && $5 { flaky = flaky test }
        $1 == "fail" { failed = failed test "\n\t" $5 "\n\t" $6 }
        END {
            for (i = 1; i <= n; i++)
                printf "\nskipped (%d), %s:%s\n",
                       size[order[i]], order[i], list[order[i]]
            if (flaky) print "\npassed at the second try only:" flaky
            if (failed) print "\nFAILED:" failed
            printf "\n%d passed, %d failed, %d skipped\n",
                   total["ok"], total["fail"], total["skip"]
            exit total["fail"] > 0
        }' "$work_dir/results.txt"
}
