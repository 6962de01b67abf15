#!/usr/bin/env bash
# The commands of the README for Windows, pasted in the order in which an administrator needs them: installed in three ways,
# configured, locked down, looked at, upgraded, removed.
. "$(dirname "$0")/lib.sh"
# shellcheck source=installed.bash
. "$TOP/tests/e2e/installed.bash"

FOLDER="$PREFIX/drive_c/Program Files/tftpd"
DOWNLOADS="$PREFIX/drive_c/downloads"
mkdir "$WORK/readme" "$DOWNLOADS" "$WORK/images"
ln -s "$WORK/images" "$PREFIX/dosdevices/d:"
mkdir -p "$WORK/images/images"
"$PYTHON" "$TOP/tests/e2e/readme.py" "$TOP/README.md" "$WORK/readme"
cp "$BUILD/tftpd.exe" "$BUILD"/tftpd-*-x64.msi "$BUILD"/next/tftpd-*-x64.msi "$DOWNLOADS/"

# enter BLOCK [FOLDER]: all its commands succeed, but those that Wine does not have.
NOT_IN_WINE='^> (netsh|sc config|sc interrogate) '
enter() {
    cp "$WORK/readme/$1.cmd" "$PREFIX/drive_c/block.cmd"
    (cd "${2:-$DOWNLOADS}" && w cmd /c 'C:\block.cmd') || true
    out >"$WORK/said.txt"
    awk -v not_here="$NOT_IN_WINE" '/^> / { command = $0 } /^RC/ { told++ } /^RC [^0]/ && command !~ not_here { failed++ }
         END { exit failed || !told }' "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }
}
said() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
leaves_the_files() { [ -z "$(service_state)" ] && ! port_bound && [ -f "$ROOT/hello" ]; }
is_refused() { ! fetches image; } # at once, with an ERROR
audits() { { enter lock-2 "$FOLDER" >/dev/null || true; } && said OK && said deny:/boot/private; }
keeps() { w reg query "$SERVICES\\tftpd\\Parameters" /v "$1" && out | grep -qF -- "$2"; }
version_is() { w 'C:\Program Files\tftpd\tftpd.exe' version && [ "$(out)" = "tftpd $1" ]; }

rmdir "$ROOT"
check "install, with the program" enter install-1
check "... it runs" service_wait RUNNING
printf 'this is hello' >"$ROOT/hello"
check "... and serves" fetches hello
check "upgrade, with the program" enter upgrade-2
check "... it runs" service_wait RUNNING
check "... and serves" fetches hello
check "uninstall" w 'C:\Program Files\tftpd\tftpd.exe' uninstall
check "... it is gone, its files are not" leaves_the_files
rm -r "$FOLDER"

check "install, with the package" enter install-2
check "... it runs" service_wait RUNNING
check "... and serves" fetches hello
check "monitor" enter monitor-1 "$FOLDER"
check "... sc query" said RUNNING
check "... tftpd status" said '1 finished'
check "configure" enter configure-1
check "boot machines" enter boot-1
check "... which is heard of" wait_for 60 keeps Pxe answer
printf 'this is image' >"$WORK/images/images/image"
check "... is in force: we are none of its clients" wait_for 60 is_refused
param Clients REG_SZ '*'
check "... and serves from the other directory" wait_for 60 fetches image
check "lock it down" enter lock-1
check "... the audit, and the rule that decides" audits
check "upgrade, with the package" enter upgrade-1
check "... it runs" service_wait RUNNING
check "... as the new version" version_is 0.1.1
check "... with the parameters as they were" keeps Masters 10.1.2.3
check "remove" enter upgrade-3
check "... it is gone, its files are not" leaves_the_files
check_not "... nor is the program there" test -e "$FOLDER"

rm -r "$ROOT"
mkdir "$FOLDER"
cp "$BUILD/tftpd.exe" "$FOLDER"
check "install, by hand" enter install-3
check "... it runs" service_wait RUNNING
printf 'this is hello' >"$ROOT/hello"
check "... and serves" fetches hello
check "... and logs" wait_for 60 grep -q hello "$LOG"
