# shellcheck shell=bash
# A disk of one megabyte as drive X:, in $small. It must not outlive the script.
small=$WORK/small
mkdir -p "$small"
# shellcheck disable=SC2154 # rc is assigned in the trap
trap 'rc=$?; set +e; umount -l "$small" 2>/dev/null; (exit "$rc"); finish' EXIT
mount -t tmpfs -o size=1m tmpfs "$small"
ln -s "$small" "$PREFIX/dosdevices/x:"
