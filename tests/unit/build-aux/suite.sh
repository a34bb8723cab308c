#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A suite of six tests, in as much as check-system knows a suite.
cd "$2" && shift 2
if test "$1" = --list; then
    shift
    for n in ${*:-1 2 3 4 5 6}; do
        test $n -le 6 || continue
        echo "   $n: x.at:$n   title $n"
        test $n != 1 || echo "      alone"
    done
    exit
fi
until test $# = 1; do shift; done
mkdir suite.sh.dir/$1 || exit
sleep 1000 &
case $1 in
1) result=`echo told.*` ;;
2 | 3)
    touch met.$1
    until test -e met.2 && test -e met.3; do sleep 0.1; done
    result=ok ;;
4) result='FAILED (x.at:14)' ;;
5) result='skipped (x.at:15)' ;;
6) exit ;;
esac
touch told.$1
echo "$1. x.at:$1: $1. title (x.at:$1): $result     (0m0.1s 0m0.2s)" \
    > suite.sh.dir/$1/suite.sh.log
