#!/usr/bin/env bash
# Our own client against the servers of Debian: each its own reading of the RFCs. Files of every length through a network that does
# nothing, then through one that loses, doubles and disorders. (Debian's busybox has a client, and no server.)
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

TFTP=$BUILD/tftp.exe
HERE=$PREFIX/drive_c/here
mkdir -p "$HERE" "$ROOT/in"
chmod 777 "$ROOT" "$ROOT/in"

# serve NUMBER COMMAND...: in the foreground, on port 69 of 127.0.1.NUMBER.
serve() {
    local number=$1
    shift
    "$@" >>"$WORK/peers.txt" 2>&1 </dev/null &
    wait_for 60 bound "127.0.1.$number"
}
bound() { [ -n "$(ss -Hlun "src $1:69")" ]; }

check "tftpd-hpa serves" serve 1 "$BUILD/peers/usr/sbin/in.tftpd" --foreground --ipv4 --address 127.0.1.1:69 --user root \
    --create --permissive --secure "$ROOT"
check "atftpd serves" serve 2 "$BUILD/peers/usr/sbin/atftpd" --daemon --no-fork --user root.root --verbose=0 \
    --bind-address 127.0.1.2 --port 69 "$ROOT"
check "dnsmasq serves" serve 3 dnsmasq --keep-in-foreground --port=0 --enable-tftp --tftp-root="$ROOT" \
    --listen-address=127.0.1.3 --bind-interfaces --user=root --conf-file=/dev/null --log-facility=/dev/null --pid-file=

export TFTP HERE
python_cases peers.py peers
[ "$failures" -eq 0 ] || show "$WORK/peers.txt"
