#!/usr/bin/env bash
# `tftpd explain`: what it says a request would meet is what the request meets, by the rules of the registry, the final
# name, the options; and nothing is changed by asking.
. "$(dirname "$0")/lib.sh"

# explains CODE ARGUMENTS...: `tftpd explain ARGUMENTS` ends with that code; `says` looks at its answer.
explains() { asks "$1" explain "${@:2}"; }
says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
says_not() { ! grep -qF -- "$1" "$WORK/said.txt"; }

# member NAME: the value in the JSON answer, as Python prints it.
member() {
    "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$WORK/said.txt" "$1"
}
member_is() { [ "$(member "$1")" = "$2" ] || { member "$1"; false; }; }

mkdir -p "$ROOT/boot/Private" "$ROOT/up"
make_file "$ROOT/boot/Pxe.efi" 70000
make_file "$ROOT/boot/Private/key" 10
make_file "$ROOT/grün.txt" 5
find "$ROOT" | sort >"$WORK/before.txt"

# -- without a service ------------------------------------------------------------------------------------------------

check "a file that is there would be served" explains 0 get boot/pxe.efi --client 10.0.0.5 --mtu 1500 \
    --options 'blksize 65464 windowsize 4 tsize 0 multicast 1'
check "... by the item that decides" says 'decided by   Readable: *'
# shellcheck disable=SC2016 # no expansion is meant
check "... under its final name, with its size" says 'C:\tftpdroot\boot\Pxe.efi, 70000 bytes'
check "... with the block that fits the MTU" says 'OACK         blksize=1468 windowsize=4 tsize=70000 (40 bytes)'
check "... and the option that is not agreed to" says 'left out     multicast'
check "... noting that no service is installed" says 'no service tftpd is installed'
check "a longer header leaves less room" explains 0 get boot/pxe.efi --client fd00::5 --mtu 1500 --options 'blksize 65464'
check "... for a block" says 'blksize=1448'
check "without options there is no OACK" explains 0 get boot/pxe.efi --client 10.0.0.5
check "... but data" says 'DATA 1 comes first'
check "the MTU is that of the way to the client" explains 0 get boot/pxe.efi --client 127.0.0.1 --options 'blksize 65464'
check "... so that a block fits" says 'blksize=65464'
check "netascii has no size" explains 0 get boot/pxe.efi --client 10.0.0.5 --mode netascii --options 'tsize 0 blksize 512'
check "... in its OACK" says 'OACK         blksize=512 (14 bytes)'
check "a name beyond ASCII, in a redirected file" explains 0 get grün.txt --client 10.0.0.5
check "... is UTF-8" says 'C:\tftpdroot\grün.txt, 5 bytes'

check "a file that is not there would not be served" explains 1 get boot/none --client 10.0.0.5
check "... with ERROR 1" says 'would be refused with ERROR 1: File not found'
check "a parent directory is refused" explains 1 get ../secret --client 10.0.0.5
check "... with ERROR 2 and the reason" says 'ERROR 2: the name has a ".." component'
check "a write is refused" explains 1 put up/new --client 10.0.0.5
check "... because Masters is empty" says 'decided by   Masters is empty'
check "an unknown mode is refused" explains 1 get boot/pxe.efi --client 10.0.0.5 --mode mail
check "... with ERROR 4" says 'ERROR 4'
check "a broadcast address is dropped" explains 1 get boot/pxe.efi --client 255.255.255.255
check "... without an answer" says 'would be dropped'
check "without the start directory there is no service" explains 1 get boot/pxe.efi --client 10.0.0.5 '-dC:\nowhere'
check "... which is said" says 'the start directory C:\nowhere cannot be opened'
check "... with what a service answers that was running before" says 'a service that runs already refuses it with ERROR 0'

check "a master's upload would be taken" explains 0 put up/new.cfg --client 10.0.0.5 --set 'Masters=10.0.0.0/8' \
    --options 'tsize 100 blksize 1000' --mtu 1500
check "... under its name" says 'C:\tftpdroot\up\new.cfg would be created'
check "... with an OACK" says 'tsize=100 blksize=1000'
check "an upload onto a file is refused" explains 1 put boot/PXE.EFI --client 10.0.0.5 --set 'Masters=10.0.0.0/8'
check "... with ERROR 6" says 'ERROR 6: File already exists'
check "... or stored beside it" explains 0 put boot/PXE.EFI --client 10.0.0.5 --set 'Masters=*' \
    --set WhenExists=keep-both
