#!/usr/bin/env bash
# soak.sh [MINUTES]   everything at once for MINUTES (30) and two rests: all clients through good and bad networks, uploads,
# transfers broken off, floods, malformed packets, changes of parameters, pauses, status queries. Every completed transfer
# is compared; at the end memory, threads and descriptors must be where they were after the warm-up. The work is in soak.py;
# SOAK_SEED repeats its choices. Progress is in build/soak/progress.txt, the table of the last run in build/soak/table.md.
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=../e2e/python.bash
. "$TOP/tests/e2e/python.bash"

results=$BUILD/soak
mkdir -p "$results"
export SOAK_MINUTES=${1:-30} SOAK_SEED=${SOAK_SEED:-$RANDOM} SOAK_RESULTS=$results
export LOAD=$WORK/load SCM=$WORK/scm.exe

cp "$BUILD/tests/tools/scm.exe" "$SCM" # a build meanwhile does no harm

check "the load generator compiles" gcc -std=c11 -O2 -Wall -Wextra -Werror -o "$LOAD" "$TOP"/tests/bench/*.c
check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "the service starts" service_start -f
say "# seed $SOAK_SEED, $SOAK_MINUTES minutes, on $(nproc) cores with load $(cut -d' ' -f1-3 /proc/loadavg)"
python_cases ../soak/soak.py
[ ! -s "$results/table.md" ] || sed 's/^/# /' "$results/table.md"
check "the service stops" service_stop
say "# $(sed -n 's/.*TFTP service stopped: //p' "$LOG" | tail -n 1 | tr -d '\r')"
