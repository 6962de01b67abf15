#!/usr/bin/env bash
# `tftpd install` and `tftpd uninstall` as an administrator uses them: on a bare system, again, over a service made by hand,
# where something is in the way; and that nothing but the start directory is left behind.
. "$(dirname "$0")/lib.sh"
# shellcheck source=installed.bash
. "$TOP/tests/e2e/installed.bash"

HERE='C:\tftpd\tftpd.exe'
THERE='C:\Program Files\tftpd\tftpd.exe'
FIREWALL='HKLM\System\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
PROVIDERS='HKLM\Software\Microsoft\Windows NT\CurrentVersion\Perflib\_V2Providers'

# says STATE STEP [TEXT]: there is a line of this step in this state, with the text in it.
says() { grep -E "^$1 +$2 - " "$WORK/said.txt" | grep -qF -- "${3:-}" || { cat "$WORK/said.txt"; false; }; }
says_nowhere() { ! grep -qE "^$1 " "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
has_words() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }

# there CODE ARGUMENTS...: like asks, with the program in Program Files.
there() {
    local wanted=$1 rc=0
    shift
    w "$THERE" "$@" || rc=$?
    out >"$WORK/said.txt"
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}

# registry NAME: all services and sources of events, into $WORK/NAME.reg.
registry() {
    w reg export 'HKLM\System\CurrentControlSet\Services' "C:\\$1.reg" /y
    iconv -f utf-16 -t utf-8 "$PREFIX/drive_c/$1.reg" | tr -d '\r' >"$WORK/$1.reg"
    [ "$(wc -l <"$WORK/$1.reg")" -gt 50 ]
}
no_value() { ! w reg query "$1" /v "$2"; }
uploads() { curl --silent --show-error --max-time 30 --upload-file "$WORK/upload.txt" "tftp://127.0.0.1/$1"; }
others_may_not_write() { [ $((0$(stat -c %a "$1") & 2)) -eq 0 ] || { stat -c %a "$1"; false; }; }
# Whatever check says that Wine can judge is all right; the firewall it cannot.
content() {
    w "$HERE" check || true
    out >"$WORK/said.txt"
    ! grep -E '^(WARN|FAIL)' "$WORK/said.txt" | grep -v '^WARN  firewall - its rules cannot be read'
}

# -- on a bare system -------------------------------------------------------------------------------------------------

rmdir "$ROOT"
check "the registry is noted" registry bare
check "a dry run says what would be done" asks 0 install --dry-run
check "... each step" says 'would do' service 'tftpd runs "C:\tftpd\tftpd.exe" as NT AUTHORITY\LocalService'
check "... and that nothing was" has_words 'nothing was changed'
check "... which is so" registry after
same_file "... in the registry" "$WORK/bare.reg" "$WORK/after.reg"
check_not "... and on the disk" test -e "$ROOT"

check "tftpd install" asks 0 install
for step in service 'display name' description dependencies 'event source' parameters 'start directory' start; do
    check "... does its step: $step" says 'done' "$step"
done
check "... leaves out what Wine has not" says 'left out' recovery 'this system has nothing of this kind'
check "... the service runs" service_is RUNNING tftpd
printf 'this is hello' >"$ROOT/hello"
check "... and a file is fetched" fetches hello
keep "$SERVICES\\tftpd"
check "ImagePath is quoted" value ImagePath '"C:\tftpd\tftpd.exe"'
check "it starts with Windows" value Start 0x2
check "its account is LocalService" value ObjectName 'NT AUTHORITY\LocalService'
check "it waits for the network" value DependOnService 'Tcpip\0Afd'
check "nobody may write" value Masters REG_SZ
check "the start directory is the usual one" value Directory '%SystemDrive%\tftpdroot'
check "others may not write in it" others_may_not_write "$ROOT"
keep "$SERVICES\\EventLog\\Application\\tftpd"
check "Event Viewer finds the texts" value EventMessageFile 'C:\tftpd\tftpd.exe'
check "... of the categories too" value CategoryCount 0x5
check "tftpd check finds nothing" content

# -- again ------------------------------------------------------------------------------------------------------------

