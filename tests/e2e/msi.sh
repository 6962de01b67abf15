#!/usr/bin/env bash
# The package, as msiexec installs it on a bare system: installed, upgraded, refused, removed; and that nothing but the
# start directory is left behind. What Windows' installer does otherwise is played in tests/package.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=installed.bash
. "$TOP/tests/e2e/installed.bash"

INSTALLED='C:\Program Files\tftpd\tftpd.exe'
CLIENT='C:\Program Files\tftpd\tftp.exe'
FOLDER="$PREFIX/drive_c/Program Files/tftpd"
ARP='HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall'
# What msiexec ends with, as far as Wine lets it through: the low eight bits.
REFUSED=$((1603 & 255))
FAILED=$((1627 & 255))

this=("$BUILD"/tftpd-*-x64.msi)
next=("$BUILD"/next/tftpd-*-x64.msi)
cp "${this[-1]}" "$PREFIX/drive_c/this.msi"
cp "${next[-1]}" "$PREFIX/drive_c/next.msi"
version_of() { msiinfo export "$1" Property | sed -n 's/^ProductVersion\t\([0-9.]*\).*/\1/p'; }
code_of() { msiinfo export "$1" Property | sed -n 's/^ProductCode\t\({[-0-9A-F]*}\).*/\1/p'; }

# -- what the checks are made of --------------------------------------------------------------------------------------

# msi CODE ARGUMENTS...: silently, with a log that is shown when it ends otherwise. The command is a line as it is typed,
# since what has to be quoted of PROPERTY="a b" is the value alone: msiexec refuses "PROPERTY=a b".
msi() {
    local wanted=$1 rc=0 argument line=msiexec
    shift
    for argument in "$@"; do
        [[ $argument != *=*' '* ]] || argument="${argument%%=*}=\"${argument#*=}\""
        line+=" $argument"
    done
    printf '@%s /qn /l*v C:\msi.log\r\n' "$line" >"$PREFIX/drive_c/msi.cmd"
    w cmd /c 'C:\msi.cmd' || rc=$?
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; tr -d '\0' <"$PREFIX/drive_c/msi.log" | tail -n 30; false; }
}
# registry NAME: what an installation changes, and much around it, into $WORK/NAME.reg; but not Windows Installer's own
# books, which remember for ever what is permanent.
registry() {
    local key
    w reg query 'HKLM\Software' && out >"$WORK/$1.reg"
    for key in 'HKLM\System\CurrentControlSet\Services' 'HKLM\Software\Microsoft\Windows\CurrentVersion'; do
        w reg export "$key" 'C:\part.reg' /y && iconv -f utf-16 -t utf-8 "$PREFIX/drive_c/part.reg"
    done | tr -d '\r' | awk '/^\[/ { is_book = /\\Installer[]\\]/ } !is_book' >>"$WORK/$1.reg"
    [ "$(wc -l <"$WORK/$1.reg")" -gt 100 ]
}
# registry_is NAME: it is what it was then.
registry_is() { registry now && diff "$WORK/$1.reg" "$WORK/now.reg"; }

runs_version() { w "$INSTALLED" version && [ "$(out)" = "tftpd $1" ]; }
client_version() { w "$CLIENT" -V && [ "$(out)" = "tftp $1" ]; }
put_file() { # PATH
    mkdir -p "$(dirname "$1")"
    printf 'this is %s' "$(basename "$1")" >"$1"
}
# slow_client NAME BLOCKS: a second for each block; says in $WORK/slow.txt how many have come, and in the end "whole".
slow_client() {
    "$PYTHON" - "$1" "$2" "$WORK/slow.txt" <<'END'
import socket, struct, sys, time
name, blocks, path = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3]
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(60)
client.sendto(b"\0\1" + name + b"\0octet\0timeout\00030\0", ("127.0.0.1", 69))
expected = 0
while expected <= blocks:
    packet, source = client.recvfrom(600)
    opcode, block = struct.unpack_from("!HH", packet)
    if opcode == 6:
        block = 0
    if block == expected and opcode in (3, 6):
        open(path, "w").write("%d\n" % expected)
        time.sleep(1 if expected < blocks else 0)
        expected += 1
    client.sendto(struct.pack("!HH", 4, block), source)
open(path, "w").write("whole\n")
END
}
nothing_is_left() { [ ! -e "$FOLDER" ] && ! service_is RUNNING tftpd && no_key "$SERVICES\\tftpd"; }

# -- refused: nothing is changed --------------------------------------------------------------------------------------

rmdir "$ROOT"
check "the registry is noted" registry bare
check "a start that there is not is refused" msi "$REFUSED" /i 'C:\this.msi' START=sometimes
check "a firewall that is neither on nor off" msi "$REFUSED" /i 'C:\this.msi' FIREWALL=perhaps
check "a start directory without a drive" msi "$REFUSED" /i 'C:\this.msi' TFTPROOT=images
check "an account that would end in the middle of a command" msi "$REFUSED" /i 'C:\this.msi' 'ACCOUNT=x\'
check "... all of them changed nothing" nothing_is_left
service_create tftpd >/dev/null
w reg add "$SERVICES\\tftpd" /v ImagePath /t REG_EXPAND_SZ /d 'C:\windows\system32\notepad.exe' /f
check "another program's service is not taken" msi "$REFUSED" /i 'C:\this.msi'
keep "$SERVICES\\tftpd"
check "... and is as it was" value ImagePath notepad.exe
service_delete tftpd
check "a start directory that tftpd install refuses" msi "$FAILED" /i 'C:\this.msi' 'TFTPROOT=C:\windows'
check "... is rolled back" nothing_is_left

