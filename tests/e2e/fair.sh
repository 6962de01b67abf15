#!/usr/bin/env bash
# Honest clients are served: where others hold all places, and in their turn beside crowds. The cases are in fair.py;
# the crowds are made by tests/bench/load.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
LOAD=$WORK/load
export LOAD

build_load() { gcc -std=c11 -O2 -Wall -Wextra -Werror -o "$LOAD" "$TOP"/tests/bench/*.c; }
build_slow_disk() {
    gcc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o "$WORK/slow_disk.so" "$TOP/tests/bench/preload/slow_disk.c"
}

check "the load generator compiles" build_load
check "what makes a disk slow compiles" build_slow_disk

check "the server starts in a small house" console_start -f --set MaxTransfers=100 --set LogFormat=json
python_cases fair.py places
console_stop || true

check "the server starts for crowds" console_start -f
python_cases fair.py turns
console_stop || true

slow_start() { # a service would not inherit it; a flush takes 50 ms
    LD_PRELOAD=$WORK/slow_disk.so console_start -f --set 'Masters=*' --set MinFreeBytes=0
}
check "the server starts on a slow disk" slow_start
python_cases fair.py slow-disk
console_stop || true
