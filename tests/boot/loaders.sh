#!/usr/bin/env bash
# Machines boot over the network from the service under Wine: qemu (in software), its PXE ROM or UEFI, PXELINUX or GRUB,
# Linux. DHCP comes from dnsmasq, which names the boot file and serves none. A machine counts as booted when its initrd,
# whose noise it has compared, writes two random words to the serial line: one from the initrd, one from the boot loader's
# configuration. (Where the service names the boot file: companion.sh.)
#   loaders.sh [MACHINE...]   all of them, or those named (see machines.bash)
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=payload.bash
. "$TOP/tests/boot/payload.bash"
# shellcheck source=machines.bash
. "$TOP/tests/boot/machines.bash"

BOOT_SECONDS=${BOOT_SECONDS:-600} # for one machine; a busy computer emulates slowly
SERVER=10.68.0.1
dhcp_log=$WORK/dnsmasq.txt

# -- what is served ---------------------------------------------------------------------------------------------------

fill_root() {
    make_linux
    cat >"$ROOT/boot.ipxe" <<CONFIG
#!ipxe
kernel vmlinuz initrd=initrd $command_line
initrd initrd
boot
CONFIG
    grub-mknetdir --net-directory="$ROOT" --subdir=boot/grub >"$WORK/grub.txt" 2>&1
    grub_config >"$ROOT/boot/grub/grub.cfg"
}

# -- the network --------------------------------------------------------------------------------------------------------

link_up() {
    ip tuntap add dev tap0 mode tap
    ip addr add "$SERVER/24" dev tap0
    ip link set tap0 up
}

dhcp_start() { # BOOT-FILE
    dnsmasq --conf-file=/dev/null --no-daemon --port=0 --interface=tap0 --bind-interfaces --log-dhcp \
        --dhcp-range=10.68.0.50,10.68.0.99 --dhcp-leasefile="$WORK/leases" --dhcp-boot="$1,,$SERVER" \
        >"$dhcp_log" 2>&1 </dev/null &
    DHCP_PID=$!
    wait_for 10 port_bound 67
}
dhcp_stop() {
    kill "$DHCP_PID" 2>/dev/null || true
    wait "$DHCP_PID" 2>/dev/null || true
}

# -- machines -----------------------------------------------------------------------------------------------------------

# machine_run NAME FIRMWARE CARD: until it powers off; the serial line is $WORK/NAME.serial.
machine_run() {
    local firmware=() card="$3,netdev=net0,bootindex=1"
    if [ "$2" = uefi ]; then
        cp /usr/share/OVMF/OVMF_VARS_4M.fd "$WORK/vars.fd"
        firmware=(-drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
            -drive "if=pflash,format=raw,file=$WORK/vars.fd")
        firmware+=(-device virtio-rng-pci) # without random numbers newer ones have no network
        card+=,romfile= # UEFI has a driver and a TFTP client of its own
    fi
    timeout --foreground --kill-after=5 "$BOOT_SECONDS" qemu-system-x86_64 -accel tcg -m 512 -nodefaults -vga std \
        -display none -no-reboot -serial "file:$WORK/$1.serial" "${firmware[@]}" \
        -netdev tap,id=net0,ifname=tap0,script=no,downscript=no -device "$card" >"$WORK/$1.qemu" 2>&1 </dev/null
}

# sent_whole FILE: the part of the log since the machine was switched on has it, with all its bytes.
sent_whole() {
    local size
    size=$(stat -c %s "$ROOT/$1")
    tail -n "+$((log_begin + 1))" "$LOG" | grep -F "sent \"${1//\//\\}\" to 10.68.0." | grep -q ", $size bytes in"
}

boot_machine() { # NAME FIRMWARE CARD BOOT-FILE FILES...
    local began file rc=0
    began=$(now_ms)
    log_begin=$(log_lines)
    check "$1: dnsmasq offers $4 and nothing else" dhcp_start "$4"
    machine_run "$1" "$2" "$3" || rc=$?
    dhcp_stop
    check "$1: the machine ($2, $3) switches itself off" test "$rc" -eq 0
    check "$1: Linux wrote the words of its initrd and its configuration" printed "$1" linux
    printed "$1" linux || show "$WORK/$1.serial" "$WORK/$1.qemu" "$dhcp_log"
    wait_for 10 sent_whole initrd || true # the log may be a moment behind
    for file in "${@:5}"; do check "$1: $file was sent whole" sent_whole "$file"; done
    say "# $1: $((($(now_ms) - began) / 1000)) s; what it asked for:"
    show_requests
}

# -- the run ------------------------------------------------------------------------------------------------------------

check "the start directory is filled" fill_root
check "a network of one link" link_up
check "the service is created" service_create
check "the service starts" service_start -f
[ $# -gt 0 ] || mapfile -t chosen < <(names_of "$loader_machines")
for machine in "${chosen[@]:-$@}"; do
    IFS='|' read -ra columns < <(columns_of "$loader_machines" "$machine")
    if [ "${#columns[@]}" -eq 0 ]; then
        not_ok "there is a machine $machine" "the machines are: $(names_of "$loader_machines" | tr '\n' ' ')"
    else
        read -ra files <<<"${columns[4]}"
        boot_machine "${columns[@]:0:4}" "${files[@]}"
    fi
done
check "the service stops" service_stop