check "... under a stamped name" grep -qE 'boot.PXE\.[0-9]{8}-[0-9]{6}\.EFI would be created' "$WORK/said.txt"
check "an upload over the limit is refused" explains 1 put up/new --client 10.0.0.5 --set 'Masters=*' \
    --set MaxUploadBytes=10 --options 'tsize 11'
check "... with ERROR 3" says 'ERROR 3'

# -- usage ------------------------------------------------------------------------------------------------------------

check "neither get nor put" explains 2 fetch x --client 10.0.0.5
check "no name" explains 2 get --client 10.0.0.5
check "... is told where it stands" says 'it stands before options'
check "no client" explains 2 get x
check "... says what to add" says '--client 10.0.0.5'
check "a client that is no address" explains 2 get x --client somebody
check "an option without its value" explains 2 get x --client 10.0.0.5 --options blksize
check "an unknown argument" explains 2 get x --client 10.0.0.5 --port 69
check "... is named" says '--port'
check "a parameter that does not exist" explains 2 get x --client 10.0.0.5 --set Prot=1

to_a_full_disk() { # COMMAND...: leaves with 7
    local rc=0
    wine 'C:\tftpd\tftpd.exe' "$@" >/dev/full 2>"$WORK/err.txt" </dev/null || rc=$?
    [ "$rc" -eq 7 ] && grep -q 'cannot be written' "$WORK/err.txt"
}
check "an answer that cannot be written is a failure" to_a_full_disk explain get boot/pxe.efi --client 10.0.0.5
check "... that of check, too" to_a_full_disk check
check "... and the help" to_a_full_disk -?

check "boot without a machine" explains 2 boot
check "... says what is missing" says 'its MAC or its GUID'
check "... nor with one behind an option" explains 2 boot --mac 52:54:00:12:34:56
check "... is told where it stands" says 'as in "explain boot 52:54:00:12:34:56'
check "a machine that is none" explains 2 boot 52:54 --on 10.1.0.2
check "... is named" says '"52:54" is no MAC'
check "an architecture that is none" explains 2 boot 52:54:00:12:34:56 --machine x46 --on 10.1.0.2
check "a port that nobody boots by" explains 2 boot 52:54:00:12:34:56 --port 69
check "... says which" says 'boot requests come to 67 and 4011'
check "port 4011 without the client's address" explains 2 boot 52:54:00:12:34:56 --port 4011
check "... says what to add" says '--client 10.0.0.5'
check "an address of the other family" explains 2 boot 52:54:00:12:34:56 --v6 --on 10.1.0.2
check "a client of the other family" explains 2 boot 52:54:00:12:34:56 --client fd00::5
check "BOOTP on 4011" explains 2 boot 52:54:00:12:34:56 --bootp --port 4011 --client 10.0.0.5
check "nowhere to ask" explains 2 boot 52:54:00:12:34:56 --machine x64
check "... says how to name a place" says '--on 10.1.0.2/24'
check "rules that do not go together" explains 1 boot 52:54:00:12:34:56 --machine x64 --on 10.1.0.2 \
    --set Pxe=answer --set PxeStyle=menu
check "... are told" says 'would not be heard: the boot parameters have no effect: PxeMenu is empty'
check "another server's file" explains 0 boot 52:54:00:12:34:56 --machine x64 --on 10.1.0.2/16 \
    --set Pxe=answer --set 'PxeBoot=x64 = a.efi server 10.0.0.9'
check "... is not looked for" says 'nobody looks whether it is there'
check "... at an address that is not there" says 'no interface that is up has it'
check "PxeV6 is off" explains 1 boot 52:54:00:12:34:56 --machine x64 --on fd00::2 --v6 --set Pxe=answer
check "... which is said" says 'would not be heard: PxeV6 is off'

# -- with the registry's parameters, beside the running service ---------------------------------------------------------

set_rules() {
    param Masters REG_SZ '127.0.0.1' &&
        param Access REG_MULTI_SZ 'allow:/boot\0deny:/boot/private\0allow:/up' &&
        param MaxBlockSize REG_DWORD 1000 && param Mtu REG_SZ soon
}
check "the service is created" service_create
check "rules are set" set_rules
check "the service starts" service_start

