#!/usr/bin/env bash
# Machines boot over the network from the service under Wine: qemu (in software), its PXE ROM or UEFI, PXELINUX or GRUB,
# Linux. DHCP comes from dnsmasq, which serves no files. A machine counts as booted when its initrd, whose noise it has
# compared, writes two random words to the serial line: one from the initrd, one from the boot loader's configuration.
#   boot.sh [MACHINE...]   all of them, or those named (see the table)
. "$(dirname "$0")/../e2e/lib.sh"

BOOT_SECONDS=${BOOT_SECONDS:-600} # for one machine; a busy computer emulates slowly
NOISE=4000000
SERVER=10.68.0.1
parts=$BUILD/boot
dhcp_log=$WORK/dnsmasq.txt
pxelinux=/usr/lib/PXELINUX
syslinux=/usr/lib/syslinux/modules/bios

# MACHINE FIRMWARE NETWORK-CARD BOOT-FILE FILES-SENT-WHOLE...
machines='
ipxe     bios virtio-net-pci boot.ipxe               boot.ipxe vmlinuz initrd
pxelinux bios virtio-net-pci pxelinux.0              pxelinux.0 ldlinux.c32 pxelinux.cfg/default vmlinuz initrd
lpxelinux bios e1000         lpxelinux.0             lpxelinux.0 ldlinux.c32 pxelinux.cfg/default vmlinuz initrd
grub     bios e1000          boot/grub/i386-pc/core.0 boot/grub/i386-pc/core.0 boot/grub/grub.cfg vmlinuz initrd
uefi     uefi virtio-net-pci boot/grub/x86_64-efi/core.efi boot/grub/x86_64-efi/core.efi boot/grub/grub.cfg vmlinuz initrd
'

names() { awk 'NF { print $1 }' <<<"$machines"; }
row() { awk -v name="$1" '$1 == name' <<<"$machines"; }

# -- what is served ---------------------------------------------------------------------------------------------------

random_word() { od -An -N8 -tx8 /dev/urandom | tr -d ' '; }

make_initrd() {
    local tree=$WORK/initrd
    mkdir -p "$tree/bin" "$tree/proc"
    cp "$parts/busybox" "$tree/bin/busybox"
    ln -s busybox "$tree/bin/sh"
    echo "$in_initrd" >"$tree/word"
    make_file "$tree/noise" "$NOISE"
    (cd "$tree" && sha256sum noise >noise.sha256)
    cat >"$tree/init" <<'INIT'
#!/bin/sh
bb=/bin/busybox
$bb mount -t proc proc /proc
cd /
if $bb sha256sum -c noise.sha256 >/dev/null; then
    echo "Booted: initrd $($bb cat word), configuration $($bb sed 's/.*word=\([0-9a-f]*\).*/\1/' /proc/cmdline)."
else
    echo "The initrd is damaged."
fi
$bb poweroff -f
INIT
    chmod 755 "$tree/init"
    (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$ROOT/initrd"
}

fill_root() {
    cp "$parts/vmlinuz" "$ROOT/vmlinuz"
    make_initrd
    cp "$pxelinux/pxelinux.0" "$pxelinux/lpxelinux.0" "$syslinux/ldlinux.c32" "$ROOT/"
    mkdir -p "$ROOT/pxelinux.cfg"
    cat >"$ROOT/pxelinux.cfg/default" <<CONFIG
DEFAULT linux
LABEL linux
    KERNEL vmlinuz
    INITRD initrd
    APPEND $command_line
CONFIG
    cat >"$ROOT/boot.ipxe" <<CONFIG
#!ipxe
kernel vmlinuz initrd=initrd $command_line
initrd initrd
boot
CONFIG
    grub-mknetdir --net-directory="$ROOT" --subdir=boot/grub >"$WORK/grub.txt" 2>&1
    cat >"$ROOT/boot/grub/grub.cfg" <<CONFIG
linux /vmlinuz $command_line
initrd /initrd
boot
CONFIG
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
        card+=,romfile= # UEFI has a driver and a TFTP client of its own
    fi
    timeout --foreground --kill-after=5 "$BOOT_SECONDS" qemu-system-x86_64 -accel tcg -m 512 -nodefaults -vga std \
        -display none -no-reboot -serial "file:$WORK/$1.serial" "${firmware[@]}" \
        -netdev tap,id=net0,ifname=tap0,script=no,downscript=no -device "$card" >"$WORK/$1.qemu" 2>&1 </dev/null
}

printed() { tr -d '\r' <"$WORK/$1.serial" | grep -qF "Booted: initrd $in_initrd, configuration $in_config."; }

# sent_whole FILE: the part of the log since the machine was switched on has it, with all its bytes.
sent_whole() {
    local size
    size=$(stat -c %s "$ROOT/$1")
    tail -n "+$((log_begin + 1))" "$LOG" | grep -F "sent \"${1//\//\\}\" to 10.68.0." | grep -q ", $size bytes in"
}
lines() { wc -l <"$LOG"; }

# What the machine asked for, in its order; repeated kinds are counted.
show_requests() {
    tail -n "+$((log_begin + 1))" "$LOG" | tr -d '\r' | cut -d' ' -f4- | sed -E 's/ in [0-9.]+ s,/,/; s/:[0-9]+:/:/' |
        uniq -c | sed -E 's/^ *1 /# /; s/^ *([0-9]+) /# \1 times: /'
}

boot_machine() { # NAME FIRMWARE CARD BOOT-FILE FILES...
    local began file rc=0
    began=$(now_ms)
    log_begin=$(lines)
    check "$1: dnsmasq offers $4 and nothing else" dhcp_start "$4"
    machine_run "$1" "$2" "$3" || rc=$?
    dhcp_stop
    check "$1: the machine ($2, $3) switches itself off" test "$rc" -eq 0
    check "$1: Linux wrote the words of its initrd and its configuration" printed "$1"
    printed "$1" || show "$WORK/$1.serial" "$WORK/$1.qemu" "$dhcp_log"
    wait_for 10 sent_whole initrd || true # the log may be a moment behind
    for file in "${@:5}"; do check "$1: $file was sent whole" sent_whole "$file"; done
    say "# $1: $((($(now_ms) - began) / 1000)) s; what it asked for:"
    show_requests
}

# -- the run ------------------------------------------------------------------------------------------------------------

in_initrd=$(random_word)
in_config=$(random_word)
command_line="console=ttyS0 panic=-1 quiet word=$in_config"

check "the start directory is filled" fill_root
check "a network of one link" link_up
check "the service is created" service_create
check "the service starts" service_start -f
[ $# -gt 0 ] || mapfile -t chosen < <(names)
for machine in "${chosen[@]:-$@}"; do
    read -ra columns < <(row "$machine")
    if [ "${#columns[@]}" -eq 0 ]; then
        not_ok "there is a machine $machine" "the machines are: $(names | tr '\n' ' ')"
    else
        boot_machine "${columns[@]}"
    fi
done
check "the service stops" service_stop
