#!/usr/bin/env bash
# fuzz.sh run TARGET SECONDS   runs the target on its kept corpus; new units and findings stay under build/fuzz
# fuzz.sh merge TARGET         makes the kept corpus anew: the seeds, the findings, and as few others as cover the same
set -eu
. "$(dirname "$0")/../setup/common.sh"
cd "$TOP"

verb=$1 target=$2
program=build/fuzz/fuzz_$target
kept=tests/fuzz/corpus/$target
new=build/fuzz/corpus/$target
findings=build/fuzz/findings/$target
size_max=1024
[ "$target" != ini ] || size_max=6000 # longer than the longest line
mkdir -p "$kept" "$new" "$findings"

run() { # SECONDS
    local rc=0
    nice -n 19 "$program" -max_total_time="$1" -max_len="$size_max" -dict=tests/fuzz/words.dict -timeout=60 \
        -detect_leaks=0 -print_final_stats=1 -artifact_prefix="$findings/" \
        "$new" "$kept" >"build/fuzz/$target.log" 2>&1 || rc=$?
    grep -E 'does not hold|ERROR|runtime error|^stat::number_of_executed|^Done|Test unit written|cov:.*DONE' \
        "build/fuzz/$target.log" || true
    if [ "$rc" -ne 0 ]; then
        say "A finding: the whole story is in build/fuzz/$target.log. Keep the input as $kept/finding-WHAT-IT-SHOWS."
    fi
    return "$rc"
}

# Named inputs stay as they are; libFuzzer's own names are digests. Without counters, one round of a loop stands for many.
merge() {
    local merged=build/fuzz/merged/$target
    rm -rf "$merged"
    mkdir -p "$merged"
    $PYTHON tests/fuzz/seeds.py "$target" "$kept"
    find "$kept" -name 'seed-*' -exec cp -t "$merged" {} + -o -name 'finding-*' -exec cp -t "$merged" {} +
    nice -n 19 "$program" -merge=1 -use_counters=0 -max_len="$size_max" "$merged" "$kept" "$new" >"build/fuzz/$target.merge.log" 2>&1
    rm -rf "$kept"
    cp -r "$merged" "$kept"
    say "$kept: $(find "$kept" -type f | wc -l) inputs, $(du -sb --apparent-size "$kept" | cut -f1) bytes"
}

case $verb in
run) run "$3" ;;
merge) merge ;;
*) die "fuzz.sh: there is no verb '$verb'; the verbs are run and merge." ;;
esac
