#!/usr/bin/env bash
# strict.sh SECONDS SEED [SUITE...]   runs the end-to-end suites on the build that keeps the rules of Windows (rules.h), one
# after the other and over again, each run with a seed of its own: SEED, then the next one, and so on; no run is begun
# after SECONDS. JOBS at a time. Each failure is printed with its seed and with the command that plays it again. The last
# line is "N passed, N failed, seeds A to B".
set -eu
. "$(dirname "$0")/../setup/common.sh"
cd "$TOP"

SUITES='storm clients service live files faults log uploads network'
LIMIT=900 # seconds for one run; for what hangs only
logs=$BUILD/strict/logs
workers=${JOBS:-$(($(nproc) + 1))}

seconds=$1
first=$2
shift 2
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $SUITES

run_suite() { # SUITE SEED
    local log=$logs/$1.$2.log rc=0 start
    start=$(now_ms)
    STRICT_SEED=$2 timeout --kill-after=20 "$LIMIT" bash "tests/e2e/$1.sh" >"$log" 2>&1 </dev/null || rc=$?
    if [ "$rc" -eq 0 ]; then
        say "pass $1, seed $2 ($((($(now_ms) - start) / 1000)) s)"
        mv "$log" "$logs/$1.$2.passed"
    else
        say "FAIL $1, seed $2, code $rc; again: make -f Makefile.mingw strict SECONDS=1 SEED=$2 ONLY=$1"
        sed -n '/^not ok/,/^[^#]/{/^not ok/p; /^#   /p}' "$log" | head -n 30
        mv "$log" "$logs/$1.$2.failed"
    fi
}

trap stop_all INT TERM HUP

rm -rf "$logs"
mkdir -p "$logs"
until=$(($(now_ms) + seconds * 1000))
seed=$first
while :; do
    for suite in "$@"; do
        while [ "$(jobs -rp | wc -l)" -ge "$workers" ]; do wait -n || true; done
        [ "$(now_ms)" -lt "$until" ] || break 2
        run_suite "$suite" "$seed" &
        last=$seed
        seed=$((seed + 1))
    done
done
wait

passed=$(find "$logs" -name '*.passed' | wc -l)
failed=$(find "$logs" -name '*.failed' | wc -l)
say "$passed passed, $failed failed, seeds $first to $last"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
