# shellcheck shell=bash
# Sourced by every script here: where the tree is, and how to talk to Wine.
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$TOP/build
TEMPLATE=$BUILD/wine/template
PYTHON=/usr/bin/python3 # Debian's, not one that a version manager put in front of it
export TOP BUILD TEMPLATE PYTHON

# From the beginning once more, so that Wine starts every program.
[ -n "${HAS_FIXED_ADDRESSES:-}" ] || exec "$TOP/tests/setup/fixed.sh" "$BASH" "$0" "$@"

# No debug noise, no display, no offer to download Mono and Gecko; C.UTF-8 because Wine decodes argv by the locale.
export WINEDEBUG=-all DISPLAY='' WINEDLLOVERRIDES='mscoree,mshtml=' LC_ALL=C.UTF-8
unset WINEARCH WINESERVER WINELOADER

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }
now_ms() { printf '%s' "$((${EPOCHREALTIME/./} / 1000))"; }

# Wine's long-lived processes keep every descriptor they inherit, and a reader of a pipe then waits for ever:
# so no wine command ever gets one of ours.
quiet() { "$@" >/dev/null 2>&1 </dev/null; }

# Without -p the server, and every service with it, dies when the last client leaves.
wine_up() { quiet wineserver -p || true; } # fails when it is up already, which is fine
wine_down() {
    quiet wineserver -k || true
    quiet timeout 10 wineserver -w || quiet wineserver -k9 || true
}

# For a trap: ends what this shell has in the background, and the shell.
stop_all() {
    trap '' TERM INT HUP
    # shellcheck disable=SC2046 # a list of numbers
    kill -TERM $(jobs -p) 2>/dev/null || true
    wait
    say "Interrupted."
    exit 130
}
