#!/usr/bin/env bash
# demo.sh run   the service under Wine on UDP 69, in a prefix of its own (build/run), left running
# demo.sh stop  ends it
set -eu
. "$(dirname "$0")/common.sh"

export WINEPREFIX=$BUILD/run
out=$BUILD/run.txt
root=$WINEPREFIX/drive_c/tftpdroot

# Descriptors of make (job server, a reader's pipe) would live on in the service.
for fd in "/proc/$$/fd"/*; do
    fd=${fd##*/}
    if [ "$fd" -gt 2 ] && [ "$fd" -ne 255 ]; then eval "exec $fd>&-"; fi
done

w() { setsid --wait timeout --foreground 60 wine "$@" >"$out" 2>&1 </dev/null; }
state() {
    w sc query tftpd || true
    tr -d '\r' <"$out" | sed -n 's/.*STATE *: *[0-9]* *\([A-Z_]*\).*/\1/p'
}
wait_state() { # up to ten seconds
    local _
    for _ in {1..100}; do
        [ "$(state)" != "$1" ] || return 0
        sleep 0.1
    done
    return 1
}
port_owner() { ss -Hlunp 'sport = :69'; }

run() {
    [ "$EUID" -eq 0 ] || die "UDP port 69 needs root: run this as root."
    "$TOP/tests/setup/prefix.sh"
    if [ ! -d "$WINEPREFIX" ]; then
        "$TOP/tests/setup/prefix.sh" clone "$WINEPREFIX"
    fi
    mkdir -p "$root" "$WINEPREFIX/drive_c/tftpd"
    [ -e "$root/hello.txt" ] || echo "Hello from tftpd for Windows." >"$root/hello.txt"

    quiet setsid --wait wineserver -p || true
    if [ "$(state)" != STOPPED ]; then # runs already, or there is no such service
        w sc stop tftpd || true
        wait_gone
    fi
    if [ -n "$(port_owner)" ]; then
        wine_down
        die "UDP port 69 is taken by another program:
$(port_owner)
End that program (its pid is above), then run this again."
    fi

    cp "$BUILD/tftpd.exe" "$WINEPREFIX/drive_c/tftpd/tftpd.exe"
    [ -n "$(state)" ] || w sc create tftpd binPath= 'C:\tftpd\tftpd.exe' || die "sc create failed: $(cat "$out")"
    { w sc start tftpd -f && wait_state RUNNING; } || die "The service did not start; 'sc query' says:
$(w sc query tftpd; tr -d '\r' <"$out")
What it wrote is in $root/tftpd.log."
    fetch
}

wait_gone() {
    local _ now
    for _ in {1..100}; do
        now=$(state)
        [ -n "$now" ] && [ "$now" != STOPPED ] || return 0
        sleep 0.1
    done
    die "The service does not stop: make -f Makefile.mingw stop ends it the hard way."
}

fetch() {
    say "\$ curl tftp://127.0.0.1/hello.txt"
    curl --silent --show-error --max-time 20 tftp://127.0.0.1/hello.txt || die "The sample could not be fetched.
The service's log is $root/tftpd.log."
    say "\$ tail -n 1 'C:\\tftpdroot\\tftpd.log'"
    tail -n 1 "$root/tftpd.log" | tr -d '\r'
    say "The service runs on UDP port 69 and serves $root
To stop it: make -f Makefile.mingw stop"
}

stop() {
    if [ ! -d "$WINEPREFIX" ] || ! command -v wineserver >/dev/null; then
        say "Nothing is running."
        return
    fi
    # -k0 sends no signal, it only looks; asking the service manager would start a server to answer.
    if ! quiet wineserver -k0; then
        say "Nothing is running."
        return
    fi
    { w sc stop tftpd && wait_state STOPPED; } || say "(the service was not running)"
    w sc delete tftpd || true
    wine_down
    say "Stopped."
}

case ${1:-} in
run) run ;;
stop) stop ;;
*) die "demo.sh: run or stop?" ;;
esac