check "the registry is noted" registry once
check "a second install" asks 0 install
check "... has nothing to do" says_nowhere 'done'
check "... and says so" says 'already so' service
check "... of each step" says 'already so' 'start directory' 'C:\tftpdroot'
check "the registry is noted" registry twice
same_file "... and is what it was" "$WORK/once.reg" "$WORK/twice.reg"
check "parameters are edited" param Masters REG_SZ 10.77.0.0/16
check "... one more" param MaxTransfers REG_DWORD 77
check "an install with other wishes" asks 0 install --masters '*' --root 'C:\elsewhere'
check "... says that they stay" says 'already so' parameters 'what was there before stays'
keep "$SERVICES\\tftpd"
check "... and they do" value Masters 10.77.0.0/16
check "... both" value MaxTransfers 0x4d
check_not "... and no other directory is made" test -e "$PREFIX/drive_c/elsewhere"
check "a start type can be changed" asks 0 install --start demand
keep "$SERVICES\\tftpd"
check "... in the service" value Start 0x3
check "... and counts at the next start, which it says" says 'already so' start 'counts when it starts again'
check "what is not named stays" asks 0 install
keep "$SERVICES\\tftpd"
check "... as it was" value Start 0x3

# -- away -------------------------------------------------------------------------------------------------------------

check "uninstall --dry-run" asks 0 uninstall --dry-run
check "... says what would be done" says 'would do' service 'there is no service tftpd'
check "... and does nothing" service_is RUNNING tftpd
check "uninstall --keep-service" asks 0 uninstall --keep-service
check "... keeps the service running" service_is RUNNING tftpd
keep "$SERVICES\\tftpd"
check "... with its parameters" value Masters 10.77.0.0/16
check "... and takes the rest" no_key "$SERVICES\\EventLog\\Application\\tftpd"
check "tftpd uninstall" asks 0 uninstall
check "... stops it" says 'done' start 'tftpd does not run'
check "... takes it away" says 'done' service
check "the registry is noted" registry after
same_file "... and is as before the installation" "$WORK/bare.reg" "$WORK/after.reg"
check "the start directory stays with what is in it" grep -qx 'this is hello' "$ROOT/hello"
check "a second uninstall has nothing to do" asks 0 uninstall
check "... and says so" says 'already so' service 'there is no service tftpd'

# -- over a service made by hand --------------------------------------------------------------------------------------

mkdir -p "$PREFIX/drive_c/Program Files/tftpd"
cp "$BUILD/tftpd.exe" "$PREFIX/drive_c/Program Files/tftpd/"
chmod 777 "$ROOT"
check "a service is made as the original was" w sc create tftpd binPath= 'C:\Program Files\tftpd\tftpd.exe -f' start= auto
check "tftpd install completes it" there 0 install
keep "$SERVICES\\tftpd"
check "... with quotation marks and its arguments" value ImagePath '"C:\Program Files\tftpd\tftpd.exe" -f'
check "... with fewer rights" value ObjectName 'NT AUTHORITY\LocalService'
check "... starting as it did" value Start 0x2
check "... in a directory that others no longer write in" others_may_not_write "$ROOT"
check "... and runs" fetches hello
check "tftpd check finds nothing" content
check "a tftpd in another folder takes it over" asks 0 install
check "... and says whose it was" says 'done' service 'it ran C:\Program Files\tftpd\tftpd.exe'
keep "$SERVICES\\tftpd"
check "... with the arguments" value ImagePath '"C:\tftpd\tftpd.exe" -f'
check "any tftpd takes it away" there 0 uninstall
check "... and it is gone" no_key "$SERVICES\\tftpd"
check "a service that another program has made" w sc create foreign binPath= 'C:\windows\system32\notepad.exe'
check "... is not taken over" asks 31 install --name foreign
check "... in words" has_words "the service foreign is another program's, C:\\windows\\system32\\notepad.exe"
check "... nor taken away" asks 31 uninstall --name foreign
keep "$SERVICES\\foreign"
check "... and stays what it was" value ImagePath 'C:\windows\system32\notepad.exe'

