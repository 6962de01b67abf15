#!/usr/bin/env bash
# The service's process is killed (SIGKILL) at random moments of uploads, KILL_ROUNDS times (25); KILL_SEED repeats the
# choices. After each, and after the next start: a final name is absent or whole, what was acknowledged to the end is
# there, no ~tftpd-*.part is left, no other file has changed. The rounds are in kill.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
export KILL_ROUNDS=${KILL_ROUNDS:-25} KILL_SEED=${KILL_SEED:-$RANDOM}

# What a power cut leaves: unfinished uploads at the top, deep, in another case; and what only looks like one.
plant() {
    mkdir -p "$ROOT/deep/er/est" "$WORK/beyond"
    for name in ~tftpd-000000200000000100000000deadbeef.part deep/~tftpd-1.part deep/er/est/~TFTPD-2.PART; do
        make_file "$ROOT/$name" 5000
    done
    for name in ~tftpd-.part ~tftpd-3 tftpd-4.part x~tftpd-5.part deep/~tftpd-6.part.txt deep/~tftp-7.part; do
        make_file "$ROOT/$name" 100
    done
    mkdir "$ROOT/deep/~tftpd-8.part"
    make_file "$WORK/beyond/~tftpd-9.part" 100
    ln -s "$WORK/beyond" "$ROOT/deep/link"
}
has_log_line() { grep -q "$1" "$LOG"; }

check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
plant
check "the service starts" service_start -f
check "three left-overs are told as swept (event 118)" wait_for 60 has_log_line \
    '  3 unfinished uploads that an earlier end had left were deleted'
check_not "the left-over at the top is gone" test -e "$ROOT/~tftpd-000000200000000100000000deadbeef.part"
check_not "the left-over deep down is gone" test -e "$ROOT/deep/~tftpd-1.part"
check_not "the left-over in another case is gone" test -e "$ROOT/deep/er/est/~TFTPD-2.PART"
for name in ~tftpd-.part ~tftpd-3 tftpd-4.part x~tftpd-5.part deep/~tftpd-6.part.txt deep/~tftp-7.part; do
    check "$name is not one of the service's and stays" test -s "$ROOT/$name"
done
check "a folder of such a name stays" test -d "$ROOT/deep/~tftpd-8.part"
check "what lies beyond a link stays" test -s "$WORK/beyond/~tftpd-9.part"

python_cases kill.py plain
check "the service stops at the end" service_stop
