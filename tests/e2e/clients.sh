#!/usr/bin/env bash
# Every client of CLIENTS.md replayed byte for byte, and every rule drawn from them. The cases are in clients.py and
# rules.py, in groups by how the server runs:
#   plain    as installed, but anybody may write
#   limited  a small MTU, few transfers a client, no msftwindow, uploads only of logs (Polycom)
#   bare     without blksize
#   hasty    with little patience
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

# Every datagram is judged here: on the strict build none may be lost or late.
export STRICT_WITHOUT=${STRICT_WITHOUT:-},buffer-full,send-error,segments-lost,no-control-data

check "the server starts in the console" console_start --set 'Masters=*'
python_cases clients.py plain
python_cases rules.py plain
check "Ctrl-C ends it cleanly" console_stop

check "the server starts with limits" console_start --set 'Masters=*' --set MsftWindow=0 --set Mtu=1500 \
    --set MaxTransfersPerClient=4 --set 'Writable=*-boot.log;*-app.log'
python_cases clients.py limited
python_cases rules.py limited
check "Ctrl-C ends it cleanly again" console_stop

check "the server starts without blksize" console_start --set DisableOptions=blksize
python_cases clients.py bare
console_stop || true

check "the server starts with little patience" console_start --set SilenceSeconds=4 --set UnprovenSeconds=4
python_cases rules.py hasty
console_stop || true
