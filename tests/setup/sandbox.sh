#!/usr/bin/env bash
# sandbox.sh DIR COMMAND...   runs COMMAND with a Windows and a network of its own, and ends both afterwards.
# DIR/prefix is a fresh Wine prefix with its services up, DIR/work is for scratch files. The network is a new namespace
# (sockets live in wineserver, so each sandbox has its own port 69) with these addresses on the loopback device:
# 127.0.0.0/8, ::1, 10.77.0.2 and fd77::2. After success DIR is removed, after failure it is kept to be looked at.
set -eu
. "$(dirname "$0")/common.sh"

if [ "${SANDBOX_STAGE:-}" != inside ]; then
    "$TOP/tests/setup/prefix.sh"
    [ "$EUID" -eq 0 ] || die "A network namespace and port 69 need root: run this as root."
    SANDBOX_STAGE=inside exec unshare --net -- "$0" "$@"
fi
unset SANDBOX_STAGE

dir=$1
shift
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
export WINEPREFIX=$dir/prefix PREFIX=$dir/prefix WORK=$dir/work BOOT_LOG=$dir/boot.log
export ROOT=$PREFIX/drive_c/tftpdroot
export SANDBOX=$dir

leave() {
    local rc=$?
    trap '' TERM INT HUP
    wine_down
    if [ "$rc" -eq 0 ]; then rm -rf "$dir"; fi
    exit "$rc"
}
trap leave EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

quiet wineserver -k || true # of an earlier run that was killed
rm -rf "$dir"
mkdir -p "$WORK"
"$TOP/tests/setup/prefix.sh" clone "$PREFIX"
mkdir -p "$ROOT"

ip link set lo up
ip addr add 10.77.0.2/24 dev lo
ip -6 addr add fd77::2/64 dev lo nodad 2>/dev/null || say "# this kernel has no IPv6"

# The first command boots the service manager; every service inherits its stderr and its debug channels, so the calls
# to the event log, which Wine stores nowhere, can be read in boot.log.
wine_up
WINEDEBUG=-all,+eventlog,+debugstr,fixme+advapi timeout --foreground 60 wine cmd /c ver >"$BOOT_LOG" 2>&1 </dev/null

"$@"
