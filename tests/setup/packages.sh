#!/usr/bin/env bash
# Installs the Debian packages of the named sets (build, run, release, test, boot, bench, fuzz, matrix), if any is missing.
set -eu
. "$(dirname "$0")/common.sh"

set_build="gcc-mingw-w64-x86-64 binutils-mingw-w64-x86-64 mingw-w64-x86-64-dev"
set_run="wine wine64 curl iproute2 procps util-linux"
set_release="wixl msitools osslsigncode python3"
set_test="$set_build $set_run $set_release openssl netbase gcc libc6-dev dpkg-dev xz-utils tftp-hpa atftp busybox
    dnsmasq-base libwrap0 libpcre2-8-0 clang-format clang-tidy cppcheck shellcheck qemu-system-x86 ipxe-qemu"
set_boot="$set_test qemu-system-arm ovmf pxelinux syslinux-common grub-common grub-pc-bin grub-efi-amd64-bin cpio
    klibc-utils"
set_bench="$set_build $set_run gcc libc6-dev dpkg python3 golang-go golang-github-pin-tftp-dev tftp-hpa atftp
    dnsmasq-base libwrap0 libpcre2-8-0"
set_fuzz="clang libclang-rt-dev libc6-dev python3"
set_matrix="mmdebstrap mount util-linux"

# The words of $@ that dpkg does not know as installed.
missing() {
    local name installed
    installed=$(dpkg-query -W -f ' ${Package}=${db:Status-Status} ' "$@" 2>/dev/null) || true
    for name in "$@"; do
        [[ $installed == *" $name=installed "* ]] || printf '%s ' "$name"
    done
}

wanted=
for set in "$@"; do
    case $set in
    build) wanted+=" $set_build" ;;
    run) wanted+=" $set_run" ;;
    release) wanted+=" $set_release" ;;
    test) wanted+=" $set_test" ;;
    boot) wanted+=" $set_boot" ;;
    bench) wanted+=" $set_bench" ;;
    fuzz) wanted+=" $set_fuzz" ;;
    matrix) wanted+=" $set_matrix" ;;
    *) die "packages.sh: there is no package set '$set'; the sets are build, run, release, test, boot, bench, fuzz and matrix." ;;
    esac
done

# shellcheck disable=SC2086 # lists of words
lacking=$(missing $wanted)
[ -n "$lacking" ] || exit 0
[ "$EUID" -eq 0 ] || die "These packages are missing: $lacking
Run this as root once, or install them yourself: apt-get install --no-install-recommends $lacking"

# One at a time: parallel make may ask for several sets at once.
mkdir -p "$BUILD"
exec 9>"$BUILD/packages.lock"
flock 9
# shellcheck disable=SC2086
lacking=$(missing $lacking)
[ -n "$lacking" ] || exit 0

say "Installing: $lacking"
export DEBIAN_FRONTEND=noninteractive
log=$BUILD/packages.log
# Other repositories on the machine may be broken; what counts is whether the install works.
apt-get -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 </dev/null 9>&- || say "(apt-get update complained, see $log)"
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $lacking >>"$log" 2>&1 </dev/null 9>&- || {
    tail -n 20 "$log"
    die "apt-get could not install: $lacking. The whole story is in $log."
}
