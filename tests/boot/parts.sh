#!/usr/bin/env bash
# parts.sh: what a machine boots and who stands beside the service, in build/boot: Debian's kernel, a static busybox,
# DHCP servers and firmware, all unpacked and not installed: a daemon that answers for a network, or a script that
# changes this machine's own boot menu, is nothing to leave behind.
set -eu
. "$(dirname "$0")/../setup/common.sh"

parts=$BUILD/boot
[ ! -e "$parts/.done-2" ] || exit 0

# Without these no machine boots; a machine that needs one of the others is left out where apt does not have it.
needed='busybox-static'
others='isc-dhcp-server isc-dhcp-relay kea-dhcp4-server kea-common ipxe u-boot-qemu qemu-efi-aarch64 ovmf-ia32
    shim-signed grub-efi-amd64-signed'

# unpack PACKAGE: its files go below build/boot/PACKAGE.
unpack() {
    apt-get -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$1" >>"$parts/download.log" 2>&1 </dev/null || return 1
    dpkg-deb --extract "$1"_*.deb "$parts/$1"
    rm -f "$1"_*.deb
}
unpack_or_die() { unpack "$1" || { tail -n 5 "$parts/download.log"; die "apt-get could not download $1."; }; }

# The kernel for clouds is the smallest one that Debian makes; its package only names the current version.
kernel_package() { apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" && /linux-image-/ { print $2; exit }'; }

# Libraries that nothing else on the machine may need; their names tell the release.
kea_libraries() { apt-cache depends kea-common | awk '$1 == "Depends:" && $2 ~ /^lib(log4cplus|mariadb|pq|boost|botan)/ { print $2 }'; }

rm -rf "$parts"
mkdir -p "$parts"
cd "$parts"
kernel=$(kernel_package)
[ -n "$kernel" ] || die "apt knows no linux-image-cloud-amd64: run apt-get update."
for package in $kernel $needed; do unpack_or_die "$package"; done
for package in $others $(kea_libraries); do unpack "$package" || say "(apt has no $package)"; done
cp "$kernel"/boot/vmlinuz-* vmlinuz
cp "$(find busybox-static -path "*/bin/busybox" -type f)" busybox # Debian 13 has all below usr
rm -rf "$kernel" busybox-static
touch .done-2
