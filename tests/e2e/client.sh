#!/usr/bin/env bash
# Our own client as users run it, against our own service: both forms of the command line, what is left behind by a failure,
# exit codes, output, a bad network between them (proxy.py). What it makes of servers that lie is in tests/simulation.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

TFTP=$BUILD/tftp.exe
HERE=$PREFIX/drive_c/here
mkdir -p "$HERE/second"
cd "$HERE"

through=() # a command that runs it
# tftp CODE ARGUMENTS...: it ends with that code. What it says is in said.txt and told.txt (standard output).
tftp() {
    local wanted=$1 rc=0
    shift
    timeout --foreground --kill-after=5 60 "${through[@]}" wine "$TFTP" "$@" >"$WORK/told.txt" 2>"$WORK/said.txt" <"${STDIN:-/dev/null}" || rc=$?
    [ "$rc" -eq "$wanted" ] || { say "exit code $rc"; cat "$WORK/told.txt" "$WORK/said.txt"; false; }
}
told() { tr -d '\r' <"$WORK/told.txt" | grep -qE -- "$1" || { cat "$WORK/told.txt"; false; }; }
said() { tr -d '\r' <"$WORK/said.txt" | grep -qE -- "$1" || { cat "$WORK/said.txt"; false; }; }
silent() { [ ! -s "$WORK/told.txt" ] && [ ! -s "$WORK/said.txt" ]; }
quiet_out() { [ ! -s "$WORK/told.txt" ]; }
# Lines that end in CR LF, and nothing that draws or colours.
plain() { ! cat "$WORK/told.txt" "$WORK/said.txt" | sed 's/\r$//' | grep -nP '[\x00-\x09\x0b-\x1f]'; }
# Nothing unfinished, whatever happened.
tidy() { ! find "$HERE" -name '~tftp-*' | grep .; }
absent() { [ ! -e "$1" ]; }

make_file "$ROOT/boot.bin" 200000
printf 'one\r\ntwo\r\n' >"$ROOT/text.txt"
make_file "$ROOT/lossy.bin" 30000
make_file "$ROOT/short.bin" 6000
make_file "$ROOT/slow.bin" 1000000
mkdir "$ROOT/sub" "$ROOT/in"
make_file "$ROOT/sub/deep.bin" 1024

check "the service starts in the console" console_start --set 'Masters=*' --set ErrorsPerSecond=1000

# -- the command line -------------------------------------------------------------------------------------------------

check "help is on the standard error, and no failure" tftp 0 /?
check "... both forms" said 'host get source'
check "... there alone" quiet_out
check "... and no arguments are one" tftp 2
check "... there too" quiet_out
check "a line that is not understood" tftp 2 host fetch file
check "... is named" said 'neither "host" nor "fetch" is get or put'

# -- Windows' form ----------------------------------------------------------------------------------------------------

check "Windows' form fetches a binary" tftp 0 -i 127.0.0.1 get boot.bin
same_file "... whole" "$ROOT/boot.bin" boot.bin
check "... and says what Windows says" told '^Transfer successful: 200000 bytes in 1 second\(s\), 200000 bytes/s$'
check "... in one line" test "$(wc -l <"$WORK/told.txt")" -eq 1
check "text is its default" tftp 0 127.0.0.1 GET text.txt other.txt
same_file "... and CR LF stays" "$ROOT/text.txt" other.txt
check "a binary as text is warned of" tftp 0 127.0.0.1 get boot.bin as-text.bin
check "... and how to mend it" said 'without -i'
check "a name in a folder becomes its last part" tftp 0 -i 127.0.0.1 get 'sub\deep.bin'
same_file "... here" "$ROOT/sub/deep.bin" deep.bin
check "it stores" tftp 0 -i 127.0.0.1 put boot.bin up.bin
same_file "... whole, there" boot.bin "$ROOT/up.bin"
make_file "$ROOT/größe ő.bin" 700
check "a name goes out as it is typed" tftp 0 -i 127.0.0.1 get 'größe ő.bin'
same_file "... and becomes one here" "$ROOT/größe ő.bin" 'größe ő.bin'
check "... and there" tftp 0 -i 127.0.0.1 put 'größe ő.bin' 'öre ő.bin'
same_file "... the same" 'größe ő.bin' "$ROOT/öre ő.bin"
check "it fetches over IPv6" tftp 0 -i ::1 get sub/deep.bin six.bin
same_file "... whole" "$ROOT/sub/deep.bin" six.bin
deep=$(printf 'd%.0s' {1..120})
mkdir -p "$deep/$deep/$deep"
check "a path may be longer than 259 characters" tftp 0 -i 127.0.0.1 get boot.bin "$deep\\$deep\\$deep\\b.bin"
same_file "... for a get" "$ROOT/boot.bin" "$deep/$deep/$deep/b.bin"
check "... and a put" tftp 0 -i 127.0.0.1 put "$deep\\$deep\\$deep\\b.bin" long.bin
same_file "... too" "$ROOT/boot.bin" "$ROOT/long.bin"
check "NUL takes what is not wanted" tftp 0 -i 127.0.0.1 get boot.bin NUL

