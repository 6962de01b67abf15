# shellcheck shell=bash
# The first line of every end-to-end script is:  . "$(dirname "$0")/lib.sh"
# It restarts the script in a sandbox (tests/setup/sandbox.sh) that has build/tftpd.exe as C:\tftpd\tftpd.exe and an
# empty C:\tftpdroot. Results are TAP: ok and not_ok lines, and a plan that is printed however the script ends.
#
# With STRICT_SEED=n in the environment it is build/strict/tftpd.exe (tests/windows/strict.h) that is tested.
#
# Variables: ROOT (C:\tftpdroot), PREFIX, WORK (scratch), LOG ($ROOT/tftpd.log), BOOT_LOG (event log calls), TOP, PYTHON.
set -eu
# shellcheck source=../setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"

EXE=$BUILD/${STRICT_SEED:+strict/}tftpd.exe
if [ -z "${SANDBOX:-}" ]; then
    [ -f "$EXE" ] || die "There is no $EXE yet: make -f Makefile.mingw build-e2e build-strict"
    dir=$BUILD/e2e/$(basename "$0" .sh)
    [ -z "${STRICT_SEED:-}" ] || dir=$BUILD/strict/$(basename "$0" .sh).$STRICT_SEED
    exec "$TOP/tests/setup/sandbox.sh" "$dir" bash "$0" "$@" </dev/null
fi

LOG=$ROOT/tftpd.log
SERVICES='HKLM\System\CurrentControlSet\Services'
cases=0
failures=0
CONSOLE_PID=

finish() {
    local rc=$? pids
    trap '' TERM INT HUP
    pids=$(jobs -p)
    # shellcheck disable=SC2086 # a list of numbers
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
    [ "$rc" -eq 0 ] || not_ok "the script runs to its end" "it left with $rc ${last_line:+near line $last_line}"
    [ ! -s "$WORK/lost.txt" ] || sed 's/^/# asked once more: /' "$WORK/lost.txt"
    [ "$cases" -gt 0 ] || not_ok "the script checks something"
    [ -z "${STRICT_SEED:-}" ] || strict_counts
    echo "1..$cases"
    if [ "$failures" -gt 0 ]; then
        show "$WORK/console.txt" "$LOG" "$BOOT_LOG"
        echo "# everything is kept in $SANDBOX"
        exit 1
    fi
    exit 0
}
last_line=
trap 'last_line=$LINENO' ERR
trap finish EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

# -- results ----------------------------------------------------------------------------------------------------------

