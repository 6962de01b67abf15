#!/usr/bin/env bash
# Every event is caused, and read back as Event Viewer would show it: what the service handed to the event log (Wine
# prints that), the text of that number in the exe, and the line of tftpd.log are the same. The cases are in events.py;
# what no honest Wine can be brought to do is in tests/win32 (events.py lists it).
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
export BOOT_LOG MESSAGE=$BUILD/tests/tools/message.exe

does_not_start() { # [ARGUMENTS...]
    w sc start tftpd -e "$@" || true
    wait_for 60 service_is STOPPED tftpd
}
with_port_taken() { # COMMAND...
    "$PYTHON" -c 'import socket, time; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("::", 69)); time.sleep(60)' &
    local holder=$! rc=0
    wait_for 60 port_bound
    "$@" || rc=$?
    kill "$holder"
    wait "$holder" 2>/dev/null || true
    return "$rc"
}

# -- starts that fail -------------------------------------------------------------------------------------------------

check "the service is created" service_create
check "an argument that is none" does_not_start -x
check "a port that is taken" with_port_taken does_not_start
mkdir "$LOG"
check "a log that cannot be written" does_not_start -f
rmdir "$LOG"
check "a start directory that is not there" does_not_start '-dC:\nowhere'
check "an address of nobody's" param Addresses REG_SZ ff02::1
check "... cannot be listened on" does_not_start

# -- a service with every detail ----------------------------------------------------------------------------------------

set_up() {
    param Verbose REG_DWORD 3 && param Masters REG_SZ '*' && param MinFreeBytes REG_SZ 0 && param SilenceSeconds REG_DWORD 3 &&
        param Addresses REG_MULTI_SZ '127.0.0.1\010.88.0.9' && param Readable REG_MULTI_SZ 'event*\0open*' &&
        param MaxTransfersPerClient REG_DWORD 2
}
check "parameters for it" set_up
make_file "$ROOT/event.bin" 3000
make_file "$ROOT/secret.bin" 10
make_file "$ROOT/~tftpd-0.part" 10
check "a policy over an argument" w reg add 'HKLM\SOFTWARE\Policies\tftpd' /v Directory /t REG_SZ /d 'C:\tftpdroot' /f
check "it starts" service_start -e -f '-dC:\elsewhere'
ip addr add 10.88.0.9/32 dev lo
python_cases events.py requests
check "a disk is full" param MinFreeBytes REG_SZ 9000000000000000000
check "few refusals are told" param RefusalEventsPerSecond REG_DWORD 1
check "a parameter nobody knows" param Prot REG_DWORD 1
check "a value that makes no sense" param Mtu REG_SZ soon
check "one that needs a restart" param Port REG_DWORD 70
python_cases events.py later
busy() { w cmd /c "$(winepath_of "$BUILD/tests/tools/scm.exe") tftpd wait STOPPED 8 > C:\\tftpdroot\\event-busy.bin"; }
winepath_of() { printf 'Z:%s' "${1//\//\\}"; }
busy &
busy_pid=$!
python_cases events.py busy
wait "$busy_pid" || true
check "it pauses" tool scm tftpd pause
check "it goes on" tool scm tftpd continue
check "it is drained" asks 0 drain
check "... and stops" service_wait STOPPED
python_cases events.py read-back

# -- as JSON ----------------------------------------------------------------------------------------------------------

json_set_up() { param LogFormat REG_SZ json && param -d Port && param -d Mtu && param RefusalEventsPerSecond REG_DWORD 1000; }
check "the log shall be JSON" json_set_up
check "it starts again" service_start -f
python_cases events.py json
check "it stops again" service_stop
python_cases events.py json-read