# -- addresses --------------------------------------------------------------------------------------------------------

check "several addresses into a folder" tftp 0 get tftp://127.0.0.1/boot.bin tftp://127.0.0.1:69/sub/deep.bin -o 'C:\here\'
check "... a line for each" test "$(grep -c successful "$WORK/told.txt")" -eq 2
check "files into a folder of the server" tftp 0 put 'd*p.bin' six.bin tftp://127.0.0.1/in/
same_file "... by their names" deep.bin "$ROOT/in/deep.bin"
same_file "... each" six.bin "$ROOT/in/six.bin"
check "... but not over one that is there" tftp 26 put deep.bin tftp://127.0.0.1/in/
check "of several the first failure counts" tftp 21 get tftp://127.0.0.1/nothing.bin tftp://127.0.0.1/boot.bin -o 'C:\here\second\'
same_file "... and the others go" "$ROOT/boot.bin" second/boot.bin
check "a hash is told" tftp 0 get --sha256 tftp://127.0.0.1/boot.bin
check "... and is right" told "$(sha256sum <"$ROOT/boot.bin" | cut -c1-64)"
check "another hash is not stored" tftp 18 get --sha256 "$(printf '%064d' 0)" tftp://127.0.0.1/boot.bin -o wrong.bin
check "... at all" absent wrong.bin
# Appended to while it is sent, and before its end is read.
grows() {
    local rc=0 pid
    wine "$TFTP" put --sha256 --limit-rate 500k grows.bin tftp://127.0.0.1/in/ >"$WORK/told.txt" 2>"$WORK/said.txt" </dev/null &
    pid=$!
    wait_for 60 find_upload || return 1
    echo more >>grows.bin
    wait "$pid" || rc=$?
    [ "$rc" -eq 0 ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}
find_upload() { find "$ROOT/in" -name '~tftpd-*' | grep .; }
make_file grows.bin 1200000
cp grows.bin "$WORK/grew.bin"
check "a file that grows goes as long as it was" grows
same_file "... there" "$WORK/grew.bin" "$ROOT/in/grows.bin"
check "... and has that hash" told "$(sha256sum <"$WORK/grew.bin" | cut -c1-64)"
check "JSON is one line" tftp 0 get --json tftp://127.0.0.1/boot.bin
check "... that a program reads" "$PYTHON" -c 'import json, sys; r = json.load(open(sys.argv[1]))
assert (r["op"], r["bytes"], r["blksize"], r["windowsize"], r["tsize"], r["exit"]) == ("get", 200000, 1428, 16, 200000, 0), r' \
    "$WORK/told.txt"
# 200000 bytes at 100 KiB a second, of which a step and the credit need not be waited for.
thinly() { "$PYTHON" -c 'import json, sys; r = json.load(open(sys.argv[1])); assert r["exit"] == 0 and 1.6 < r["seconds"], r' \
    "$WORK/told.txt"; }
check "--limit-rate has a get wait" tftp 0 --json -v --limit-rate 100k get tftp://127.0.0.1/boot.bin -o thin.bin
check "... for its time" thinly
same_file "... and it is whole" "$ROOT/boot.bin" thin.bin
check "... and a put" tftp 0 --json --limit-rate 100k put thin.bin tftp://127.0.0.1/in/
check "... for its time" thinly
same_file "... and it is whole" thin.bin "$ROOT/in/thin.bin"
check "... without a bar, as nobody looks" plain
check "-q says nothing" tftp 0 -q get tftp://127.0.0.1/boot.bin
check "... at all" silent
check "- is the standard output" tftp 0 get tftp://127.0.0.1/boot.bin -o -
same_file "... to the byte" "$ROOT/boot.bin" "$WORK/told.txt"
STDIN=boot.bin check "- is the standard input" tftp 0 put - tftp://127.0.0.1/piped.bin
same_file "... to the byte" boot.bin "$ROOT/piped.bin"
# Nobody is there: what is asked is enough.
ip link add thin mtu 1300 type veth peer name thick
ip addr add 10.78.0.1/24 dev thin
ip link set thin up
ip link set thick up
check "a way that carries little" tftp 11 --trace -t 1 -r 0 get tftp://10.78.0.2/small.bin
check "... is asked for blocks that pass it" said '> 10\.78\.0\.2:69 .*blksize=1268'
check "... and who is no neighbour may have a firewall before him" said 'netsh advfirewall firewall add rule'
check "... and -b for what is typed" tftp 11 --trace -t 1 -r 0 -b 1400 get tftp://10.78.0.2/small.bin
check "... as it is" said '> 10\.78\.0\.2:69 .*blksize=1400'
check "--trace shows each packet" tftp 0 --trace -n get tftp://127.0.0.1/sub/deep.bin
check "... with its numbers" said '< 127\.0\.0\.1:[0-9]+  DATA 2, 512 bytes'
check "... as plain text" plain
check "own ports can be given" tftp 0 --trace --local-port 40000-40001 get tftp://127.0.0.1/sub/deep.bin
check "... and are used" said '^4000[01] > '
check "... one is enough to hear nobody" tftp 11 --trace -t 1 -r 2 -p 70 --local-port 40002 -i 127.0.0.1 get boot.bin
check "... by three requests" test "$(grep -c '^40002 > .*RRQ .* blksize=' "$WORK/said.txt")" -eq 3
check "an own address can be given" tftp 0 --interface 127.0.0.5 get tftp://127.0.0.1/sub/deep.bin
check "... and is used" grep -q 'sent "sub.deep.bin" to 127.0.0.5:' "$WORK/console.txt"
printf '127.0.0.1 both\n::1 both\n' >"$WORK/hosts"
# What is mounted is nobody else's: of a root that is no mount (tests/setup/matrix.sh) nothing can be said, and nothing is shared.
propagation=private
mountpoint -q / || propagation=unchanged
# shellcheck disable=SC2016 # for the shell inside
through=(unshare --mount --propagation "$propagation" bash -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$WORK/hosts")
check "... has a name of both families asked at its own" tftp 0 --trace --interface 127.0.0.5 get tftp://both/sub/deep.bin
check "... though there is the other" tftp 0 --trace -6 get tftp://both/sub/deep.bin
through=()

# -- failures ---------------------------------------------------------------------------------------------------------

echo old >old.bin
check "no such file" tftp 21 -i 127.0.0.1 get nothing.bin old.bin
check "... begins with Windows' words" said '^Error on server : File not found'
check "... the old file stays" grep -q old old.bin
for how in -q -v --json --trace; do
    check "the same with $how" tftp 21 "$how" -i 127.0.0.1 get nothing.bin old.bin
    check "... with the server's words" said '^Error on server : File not found'
done
check "no such local file" tftp 3 -i 127.0.0.1 put nothing.bin
check "... begins with Windows' words" said "^tftp: can't read from local file 'nothing.bin'"
check "--no-clobber keeps it" tftp 5 --no-clobber -i 127.0.0.1 get boot.bin old.bin
check "... as it was" grep -q old old.bin
check "... before anybody is asked" tftp 5 --no-clobber -p 71 get tftp://127.0.0.1/boot.bin -o old.bin
check "--max-size refuses" tftp 4 --max-size 1000 -i 127.0.0.1 get boot.bin old.bin
check "... before anything is written" grep -q old old.bin
check "a folder is no file" tftp 3 -i 127.0.0.1 get boot.bin 'C:\here'
check "no such host" tftp 10 -i no.such.host.invalid get boot.bin
check "an address that is not here" tftp 14 -v --interface 192.0.2.1 -i 127.0.0.1 get boot.bin
check "... and nobody is said to have answered" bash -c "! grep -q ' answers' '$WORK/said.txt'"
check "nobody answers" tftp 11 -t 1 -r 0 -p 70 -i 127.0.0.1 get boot.bin
check "... in Windows' words" said '^Timeout occurred'
check "... and no firewall is blamed on this machine" bash -c "! grep -q netsh '$WORK/said.txt'"
check "an existing file is replaced only now" tftp 0 -i 127.0.0.1 get boot.bin old.bin
same_file "... whole" "$ROOT/boot.bin" old.bin
check "nothing unfinished is left" tidy

# -- Ctrl+C, a kill ---------------------------------------------------------------------------------------------------

# A get that waits for a device that never wakes; then the signal.
interrupted() {
    local rc=0 pid
    wine "$TFTP" --trace -i --wait 60 -p 71 127.0.0.1 get boot.bin stopped.bin >"$WORK/told.txt" 2>"$WORK/said.txt" </dev/null &
    pid=$!
    wait_for 60 grep -q RRQ "$WORK/said.txt" || return 1
    kill -INT "$pid"
    wait "$pid" || rc=$?
    [ "$rc" -eq 130 ] && [ ! -e stopped.bin ] || { say "exit code $rc"; cat "$WORK/said.txt"; false; }
}
check "Ctrl+C ends it with 130" interrupted

# In the middle of a get whose blocks are as short as they can be. (By Windows' own means: who finds out in select that it is dead
# takes Wine 8's server with it, sock_get_poll_events.)
killed() {
    local pid
    wine "$TFTP" -i -b 8 -w 1 127.0.0.1 get slow.bin old.bin >"$WORK/told.txt" 2>"$WORK/said.txt" </dev/null &
    pid=$!
    wait_for 60 untidy || return 1
    w taskkill /f /im tftp.exe
    wait "$pid" || true
    wait_for 10 tidy
}
untidy() { ! tidy; }
check "a kill in the middle leaves nothing unfinished" killed
same_file "... and the old file as it was" "$ROOT/boot.bin" old.bin

# -- a console ----------------------------------------------------------------------------------------------------------

export TFTP HERE
python_cases client.py console

# -- a bad network ----------------------------------------------------------------------------------------------------

cp "$ROOT/lossy.bin" "$ROOT/short.bin" .
python_cases client.py weather

check "the service stops" console_stop
check "nothing unfinished is left at the end" tidy
