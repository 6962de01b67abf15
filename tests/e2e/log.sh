#!/usr/bin/env bash
# The log file and the event log; the cases are in log.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

# event NAME ID TEXT: the event log was told of the event with that ID (its low 16 bits), and one of its texts has TEXT.
# Wine stores nothing; boot.log has the calls: fixme:advapi:ReportEventW (handle,type,category,id,...) and each text.
event() {
    local id
    id=$(printf '%04x' "$2")
    check "$1" eval "grep -qi 'ReportEventW (.*,0x[0-9a-f]\{4\}$id,' '$BOOT_LOG' && grep -qF '$3' '$BOOT_LOG'"
}

boot_log_since() { tail -n "+$(($1 + 1))" "$BOOT_LOG" | grep -F "$2"; } # LINE TEXT

make_file "$ROOT/event.bin" 3000

check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "patience is short" param SilenceSeconds REG_DWORD 5
check "the service starts with -f and -e" service_start -f -e
python_cases log.py plain
curl --silent --output /dev/null tftp://127.0.0.1/event.bin || true
curl --silent --output /dev/null tftp://127.0.0.1/event-missing.bin || true
curl --silent --upload-file "$ROOT/event.bin" tftp://127.0.0.1/event-up.bin || true
check "the service stops" service_stop
event "the event log tells of the start" 100 'C:\\tftpdroot'
event "the event log tells of a download" 200 event.bin
event "the event log tells of an upload" 201 event-up.bin
event "the event log tells of a size probe" 202 log-probe
event "the event log tells of a missing file" 220 event-missing.bin
event "the event log tells of a failed download" 210 log-silent.bin
event "the event log tells of the stop" 101 ''
check "the log tells of the start and the stop" grep -q 'TFTP service stopped' "$LOG"

rm -f "$LOG"
calls=$(wc -l <"$BOOT_LOG")
check "the log is small" param LogMaxBytes REG_DWORD 65536
check "two old logs are kept" param LogFiles REG_DWORD 2
check "no ERROR is held back" param ErrorsPerSecond REG_DWORD 100000
check "every refusal is told" param RefusalEventsPerSecond REG_DWORD 100000
check "few may read" param Readable REG_MULTI_SZ '*.txt\0rotation*'
check "nobody may write" param -d Masters
check "the service starts with -f alone" service_start -f
python_cases log.py refusals
check_not "without -e the event log is not told of requests" boot_log_since "$calls" log-refused
python_cases log.py rotation
check "the service stops at the end" service_stop
