# shellcheck shell=bash
# For scripts that install and take away: what is in the registry, and whether a file is served.

# keep KEY: what is in that key and below it, for `value NAME TEXT`: the value is there and has that text.
keep() { w reg query "$1" /s && out >"$WORK/values.txt"; }
value() { grep -E "^ +$1 " "$WORK/values.txt" | grep -qF -- "$2" || { cat "$WORK/values.txt"; false; }; }
no_key() { ! w reg query "$1"; }
# fetches NAME: a file that says "this is NAME".
fetches() { [ "$(curl --silent --show-error --max-time 30 "tftp://127.0.0.1/$1")" = "this is $1" ]; }
