#!/usr/bin/env bash
# Machines without anything boot by the boot companion under Wine: an address from a DHCP server that knows nothing about
# booting, the name of the boot file and the file from the service. A machine counts as booted when it says the word of this
# run on its serial line (payload.bash), or, where END is sent, when it was sent the whole file of its rule.
#   companion.sh [MACHINE...]   all of them, or those named (see machines.bash)
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=payload.bash
. "$TOP/tests/boot/payload.bash"
# shellcheck source=machines.bash
. "$TOP/tests/boot/machines.bash"
# shellcheck source=network.bash
. "$TOP/tests/boot/network.bash"
# shellcheck source=servers.bash
. "$TOP/tests/boot/servers.bash"
# shellcheck source=qemu.bash
. "$TOP/tests/boot/qemu.bash"

BOOTP_MAC=52:54:00:00:00:07

# -- what is served, and how ----------------------------------------------------------------------------------------------

fill_root() {
    make_linux
    make_word_bios "$ROOT/word.0"
    make_word_efi "$ROOT/word.efi"
    make_word_ipxe "$ROOT/word.ipxe"
    make_word_uboot "$ROOT/word.scr"
    printf 'Booted: program %s.\n' "$in_program" >"$ROOT/word.txt"
    make_file "$ROOT/any.efi" 40000
    make_grub
    cp "$(unpacked ipxe)/lib/ipxe/snponly.efi" "$ROOT/" || true
    cp "$(unpacked shim-signed)/lib/shim/shimx64.efi.signed" "$ROOT/shimx64.efi" || true
    cp "$(unpacked grub-efi-amd64-signed)/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed" "$ROOT/grubx64.efi" || true
}

# GRUB with our address in it, as it asks the DHCP server else; and a configuration for one that was told.
make_grub() {
    mkdir -p "$ROOT/grub"
    grub_config >"$ROOT/grub/grub.cfg"
    printf 'set root=(tftp,%s)\nconfigfile /grub/grub.cfg\n' "$SERVER" >"$WORK/grub.cfg"
    grub-mkimage --format=x86_64-efi --output="$ROOT/grub.efi" --prefix=/grub --config="$WORK/grub.cfg" \
        efinet tftp linux normal configfile
}

# (HTTP is not ours; the other host has a web server, too.)
web_up() {
    mkdir "$WORK/web"
    cp "$ROOT/word.efi" "$WORK/web/"
    "${on_other[@]}" "$PYTHON" -m http.server --directory "$WORK/web" 80 >"$WORK/web.txt" 2>&1 </dev/null &
}

set_up() {
    param Verbose REG_DWORD 3 && param Pxe REG_SZ answer && param PxeV6 REG_SZ answer &&
        param PxeMenu REG_SZ 'A word = answer' && param PxePrompt REG_EXPAND_SZ '0 At once' &&
        param PxeRelays REG_SZ "$RELAY" && param Bootp REG_SZ bootp &&
        param BootpHosts REG_MULTI_SZ "$BOOTP_MAC = 10.78.0.77/24 file word.txt"
}

# rules LINES: PxeBoot, and they are in force.
rules() {
    [ "$rules_now" != "$1" ] || return 0
    local begin
    begin=$(log_lines)
    param PxeBoot REG_MULTI_SZ "$1" && wait_for 60 told_since "$begin" 'PxeBoot changed' && rules_now=$1
}
told_since() { tail -n "+$(($1 + 1))" "$LOG" | grep -qF -- "$2"; } # LINE TEXT
unbound() { ! port_bound "$1"; }
leave_67() { param PxePorts REG_SZ 4011 && wait_for 60 unbound 67; }
take_67() { param -d PxePorts && wait_for 60 port_bound 67; }

# -- one machine ----------------------------------------------------------------------------------------------------------

