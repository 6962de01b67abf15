#!/usr/bin/env bash
# Uploads: all or nothing, never over a file, within limits, by those who may; the cases are in uploads.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
# shellcheck source=small-disk.bash
. "$TOP/tests/e2e/small-disk.bash"

ip addr add 10.7.0.1/32 dev lo

set_lists() {
    param Masters REG_MULTI_SZ '127.40.1.*\0127.41.0.0/16\0fd77::/64' &&
        param Clients REG_SZ '127.4?.*' &&
        param Readable REG_MULTI_SZ 'pub\*\0*.cfg' &&
        param Writeable REG_SZ 'up/*'
}
set_dword() {
    param Masters REG_DWORD 0 &&
        param Clients REG_MULTI_SZ '10.?.*\0127.50.0.0/16' &&
        param -d Readable &&
        param -d Writeable &&
        param Directory REG_EXPAND_SZ '%SystemDrive%\elsewhere'
}

check "the server starts" console_start -f --set 'Masters=*' --set MinFreeBytes=0
python_cases uploads.py plain
console_stop || true

check "the server starts with MaxUploadBytes" console_start --set 'Masters=*' --set MaxUploadBytes=10000 \
    --set SilenceSeconds=1 --set MinFreeBytes=0
python_cases uploads.py limits
console_stop || true

# shellcheck disable=SC1003 # a backslash, and then the end of the text
check "the server starts in the root of a small disk" console_start '-dX:\' --set 'Masters=*' --set MinFreeBytes=262144
ROOT=$small python_cases uploads.py full
console_stop || true

mkdir "$small/folder"
check "the server starts in a folder of it" console_start '-dX:\folder' --set 'Masters=*' --set MinFreeBytes=0
ROOT=$small/folder python_cases uploads.py full-folder
console_stop || true

check "the service is created" service_create
check "the lists are set, in all their types" set_lists
check "the service starts with the lists" service_start -f
python_cases uploads.py lists
check "the service stops" service_stop

check "the lists are set otherwise" set_dword
mkdir -p "$PREFIX/drive_c/elsewhere"
make_file "$PREFIX/drive_c/elsewhere/elsewhere.bin" 1000
check "the service starts with Directory as REG_EXPAND_SZ" service_start -f
ROOT=$PREFIX/drive_c/elsewhere python_cases uploads.py dword
check "the service stops at the end" service_stop
