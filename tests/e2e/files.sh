#!/usr/bin/env bash
# Real clients, as Debian ships them, fetch real files from the service and send some: curl, tftp-hpa, atftp, busybox.
# Some of them exit with 0 after a failure, so what counts is the file that arrived.
. "$(dirname "$0")/lib.sh"

SIZES='0 1 511 512 513 1048576'
got=$WORK/got
mkdir -p "$got" "$ROOT/Boot/x64/Sub Folder"

# Each: REMOTE LOCAL [OPTIONS...]. Bounded, because some repeat for ever.
get_curl() { timeout 90 curl --silent --show-error "${@:3}" --output "$2" "tftp://127.0.0.1/$1"; }
get_hpa() { timeout 90 tftp -m octet 127.0.0.1 -c get "$1" "$2"; }
get_atftp() { timeout 90 atftp "${@:3}" --get --remote-file "$1" --local-file "$2" 127.0.0.1; }
get_busybox() { timeout 90 busybox tftp -g "${@:3}" -r "$1" -l "$2" 127.0.0.1; }
put_curl() { timeout 90 curl --silent --show-error --upload-file "$1" "tftp://127.0.0.1/$2"; }
put_hpa() { timeout 90 tftp -m octet 127.0.0.1 -c put "$1" "$2"; }
put_atftp() { timeout 90 atftp --put --local-file "$1" --remote-file "$2" 127.0.0.1; }
put_busybox() { timeout 90 busybox tftp -p -l "$1" -r "$2" 127.0.0.1; }

# fetched NAME CLIENT REMOTE FILE [OPTIONS...]: CLIENT gets REMOTE, which must be FILE of the start directory.
fetched() {
    local local_file=$got/$2.$BASHPID.$RANDOM
    "get_$2" "$3" "$local_file" "${@:5}" >"$local_file.log" 2>&1 </dev/null || true
    [ -e "$local_file" ] || : >"$local_file.none"
    same_file "$1" "$ROOT/$4" "$local_file"
    rm -f "$local_file"*
}

# -- sizes ------------------------------------------------------------------------------------------------------------

every_size() {
    local size client
    for size in $SIZES; do
        for client in curl hpa atftp busybox; do
            fetched "$client gets $size bytes" $client "file$size.bin" "file$size.bin"
        done
    done
    fetched "curl gets an empty file without options" curl file0.bin file0.bin --tftp-no-options
}

# With blocks of 512 a file of 33 MiB wraps the block number. In lock-step that costs 67,000 round trips, so only one client
# without windows does it; atftp has one.
big_files() {
    local jobs=() job
    in_background curl33 get_curl big33.bin "$got/curl33"
    in_background atftp33 get_atftp big33.bin "$got/atftp33" --option 'blksize 512' --option 'windowsize 64'
    wait "${jobs[@]}" || true
    for job in curl atftp; do
        same_file "$job gets 33 MiB in blocks of 512" "$ROOT/big33.bin" "$got/${job}33"
        rm -f "$got/${job}33"
    done
    jobs=()
    in_background curl70 get_curl big70.bin "$got/curl70" --tftp-blksize 8192
    in_background busybox70 get_busybox big70.bin "$got/busybox70" -b 65464
    wait "${jobs[@]}" || true
    jobs=()
    in_background atftp70 get_atftp big70.bin "$got/atftp70" --option 'blksize 1428' --option 'windowsize 16'
    wait "${jobs[@]}" || true
    same_file "curl gets 70 MB at blksize 8192" "$ROOT/big70.bin" "$got/curl70"
    same_file "busybox gets 70 MB at blksize 65464" "$ROOT/big70.bin" "$got/busybox70"
    same_file "atftp gets 70 MB at blksize 1428, windowsize 16" "$ROOT/big70.bin" "$got/atftp70"
}
in_background() { # NAME COMMAND...
    local name=$1
    shift
    "$@" >"$WORK/$name.log" 2>&1 </dev/null &
    jobs+=($!)
}

# -- options ----------------------------------------------------------------------------------------------------------

atftp_options() {
    local blksize window
    for blksize in 8 9 511 512 1428 1468 8192 65464; do
        fetched "atftp with blksize $blksize" atftp middle.bin middle.bin --option "blksize $blksize" \
            --option 'windowsize 8' --option 'tsize enable' --option 'timeout 3'
    done
    for window in 1 2 3 16 64; do
        fetched "atftp with windowsize $window" atftp middle.bin middle.bin --option 'blksize 512' \
            --option "windowsize $window"
    done
    fetched "atftp with blksize 8, windowsize 64, past block 65535" atftp wrap8.bin wrap8.bin --option 'blksize 8' \
        --option 'windowsize 64'
    fetched "curl with blksize 65464" curl middle.bin middle.bin --tftp-blksize 65464
    fetched "busybox with blksize 1428" busybox middle.bin middle.bin -b 1428
}

