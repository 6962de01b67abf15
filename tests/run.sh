#!/usr/bin/env bash
# run.sh KIND...   builds and runs the tests of these kinds: lint, unit (native, sanitizers; the corpora of tests/fuzz are
# replayed too), wine (the same under Wine, tests/win32, tests/service, tests/registry and tests/windows), e2e, strict (a
# few of e2e on the build that keeps the rules of Windows, with STRICT_SEED, 1 by default). ONLY=name narrows them to the
# programs, scripts or checks of that name (a shell pattern).
# Every job prints TAP. A job that breaks off, leaves with an error, outlives its time or checks nothing counts as one
# failure more. The last line is "N passed, N failed".
set -eu
. "$(dirname "$0")/setup/common.sh"
cd "$TOP"
unset MAKEFLAGS MFLAGS MAKELEVEL

results=$BUILD/test
workers=$(($(nproc) + 2)) # most jobs wait more than they compute
wine_units=$results/wine-units # the prefix in which the units run; they only compute, so one serves all
strict_suites='live uploads' # `make strict` runs all of them
export STRICT_SEED=${STRICT_SEED:-1}

# For what hangs only: a busy machine may take four times as long as an idle one.
seconds_for() {
    case $1 in
    unit | replay | wine-unit | wine-replay | win32 | rules) echo 480 ;;
    *) echo 900 ;;
    esac
}

# -- one job: KIND NAME -----------------------------------------------------------------------------------------------

command_for() {
    case $1 in
    lint) echo "tests/lint.sh $2" ;;
    unit) echo "build/native/tests/$2" ;;
    replay) echo "build/native/replay/$2 tests/fuzz/corpus/${2#fuzz_}" ;;
    wine-unit) echo "env WINEPREFIX=$wine_units wine build/tests/unit/$2.exe" ;;
    wine-replay) echo "env WINEPREFIX=$wine_units wine build/tests/fuzz/$2.exe tests/fuzz/corpus/${2#fuzz_}" ;;
    win32) echo "tests/setup/sandbox.sh $(place_of "$1" "$2") wine build/tests/$2.exe" ;;
    rules) echo "tests/setup/sandbox.sh $(place_of "$1" "$2") wine build/tests/windows/$2.exe" ;;
    e2e) echo "env -u STRICT_SEED bash tests/e2e/$2.sh" ;;
    strict) echo "bash tests/e2e/$2.sh" ;;
    esac
}

# Where its Windows lives: the program's name is enough, and the path to a prefix may not be long.
place_of() { echo "build/$1/${2##*/}"; }

title_of() { # KIND NAME
    case $1 in
    win32) echo "$2" ;; # the name begins with a folder of tests/
    *) echo "$1/$2" ;;
    esac
}

log_of() { echo "$results/$1.${2//\//.}.log"; } # KIND NAME

# run_job KIND NAME: its output in its log, "passed failed" in .count beside it.
run_job() {
    local kind=$1 name=$2 log start rc=0 limit
    log=$(log_of "$kind" "$name")
    limit=$(seconds_for "$kind")
    start=$(now_ms)
    # timeout leads a process group of its own; whatever is left in it afterwards is ours to end.
    # shellcheck disable=SC2046 # a command and its arguments
    CMOCKA_MESSAGE_OUTPUT=TAP UBSAN_OPTIONS=print_stacktrace=1 \
        timeout --kill-after=20 "$limit" $(command_for "$kind" "$name") >"$log" 2>&1 </dev/null 8>&- &
    local group=$!
    # shellcheck disable=SC2064 # the group of now
    trap "stop_job $group $kind $name" TERM INT HUP
    wait "$group" 2>/dev/null || rc=$? # the shell would announce a kill
    kill -KILL -- "-$group" 2>/dev/null || true
    end_windows "$kind" "$name" "$rc"
    count "$(title_of "$kind" "$name")" "$rc" "$limit" "$(($(now_ms) - start))" "$log" >"$log.verdict"
    flock "$results" cat "$log.verdict" # two verdicts do not mix
}

stop_job() { # GROUP KIND NAME
    trap '' TERM INT HUP
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    kill -KILL -- "-$1" 2>/dev/null || true
    end_windows "$2" "$3" 1
    exit 1
}

# A sandbox that had to be killed could not end its Windows.
end_windows() {
    local dir=$BUILD/$1/${2##*/}/prefix
    case $1 in
    strict) dir=$BUILD/$1/$2.$STRICT_SEED/prefix ;;
    esac
    case $1 in
    win32 | rules | e2e | strict) if [ "$3" -ne 0 ] && [ -d "$dir" ]; then (export WINEPREFIX=$dir; wine_down); fi ;;
    esac
}

# cmocka prints a plan a group, our scripts one at the end: without it, or with fewer results, the job broke off.
count() { # NAME RC LIMIT MILLISECONDS LOG
    local passed failed skipped planned why=
    tr -d '\r' <"$5" >"$5.tap"
    skipped=$(grep -cE '^(not )?ok\b.*# SKIP' "$5.tap" || true)
    passed=$(grep -E '^ok\b' "$5.tap" | grep -vc '# SKIP' || true)
    failed=$(grep -E '^not ok\b' "$5.tap" | grep -vc '# SKIP' || true)
    planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$5.tap" | awk '{ sum += $1 } END { print sum + 0 }')
    if [ "$2" -eq 124 ] || [ "$2" -eq 137 ]; then
        why="did not end within $3 seconds"
    elif [ $((passed + failed + skipped)) -lt "$planned" ] || [ "$planned" -eq 0 ]; then
        why="broke off after $((passed + failed + skipped)) of $planned cases, exit code $2"
    elif [ "$2" -ne 0 ] && [ "$failed" -eq 0 ]; then
        why="left with exit code $2"
    fi
    [ -z "$why" ] || failed=$((failed + 1))
    echo "$passed $failed" >"${5%.log}.count"
    local took="$(($4 / 1000)).$(($4 % 1000 / 100)) s"
    if [ "$failed" -gt 0 ]; then
        echo "FAIL $1 ($took)${why:+: $why}"
        sed 's/^/    /' "$5.tap"
    else
        [ "$skipped" -eq 0 ] || took+=", $skipped skipped"
        echo "pass $1: $passed ($took)"
    fi
}

