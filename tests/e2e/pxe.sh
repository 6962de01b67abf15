#!/usr/bin/env bash
# One machine without anything, in qemu: iPXE's ROM of its network card gets an address from dnsmasq on another host, which
# knows nothing about booting, and from the service the name of a script, that script, and the program that it chains to. The
# program writes the word of this run to the serial line. (Other machines: tests/boot/companion.sh.)
. "$(dirname "$0")/lib.sh"
# shellcheck source=../boot/payload.bash
. "$TOP/tests/boot/payload.bash"
# shellcheck source=../boot/network.bash
. "$TOP/tests/boot/network.bash"
# shellcheck source=../boot/servers.bash
. "$TOP/tests/boot/servers.bash"
# shellcheck source=../boot/qemu.bash
. "$TOP/tests/boot/qemu.bash"
MAC=52:54:00:00:01:10

fill_root() {
    make_word_bios "$ROOT/word.0"
    make_word_ipxe "$ROOT/word.ipxe"
}
set_up() { param Verbose REG_DWORD 3 && param PxeBoot REG_MULTI_SZ "ipxe = word.ipxe${1:-}" && param Pxe REG_SZ answer; }
told() { grep -qF -- "$1" "$LOG"; }
is_told() { wait_for 60 told "$1"; }
booted_or_off() { printed "$1" program || ! machine_runs; }

# boots NAME: until it says its word, or is off, or four minutes have gone.
boots() {
    MACHINE_SECONDS=240
    machine_on "$1" rom $MAC link
    wait_for "$MACHINE_SECONDS" booted_or_off "$1" || true
    check "$1: the machine says the word of its boot program" printed "$1" program
    printed "$1" program || show "$WORK/$1.serial" "$WORK/$1.qemu" "$dhcp_log"
    machine_off
}

check "the start directory is filled" fill_root
check "another host on the link" lan_up
check "dnsmasq gives addresses there, and nothing else" dhcp_start dnsmasq link
check "the service is created" service_create
check "a rule for iPXE" set_up
check "it starts" service_start -f
check "boot requests are heard" is_told "boot requests are heard on $SERVER:67, and answered"
boots direct
check "the offer is told" is_told "boot request of $MAC, iPXE: it was offered a boot file, \"word.ipxe\" by PxeBoot 1: ipxe = word.ipxe"
check "the script was sent" is_told 'sent "word.ipxe" to 10.78.0.'
check "and the program it chains to" is_told 'sent "word.0" to 10.78.0.'
check "it shall ask port 4011 from now on" set_up ' style binl'
check "which is read" is_told "PxeBoot changed"
boots binl
check "it was told there" is_told "boot request of $MAC, iPXE: it asked for its boot file and was told it, \"word.ipxe\""
dhcp_stop
check "the service stops" service_stop
