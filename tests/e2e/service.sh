#!/usr/bin/env bash
# The service as an administrator meets it: sc, net, reg, the arguments, every control, every way a start can fail, and
# `tftpd run`. What is fetched here is one small file; the protocol has scripts of its own.
. "$(dirname "$0")/lib.sh"

KEY="$SERVICES\\tftpd\\Parameters"
ALL_CONTROLS=0x10f # stop, pause and continue, shutdown, paramchange, preshutdown

# -- what the checks are made of --------------------------------------------------------------------------------------

# tftpd CODE ARGUMENTS...: runs it in the console and keeps what it says for `says`.
tftpd() { asks "$@"; }
says() { grep -qF -- "$1" "$WORK/said.txt"; }

# fetches NAME [PORT]: curl gets the file NAME, whose content is its name, in at most FETCH_SECONDS (30).
fetches() {
    local got
    got=$(curl --silent --show-error --max-time "${FETCH_SECONDS:-30}" "tftp://127.0.0.1:${2:-69}/$1" 2>&1) && [ "$got" = "this is $1" ]
}
uploads() { curl --silent --show-error --max-time 30 --upload-file "$ROOT/hello.txt" "tftp://127.0.0.1/$1"; }
put_file() { # PATH
    mkdir -p "$(dirname "$1")"
    printf 'this is %s' "$(basename "$1")" >"$1"
}

# scm_says LINE VERB...: LINE is one of those that the tool prints.
scm_says() {
    tool scm tftpd "${@:2}" || true
    out | grep -qxF -- "$1"
}
scm() { tool scm tftpd "$@"; }

