#!/usr/bin/env bash
# Who is believed: a forger who knows what an honest client can learn. What he draws to a third party, stores and has
# logged is bounded, and so are ERRORs and what a local program can use up. The cases are in trust.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "the log can be read by programs" param LogFormat REG_SZ json
check "the service starts" service_start -f
python_cases trust.py clients
python_cases trust.py victims
python_cases trust.py errors
python_cases trust.py log
python_cases trust.py addresses
check "the service stops" service_stop
