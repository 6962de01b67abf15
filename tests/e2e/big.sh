#!/usr/bin/env bash
# A sparse file of 4.2 GiB at blksize 32768 and windowsize 4: block numbers wrap twice, offsets pass 2 and 4 GiB.
# Marker blocks lie around the borders where 32 bits end. The receiver (sink.c) compares with the original and stores
# nothing.
. "$(dirname "$0")/lib.sh"

big=$ROOT/install.wim
GIB=$((1 << 30))

# mark OFFSET: 20,000 bytes of noise there.
mark() { head -c 20000 /dev/urandom | dd of="$big" bs=64K seek="$1" oflag=seek_bytes conv=notrunc status=none; }

SIZE=$((42 * GIB / 10))
truncate -s "$SIZE" "$big"
for offset in 0 $((32768 * 65535)) $((32768 * 65536)) $((3 * GIB + 1)) $((4 * GIB - 10000)) \
    $((4 * GIB + 32768 * 7 + 3)) $((SIZE - 20000)); do
    mark "$offset"
done
check "the file is still of its size" test "$(stat -c %s "$big")" -eq "$SIZE"

gcc -std=c11 -O2 -Wall -Wextra -Werror -o "$WORK/sink" "$TOP/tests/e2e/sink.c"

check "the server starts" console_start
check "4.2 GiB at blksize 32768, windowsize 4, with the right tsize: every byte" \
    "$WORK/sink" 127.0.0.1 install.wim "$big" 32768 4
sed 's/^/# /' "$WORK/check.txt"
check "the server logged all its bytes" wait_for 60 grep -q "$SIZE bytes" "$WORK/console.txt"

make_file "$ROOT/small.bin" 100000
cp "$ROOT/small.bin" "$WORK/altered"
printf x | dd of="$WORK/altered" bs=1 seek=99999 conv=notrunc status=none
check_not "the comparison notices one altered byte" "$WORK/sink" 127.0.0.1 small.bin "$WORK/altered" 8192 16
console_stop || true