# ok NAME, not_ok NAME [WHY]
ok() {
    cases=$((cases + 1))
    echo "ok $cases - $1"
}
not_ok() {
    cases=$((cases + 1))
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# show FILE...: the end of each file that is there, as comments.
show() {
    local file
    for file in "$@"; do
        [ -s "$file" ] || continue
        echo "# the end of $file:"
        tail -n 20 "$file" | tr -d '\r' | sed 's/^/#   /'
    done
}

# check NAME COMMAND...: ok when COMMAND succeeds; what it printed is shown only when it does not.
check() {
    local name=$1 rc=0
    shift
    : >"$WORK/out.txt"
    "$@" >"$WORK/check.txt" 2>&1 </dev/null || rc=$?
    if [ "$rc" -eq 0 ]; then
        ok "$name"
    else
        not_ok "$name" "$* gave $rc"
        show "$WORK/check.txt" "$WORK/out.txt"
    fi
}

# check_not NAME COMMAND...: ok when COMMAND fails.
check_not() {
    local name=$1 rc=0
    shift
    : >"$WORK/out.txt"
    "$@" >"$WORK/check.txt" 2>&1 </dev/null || rc=$?
    if [ "$rc" -ne 0 ]; then
        ok "$name"
    else
        not_ok "$name" "$* succeeded"
        show "$WORK/check.txt" "$WORK/out.txt"
    fi
}

# same_file NAME FILE1 FILE2
same_file() {
    local why
    if why=$(cmp -- "$2" "$3" 2>&1); then
        ok "$1"
    else
        not_ok "$1" "$why
$(stat -c '%s bytes in %n' -- "$2" "$3" 2>&1)"
    fi
}

# -- helpers ----------------------------------------------------------------------------------------------------------

# wait_for SECONDS COMMAND...: asks again and again; fails when the time is up.
wait_for() {
    local until=$(($(now_ms) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1 </dev/null; do
        [ "$(now_ms)" -lt "$until" ] || return 1
        sleep 0.05
    done
}

# port_bound [PORT]: true while somebody in this sandbox listens on it.
port_bound() { [ -n "$(ss -Hlun "sport = :${1:-69}")" ]; }

# make_file PATH SIZE: the same noise for the same name and size, about 300 MB a second.
make_file() {
    "$PYTHON" - "$1" "$2" <<'PYTHON'
import os, random, sys
path, left = sys.argv[1], int(sys.argv[2])
noise = random.Random("%s %d" % (os.path.basename(path), left))
with open(path, "wb") as file:
    while left > 0:
        left -= file.write(noise.randbytes(min(left, 1 << 20)))
PYTHON
}

# w COMMAND...: a Windows command; its output goes to $WORK/out.txt (never to a pipe) and is read with `out`.
# --foreground keeps it in our process group, so that whoever ends this script ends it too.
w() {
    local rc=0
    timeout --foreground --kill-after=5 "${W_SECONDS:-60}" wine "$@" >"$WORK/out.txt" 2>&1 </dev/null || rc=$?
    [ "$rc" -ne 124 ] || echo "(ended after ${W_SECONDS:-60} seconds)" >>"$WORK/out.txt"
    return "$rc"
}
out() { tr -d '\r' <"$WORK/out.txt"; }

# tool NAME ARGUMENTS...: runs build/tests/tools/NAME.exe like w.
tool() {
    local name=$1
    shift
    w "$BUILD/tests/tools/$name.exe" "$@"
}

# asks CODE ARGUMENTS...: `tftpd ARGUMENTS` in the console ends with that code; its answer is in $WORK/said.txt.
# Where addresses are random (tests/setup/fixed.sh) Wine may start a program that says nothing; ours ends with code 7 when
# it cannot write. So an answer of nothing is asked for once more, and a comment tells of it.
asks() {
    local wanted=$1 rc=0
    shift
    w 'C:\tftpd\tftpd.exe' "$@" || rc=$?
    if [ ! -s "$WORK/out.txt" ]; then
        echo "tftpd $*: exit code $rc and no output" >>"$WORK/lost.txt"
        rc=0
        w 'C:\tftpd\tftpd.exe' "$@" || rc=$?
    fi
    out >"$WORK/said.txt"
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}

# -- the service ------------------------------------------------------------------------------------------------------

# param NAME TYPE VALUE sets a value below Services\tftpd\Parameters, param -d NAME deletes it.
param() {
    if [ "$1" = -d ]; then
        w reg delete "$SERVICES\\tftpd\\Parameters" /v "$2" /f
    else
        w reg add "$SERVICES\\tftpd\\Parameters" /v "$1" /t "$2" /d "$3" /f
    fi
}

service_create() { w sc create "${1:-tftpd}" binPath= 'C:\tftpd\tftpd.exe'; }
service_delete() { w sc delete "${1:-tftpd}"; }

# service_state [NAME]: prints RUNNING, STOPPED, ... or nothing when there is no such service.
service_state() {
    w sc query "${1:-tftpd}" || true
    out | sed -n 's/.*STATE *: *[0-9]* *\([A-Z_]*\).*/\1/p'
}
service_is() { [ "$(service_state "$2")" = "$1" ]; }

# service_wait STATE [NAME]: up to a minute, as every wait for what must come.
service_wait() { wait_for 60 service_is "$1" "${2:-tftpd}"; }

# service_start [NAME] [ARGUMENTS...]: starts it and waits until it runs. Fails when it does not, `out` says why.
# An argument list that begins with a dash is for tftpd.
service_start() {
    local name=tftpd
    case ${1:-} in
    '' | -*) ;;
    *)
        name=$1
        shift
        ;;
    esac
    w sc start "$name" "$@" && wait_for 60 service_settled "$name" && service_is RUNNING "$name"
}
service_settled() { [ "$(service_state "$1")" != START_PENDING ]; }

# service_stop [NAME]: stops it and waits until it is stopped.
service_stop() { w sc stop "${1:-tftpd}" && service_wait STOPPED "${1:-tftpd}"; }

# -- the console ------------------------------------------------------------------------------------------------------

# console_start ARGUMENTS...: `tftpd run ARGUMENTS` in the background, output in $WORK/console.txt; returns when port 69
# (or CONSOLE_PORT) is bound. console_stop sends Ctrl-C and returns the exit code.
console_start() {
    # A shell starts background commands with SIGINT ignored; env undoes that.
    env --default-signal=INT wine 'C:\tftpd\tftpd.exe' run "$@" >"$WORK/console.txt" 2>&1 </dev/null &
    CONSOLE_PID=$!
    wait_for 60 console_settled && port_bound "${CONSOLE_PORT:-69}"
}
console_settled() { port_bound "${CONSOLE_PORT:-69}" || ! console_runs; }
console_runs() { kill -0 "$CONSOLE_PID" 2>/dev/null; }
console_ended() { ! console_runs; }

console_stop() {
    local rc=0
    kill -INT "$CONSOLE_PID" 2>/dev/null || true
    wait_for 60 console_ended || kill -KILL "$CONSOLE_PID" 2>/dev/null || true
    wait "$CONSOLE_PID" 2>/dev/null || rc=$?
    CONSOLE_PID=
    return "$rc"
}

# -- the strict Windows -------------------------------------------------------------------------------------------------

# A service takes its environment from the registry.
strict_environment() {
    local name
    for name in STRICT_SEED STRICT_WITHOUT STRICT_ONLY; do
        w reg add 'HKLM\System\CurrentControlSet\Control\Session Manager\Environment' /v $name /d "${!name:-}" /f
    done
}

# How often each rule made itself felt, as a comment.
strict_counts() {
    "$PYTHON" - "$PREFIX/drive_c/strict.bin" <<'PYTHON'
import struct, sys
with open(sys.argv[1], "rb") as file:
    records = struct.iter_unpack("32sq", file.read())
print("# rules felt:", ", ".join("%s %d" % (name.rstrip(b"\0").decode(), count) for name, count in records if count))
PYTHON
}

mkdir -p "$PREFIX/drive_c/tftpd"
cp "$EXE" "$PREFIX/drive_c/tftpd/tftpd.exe"
[ -z "${STRICT_SEED:-}" ] || strict_environment
