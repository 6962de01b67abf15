#!/usr/bin/env bash
# `tftpd check`: each thing that can be wrong with an installation here is made wrong, seen, and mended with the very
# command that the line names, as far as Wine has that command.
. "$(dirname "$0")/lib.sh"

# checks CODE ARGUMENTS...: `tftpd check ARGUMENTS` ends with that code; `line` looks at what it says.
checks() { asks "$1" check "${@:2}"; }
# line STATE CHECK [TEXT]: there is a line of this check in this state, with the text in it.
line() { grep -E "^$1 +$2 - " "$WORK/said.txt" | grep -qF -- "${3:-}" || { cat "$WORK/said.txt"; false; }; }
no_line() { ! grep -qE "^$1 +$2 - " "$WORK/said.txt"; }

# mend CHECK: runs what the line of this check says, in Windows' own shell. Only commands that stay inside the sandbox
# whatever their arguments are: Wine's drive Z: is the whole machine, and its `del` follows links.
mend() {
    local command
    command=$(grep -E "^(WARN|FAIL) +$1 - " "$WORK/said.txt" | head -n 1 | sed 's/.* - //')
    case $command in
    'sc create '* | 'sc config '* | 'sc start '* | 'net stop '* | 'reg add "HKLM'* | 'reg delete "HKLM'*) ;;
    'mkdir "C:\tftpdroot"' | 'mkdir %SystemDrive%\tftpdroot & reg add "HKLM'*) ;;
    *) say "this is not run here: $command"; return 1 ;;
    esac
    if [[ $command == 'net stop '*' & '* ]]; then # Wine's does not wait until the service has stopped
        w cmd /c "${command%% & *}" && service_wait STOPPED || { out; return 1; }
        command=${command#* & }
    fi
    printf '%s\r\n' "$command" >"$PREFIX/drive_c/mend.bat"
    # Neither do its `sc start` and `net start` wait until a service runs.
    w cmd /c 'C:\mend.bat' && wait_for 60 service_settled tftpd || { out; return 1; }
}
# mended STATE CHECK: the line's command changes it to that state.
mended() {
    check "$2: its command can be typed" mend "$2"
    w 'C:\tftpd\tftpd.exe' check || true
    out >"$WORK/said.txt"
    check "$2: and mends it" line "$1" "$2"
}

# -- nothing installed ------------------------------------------------------------------------------------------------

check "without a service it fails" checks 2
check "... and says so" line FAIL service 'no service tftpd is installed'
check "... and how to install it" line FAIL service 'sc create tftpd binPath= "\"C:\tftpd\tftpd.exe\"" start= auto'
check "... but praises what is right" line OK Masters 'nobody may write'
check "... and passes over what is not there" no_line '[A-Z]+' 'program file'
check "the firewall's rules cannot be seen here" line WARN firewall 'cannot be read'
mended OK service

# -- as it should be --------------------------------------------------------------------------------------------------

FIREWALL='HKLM\System\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
allow_in_firewall() {
    w reg add "$FIREWALL" /v rule /t REG_SZ /f \
        /d 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\tftpd\tftpd.exe|Name=tftpd|'
}
check "a firewall rule is made" allow_in_firewall
check "a stopped service is worth a warning" checks 1
check "... which is its state's" line WARN state 'sc start tftpd'
mended OK state
check "the installation is all right" checks 0
check "... every line of it" test -z "$(grep -v '^OK ' "$WORK/said.txt")"
check "... the port is the service's" line OK port 'the service listens on UDP port 69'
check "... the firewall lets requests in" line OK firewall '"tftpd" lets requests in'
check "... the version is ours" line OK version "$(sed -n 's/^VERSION := //p' "$TOP/Makefile.mingw")"

# -- parameters -------------------------------------------------------------------------------------------------------

check "Masters is opened as MS06-077 found it" param Masters REG_SZ '*'
check "that fails" checks 2
check "... with the command" line FAIL Masters \
    'reg add "HKLM\SYSTEM\CurrentControlSet\Services\tftpd\Parameters" /v Masters /t REG_SZ /d "" /f'
check "... and Writable is worth a warning" line WARN Writable
mended OK Masters
check "a network may write" param Masters REG_SZ 10.0.0.0/8
check "that is worth a warning, for Writable is *" checks 1
check "... for Writable" line WARN Writable
mended OK Writable
check "a value is wrong, under its other name" param Writeable REG_DWORD 7
check "... and Writable is not there" param -d Writable
check "that fails" checks 2
check "... under that name" line FAIL parameters '/v "Writeable" /f'
mended OK parameters
check "a name is wrong" param Prot REG_DWORD 70
check "that is worth a warning" checks 1
mended OK parameters
param -d Masters || true

# -- the service's own ------------------------------------------------------------------------------------------------

