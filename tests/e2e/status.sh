#!/usr/bin/env bash
# `tftpd status`, `stop-transfer` and `drain` beside a running service and a console, and the totals beside the log.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
# member EXPRESSION VALUE: of the JSON answer, as Python has it: member 's["running"]' 3
member() {
    local got
    got=$("$PYTHON" -c 'import json, sys; s = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$WORK/said.txt" "$1")
    [ "$got" = "$2" ] || { say "$1 is $got"; false; }
}
status_is() { asks 0 status --json && member "$1" "$2"; } # EXPRESSION VALUE

LONG=$((8 << 30)) # no client is through with it before this script is: curl keeps to no rate over TFTP
truncate -s "$LONG" "$ROOT/long.bin"
make_file "$ROOT/small.bin" 3000

# -- nobody to ask ----------------------------------------------------------------------------------------------------

check "without a service there is no status" asks 1 status
check "... which is said, with what to do" says 'the service tftpd does not run; start it with: sc start tftpd'
check "nothing to drain" asks 1 drain
check "no transfer to end" asks 1 stop-transfer 1
check "a transfer has a number" asks 2 stop-transfer one
check "... which must be there" asks 2 stop-transfer
check "an unknown word" asks 2 status --wacth
check "... is named" says '--wacth'
check "an interval that is none" asks 2 status --watch=0

# -- a service with three readers of a long file ------------------------------------------------------------------------

long_readers() {
    local i
    for i in 1 2 3; do
        curl --silent --output /dev/null tftp://127.0.0.1/long.bin &
    done
    wait_for 60 status_is 's["running"]' 3
}
check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "the service starts" service_start -f
curl --silent --output /dev/null tftp://127.0.0.1/small.bin || true
curl --silent --output /dev/null tftp://127.0.0.1/none.bin || true
curl --silent --upload-file "$ROOT/small.bin" tftp://127.0.0.1/up.bin || true
check "three readers of a long file" long_readers
check "the status as text" asks 0 status
check "... names the service" says "serves C:\\tftpdroot on UDP port 69"
check "... and counts" says 'running   3 transfers, 0 of them never answered'
check "... and refusals by reason" says 'refused   1 requests: 1 not_found'
check "... each transfer" says '-> long.bin'
check "the status as JSON" asks 0 status --json
check "... has the transfers" member '[t["file"] for t in s["transfers"]]' "['long.bin', 'long.bin', 'long.bin']"
check "... their clients" member 's["transfers"][0]["client"]' 127.0.0.1
check "... their progress" member 'all(0 < t["bytes"] < t["size"] == 8 << 30 for t in s["transfers"])' True
check "... what was sent and received" member 's["totals"]["bytes_sent"] > 3000 and s["totals"]["bytes_received"]' 3000
check "... how transfers ended" member 's["totals"]["outcomes"]["done"]' 2
check "... and memory" member 's["memory_bytes"] > 100000' True
first_id() { "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["transfers"][0]["id"])' "$WORK/said.txt"; }
id=$(first_id)
check "one transfer is ended" asks 0 stop-transfer "$id"
check "... and two go on" wait_for 60 status_is 's["running"]' 2
check "... as the totals tell" member 's["totals"]["outcomes"]["ended_by_administrator"]' 1
check "... and the log" wait_for 60 grep -q 'failed: an administrator ended the transfer' "$LOG"
check "it cannot be ended twice" asks 1 stop-transfer "$id"
two_pages() { [ "$(grep -c 'serves C:' "$WORK/watch.txt")" -ge 2 ]; }
watch_two_pages() {
    local rc=0 pid
    wine 'C:\tftpd\tftpd.exe' status --watch >"$WORK/watch.txt" 2>&1 </dev/null &
    pid=$!
    wait_for 60 two_pages || rc=$?
    kill "$pid"
    wait "$pid" || true
    return "$rc"
}
check "a watch in a redirected file is one page after another" watch_two_pages

# -- draining ---------------------------------------------------------------------------------------------------------

check "the service is drained" asks 0 drain --no-wait
check "... it says so" wait_for 60 status_is 's["state"]' draining
check "... two transfers go on" member 's["running"]' 2
check_not "... no new one is taken" curl --silent --max-time 3 --output /dev/null tftp://127.0.0.1/small.bin
check "... the log tells of it" wait_for 60 grep -q 'is draining: 2 running transfers may finish' "$LOG"
check "continue takes it back" tool scm tftpd continue
check "... it runs as before" wait_for 60 status_is 's["state"]' running
check "... new transfers are taken" curl --silent --max-time 30 --output /dev/null tftp://127.0.0.1/small.bin
end_readers() {
    local ids i
    asks 0 status --json || return 1
    ids=$("$PYTHON" -c 'import json, sys; print(*[t["id"] for t in json.load(open(sys.argv[1]))["transfers"]])' \
        "$WORK/said.txt")
    for i in $ids; do asks 0 stop-transfer "$i"; done
}
drained() { # the readers are ended while drain waits
    (
        WORK=$WORK/other
        mkdir -p "$WORK"
        wait_for 60 status_is 's["state"]' draining && end_readers
    ) &
    local other=$!
    asks 0 drain || { wait "$other"; return 1; }
    wait "$other"
}
check "drain waits until all have ended" drained
check "... tells how many run" says '2 transfers still run.'
check "... and that the service has stopped" says 'The service has stopped.'
check "... which it has" service_is STOPPED tftpd
check "... without an error" eval 'w sc query tftpd; out | grep -q "WIN32_EXIT_CODE *: 0 "'

# -- beside the log, and in the console ---------------------------------------------------------------------------------

check "the service starts again" service_start -f
for i in 1 2 3 4 5; do curl --silent --output /dev/null tftp://127.0.0.1/small.bin || true; done
check "five transfers have finished" wait_for 60 status_is 's["totals"]["finished"]' 5
check "the service stops" service_stop
check "the log's totals are the same" eval 'tail -n 1 "$LOG" | grep -q "5 transfers finished, 0 failed, .* 15000 bytes sent"'
check "a console of another name" console_start --service second
check "... has a status of its own" asks 0 status --service second
check "... and the service has none" asks 1 status
check "the console can be drained" asks 0 drain --service second
check "... and ends" wait_for 60 console_ended
