# shellcheck shell=bash
# Machines, in software: no KVM is asked for. FIRMWARE is one of
#   rom     SeaBIOS and iPXE's ROM of the network card (qemu has no other ROM)
#   x64, ia32, arm64     EDK2; x64-v6 by IPv6 alone, x64-http by HTTP alone
#   uboot   U-Boot for ARM64: heeds no proxy (and has a MAC of its own), so somebody types the server and the file
#   ipconfig             no machine: klibc's BOOTP client, in a namespace of its own
MACHINE_SECONDS=${MACHINE_SECONDS:-300}
edk2=/usr/share/OVMF

# firmware_lacks FIRMWARE: why it is not here; nothing if it is.
firmware_lacks() {
    case $1 in
    rom | x64* | ipconfig) ;;
    ia32) file_lacks ovmf-ia32 "$(unpacked ovmf-ia32)/share/OVMF/OVMF32_CODE_4M.secboot.fd" ;;
    arm64) file_lacks qemu-efi-aarch64 "$(unpacked qemu-efi-aarch64)/share/AAVMF/AAVMF_CODE.fd" ;;
    uboot) file_lacks u-boot-qemu "$(unpacked u-boot-qemu)/lib/u-boot/qemu_arm64/u-boot.bin" ;;
    esac
}
file_lacks() { [ -f "$2" ] || echo "apt has no $1"; } # PACKAGE FILE

# flash CODE VARIABLES: the variables are a copy, which is not kept.
flash() {
    cp "$2" "$WORK/variables.fd"
    qemu+=(-drive "if=pflash,format=raw,readonly=on,file=$1" -drive "if=pflash,format=raw,file=$WORK/variables.fd,snapshot=on")
}
without() { qemu+=(-fw_cfg "name=opt/org.tianocore/$1,string=n"); } # IPv4PXESupport | IPv6PXESupport
card() { qemu+=(-netdev tap,id=net0,ifname=tap0,script=no,downscript=no -device "$1,netdev=net0,mac=$2"); }

# qemu_for NAME FIRMWARE MAC: the command, in ${qemu[@]}. Without random numbers EDK2 has no network: it wants a device for
# them, and on ARM64 since 2024 a processor that makes them (of qemu's, max; its signed pointers are slow to compute).
qemu_for() {
    local serial=file:$WORK/$1.serial x64=(qemu-system-x86_64 -accel tcg) arm=(qemu-system-aarch64 -M virt)
    local uefi=(-device virtio-rng-pci)
    case $2 in
    rom)
        qemu=("${x64[@]}" -M pc -m 256 -vga std -boot n)
        card e1000 "$3"
        ;;
    x64*)
        qemu=("${x64[@]}" -M q35 -m 512 "${uefi[@]}")
        flash $edk2/OVMF_CODE_4M.fd $edk2/OVMF_VARS_4M.fd
        ;;
    ia32)
        qemu=("${x64[@]}" -M q35,smm=on -m 512 "${uefi[@]}")
        flash "$(unpacked ovmf-ia32)/share/OVMF/OVMF32_CODE_4M.secboot.fd" "$(unpacked ovmf-ia32)/share/OVMF/OVMF32_VARS_4M.fd"
        ;;
    arm64)
        qemu=("${arm[@]}" -cpu max,pauth-impdef=on -m 512 "${uefi[@]}")
        flash "$(unpacked qemu-efi-aarch64)/share/AAVMF/AAVMF_CODE.fd" "$(unpacked qemu-efi-aarch64)/share/AAVMF/AAVMF_VARS.fd"
        ;;
    uboot)
        qemu=("${arm[@]}" -cpu cortex-a57 -m 256 -bios "$(unpacked u-boot-qemu)/lib/u-boot/qemu_arm64/u-boot.bin")
        serial=unix:$WORK/$1.socket,server=on,wait=on
        ;;
    esac
    case $2 in
    x64-v6 | x64-http) without IPv4PXESupport ;;
    esac
    case $2 in
    x64 | ia32 | arm64 | x64-http) without IPv6PXESupport ;;
    esac
    case $2 in
    uboot) card virtio-net-pci,romfile= "$3" ;;
    x64* | ia32 | arm64) card virtio-net-pci,romfile=,bootindex=0 "$3" ;;
    esac
    qemu+=(-display none -no-reboot -monitor none -serial "$serial")
}

# machine_on NAME FIRMWARE MAC PLACE: in the background; MACHINE_PID, and TYPIST_PID who types on it.
machine_on() {
    : >"$WORK/$1.serial"
    TYPIST_PID=
    case $2 in
    ipconfig) device_on "$1" "$3" ;;
    *) qemu_on "$@" ;;
    esac
}
qemu_on() {
    local place=("${on_us[@]}")
    [ "$4" != relay ] || place=("${on_relay[@]}")
    qemu_for "$1" "$2" "$3"
    "${place[@]}" "${qemu[@]}" >"$WORK/$1.qemu" 2>&1 </dev/null &
    MACHINE_PID=$!
    [ "$2" = uboot ] || return 0
    "${on_us[@]}" "$PYTHON" "$TOP/tests/boot/uboot.py" "$WORK/$1.socket" "$SERVER" word.scr >"$WORK/$1.serial" 2>"$WORK/$1.typist" </dev/null &
    TYPIST_PID=$!
}
device_on() { # NAME MAC
    new_host old
    "${on_us[@]}" nsenter --target "$HOST_PID" --net ip link set old address "$2"
    "${on_us[@]}" nsenter --target "$HOST_PID" --net "$TOP/tests/boot/bootp.sh" old >"$WORK/$1.serial" 2>"$WORK/$1.qemu" </dev/null &
    MACHINE_PID=$!
}
machine_runs() { kill -0 "$MACHINE_PID" 2>/dev/null; }
machine_off() {
    end "$MACHINE_PID"
    [ -z "$TYPIST_PID" ] || end "$TYPIST_PID"
}
