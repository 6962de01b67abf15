#!/usr/bin/env bash
# Unpacks TFTP servers that our client is tried against, and that the benchmark runs beside ours, into build/peers, from
# Debian's packages. They are not installed: they exclude each other, and a daemon on UDP 69 is nothing to leave behind.
set -eu
. "$(dirname "$0")/common.sh"

peers='tftpd-hpa atftpd'
dir=$BUILD/peers
log=$BUILD/peers.log

say "Fetching $peers"
trap '[ $? -eq 0 ] || { tail -n 5 "$log"; say "The peers could not be fetched; the whole story is in $log."; } >&2' EXIT
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
# shellcheck disable=SC2086 # a list of words
apt-get -o APT::Sandbox::User=root -o Acquire::Retries=3 download $peers >"$log" 2>&1 </dev/null
for package in ./*.deb; do
    dpkg-deb -x "$package" .
done
touch .done