# -- names ------------------------------------------------------------------------------------------------------------

# curl drops the one / that ends the host and decodes %5C to \.
names() {
    local name
    for name in 'Boot/x64/Sub Folder/wdsnbp.com' '/Boot/x64/Sub Folder/wdsnbp.com' '\Boot\x64\Sub Folder\wdsnbp.com' \
        'boot/X64/sub folder/WDSNBP.COM' '//Boot//x64\/Sub Folder///wdsnbp.com'; do
        fetched "atftp gets $name" atftp "$name" 'Boot/x64/Sub Folder/wdsnbp.com'
    done
    for name in 'Boot/x64/Sub%20Folder/wdsnbp.com' '/Boot/x64/Sub%20Folder/wdsnbp.com' \
        '%5CBoot%5Cx64%5CSub%20Folder%5Cwdsnbp.com' 'BOOT/x64/SUB%20FOLDER/Wdsnbp.Com'; do
        fetched "curl gets $name" curl "$name" 'Boot/x64/Sub Folder/wdsnbp.com'
    done
    fetched "busybox gets \\FILE513.BIN" busybox '\FILE513.BIN' file513.bin
    fetched "tftp-hpa gets /file513.bin" hpa /file513.bin file513.bin
}

refusals() {
    check "curl says that a missing file is not found" gives 68 get_curl missing.bin "$got/none"
    check "curl says that a name with .. is a violation" refused_name
    get_atftp missing.bin "$got/none" >/dev/null 2>&1 || true
    check_not "atftp keeps nothing of a missing file" test -s "$got/none"
}
# To Wine every file may be read by its root.
unreadable() {
    [ -n "${STRICT_SEED:-}" ] || return 0
    make_file "$ROOT/unreadable.bin" 600
    chmod 000 "$ROOT/unreadable.bin"
    check "curl says that a file which the account may not read is a violation (ERROR 2)" gives 69 \
        get_curl unreadable.bin "$got/none"
}
gives() { # CODE COMMAND...
    local rc=0
    "${@:2}" || rc=$?
    [ "$rc" -eq "$1" ] || { say "exit code $rc"; false; }
}
refused_name() {
    local rc=0
    get_curl '%2e%2e/tftpd/tftpd.exe' "$got/none" --path-as-is || rc=$?
    [ "$rc" -eq 69 ] || [ "$rc" -eq 68 ] || { say "exit code $rc"; false; }
}

# -- uploads ----------------------------------------------------------------------------------------------------------

uploads_refused() {
    local client
    for client in curl hpa atftp busybox; do
        "put_$client" "$ROOT/file513.bin" "up-$client.bin" >"$WORK/put.log" 2>&1 </dev/null || true
    done
    check_not "nobody may upload as long as Masters is not set" compgen -G "$ROOT/up-*"
    check "curl says that the upload is a violation (ERROR 2)" gives 69 put_curl "$ROOT/file513.bin" up-curl.bin
}

uploads_allowed() {
    local client size
    for client in curl hpa atftp busybox; do
        for size in 512 513 1048576; do
            "put_$client" "$ROOT/file$size.bin" "Boot/up-$client$size.bin" >"$WORK/put.log" 2>&1 </dev/null || true
            same_file "$client uploads $size bytes" "$ROOT/file$size.bin" "$ROOT/Boot/up-$client$size.bin"
        done
    done
    check "curl says that the file exists (ERROR 6)" gives 73 put_curl "$ROOT/file512.bin" file513.bin
    "$PYTHON" -c 'print("changed")' >"$WORK/other"
    cp "$ROOT/file513.bin" "$WORK/before"
    for client in curl hpa atftp busybox; do
        "put_$client" "$WORK/other" file513.bin >"$WORK/put.log" 2>&1 </dev/null || true
        same_file "$client does not overwrite a file" "$WORK/before" "$ROOT/file513.bin"
    done
    check_not "no unfinished upload is left" compgen -G "$ROOT/Boot/~tftpd-*"
}

# -- the run ----------------------------------------------------------------------------------------------------------

for size in $SIZES; do make_file "$ROOT/file$size.bin" "$size"; done
make_file "$ROOT/Boot/x64/Sub Folder/wdsnbp.com" 30832
make_file "$ROOT/middle.bin" 200000
make_file "$ROOT/wrap8.bin" 524805
make_file "$ROOT/big33.bin" $((33 << 20))
make_file "$ROOT/big70.bin" 70000000

check "the service is created" service_create
check "the service starts" service_start -f
every_size
names
refusals
unreadable
atftp_options
big_files
uploads_refused
check "the service stops" service_stop
check "Masters is set" param Masters REG_SZ '*'
check "the service starts again" service_start -f
uploads_allowed
check "the service stops at the end" service_stop
