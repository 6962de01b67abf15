#!/usr/bin/env bash
# `tftp probe` and `tftp size`: each fault that a server or a way to it may have is made up and has to be called by its name;
# nothing is written, nothing is left, limits are kept. The faults are in probe.py, by count and by size: no clock decides.
# A second network namespace stands at the other end of a link: 10.78.0.2 there, 10.78.0.1 here, nobody at 10.78.0.3. It is
# a router, too, which says that there is no way to 10.79.0.0/24.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

export TFTP=$BUILD/tftp.exe

far_end() {
    unshare --net sleep 300 &
    FAR=$!
    wait_for 60 other_network "$FAR"
    ip link add near type veth peer name far netns "$FAR"
    ip addr add 10.78.0.1/24 dev near
    ip link set near up
    far ip addr add 10.78.0.2/24 dev far
    far ip link set far up
    far sysctl -qw net.ipv4.ip_forward=1
    far ip route add unreachable 10.79.0.0/24
    ip route add 10.79.0.0/24 via 10.78.0.2
    far "$PYTHON" -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.78.0.2", 69))
time.sleep(300)' &
    wait_for 60 sink_bound
}
other_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
far() { nsenter --target "$FAR" --net "$@"; }
sink_bound() { [ -n "$(far ss -Hlun 'sport = :69')" ]; }

# tftp CODE ARGUMENTS...: it ends with that code; its words are in told.txt and said.txt.
tftp() {
    local wanted=$1 rc=0
    shift
    timeout --foreground --kill-after=5 60 wine "$TFTP" "$@" >"$WORK/told.txt" 2>"$WORK/said.txt" </dev/null || rc=$?
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; cat "$WORK/told.txt" "$WORK/said.txt"; false; }
}
told() { tr -d '\r' <"$WORK/told.txt" | grep -qE -- "$1" || { cat "$WORK/told.txt"; false; }; }
said() { tr -d '\r' <"$WORK/said.txt" | grep -qE -- "$1" || { cat "$WORK/said.txt"; false; }; }
only_files() { [ "$(find "$ROOT" -type f -printf '%f\n' | grep -v '\.log$' | sort | tr '\n' ' ')" = 'boot.bin large.bin small.bin ' ]; }

# It asks where nobody answers; then the signal.
interrupted() {
    local rc=0 pid
    wine "$TFTP" probe --trace 10.78.0.2 >"$WORK/told.txt" 2>"$WORK/said.txt" </dev/null &
    pid=$!
    wait_for 60 grep -q RRQ "$WORK/said.txt" || return 1
    kill -INT "$pid"
    wait "$pid" || rc=$?
    [ "$rc" -eq 130 ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}

far_end
make_file "$ROOT/boot.bin" 500000
make_file "$ROOT/large.bin" 3000000
make_file "$ROOT/small.bin" 300

# -- the command ------------------------------------------------------------------------------------------------------

check "probe has a help of its own" tftp 0 probe '-?'
check "... with its limits" said '30 s and 16 MiB'
check "a probe of nothing" tftp 2 probe
check "--deep is for a probe alone" tftp 2 --deep get tftp://127.0.0.1/boot.bin
check "no such host" tftp 10 probe no.such.host.invalid --json
check "... for programs, too" told '"exit": ?10'

# -- our service as it comes -------------------------------------------------------------------------------------------

check "the service starts" console_start -f --set 'Masters=*' --set ErrorsPerSecond=1000
check "size tells the size" tftp 0 size tftp://127.0.0.1/boot.bin
check "... and nothing else" told '^500000$'
check "size of what is not there" tftp 21 size tftp://127.0.0.1/nothing.bin
check "... with the server's words" said '"nothing.bin" on 127\.0\.0\.1: ERROR 1, "File not found"'
check "... for programs, too" tftp 21 size tftp://127.0.0.1/nothing.bin --json
check "... with the same words" told '"error_code": ?1, ?"error_text": ?"File not found"'
check "all is well" tftp 0 probe 127.0.0.1 large.bin
check "... in words" told 'OK    answer       127\.0\.0\.1 answers in .*, 3 of 3 requests'
check "... with what to type" told 'for this way: tftp -b 1428 -w [0-9]+'
# (More than 65535 blocks are not asked of this file: under Wine they take their time; unit tests and worlds have them.)
check "--deep looks at manners" tftp 0 probe ::1 boot.bin --deep
check "... as the timer" told 'OK +timer +a block that is not acknowledged comes again after'
check "... over IPv6" told 'OK +answer +::1 answers'
check "one port of its own is enough" tftp 0 probe 127.0.0.1 boot.bin --deep --local-port 50123
check "... for all but a stranger's ACK" told 'OK +doubled ACK +'
check "a file that is too short for it" tftp 0 probe 127.0.0.1 small.bin
check "... is said to be" told 'too short to measure blocks'
check "Ctrl+C ends it with 130" interrupted
python_cases probe.py faults
python_cases probe.py far
check "nothing was written" only_files
check "the service stops" console_stop

# -- our service with limits ----------------------------------------------------------------------------------------------

check "the service starts with a small Mtu and window" console_start --set Mtu=1000 --set MaxWindowSize=8 --set 'Masters=*'
check "the small block costs" tftp 1 probe 127.0.0.1 large.bin --put up.bin --deep
check "... Mtu is named" told 'blksize +up to 968 is granted \(on a tftpd: Mtu = 1000, or MaxBlockSize = 968\)'
check "... MaxWindowSize is named" told 'windowsize +up to 8 is granted \(on a tftpd: MaxWindowSize = 8\)'
check "... and which server it is" told 'perhaps tftpd, of which this client is a part'
check "... a file may be stored" told 'OK +put +"up.bin" may be stored'
check "... the manners are good" told 'OK +stranger +an ACK from another port changes nothing'
check "nothing is left of the put" only_files
check "the service stops again" console_stop
check "the service starts with one port" console_start --set SinglePort=1
check "one port is no trouble" tftp 0 probe 127.0.0.1 large.bin
check "... and is named" told 'OK +port +answers come from port 69 itself.*SinglePort = 1'
check "a put that is not allowed" tftp 22 probe 127.0.0.1 --put up.bin
check "... names the parameters" told 'Masters, Writable'
check "nothing is written at the end" only_files
check "the service stops at last" console_stop
