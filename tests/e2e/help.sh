#!/usr/bin/env bash
# What the program says of itself in a console: without a verb, with one that there is not, and `tftpd -?`.
. "$(dirname "$0")/lib.sh"

tftpd() { asks "$@"; } # CODE ARGUMENTS...
says() { grep -qF -- "$1" "$WORK/said.txt"; }
says_exactly() { [ "$(cat "$WORK/said.txt")" = "$1" ]; }

# -- no verb, and a verb that there is not (more in tests/service/keep/test_service.c: here the dispatcher takes its time) -----

check "without a verb it says that it is a service" tftpd 6
check "... and how to install it" says 'sc create tftpd binPath='
check "... and how to try it" says 'tftpd run'
check "a verb mistyped is a usage error" tftpd 2 stats
check "... is named, with the nearest" says 'tftpd: there is no verb "stats"; did you mean status?'
check "... and where all are listed" says 'tftpd -?'
check_not "... and is not taken for a start of the service" says 'Service Control Manager'

# -- the help (what each page says is looked at in tests/service/desk/test_help.c) -------------------------------------------

first_page() { [ "$(wc -l <"$WORK/said.txt")" -le 24 ] && says 'tftpd -? VERB' && says 'tftpd.exe install'; }
for word in '-?' '/?' -h --help help; do
    check "$word prints the help" tftpd 0 "$word"
    check "... a page" first_page
done

explains_check() { says '  tftpd check [--service NAME] [--ask-dhcp] [--json]' && says 'Exit codes: 0 '; }
check "tftpd -? VERB" tftpd 0 '-?' check
check "... explains it" explains_check
check "tftpd VERB -? is the same" tftpd 0 check '-?'
check "... explains it" explains_check

explains_all() {
    local name
    for name in $(iconv -f UTF-16LE -t UTF-8 "$TOP/registry/tftpd.reg" | sed -n 's/^"\([A-Za-z]*\)"=.*/\1/p'); do
        grep -qE "^  $name( or [A-Za-z]+)?  REG_" "$WORK/said.txt" || { say "no $name"; return 1; }
    done
}
explains_codes() {
    local code
    for code in $(sed -nE 's/^\| ([0-9]+) \|.*/\1/p' "$TOP/docs/exit-codes.md"); do
        grep -qE "(^|,) *$code  ?[a-zA-Z]" "$WORK/said.txt" || { say "no $code"; return 1; }
    done
}
check "tftpd -? parameters" tftpd 0 '-?' parameters
check "... explains each" explains_all
check "tftpd -? codes" tftpd 0 '-?' codes
check "... has each" explains_codes
check "a topic that there is not" tftpd 2 '-?' instal
check "... is named, with the nearest" says 'there is no topic "instal"; did you mean install?'
check "two topics" tftpd 2 '-?' install codes
check "... are one too many" says 'codes'
check "a verb's usage error" tftpd 2 check --frobnicate
check "... leads to its help" says 'tftpd -? check'

for word in version --version; do
    check "$word prints the version" tftpd 0 "$word"
    check "... as three numbers" says_exactly "tftpd $(sed -n 's/^VERSION := //p' "$TOP/Makefile.mingw")"
done

# -- the Service Control Manager with such a word ---------------------------------------------------------------------

told() { grep -qE "ReportEventW \([0-9A-F]+,0x[0-9a-f]{4},0x000[1-5],0xc0000074," "$BOOT_LOG" && grep -qF -- "$1" "$BOOT_LOG"; }
ends_with_2() {
    w sc start tftpd stats || true
    wait_for 60 service_is STOPPED tftpd || return 1
    tool scm tftpd query || true
    out | grep -qxF 'win32_exit_code 1066' && out | grep -qxF 'service_exit_code 2'
}
check "the service is created" service_create
check "started with a word that is no argument it stops with code 2" ends_with_2
check "... and the event log names the word" told stats
check "sc delete" service_delete
