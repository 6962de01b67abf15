#!/usr/bin/env bash
# parts.sh: what a machine boots, in build/boot: Debian's kernel and a static busybox, both unpacked and not installed.
set -eu
. "$(dirname "$0")/../setup/common.sh"

parts=$BUILD/boot
[ ! -e "$parts/.done" ] || exit 0

# unpack PACKAGE: its files go below build/boot/PACKAGE.
unpack() {
    apt-get download "$1" >>"$parts/download.log" 2>&1 || { tail -n 5 "$parts/download.log"; die "apt-get could not download $1."; }
    dpkg-deb --extract "$1"_*.deb "$parts/$1"
    rm -f "$1"_*.deb
}

# The kernel for clouds is the smallest one that Debian makes; its package only names the current version.
kernel_package() { apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" && /linux-image-/ { print $2; exit }'; }

rm -rf "$parts"
mkdir -p "$parts"
cd "$parts"
kernel=$(kernel_package)
[ -n "$kernel" ] || die "apt knows no linux-image-cloud-amd64: run apt-get update."
unpack "$kernel"
unpack busybox-static
cp "$kernel"/boot/vmlinuz-* vmlinuz
cp busybox-static/bin/busybox busybox
rm -rf "$kernel" busybox-static
touch .done
