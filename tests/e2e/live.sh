#!/usr/bin/env bash
# A hundred changes of the parameters while fifty transfers run: none of them notices, each change is in force for the
# next request within a second, none is lost, bad ones are refused by name; then the start directory itself is replaced
# and taken away. The cases are in live.py; the changes are made by build/tests/tools/regset.exe, because a `wine reg` takes
# too long.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
export REGSET=$BUILD/tests/tools/regset.exe
mkdir -p "$PREFIX/drive_c/other"

check "the service is created" service_create
check "the slow clients may write" param Masters REG_SZ '127.52.0.*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "the service starts" service_start -f
python_cases live.py load
python_cases live.py changes
python_cases live.py refused
python_cases live.py swap
check "the service stops" service_stop
