#!/usr/bin/env bash
# coverage.sh PROGRAM...: runs the unit tests, the fuzz corpora and 300 worlds of the simulation with a core that counts,
# and prints how much of each file of src/core they reach, by lines and by branches. Fails below the bars.
# `make -f Makefile.mingw coverage` builds first.
set -eu
. "$(dirname "$0")/setup/common.sh"
cd "$TOP"

lines_min=95 branches_min=85
log=build/coverage/log

find build/coverage/obj/src/core -name '*.gcda' -delete
measure() { # PROGRAM ARGUMENTS
    "$@" >"$log" 2>&1 || { tail -n 20 "$log"; die "$* failed, so nothing is measured."; }
}
for program in "$@"; do
    case $program in
    */simulate) measure "$program" 300 1 ;;
    */fuzz_*) measure "$program" "tests/fuzz/corpus/${program##*/fuzz_}" ;;
    *) measure "$program" ;;
    esac
done

# gcov tells "Lines executed:98.61% of 72" for each file, and the branches that were taken at least once.
find src/core -name '*.c' | sort | while read -r file; do
    gcov --branch-probabilities --no-output --object-directory "build/coverage/obj/${file%/*}" "$file"
done 2>/dev/null | awk -v lines_min="$lines_min" -v branches_min="$branches_min" '
    function part(text, of) { sub(/.*:/, "", text); sub(/%.*/, "", text); return int(text * of / 100 + 0.5) }
    function row(name, a, b, c, d) {
        printf "%-28s %5d of %5d  %6.2f %%   %5d of %5d  %6.2f %%\n", name, a, b, b ? 100 * a / b : 100, c, d,
            d ? 100 * c / d : 100
    }
    BEGIN { printf "%-28s %25s   %25s\n", "", "lines", "branches" }
    /^File / { name = $2; gsub(/\047/, "", name); is_ours = name ~ /^src\/core\/.*\.c$/ }
    is_ours && !(name in seen) && /^Lines executed/ {
        lines[name] = $NF; hit[name] = part($0, $NF); seen[name] = 1; order[++count] = name
    }
    is_ours && /^Taken at least once/ { branches[name] = $NF; taken[name] = part($0, $NF) }
    END {
        for (i = 1; i <= count; i++) {
            name = order[i]
            row(name, hit[name], lines[name], taken[name], branches[name])
            a += hit[name]; b += lines[name]; c += taken[name]; d += branches[name]
        }
        row("total", a, b, c, d)
        if (!b || 100 * a / b < lines_min || 100 * c / d < branches_min) {
            printf "Below the bars: at least %d %% of the lines and %d %% of the branches.\n", lines_min, branches_min
            exit 1
        }
    }'
