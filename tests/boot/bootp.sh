#!/usr/bin/env bash
# bootp.sh LINK: an old device, which asks by BOOTP, as klibc's ipconfig has it: takes the address, fetches the file from the
# server that it was told, and prints it. (ipconfig writes to /run, which is this device's own.)
set -eu
[ "${2:-}" = inside ] || exec unshare --mount --propagation unchanged "$0" "$1" inside
mount --make-rprivate / 2>/dev/null || true # a chroot has no such mount: who made it (tests/setup/matrix.sh) has done that
mount -t tmpfs bootp /run
/usr/lib/klibc/bin/ipconfig -c bootp -t 60 "$1" >&2
# shellcheck source=/dev/null
. "/run/net-$1.conf"
# shellcheck disable=SC2154 # of that file
curl -sS "tftp://$ROOTSERVER/$filename"
