#!/usr/bin/env bash
# What goes wrong around the service: a bad network between it and real clients (proxy.py, mixed.py), files that change
# while they are served, a full disk, its process killed. The cases are in faults.py. FAULTS_SECONDS (8) is how long
# transfers are begun in the bad network, FAULTS_SEED (1) repeats the choices.
# Elsewhere: a killed service and uploads in kill.sh, a full disk packet by packet in uploads.sh.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
# shellcheck source=small-disk.bash
. "$TOP/tests/e2e/small-disk.bash"

check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "a stop waits for nobody" param DrainSeconds REG_DWORD 0
check "the service starts" service_start -f
python_cases faults.py files
python_cases faults.py network
python_cases faults.py kill
check "the service stops" service_stop

# shellcheck disable=SC1003 # a backslash, and then the end of the text
check "the small disk is served" param Directory REG_SZ 'X:\'
check "the service starts on it" service_start
ROOT=$small python_cases faults.py full
check "the service stops at the end" service_stop
