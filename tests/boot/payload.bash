# shellcheck shell=bash
# What machines boot here, sourced by the scripts that boot them. Each ends in a word on the machine's serial line that was
# drawn for this run; `printed` looks for it.
#   word.0, word.efi   a boot program that writes the word and switches the machine off
#   word.ipxe          an iPXE script that goes on to one of these
#   vmlinuz, initrd    Linux, which compares the noise of its initrd and writes the words of the initrd and of $command_line

NOISE=4000000
parts=$BUILD/boot
syslinux=/usr/lib/syslinux/modules/bios

random_word() { od -An -N8 -tx8 /dev/urandom | tr -d ' '; }

in_program=$(random_word)
in_initrd=$(random_word)
in_config=$(random_word)
# shellcheck disable=SC2034 # of the boot loaders' configurations
command_line="console=ttyS0 panic=-1 quiet word=$in_config"

# -- one word -----------------------------------------------------------------------------------------------------------

make_word_bios() { # TO
    as --32 -o "$WORK/word.o" "$TOP/tests/boot/word_bios.S"
    ld -m elf_i386 -Ttext 0x7c00 -e start --oformat binary -o "$1" "$WORK/word.o"
    printf '\r\nBooted: program %s.\r\n\0' "$in_program" >>"$1"
}

make_word_efi() { # TO
    x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -nostdlib \
        -Wl,--subsystem,10,--dynamicbase -e efi_main "-DTEXT=L\"\\r\\nBooted: program $in_program.\\r\\n\"" \
        -o "$1" "$TOP/tests/boot/word_efi.c"
}

make_word_ipxe() { # TO
    printf '#!ipxe\niseq ${platform} efi && chain word.efi || chain word.0\n' >"$1"
}

# U-Boot starts a script only out of an image: a header with two checksums before it.
make_word_uboot() { # TO
    "$PYTHON" - "$1" "echo Booted: program $in_program.; poweroff" <<'PYTHON'
import struct, sys, zlib
text = sys.argv[2].encode()
data = struct.pack(">II", len(text), 0) + text
LINUX, ARM64, SCRIPT, PLAIN = 5, 22, 6, 0
def header(crc):
    return struct.pack(">7I4B32s", 0x27051956, crc, 0, len(data), 0, 0, zlib.crc32(data), LINUX, ARM64, SCRIPT, PLAIN, b"word")
with open(sys.argv[1], "wb") as file:
    file.write(header(zlib.crc32(header(0))) + data)
PYTHON
}

# -- Linux --------------------------------------------------------------------------------------------------------------

make_initrd() { # TO
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
    (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$1"
}

# make_linux: kernel, initrd, and the configurations of PXELINUX and GRUB for them, in the start directory.
make_linux() {
    cp "$parts/vmlinuz" "$ROOT/vmlinuz"
    make_initrd "$ROOT/initrd"
    mkdir -p "$ROOT/pxelinux.cfg"
    cat >"$ROOT/pxelinux.cfg/default" <<CONFIG
DEFAULT linux
LABEL linux
    KERNEL vmlinuz
    INITRD initrd
    APPEND $command_line
CONFIG
    cp /usr/lib/PXELINUX/pxelinux.0 /usr/lib/PXELINUX/lpxelinux.0 "$syslinux/ldlinux.c32" "$ROOT/"
}

grub_config() {
    cat <<CONFIG
linux /vmlinuz $command_line
initrd /initrd
boot
CONFIG
}

# -- what was said ------------------------------------------------------------------------------------------------------

serial_has() { tr -d '\r' <"$WORK/$1.serial" | grep -qaF "$2"; }

# printed MACHINE program|linux
printed() {
    case $2 in
    program) serial_has "$1" "Booted: program $in_program." ;;
    linux) serial_has "$1" "Booted: initrd $in_initrd, configuration $in_config." ;;
    esac
}

# What a machine asked for since the log had $log_begin lines, in its order; repeated kinds are counted.
show_requests() {
    tail -n "+$((log_begin + 1))" "$LOG" | tr -d '\r' | cut -d' ' -f4- | sed -E 's/ in [0-9.]+ s,/,/; s/(\.[0-9]+):[0-9]+:/\1:/' |
        uniq -c | sed -E 's/^ *1 /# /; s/^ *([0-9]+) /# \1 times: /'
}
log_lines() { wc -l <"$LOG"; }