# -- uploads, wishes, and what is in the way --------------------------------------------------------------------------

echo backup >"$WORK/upload.txt"
check "an install with masters in a directory of its own" \
    asks 0 install --masters '127.0.0.0/8;::1' --root 'C:\boot images\' --account networkservice --start=auto
check "... which it made" test -d "$PREFIX/drive_c/boot images/upload"
keep "$SERVICES\\tftpd"
check "... Masters are a list" value Masters '127.0.0.0/8\0::1'
check "... the account is the one" value ObjectName 'NT AUTHORITY\NetworkService'
check "... uploads have a place" uploads upload/switch.cfg
check_not "... and no other" uploads switch.cfg
check "tftpd check finds nothing" content
check "another instance, stopped" asks 0 install --name tftpd2 --no-start
check "... says nothing of a start" says_nowhere '[a-z ]+ start '
check "... and does not run" service_is STOPPED tftpd2
check "one that cannot start, for the port is taken" asks 39 install --name tftpd2
check "... says why" says FAILED start 'exit code 12'
check "... and what to do" says FAILED start 'do it with: sc start "tftpd2"'
check "it is taken away" asks 0 uninstall --name tftpd2
check "... and the first one still runs" service_is RUNNING tftpd
check "it goes, too" asks 0 uninstall

w reg add "$FIREWALL" /f || true
w reg add "$PROVIDERS" /f || true
check "Wine's netsh changes no firewall, its lodctr no counters" asks 37 install --no-start
check "... which is seen" says FAILED firewall 'nothing changed'
check "... with the command" says FAILED firewall \
    'netsh.exe" advfirewall firewall add rule name="tftpd" dir=in action=allow protocol=UDP program="C:\tftpd\tftpd.exe"'
check "... of the counters too" says FAILED counters 'lodctr.exe" /m:"C:\tftpd\tftpd-counters.man"'
same_file "... and their manifest is beside the program" "$TOP/installer/tftpd-counters.man" \
    "$PREFIX/drive_c/tftpd/tftpd-counters.man"
check "... and the rest is done" service_is STOPPED tftpd
check "without a wish for a rule" asks 38 install --no-start --firewall off
check "... none is made" says_nowhere '[a-z ]+ firewall '
check "... nor the one that keeps boot requests out" says_nowhere '[a-z ]+ boot firewall '
w reg add "$FIREWALL" /v mine /t REG_SZ /f \
    /d 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\tftpd\tftpd.exe|Name=tftpd|' || true
w reg add "$FIREWALL" /v other /t REG_SZ /f \
    /d 'v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=17|Profile=Public|LPort=67|LPort=547|LPort=4011|App=C:\tftpd\tftpd.exe|Name=tftpd boot|' || true
check "where there are the rules" asks 38 install --no-start
check "... that of boot requests is so already" says 'already so' 'boot firewall'
check "... it is so already" says 'already so' firewall
w reg delete "$FIREWALL" /v mine /f || true
w reg delete "$FIREWALL" /v other /f || true
w reg add "$FIREWALL" /v rule /t REG_SZ /f \
    /d 'v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\tftpd\tftpd.exe|Name=tftp for all|' || true
check "a rule of another name is left alone" asks 0 uninstall
check_not "... the manifest is not" test -e "$PREFIX/drive_c/tftpd/tftpd-counters.man"
keep "$FIREWALL"
check "... and stays" value rule 'tftp for all'

check "a whole drive is no start directory" asks 36 install --root 'C:\'
check "... in words" has_words 'whole drive'
check "... nor is a folder of Windows" asks 36 install --root 'C:\windows\boot'
check "... nor is half a path" asks 36 install --root images
chmod 666 "$PREFIX/drive_c/tftpd/tftpd.exe"
check "a program that others may change is no service" asks 31 install
check "... in words" has_words 'Everyone may write C:\tftpd\tftpd.exe'
chmod 644 "$PREFIX/drive_c/tftpd/tftpd.exe"
check "an argument that nobody knows" asks 2 install --fast
check "... is named" has_words '--fast is not understood'
check "all that changed nothing" no_key "$SERVICES\\tftpd"