# -- installed --------------------------------------------------------------------------------------------------------

check "msiexec /i" msi 0 /i 'C:\this.msi'
check "the service runs" service_wait RUNNING
put_file "$ROOT/hello"
check "a client fetches a file" fetches hello
check "the program is the package's version" runs_version "$(version_of "${this[-1]}")"
check "... and so is the client beside it" client_version "$(version_of "${this[-1]}")"
check "... which fetches from it" w "$CLIENT" -i 127.0.0.1 get hello 'C:\hello'
same_file "... whole" "$ROOT/hello" "$PREFIX/drive_c/hello"
keep "$SERVICES\\tftpd"
check "ImagePath is quoted" value ImagePath '"C:\Program Files\tftpd\tftpd.exe"'
check "the account is LocalService" value ObjectName 'NT AUTHORITY\LocalService'
check "the start directory is the usual one" value Directory '%SystemDrive%\tftpdroot'
check "nobody may write" value Masters REG_SZ
keep "$SERVICES\\EventLog\\Application\\tftpd"
check "Event Viewer finds the texts" value EventMessageFile "$INSTALLED"
keep "$ARP\\$(code_of "${this[-1]}")"
check "the list of programs has it" value DisplayVersion "$(version_of "${this[-1]}")"
check "... with its publisher" value Publisher 'tftpd for Windows contributors'
check "tftpd install has nothing left to do" w "$INSTALLED" install --dry-run
check_not "... but what Wine has not" grep -E '^would do +(service|display|description|depend|event|parameters|start)' "$WORK/out.txt"

# -- upgraded ---------------------------------------------------------------------------------------------------------

put_file "$PREFIX/drive_c/other place/there"
param Directory REG_SZ 'C:\other place'
param Masters REG_SZ '10.9.8.7'
param MaxBlockSize REG_DWORD 1024
param DrainSeconds REG_DWORD 50
head -c $((15 * 512 - 1)) /dev/zero >"$PREFIX/drive_c/other place/slow.bin"
slow_client slow.bin 15 &
client=$!
check "a transfer is under way" wait_for 60 test -s "$WORK/slow.txt"
check "msiexec /i with a higher version" msi 0 /i 'C:\next.msi' 'TFTPROOT=C:\elsewhere' MASTERS=10.1.1.1
check "... waits for the transfer, as DrainSeconds says" grep -qx whole "$WORK/slow.txt"
wait "$client" || true
check "the service runs again" service_wait RUNNING
check "the program was replaced" runs_version "$(version_of "${next[-1]}")"
check "... and the client" client_version "$(version_of "${next[-1]}")"
keep "$SERVICES\\tftpd"
check "the edited parameters are kept: Directory" value Directory 'C:\other place'
check "... Masters" value Masters 10.9.8.7
check "... MaxBlockSize" value MaxBlockSize 0x400
check "... and in force" fetches there
check_not "no other start directory was made" test -e "$PREFIX/drive_c/elsewhere"
check "ImagePath is still quoted" value ImagePath '"C:\Program Files\tftpd\tftpd.exe"'
keep "$ARP\\$(code_of "${next[-1]}")"
check "the list of programs has the new version" value DisplayVersion "$(version_of "${next[-1]}")"
check "... and no longer the old one" no_key "$ARP\\$(code_of "${this[-1]}")"
check "a lower version is refused" msi "$REFUSED" /i 'C:\this.msi'
check "... and the higher one stays" runs_version "$(version_of "${next[-1]}")"

# -- removed ----------------------------------------------------------------------------------------------------------

check "msiexec /x" msi 0 /x 'C:\next.msi'
check "service, program and folder are gone" nothing_is_left
check "the registry is as it was before" registry_is bare
check "the start directory stays, with what is in it" test -f "$ROOT/hello"
check "... and so does the other one" test -f "$PREFIX/drive_c/other place/there"

# -- the properties, given once and remembered ------------------------------------------------------------------------

check "msiexec /i with properties" msi 0 /i 'C:\this.msi' 'TFTPROOT=C:\my images\boot' 'MASTERS=10.1.2.3;10.2.0.0/16' \
    START=demand 'ACCOUNT=NT AUTHORITY\NetworkService' FIREWALL=off
keep "$SERVICES\\tftpd"
check "TFTPROOT is the parameter Directory" value Directory 'C:\my images\boot'
check "... and a folder" test -d "$PREFIX/drive_c/my images/boot"
check "... with the folder for uploads in it" test -d "$PREFIX/drive_c/my images/boot/upload"
check "MASTERS is the parameter" value Masters '10.1.2.3\010.2.0.0/16'
check "START=demand: nobody started it" service_is STOPPED tftpd
check_kept() {
    keep "$SERVICES\\tftpd"
    check "$1: START" value Start 0x3
    check "$1: ACCOUNT" value ObjectName 'NT AUTHORITY\NetworkService'
    keep 'HKLM\Software\tftpd'
    check "$1: FIREWALL" value Firewall off
}
check_kept "installed with"
check "msiexec /i with a higher version and no properties" msi 0 /i 'C:\next.msi'
check_kept "remembered"
check "... and it was not started" service_is STOPPED tftpd
check "msiexec /x by its code" msi 0 /x "$(code_of "${next[-1]}")"
check "the registry is as it was before" registry_is bare
check "the start directory stays" test -d "$PREFIX/drive_c/my images/boot"