# Wine's sc knows no "config"; there is another way to begin by hand.
check "a service that is started by hand" w sc create byhand binPath= '"C:\tftpd\tftpd.exe"'
check "fails, for the first has its port" checks 2 --service byhand
check "... with the name of that" line FAIL port 'service tftpd), which keeps the service from starting'
check "... and warns of the start type" line WARN 'start type' 'sc config byhand start= auto'
# As the original was installed: no quotation marks, spaces, all the rights.
mkdir -p "$PREFIX/drive_c/Program Files/tftpd"
cp "$BUILD/tftpd.exe" "$PREFIX/drive_c/Program Files/tftpd/"
check "the service stops" service_stop
check "another service is installed as the original was" \
    w sc create other binPath= 'C:\Program Files\tftpd\tftpd.exe -f' start= auto
check "that fails" checks 2 --service other
check "... for its path" line FAIL 'program path' 'no quotation marks'
check "... warns of its account" line WARN account 'sc config other obj= "NT AUTHORITY\LocalService"'

# -- files ------------------------------------------------------------------------------------------------------------

check "the service starts, with a log file" service_start -f
make_file "$ROOT/boot.img" 100
chmod 666 "$ROOT/boot.img"
chmod 777 "$ROOT"
chmod 666 "$LOG"
mkdir -p "$PREFIX/drive_c/outside"
make_file "$PREFIX/drive_c/outside/secret" 10
ln -s ../outside/secret "$ROOT/link"
echo half >"$ROOT/~tftpd-0123.part"
check "what others may change fails" checks 2
check "... the directory" line FAIL 'its permissions' 'Everyone may write in C:\tftpdroot'
check "... a file in it" line FAIL 'files in it' 'Everyone may write C:\tftpdroot\boot.img'
check "... the log" line WARN 'log file' 'Everyone may write'
check "... a link that leads out" line WARN 'links in it' 'C:\tftpdroot\link, which leads to C:\outside\secret'
check "... an upload left over" line WARN 'unfinished uploads' '~tftpd-0123.part'
check "... which Wine does not call a link, so that nothing is to be deleted" line WARN 'links in it' 'dir /al /s'
rm "$ROOT/link"
mended OK 'unfinished uploads'
chmod 755 "$ROOT"
chmod 600 "$ROOT/boot.img"
chmod 644 "$LOG"
check "a file that keeps the service out, as one that was moved there does, fails" checks 2
check "... by name" line FAIL 'files in it' 'the first is C:\tftpdroot\boot.img; a file that was moved keeps the rights'
check "... with the command" line FAIL 'files in it' 'icacls "C:\tftpdroot\*" /reset /T /C'
chmod 644 "$ROOT/boot.img"
check "read by all it is all right" checks 0
check "the service stops at the end" service_stop
mv "$ROOT" "$ROOT.away"
check "a start directory that is not there fails" checks 2
mended OK 'start directory'
rmdir "$ROOT" && mv "$ROOT.away" "$ROOT"
param Directory REG_SZ 'C:\' || true
check "a whole drive fails" checks 2
check "... as a start directory" line FAIL 'its place' 'whole drive'
mended OK 'its place'
param Directory REG_SZ 'C:\windows\system32' || true
check "a folder of Windows fails" checks 2
check "... as a start directory" line FAIL 'its place' '%SystemRoot%'
check "... and says when it stopped looking" test -n "$(grep -E 'files in it' "$WORK/said.txt")"
param -d Directory || true

# -- ports ------------------------------------------------------------------------------------------------------------

check "somebody else takes the port" console_start
check "that fails" checks 2
check "... with his name" line FAIL port 'held by tftpd.exe (process'
check "... and how to end him" line FAIL port 'taskkill /pid'
console_stop || true
w reg add "$FIREWALL" /v block /t REG_SZ /f /d 'v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort=69|Name=no tftp|' ||
    true
check "a firewall rule that blocks fails" checks 2
check "... by name" line FAIL firewall 'name="no tftp" new enable=no'

# -- usage and JSON ---------------------------------------------------------------------------------------------------

check "an unknown argument is refused" checks 2 --all
check "... by name" grep -qF -- '--all is not understood' "$WORK/said.txt"
check "another service can be asked about in JSON" checks 2 --service=nobody --json
check "... as an array of objects" "$PYTHON" -c '
import json, sys
lines = json.load(open(sys.argv[1], encoding="utf-8"))
members = {"check", "state", "meaning", "mend"}
assert all(set(line) - {"parameter", "value", "source"} == members for line in lines), lines
assert all(set(line) == members for line in lines if line["check"] != "values"), lines
assert lines[0]["check"] == "service" and lines[0]["state"] == "FAIL" and "nobody" in lines[0]["mend"], lines[0]
assert all((line["mend"] is None) == (line["state"] == "OK") for line in lines), lines
' "$WORK/said.txt"
