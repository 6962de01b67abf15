#!/usr/bin/env bash
# installer/acceptance.cmd as a person runs it who has downloaded a release: what it passes and what it leaves out under Wine,
# that nothing is left, that a tftpd which is there is not touched, and that it finds what is wrong.
# The curl.exe of Windows is played by tests/tools/curl.c.
. "$(dirname "$0")/lib.sh"
# shellcheck source=installed.bash
. "$TOP/tests/e2e/installed.bash"

RELEASE=$PREFIX/drive_c/release
REPORT=$RELEASE/tftpd-acceptance.txt
COUNTERS='HKLM\Software\Microsoft\Windows NT\CurrentVersion\Perflib\_V2Providers\{a74c8944-f116-57c0-8ffb-29650efcd94c}'
MARK='HKLM\Software\tftpd-acceptance'

# What Wine lacks, with the reason that is told. Everything else passes.
cat >"$WORK/skips.txt" <<'SKIPS'
settings: sc qsidtype says nothing here, not even of the service EventLog
check: icacls shows no access list of Windows itself
firewall: this system has no Windows Firewall
linklocal: ipconfig lists no link-local IPv6 address
events: wevtutil shows no event of Windows itself
counters: there is no typeperf.exe
moved: icacls shows no access list of Windows itself
junction: mklink makes no junction here
address: netsh adds no address to the loopback interface here
interface: it would cut this machine off; by hand: netsh interface set interface NAME disabled, enabled, and fetch again
window: there is no powershell that may do all
json: there is no powershell that may do all
arguments: sc qc says nothing here, not even of the service EventLog
recovery: sc qfailure says nothing here, not even of the service EventLog
SKIPS
PASSES='program install start fetch ipv6 addresses readonly upload existing renamed closed singleport drain stop uninstall
package left'

# -- what the checks are made of --------------------------------------------------------------------------------------

# accept CODE ARGUMENTS...: the script ends with that code; what it said is in $WORK/said.txt.
accept() {
    local wanted=$1 rc=0
    shift
    W_SECONDS=800 w cmd /c 'C:\release\acceptance.cmd' "$@" || rc=$?
    out >"$WORK/said.txt"
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}
told() { sed -n "s/^$1 //p" "$WORK/said.txt"; } # RESULT: its lines
says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
# passes NAME...: these steps, in this order, and no other.
passes() { diff <(printf '%s\n' "$@") <(told PASS | sed 's/:.*//'); }
skips() { diff "$1" <(told SKIP); } # FILE
last_line_is() { [ "$(tail -n 1 "$WORK/said.txt")" = "$1" ] || { cat "$WORK/said.txt"; false; }; }
report_has() { tr -d '\r' <"$REPORT" | grep -qF -- "$1" || { tail -n 40 "$REPORT"; false; }; }

# state NAME: services, sources of events, what is installed, and all files but the report and those of Wine itself, whose
# cmd leaves one for each command that FOR reads, into $WORK/NAME.
state() {
    local key
    for key in 'HKLM\System\CurrentControlSet\Services' 'HKLM\Software\Microsoft\Windows NT\CurrentVersion\Perflib'; do
        w reg export "$key" 'C:\part.reg' /y && iconv -f utf-16 -t utf-8 "$PREFIX/drive_c/part.reg"
        rm -f "$PREFIX/drive_c/part.reg"
    done | tr -d '\r' >"$WORK/$1"
    w reg query 'HKLM\Software' && out >>"$WORK/$1"
    (cd "$PREFIX/drive_c" && find . -path ./windows -prune -o ! -name tftpd-acceptance.txt ! -name 'CMD*.tmp' -print | sort) >>"$WORK/$1"
    [ "$(wc -l <"$WORK/$1")" -gt 100 ]
}
is_as_before() { state after && diff "$WORK/before" "$WORK/after" && ! port_bound 6969; }

