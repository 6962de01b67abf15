#!/usr/bin/env bash
# Abuse: forged and half-open requests in thousands, floods of bad ones, sources that nobody honest sends from. Others
# are still served, little goes to whoever never answered, and memory comes back. The cases are in storm.py; the storm
# itself is made by tests/bench/load.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
LOAD=$WORK/load
export LOAD BOOT=$WORK/boot.json

build_load() { gcc -std=c11 -O2 -Wall -Wextra -Werror -o "$LOAD" "$TOP"/tests/bench/*.c; }

# The last words of the service: "N transfers finished, ..., N dropped, N ERRORs and N repeated first answers withheld, ...".
stopped() { sed -n 's/.*TFTP service stopped: //p' "$LOG" | tail -n 1 | tr -d '\r'; }
told() { stopped | sed -n "s/.*[^0-9]\([0-9][0-9]*\) $1.*/\1/p"; }
at_least() { [ "$(told "$1")" -ge "$2" ]; } # WORDS NUMBER

for name in boot.bin little.bin; do make_file "$ROOT/$name" 1048576; done

check "the load generator compiles" build_load
check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "the service starts" service_start -f
python_cases storm.py amplification
python_cases storm.py errors
python_cases storm.py sources
check "the service stops" service_stop
say "# $(stopped)"
check "the counters tell of what was dropped, unheard requests of the flood among it" at_least dropped 2000

check "the service starts for the storm" service_start -f
python_cases storm.py storm
check "the service stops after the storm" service_stop
say "# $(stopped)"
check "the counters tell of first answers that were not sent again" at_least 'repeated first answers withheld' 1000
check "the counters tell of the honest client's transfers" eval '[ "$(told "bytes sent")" -gt 20000000 ]'

check "there is room for few" param MaxTransfers REG_DWORD 100
check "the service starts in a small house" service_start -f
python_cases storm.py crowd
check "the service stops in the end" service_stop
check "the counters tell how many unanswered transfers made room" at_least 'unanswered transfers made room' 300
