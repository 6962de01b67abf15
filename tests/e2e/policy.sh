#!/usr/bin/env bash
# Values under HKLM\SOFTWARE\Policies\<service>, as Group Policy writes them: they win, over Parameters and over arguments,
# a change of them is live, and `tftpd explain` and `tftpd check` tell of them.
. "$(dirname "$0")/lib.sh"

POLICIES='HKLM\SOFTWARE\Policies\tftpd'

# policy NAME TYPE VALUE sets a policy, policy -d NAME deletes it, policy -d all of them with their key.
policy() {
    case $* in
    -d) w reg delete "$POLICIES" /f ;;
    '-d '*) w reg delete "$POLICIES" /v "$2" /f ;;
    *) w reg add "$POLICIES" /v "$1" /t "$2" /d "$3" /f ;;
    esac
}

# curl's exit code: 0, or 69 for an ERROR 2 (access).
fetch_gives() {
    local rc=0
    curl --silent --max-time 30 --output /dev/null "tftp://127.0.0.1/$1" || rc=$?
    [ "$rc" -eq "$2" ] || { say "curl: $rc"; false; }
}
# Live: nothing but the registry tells the service.
soon_gives() { wait_for 60 fetch_gives "$@"; }

says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
says_not() { ! grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
logged() { wait_for 60 grep -qF -- "$1" "$LOG" || { tail -n 5 "$LOG"; false; }; }
# value NAME VALUE SOURCE: the JSON of `tftpd check` has this line.
value() {
    "$PYTHON" -c '
import json, sys
lines = [line for line in json.load(open(sys.argv[1], encoding="utf-8")) if line.get("parameter") == sys.argv[2]]
assert [(line["value"], line["source"]) for line in lines] == [(sys.argv[3], sys.argv[4])], lines
' "$WORK/said.txt" "$@"
}

make_file "$ROOT/boot.img" 3000
mkdir -p "$PREFIX/drive_c/other"
make_file "$PREFIX/drive_c/other/only.here" 40

# -- a policy comes and goes while the service runs ----------------------------------------------------------------------

check "a service" service_create
check "... with a parameter of its own" param Readable REG_MULTI_SZ 'boot*\0only*'
check "... runs" service_start -f
check "without policies a file is fetched" fetch_gives boot.img 0
check "explain agrees" asks 0 explain get boot.img --client 127.0.0.1
check "... by the parameter" says 'decided by   Readable: boot*'
check "... and names no policy" says_not policy

check "a policy comes, and its key with it" policy Readable REG_MULTI_SZ '*.efi\0*.cfg'
check "the same file is refused" soon_gives boot.img 69
check "explain agrees" asks 1 explain get boot.img --client 127.0.0.1
check "... and names the policy" says 'decided by   Readable has no item that means this name (policy)'
check "the log tells the change and where it comes from" \
    logged 'Readable changed: it was "boot*;only*" and is now "*.efi;*.cfg" (policy)'
check "the policy changes" policy Readable REG_MULTI_SZ 'boot.*\0*.efi'
check "the file is fetched" soon_gives boot.img 0
check "explain names the item and the policy" asks 0 explain get boot.img --client 127.0.0.1
check "... in one" says 'decided by   Readable: boot.* (policy)'
check "Parameters changes under a policy" param Readable REG_SZ 'nothing'
check "... which is nothing to the service" fetch_gives boot.img 0
check "the policy's value goes" policy -d Readable
check "Parameters counts again" soon_gives boot.img 69
check "... as it is now" logged 'it was "boot.*;*.efi" (policy) and is now "nothing"'
param -d Readable || true
check "a file is fetched by the default" soon_gives boot.img 0
check "the whole key goes" policy -d
check "... comes again" policy Clients REG_SZ 10.9.9.9
check "... and the client is refused" soon_gives boot.img 69
check "explain names the policy that no item of which means him" asks 1 explain get boot.img --client 127.0.0.1
check "... by its parameter" says 'Clients has no item that means this address (policy)'
check "the whole key goes once more" policy -d
check "... and is in force no longer" soon_gives boot.img 0
check "paramchange reads them, too" policy Clients REG_SZ 10.9.9.9
w sc control tftpd paramchange || true
check "... at once" soon_gives boot.img 69
check "... with the answer" logged '1 changed, 0 refused'

# -- values that make no sense --------------------------------------------------------------------------------------------

param Timeout REG_DWORD 7 || true
check "a policy that makes no sense" policy Timeout REG_SZ soon
check "... is named with its key" logged \
    'the policy Timeout = "soon" is refused: it takes a number from 1 to 255 (in HKLM\SOFTWARE\Policies\tftpd)'
check "... and Parameters counts" logged 'the value in force is 7'
check "a policy that nobody knows" policy Prot REG_DWORD 7
check "... is named with its key" logged 'the parameter Prot (in HKLM\SOFTWARE\Policies\tftpd) is not known'
check "check fails" asks 2 check
check "... for the refused one" says 'the policy Timeout = "soon" is refused'
check "... with the command for its key" says 'reg delete "HKLM\SOFTWARE\Policies\tftpd" /v "Timeout" /f'
check "... warns of the unknown one" says 'the policy Prot: there is no such parameter'
check "... and says what is in force" says 'values - Timeout = "7" (Parameters)'
check "explain notes it" asks 1 explain get boot.img --client 127.0.0.1
check "... as a policy" says 'the policy Timeout = "soon" is refused'
check "a policy that opens uploads to everybody" policy Masters REG_SZ '*'
check "... is found" asks 2 check
check "... where it is" says 'reg add "HKLM\SOFTWARE\Policies\tftpd" /v Masters /t REG_SZ /d "" /f'
check "the service stops" service_stop
policy -d || true

# -- policies and arguments -----------------------------------------------------------------------------------------------

rm -f "$LOG"
check "a policy for the directory" policy Directory REG_EXPAND_SZ '%SystemDrive%\other'
check "... wins over -d" service_start '-dC:\tftpdroot' -f
LOG=$PREFIX/drive_c/other/tftpd.log
check "... what lies there is served" fetch_gives only.here 0
check "... which is told" logged \
    'the argument -dC:\tftpdroot has no effect: Directory (in HKLM\SOFTWARE\Policies\tftpd) is set by a policy'
check "the service stops again" service_stop
check "a console obeys policies, too" console_start --set 'Directory=C:\tftpdroot' --set Timeout=3
check "... serves what they say" fetch_gives only.here 0
check "... and says so" wait_for 60 grep -qF 'the argument --set Directory=C:\tftpdroot has no effect' "$WORK/console.txt"
check_not "... but of no other argument" grep -qF 'Timeout=3 has no effect' "$WORK/console.txt"
console_stop || true
check "an argument has to make sense all the same" asks 2 run --set Directory=
check "explain obeys them" asks 0 explain get only.here --client 127.0.0.1 --set 'Directory=C:\tftpdroot'
check "... and notes it" says '--set Directory=C:\tftpdroot has no effect: Directory is set by a policy'

policy -d || true
param Masters REG_SZ '*' || true
check "the policy that the editor's help advises" policy Masters REG_SZ 255.255.255.255
check "... keeps everybody from writing" asks 1 explain put new --client 127.0.0.1
check "... in spite of Parameters" says 'Masters has no item that means this address (policy)'
policy -d || true
check "the key is there again" policy Directory REG_SZ 'C:\other'

# -- what is in force, and from where -------------------------------------------------------------------------------------

check "a service with an argument" w sc create other binPath= '"C:\tftpd\tftpd.exe" "-dC:\other" -f'
policy_of_other() {
    w reg add 'HKLM\SOFTWARE\Policies\other' /v MaxWindowSize /t REG_DWORD /d 8 /f &&
        w reg add "$SERVICES\\other\\Parameters" /v MaxWindowSize /t REG_DWORD /d 9 /f &&
        w reg add "$SERVICES\\other\\Parameters" /v Mtu /t REG_DWORD /d 1400 /f
}
check "... with policies under its own name, and parameters" policy_of_other
w 'C:\tftpd\tftpd.exe' check --service other --json || true
out >"$WORK/said.txt"
check "check says what comes from a policy" value MaxWindowSize 8 policy
check "... from Parameters" value Mtu 1400 Parameters
check "... from the command line" value Directory 'C:\other' 'command line'
check "... and from nowhere" value Clients '*' default
w 'C:\tftpd\tftpd.exe' check --service other || true
out >"$WORK/said.txt"
check "the same in words" says 'values - MaxWindowSize = "8" (policy)'
check "... from the command line" says 'values - Directory = "C:\other" (command line)'
check "... with the rest in a line" grep -qE 'values - the other [0-9]+ have their defaults' "$WORK/said.txt"
check "... and who may change the policies" says 'policy key - '
w 'C:\tftpd\tftpd.exe' check --json || true
out >"$WORK/said.txt"
check "the policies of one are not another's" value MaxWindowSize 64 default
check "... which has its own" value Directory 'C:\other' policy