put_release() { # PROGRAM FILE...
    rm -rf "$RELEASE"
    mkdir "$RELEASE"
    cp "$TOP/installer/acceptance.cmd" "$RELEASE/"
    cp "$1" "$RELEASE/tftpd.exe"
    shift
    [ $# -eq 0 ] || cp "$@" "$RELEASE/"
}

this=("$BUILD"/tftpd-*-x64.msi)
next=("$BUILD"/next/tftpd-*-x64.msi)
SYSTEM=$PREFIX/drive_c/windows/system32

# -- all of it ----------------------------------------------------------------------------------------------------------

put_release "$BUILD/tftpd.exe" "${this[-1]}" "${next[-1]}"
cp "$BUILD/tests/tools/curl.exe" "$SYSTEM/"
check "the registry and the files are noted" state before
check "acceptance.cmd passes" accept 0 /y
# shellcheck disable=SC2086 # a list of words
check "... each step that Wine can show" passes $PASSES
check "... leaves out what Wine has not, and says why" skips "$WORK/skips.txt"
check "... says first what it will do" says 'the service         tftpd-acceptance, on UDP port 6969'
check "... and ends in a count" last_line_is '17 passed, 0 failed, 14 skipped'
check "... with all that the commands said in its report" report_has 'serves C:\tftpd-acceptance\root on UDP port 6969'
check "... each line of a result, too" report_has 'PASS singleport: '
check "... and leaves nothing behind" is_as_before

# -- beside a tftpd: broken off, and then with a port that is taken ---------------------------------------------------------

put_release "$BUILD/tftpd.exe"
mv "$SYSTEM/curl.exe" "$RELEASE/"
printf 'this is hello' >"$ROOT/hello"
service_create >/dev/null
w reg add "$COUNTERS" /v ApplicationIdentity /t REG_SZ /d 'C:\tftpd\tftpd.exe' /f
check "a tftpd serves" service_start
check "the registry and the files are noted" state before

await_and_kill() {
    local pid
    wine cmd /c 'C:\release\acceptance.cmd' /y >"$WORK/broken.txt" 2>&1 </dev/null &
    pid=$!
    wait_for 300 grep -q '^PASS fetch' "$WORK/broken.txt" || return 1
    w taskkill /f /im cmd.exe # the process of the shell's is one that waits for it
    wait "$pid" || true
}
check "a run is broken off" await_and_kill
check "... with its service made by hand, as the other one has the counters" grep -q '^PASS fetch' "$WORK/broken.txt"
check "... and left running" service_is RUNNING tftpd-acceptance
"$PYTHON" -c 'import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 7070))
time.sleep(900)' &
check "a port is taken" wait_for 60 port_bound 7070
check "a run with that port fails" accept 1 /y 7070
check "... in the step that starts the service" says 'FAIL start: '
check "... of which the report has the reason" report_has 'SERVICE_EXIT_CODE  : 12'
check "... the others are left out" says 'SKIP fetch: the service is not there: see above'
check "... and counted" last_line_is '4 passed, 1 failed, 26 skipped'
check "... and what both runs made is taken away, and nothing else" is_as_before
check "... and the tftpd serves as before" fetches hello
service_stop
service_delete
w reg delete "$COUNTERS" /f

# -- a wrong program ------------------------------------------------------------------------------------------------------

put_release "$BUILD/tests/tools/privileges.exe"
check "the registry and the files are noted" state before
check "a program that is no tftpd fails" accept 1 /y
check "... in its own step" says 'FAIL program: what tftpd.exe version said: tftpd  was expected, another answer was seen'
check "... and in the next one" says 'FAIL install: exit code of sc query: 0 was expected, '
check "... and counted" last_line_is '1 passed, 2 failed, 28 skipped'
check "... and nothing is left" is_as_before

# -- it refuses -----------------------------------------------------------------------------------------------------------

check "a word that nobody knows is refused" accept 1 /y /fast
check "... in words" says 'What is understood is: "C:\release\acceptance.cmd" [/y] [PORT]'
check "... and nothing was tried" last_line_is '0 passed, 0 failed, 0 skipped'
w sc create tftpd-acceptance binPath= 'C:\windows\system32\notepad.exe'
check "somebody else's service of that name is not taken" accept 1 /y
check "... in words" says 'There is a service tftpd-acceptance that this file did not make. Nothing was changed.'
service_delete tftpd-acceptance
check "a folder of that name is not taken" eval 'mkdir "$PREFIX/drive_c/tftpd-acceptance" && accept 1 /y'
check "... in words" says 'There is a folder "C:\tftpd-acceptance" that this file did not make. Nothing was changed.'
check "... and is still there" rmdir "$PREFIX/drive_c/tftpd-acceptance"
# Who is no administrator cannot write below HKLM: a reg.exe that always fails plays that.
cp --remove-destination "$BUILD/tests/tools/regset.exe" "$SYSTEM/reg.exe"
as_nobody() { WINEDLLOVERRIDES="$WINEDLLOVERRIDES;reg.exe=n" accept 1 /y; }
check "without an administrator's rights it does nothing" as_nobody
check "... in words" says 'This needs the rights of an administrator'
cp --remove-destination "$TEMPLATE/drive_c/windows/system32/reg.exe" "$SYSTEM/"
check "... which is so" is_as_before
rm "$RELEASE/tftpd.exe"
check "without the program it does nothing" accept 1 /y
check "... in words" says 'There is no tftpd.exe beside this file'
check_not "no mark is left" w reg query "$MARK"
