#!/usr/bin/env bash
# mirror.sh   prints "URI KEY" of Debian's main archive as this machine gets it, or "URI" where apt's own keys are meant.
# Other vendors' archives have other paths.
set -eu

suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

entries() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && awk -v RS= -v ours="$suite" '{
            uri = key = field = ""; suite = main = 0
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^[A-Z][A-Za-z-]*:$/) { field = $i; continue }
                if (field == "URIs:" && uri == "") uri = $i
                if (field == "Suites:" && $i == ours) suite = 1
                if (field == "Components:" && $i == "main") main = 1
                if (field == "Signed-By:" && $i ~ /^\//) key = $i
            }
            if (suite && main) print uri, key
        }' < <(sed '/^[ \t]*#/d' "$file")
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] && sed -nE "s/^deb(-src)?[ \t]+(\[[^]]*\][ \t]+)?([^ \t]+)[ \t]+${suite:-none}[ \t]+(.*[ \t])?main([ \t].*)?\$/\3 \2/p" "$file" |
            sed -E 's/^([^ ]+) .*signed-by=([^], ]+).*/\1 \2/; t; s/ .*//'
    done
    # What a stock Debian says, for machines whose sources look like nothing we know.
    echo "http://deb.debian.org/debian /usr/share/keyrings/debian-archive-keyring.gpg"
}

entries | grep -E -m 1 '^[a-z+]+:.*(/debian/?|/archive/debian/[0-9TZ]+/?|/debian\.list)( |$)'