# -- all jobs ---------------------------------------------------------------------------------------------------------

names() { # FOLDER PATTERN SUFFIX: what lies below the folder and ONLY lets through, named from there
    local path name
    find "$1" -name "$2$3" -type f -printf '%P\n' | sort | while read -r path; do
        name=$(basename "$path" "$3")
        # shellcheck disable=SC2053 # ONLY is a pattern
        if [ "$name" != lib ] && [[ $name == ${ONLY:-*} || $name == @(test|fuzz)_${ONLY:-*} ]]; then echo "${path%"$3"}"; fi
    done
}
units() {
    names tests/unit 'test_*' .c
    names tests/simulation 'test_*' .c
}
jobs_of() {
    local name folder
    case $1 in
    lint)
        for name in $(tests/lint.sh --list); do
            # shellcheck disable=SC2053
            if [[ $name == ${ONLY:-*} ]]; then echo "lint $name"; fi
        done
        ;;
    unit)
        units | sed 's/^/unit /'
        names tests/simulation 'test_*' .py | sed 's/^/unit /'
        names tests/fuzz 'fuzz_*' .c | sed 's/^/replay /'
        ;;
    wine)
        for folder in win32 service registry; do names "tests/$folder" 'test_*' .c | sed "s,^,win32 $folder/,"; done
        names tests/windows 'test_*' .c | sed 's/^/rules /'
        units | sed 's/^/wine-unit /'
        names tests/fuzz 'fuzz_*' .c | sed 's/^/wine-replay /'
        ;;
    e2e) names tests/e2e '*' .sh | sed 's/^/e2e /' ;;
    strict)
        for name in $strict_suites; do
            # shellcheck disable=SC2053
            if [[ $name == ${ONLY:-*} ]]; then echo "strict $name"; fi
        done
        ;;
    *) die "run.sh: there is no kind of test '$1'; the kinds are lint, unit, wine, e2e and strict." ;;
    esac
}

# goals_for KIND: what make has to build; with ONLY just the programs that will run.
goals_for() {
    [ -n "$(jobs_of "$1")" ] || return 0
    if [ -z "${ONLY:-}" ] || [[ $1 == @(e2e|strict|lint) ]]; then
        echo "build-$1"
    else # relies on the names of the makefile
        jobs_of "$1" | sed -E 's,^unit (.*),build/native/tests/\1,; s,^wine-unit (.*),build/tests/unit/\1.exe,
            s,^replay (.*),build/native/replay/\1,; s,^wine-replay (.*),build/tests/fuzz/\1.exe,;
            s,^win32 (.*),build/tests/\1.exe,; s,^rules (.*),build/tests/windows/\1.exe,'
    fi
}

leave() { # PASSED FAILED
    say "$1 passed, $2 failed"
    [ "$2" -eq 0 ] && [ "$1" -gt 0 ] && exit 0
    exit 1
}

set_up_and_build() {
    local kind rc=0
    tests/setup/packages.sh test
    if needs_windows "$@"; then tests/setup/prefix.sh 8>&- & fi
    # shellcheck disable=SC2046 # a list of goals
    make --no-print-directory -s -k -j"$workers" -f Makefile.mingw \
        $(for kind in "$@"; do goals_for "$kind"; done) >"$results/build.log" 2>&1 </dev/null || rc=$?
    wait
    [ "$rc" -eq 0 ] && return
    cat "$results/build.log"
    say "The build failed, so no test was run."
    return 1
}
needs_windows() { [[ " $* " == *" wine "* || " $* " == *" e2e "* || " $* " == *" strict "* ]]; }

mkdir -p "$BUILD"
exec 8>"$BUILD/test.lock"
flock -n 8 || { say "Another test run is under way in this tree; waiting for it."; flock 8; }
rm -rf "$results"
mkdir -p "$results"

queue=()
# What takes longest goes first, so that it is not left alone at the end: clang-tidy, e2e; the other linters fill the gaps.
for kind in e2e strict lint wine unit; do
    if [[ " $* " == *" $kind "* ]]; then
        while read -r job; do
            if [ "$job" = "lint tidy" ]; then queue=("$job" "${queue[@]}"); else queue+=("$job"); fi
        done < <(jobs_of "$kind")
    fi
done
set_up_and_build "$@" || leave 0 1

trap stop_all INT TERM HUP
if [[ " ${queue[*]} " == *wine-unit* || " ${queue[*]} " == *wine-replay* ]]; then
    tests/setup/prefix.sh clone "$wine_units"
    trap '(export WINEPREFIX=$wine_units; wine_down)' EXIT
    (export WINEPREFIX=$wine_units; wine_up; quiet wine cmd /c ver) 8>&-
fi

for job in "${queue[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$workers" ]; do wait -n || true; done
    # shellcheck disable=SC2086 # kind and name
    run_job $job &
done
wait

passed=0
failed=0
for job in "${queue[@]}"; do
    # A job whose very runner died has no count: that is a failure as well.
    # shellcheck disable=SC2086 # kind and name
    log=$(log_of $job)
    read -r job_passed job_failed < <(cat "${log%.log}.count" 2>/dev/null || echo 0 1)
    passed=$((passed + job_passed))
    failed=$((failed + job_failed))
done
leave "$passed" "$failed"