lacks() { # FIRMWARE SERVER PLACE RULES
    firmware_lacks "$1"
    dhcp_lacks "$2"
    [ "$3" != relay ] || relay_lacks
    case $4 in
    *snponly.efi*) file_lacks ipxe "$ROOT/snponly.efi" ;;
    *shimx64.efi*) file_lacks 'shim-signed or grub-efi-amd64-signed' "$ROOT/grubx64.efi" ;;
    esac
}

booted() { # NAME END RULES
    case $2 in
    sent) told_since "$log_begin" 'sent "any.efi" to 10.78.0.' ;;
    *) printed "$1" "$2" ;;
    esac
}
booted_or_off() { booted "$@" || ! machine_runs; }

# title NAME FIRMWARE SERVER PLACE END: its line.
title() {
    local firmware=$2 where='' word=''
    case $2 in
    rom) firmware="iPXE's ROM" ;;
    x64) firmware='EDK2 for x64' ;;
    x64-v6) firmware='EDK2 for x64 by IPv6' ;;
    x64-http) firmware='EDK2 for x64 by HTTP' ;;
    ia32 | arm64) firmware="EDK2 for $2" ;;
    uboot) firmware='U-Boot, which was typed on' ;;
    ipconfig) firmware="klibc's BOOTP client" ;;
    esac
    case $4 in
    link) where='on another host' ;;
    next) where='on another host, with us as its next server' ;;
    here) where='on our host' ;;
    relay) where='on another host, behind a relay' ;;
    esac
    case $5 in
    sent) word='was sent its file' ;;
    program) word='said the word of its boot program' ;;
    linux) word='said the words of its Linux' ;;
    esac
    where="DHCP by $3 $where"
    [ "$3" != none ] || where='no DHCP'
    echo "$1: $firmware, $where: it $word"
}

boot_machine() { # NAME FIRMWARE SERVER PLACE END RULES
    local why began mac=52:54:00:00:01:$((10 + count))
    count=$((count + 1))
    why=$(lacks "$2" "$3" "$4" "$6")
    [ -z "$why" ] || { ok "$1 # SKIP $why"; return; }
    [ "$2" != ipconfig ] || mac=$BOOTP_MAC
    rules "$6" || { not_ok "$1: its rules are taken: $6"; show "$LOG"; return; }
    [ "$4" != here ] || check "$1: port 67 is left to the DHCP server" leave_67
    began=$(now_ms)
    log_begin=$(log_lines)
    dhcp_start "$3" "$4" || { not_ok "$1: the DHCP server $3 starts"; show "$dhcp_log"; }
    machine_on "$1" "$2" "$mac" "$4"
    wait_for "$MACHINE_SECONDS" booted_or_off "$1" "$5" || true
    judge "$1" "$5" "$(title "$@") ($((($(now_ms) - began) / 1000)) s)"
    machine_off
    dhcp_stop
    [ "$4" != here ] || check "$1: port 67 is taken again" take_67
    show_requests
}

judge() { # NAME END LINE
    if booted "$1" "$2"; then
        ok "$3"
    else
        not_ok "$3"
        show "$WORK/$1.serial" "$WORK/$1.qemu" "$dhcp_log" "$WORK/relay.txt"
    fi
}

# -- the run ------------------------------------------------------------------------------------------------------------

count=0
rules_now=
check "the start directory is filled" fill_root
check "three hosts" lan_up
check "a relay between two networks" relay_up
[ -n "$(relay_lacks)" ] || check "it relays" relay_start
check "the service is created" service_create
check "its parameters are written" set_up
check "it starts" service_start -f
check "it has port 67" wait_for 60 port_bound 67
check "a web server" web_up
[ $# -gt 0 ] || mapfile -t chosen < <(names_of "$companion_machines")
for machine in "${chosen[@]:-$@}"; do
    IFS='|' read -ra columns < <(columns_of "$companion_machines" "$machine")
    if [ "${#columns[@]}" -eq 0 ]; then
        not_ok "there is a machine $machine" "the machines are: $(names_of "$companion_machines" | tr '\n' ' ')"
    else
        boot_machine "${columns[@]}"
    fi
done
check "the service stops" service_stop