# logged [COUNT] TEXT: the log has the text, in that many lines (or at least one).
logged() { wait_for 60 log_has "$@"; } # the journal writes a moment later
log_has() {
    local count=
    if [ $# -eq 2 ]; then
        count=$1
        shift
    fi
    local have
    have=$(grep -cF -- "$1" "$LOG" 2>/dev/null) || true
    if [ -n "$count" ]; then [ "${have:-0}" -eq "$count" ]; else [ "${have:-0}" -gt 0 ]; fi
}

# event_told ID [TEXT]: since forget_events ReportEvent was called with this identifier, and with TEXT in a
# string.
event_told() {
    tail -c "+$((events_seen + 1))" "$BOOT_LOG" >"$WORK/events.txt"
    grep -qE "ReportEventW \([0-9A-F]+,0x[0-9a-f]{4},0x000[1-5],0x$1," "$WORK/events.txt" &&
        { [ $# -eq 1 ] || grep -F 'eventlog:ReportEventW' "$WORK/events.txt" | grep -qF -- "$2"; }
}
forget_events() { events_seen=$(stat -c %s "$BOOT_LOG"); }
events_seen=0

# fails_with CODE [ARGUMENTS...]: the service does not start, and says so to the Service Control Manager.
fails_with() {
    w sc start tftpd "${@:2}" || true
    wait_for 60 service_is STOPPED tftpd &&
        scm_says 'win32_exit_code 1066' query && scm_says "service_exit_code $1" query
}

# stopped: stops the service, whatever state it is in, and forgets its log.
stopped() {
    service_stop && wait_for 60 port_free && rm -f "$LOG"
}
port_free() { ! port_bound; }

# -- the life of a service --------------------------------------------------------------------------------------------

life() {
    check "sc create, with nothing but binPath" service_create
    check "sc start" service_start
    check "it runs in a process of its own" scm_says 'type 0x10' query
    check "it accepts every control" scm_says "accepted $ALL_CONTROLS" query
    check "a file can be fetched" fetches hello.txt
    check "without -f it tells the event log that it started" wait_for 60 event_told 40000064 'C:\\tftpdroot'
    check_not "... and writes no log file" test -e "$LOG"
    check "sc stop" service_stop
    check "... leaves the port" wait_for 60 port_free
    check "... ends with code 0" scm_says 'win32_exit_code 0' query
    check "... and is told to the event log" event_told 40000065
    check "net start" w net start tftpd
    check "... has started it" service_wait RUNNING
    check "a file can be fetched again" fetches hello.txt
    check "net stop" w net stop tftpd
    check "... has stopped it" service_wait STOPPED

    local round
    for ((round = 1; round < 7; round++)); do
        service_start -f && fetches hello.txt && service_stop || break
    done
    check "start, fetch and stop, again and again" test "$round" = 7
    rm -f "$LOG"
}

# -- arguments --------------------------------------------------------------------------------------------------------

arguments() {
    forget_events
    check "sc start with -dDIRECTORY and -f" service_start '-dC:\other' -f
    check "it serves that directory" fetches other.txt
    check_not "... and no more the default one" fetches hello.txt
    check "-f writes the log there" wait_for 60 grep -q 'TFTP service started' "$PREFIX/drive_c/other/tftpd.log"
    check_not "... and not into the event log" event_told 40000064
    check "it stops" service_stop
    check "capitals, slashes and a separate directory" service_start tftpd /D 'C:\other' /F -E
    check "they mean the same" fetches other.txt
    check "-f and -e tell both" wait_for 60 event_told 40000064
    check "it stops once more" service_stop
    check "the arguments were for that start only" service_start -f
    check "... so the default directory is back" fetches hello.txt
    check "the log is in it" logged 'serves C:\tftpdroot on UDP port 69'
    check "and it stops" stopped

    check "a service with arguments in its ImagePath" w sc create tftpd3 binPath= 'C:\tftpd\tftpd.exe -dC:\other -f'
    rm -f "$PREFIX/drive_c/other/tftpd.log"
    check "... starts" service_start tftpd3
    check "... uses them" fetches other.txt
    check "... for the log, too" wait_for 60 test -s "$PREFIX/drive_c/other/tftpd.log"
    check "... stops" service_stop tftpd3
    check "those of sc start win" service_start tftpd3 '-dC:\tftpdroot'
    check "... over the directory" fetches hello.txt
    check "... and leave the rest: -f" logged 'TFTP service started'
    check "it can be stopped" service_stop tftpd3
    check "it can be deleted" service_delete tftpd3
    rm -f "$LOG"
}

# -- controls ---------------------------------------------------------------------------------------------------------

controls() {
    check "it starts with -f" service_start -f
    check "interrogate" scm_says 'state RUNNING' interrogate
    check "... finds the log written" logged 'TFTP service started'
    check "pause" scm_says 'state PAUSED' pause
    check "... can be seen" service_is PAUSED tftpd
    check "... keeps every control" scm_says "accepted $ALL_CONTROLS" query
    FETCH_SECONDS=3 check_not "no new transfer begins while it is paused" fetches hello.txt
    check "continue" scm_says 'state RUNNING' continue
    check "new transfers begin again" fetches hello.txt
    check "a second continue changes nothing" scm_says 'state RUNNING' continue
    scm interrogate || true
    check "pause and continue are in the log, once each" both_logged_once
    check "an unknown control changes nothing" scm_says 'state RUNNING' 200
    check "pause again" scm_says 'state PAUSED' pause
    check "it can be stopped while it is paused" stopped
}
both_logged_once() { logged 1 'service paused' && logged 1 'service continued'; }

# -- parameters -------------------------------------------------------------------------------------------------------

reread() { scm paramchange && scm interrogate; } # the second returns when the events of the first are in the log

parameters() {
    w reg delete "$KEY" /f || true
    check "it starts without the key Parameters" service_start -f
    check_not "nobody may write then" uploads up0.txt

    param Masters REG_SZ '127.0.?.*'
    check "paramchange" reread
    check "the log tells the old value and the new one" logged 'Masters changed: it was "" and is now "127.0.?.*"'
    check "... and that the parameters were read" logged '1 changed, 0 refused'
    check "now the upload is taken" uploads up1.txt
    check "the file is there" wait_for 60 test -s "$ROOT/up1.txt"

    param Masters REG_DWORD 0
    check "Masters as a REG_DWORD of 0" reread
    check_not "means nobody" uploads up2.txt
    w reg add "$KEY" /v Masters /t REG_MULTI_SZ /d '10.0.0.0/8\0127.0.0.0/8' /f || true
    check "Masters as a REG_MULTI_SZ" reread
    check "means any of them" uploads up3.txt

    param dIrEcToRy REG_EXPAND_SZ '%SystemDrive%\other'
    param WRITEABLE REG_SZ 'up\*'
    check "names in another case, the alias, %variables%" reread
    check "the directory is another one" fetches other.txt
    check "the alias counts" logged 'Writable changed: it was "*" and is now "up\*"'

    param SilenceSeconds REG_DWORD 0
    param Prot REG_DWORD 70
    param Timeout REG_SZ soon
    check "values that make no sense" reread
    check "... are named with what is allowed" logged 'SilenceSeconds = "0" is refused: it takes a number from 1 to 3600'
    check "... and with what counts" logged 'the value in force is 120'
    check "... each of them" logged 'Timeout = "soon" is refused'
    check "unknown names are named" logged 'the parameter Prot is not known'
    check "it still serves" fetches other.txt

    param Port REG_DWORD 6969
    check "a value that needs a restart" reread
    check "... says so" logged 'Port changed: it was "69" and is now "6969"; restart the service'
    check "... and waits" port_bound 69
    check "it stops" service_stop
    check "bad values do not stop a start" service_start
    check "what needed a restart counts now" fetches other.txt 6969
    check "it stops again" service_stop
    check "-d wins over Directory" service_start '-dC:\tftpdroot' -f
    check "... as long as the service runs" fetches hello.txt 6969
    reread || true
    check "... through a paramchange" fetches hello.txt 6969
    check "it stops at last" service_stop
    w reg delete "$KEY" /f || true
    rm -f "$LOG"
}

sample() {
    check "the sample of all parameters can be imported" w reg import "$TOP/registry/tftpd.reg"
    check "a service with it starts" service_start -f
    check "... serves" fetches hello.txt
    scm interrogate || true
    check_not "... and finds nothing wrong with it" log_has refused
    check_not "... nor unknown" log_has 'is not known'
    check "... and stops" stopped
    w reg delete "$KEY" /f || true
}

# -- two instances ----------------------------------------------------------------------------------------------------

two_instances() {
    local key="$SERVICES\\tftpd2\\Parameters"
    check "a second instance" service_create tftpd2
    w reg add "$key" /v Port /t REG_DWORD /d 1069 /f || true
    w reg add "$key" /v Directory /t REG_SZ /d 'C:\other' /f || true
    check "the first one starts" service_start -f
    check "the second one starts beside it" service_start tftpd2 -f
    check "the first serves its files" fetches hello.txt
    check "the second serves its own" fetches other.txt 1069
    check "the first stops" stopped
    check "the second serves on" fetches other.txt 1069
    check "the second stops" service_stop tftpd2
    check "the second is deleted" service_delete tftpd2
}

# -- starts that fail -------------------------------------------------------------------------------------------------

failures() {
    forget_events
    check "a missing start directory: code 10" fails_with 10 '-dC:\nowhere'
    check "... and an event that names it" event_told c000006e 'C:\\nowhere'
    forget_events
    check "the same with -f, where the log would be: code 10" fails_with 10 '-dC:\nowhere' -f
    check "... and an event that names it" event_told c000006e 'C:\\nowhere'

    check "another program takes the port" console_start
    forget_events
    check "the port is taken: code 12" fails_with 12 -f
    check "... and an event in words" event_told c000006f
    check "... in the log file as well" logged 'the port is in use'
    console_stop || true
    rm -f "$LOG"

    mkdir "$LOG"
    forget_events
    check "the log file cannot be opened: code 4" fails_with 4 -f
    check "... and an event that names it" event_told c0000082 'tftpd.log in C:\\tftpdroot'
    rmdir "$LOG"

    forget_events
    check "an argument that is not understood: code 2" fails_with 2 -x
    check "... and an event that names it" event_told c0000074 '-x'
    check "a parameter that is not one: code 2" fails_with 2 --set Prot=1
    check "after all that it starts" service_start
    check "... and stops" service_stop
}

# -- a stop with a transfer under way ---------------------------------------------------------------------------------

slow_stop() {
    param DrainSeconds REG_DWORD 3
    check "it starts" service_start -f
    # a client that asks and then says nothing more, on a file of more than one block
    "$PYTHON" -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"\0\1slow.bin\0octet\0timeout\00060\0", ("127.0.0.1", 69))
s.recv(600)
open("'"$WORK"'/answered", "w").close()
time.sleep(60)' &
    local client=$! began ended
    check "a transfer is under way" wait_for 60 test -e "$WORK/answered"
    began=$(now_ms)
    check "a stop with a transfer under way answers STOP_PENDING" scm_says 'state STOP_PENDING' stop
    check "... and ends STOPPED" watch_stop
    ended=$(now_ms)
    kill "$client" 2>/dev/null || true
    check "... after growing checkpoints" grows
    check "... when DrainSeconds are over" within $((ended - began)) 2500 30000
    check "... and tells it" logged 'TFTP service stopped'
    w reg delete "$KEY" /f || true
    rm -f "$LOG"
}
watch_stop() {
    local rc=0
    scm wait STOPPED 60 || rc=1
    out >"$WORK/said.txt"
    return "$rc"
}
# `scm wait` printed each checkpoint that it saw: 1, 2, 3, ... of STOP_PENDING, none twice, each with a hint.
grows() {
    sed -n 's/^STOP_PENDING checkpoint \([0-9]*\) hint [1-9][0-9]*$/\1/p' "$WORK/said.txt" >"$WORK/checkpoints"
    [ "$(wc -l <"$WORK/checkpoints")" -ge 3 ] && sort -nuc "$WORK/checkpoints"
}
within() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { say "$1 ms"; false; }; }

# -- tftpd run --------------------------------------------------------------------------------------------------------

console_says() { tr -d '\r' <"$WORK/console.txt" | grep -qF -- "$1"; }

console() {
    check "tftpd run" console_start
    check "... serves" fetches hello.txt
    check "... shows its log on the screen" wait_for 60 console_says 'TFTP service started'
    check_not "... and writes no file without -f" test -e "$LOG"
    check "Ctrl+C ends it with code 0" console_stop
    check "... after the last line" console_says 'TFTP service stopped'
    check "... and the port is free" wait_for 60 port_free

    CONSOLE_PORT=6969
    check "tftpd run with -d, -f and --set" console_start '-dC:\größe' -f --set Port=6969 --set=Masters=127.0.0.0/8
    check "... serves there" fetches other.txt 6969
    check "... its log on the screen is UTF-8" wait_for 60 console_says 'C:\größe'
    check "... and in the file, too" wait_for 60 grep -q 'größe' "$PREFIX/drive_c/größe/tftpd.log"
    check "Ctrl+C ends it as well" console_stop

    w reg add "$SERVICES\\tftpd2\\Parameters" /v Port /t REG_DWORD /d 6969 /f || true
    check "tftpd run --service takes that service's parameters" console_start --service tftpd2
    check "... and serves" fetches hello.txt 6969
    check "... and ends" console_stop
    CONSOLE_PORT=1069
    check "--set wins over them" console_start --service=tftpd2 --set Port=1069
    check "... and it ends" console_stop
    CONSOLE_PORT=69
    w reg delete "$SERVICES\\tftpd2" /f || true

    check "tftpd run with a bad argument: code 2" tftpd 2 run -x
    check "... names it" says '-x is not understood'
    check "a value that does not fit: code 2" tftpd 2 run --set Port=70000
    check "... names what is allowed" says 'a number from 1 to 65535'
    check "a missing start directory: code 10" tftpd 10 run '-dC:\nowhere'
    check "... names it" says 'C:\nowhere'
    check "another one holds the port" console_start
    check "the port is taken: code 12" tftpd 12 run
    check "... says so" says 'the port is in use'
    check "the other one still serves" fetches hello.txt
    check "and ends" console_stop
}

# -- the run ----------------------------------------------------------------------------------------------------------

put_file "$ROOT/hello.txt"
put_file "$PREFIX/drive_c/other/other.txt"
put_file "$PREFIX/drive_c/größe/other.txt"
mkdir -p "$PREFIX/drive_c/other/up"
make_file "$ROOT/slow.bin" 5000

life
arguments
controls
parameters
sample
two_instances
failures
slow_stop
console
check "sc delete" service_delete
check_not "... leaves no service" w sc query tftpd