# meets NAME VERB: curl meets what explain says, down to the number of the ERROR.
meets() {
    local got=0 said
    explains "$([ "$3" = 0 ] && echo 0 || echo 1)" "$2" "$1" --client 127.0.0.1 --json || return 1
    said=$(member error 2>/dev/null) || said=none
    if [ "$2" = get ]; then
        curl --silent --max-time 30 --path-as-is --output /dev/null "tftp://127.0.0.1/$1" || got=$?
    else
        curl --silent --max-time 30 --path-as-is --upload-file "$ROOT/boot/Private/key" "tftp://127.0.0.1/$1" || got=$?
    fi
    [ "$got" -eq "$3" ] && [ "$said" = "$(error_of "$got")" ] || { say "explain says $said, curl $got"; false; }
}
# What curl's exit code means on the wire.
error_of() {
    case $1 in
    0) echo none ;;
    68) echo 1 ;;
    69) echo 2 ;;
    73) echo 6 ;;
    *) echo "unexpected" ;;
    esac
}
while read -r name code; do
    check "explain and the service agree about reading $name" meets "$name" get "$code"
done <<'NAMES'
boot/pxe.efi 0
BOOT/PXE.EFI 0
boot/private/key 69
boot/Private/KEY 69
boot/none 68
boot 68
up/none 68
other/none 69
tftpd.log 68
boot/../hello 69
boot/aux.txt 69
NAMES
check "an allowed name is served" explains 0 get boot/pxe.efi --client 127.0.0.1 --options 'blksize 1468'
check "... by its allow line" says 'decided by   Access: allow:/boot'
check "... within MaxBlockSize" says 'blksize=1000'
check "... noting what the registry has wrong" says 'Mtu = "soon" is refused'
check "a denied name is refused" explains 1 get BOOT/private/KEY --client 127.0.0.1
check "... by its deny line" says 'decided by   Access: deny:/boot/private'
check "another name is refused" explains 1 get grün.txt --client 127.0.0.1
check "... for want of a line" says 'Access has no allow line that leads to this name'
# Wine's own short name of the folder, where it has one; on Windows the rule is the same.
ln -s Private "$ROOT/boot/Open"
check "a detour to a denied folder is refused" explains 1 get boot/open/key --client 127.0.0.1
check "... by the final name" says 'decided by   Access: deny:/boot/private'
rm "$ROOT/boot/Open"
find "$ROOT" | sort >"$WORK/after.txt"
same_file "asking has changed nothing" "$WORK/before.txt" "$WORK/after.txt"
# Whether it is there is asked before and after.
agree_about_writing() {
    check "explain would have an upload" explains 0 put up/first --client 127.0.0.1
    check "... and the service takes it" \
        curl --silent --max-time 30 --upload-file "$ROOT/boot/Private/key" tftp://127.0.0.1/up/first
    check "explain and the service agree that it exists now" meets up/first put 73
    check "... about where nothing may be written" meets other put 69
    check "... about a denied folder" meets boot/private/new put 69
}
agree_about_writing
check "the service stops" service_stop

# -- JSON, the ImagePath's arguments, another instance ------------------------------------------------------------------

mkdir -p "$PREFIX/drive_c/else where"
make_file "$PREFIX/drive_c/else where/only.here" 33
check "another instance, with a start directory in its ImagePath" \
    w sc create other binPath= '"C:\tftpd\tftpd.exe" "-dC:\else where" -f'
check "its file would be served" explains 0 get only.here --client 10.0.0.5 --service other --json --mtu 0 \
    --options 'blksize 1468 tsize 0'
check "... the verdict" member_is verdict served
check "... the rule" member_is rule 'Readable: *'
check "... the file" member_is file 'C:\else where\only.here'
check "... the size" member_is size 33
check "... the OACK" member_is oack 'blksize=1468 tsize=33'
check "a refusal in JSON" explains 1 put 'a"b\c' --client 10.0.0.5 --service other --json
check "... the verdict" member_is verdict refused
check "... the code" member_is error 2
check "... the name as it was typed" member_is name 'a"b\c'
check "... the client" member_is client 10.0.0.5
