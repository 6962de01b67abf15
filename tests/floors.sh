#!/usr/bin/env bash
# The floors of the house: who may include what. `floors.sh --self-test` shows that each rule bites.
#   src/core    a few headers of the C standard, and core/
#   src/win32   no service/, no registry/
#   registry    no service/, and of win32/ only text.h and windows.h (the one place that includes <windows.h>)
#   everywhere  a quoted include begins with its folder; "../" would walk around the rules
set -eu

c_headers='stdint|stdarg|stddef|stdbool|string|limits|inttypes|stdio|stdatomic'
broken=0

# rule WHERE WHAT FORBIDDEN [ALLOWED]: includes in WHERE that match FORBIDDEN and not ALLOWED.
rule() {
    local hits
    [ -d "$1" ] || return 0
    hits=$(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "$1" |
        sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/:#include /' |
        grep -E "#include $3" | { [ -n "${4:-}" ] && grep -vE "#include $4" || cat; }) || return 0
    [ -n "$hits" ] || return 0
    broken=1
    printf '%s\n' "$hits" | sed "s|^|$2: |"
}

floors() {
    rule src/core "src/core includes C standard headers and core/ only" '.*' "(<($c_headers)\\.h>|\"core/([a-z0-9_]+/)?[a-z0-9_]+\\.h\")"
    rule src/win32 "src/win32 may not know service/ or registry/" '"(service|registry)/'
    rule registry "registry may not know service/, nor win32/ but text.h and windows.h" '"(service|win32)/' \
        '"win32/(system/)?(text|windows)\.h"'
    local folder
    for folder in src service registry; do
        rule "$folder" "an include names its folder (core/, win32/, service/, registry/)" '"' \
            '"(core|win32|service|registry)/([a-z0-9_]+/)?[a-z0-9_]+\.h"'
    done
    return "$broken"
}

self_test() {
    local here line file
    here=$(cd "$(dirname "$0")" && pwd)/floors.sh
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cd "$scratch"
    mkdir -p src/core src/win32 registry service
    printf '#include <stdint.h>\n#  include "core/a.h"\n' >src/core/a.c
    printf '#include <windows.h>\n#include "core/a.h"\n' >src/win32/a.c
    printf '#include "win32/system/text.h"\n#include "registry/a.h"\n' >registry/a.c
    "$here" || { echo "floors.sh finds fault with good includes"; return 1; }
    while read -r file line; do
        echo "$line" >"$file"
        ! "$here" >/dev/null || { echo "floors.sh does not see $line in $file"; return 1; }
        rm "$file"
    done <<'PLANTED'
src/core/x.c #include <windows.h>
src/core/x.h #include <stdlib.h>
src/core/x.c   #  include "win32/system/text.h"
src/win32/x.c #include "service/keep/service.h"
src/win32/x.c #include "registry/registry.h"
registry/x.c #include "service/keep/service.h"
registry/x.c #include "win32/server/server.h"
service/x.c #include "../src/core/a.h"
PLANTED
}

case ${1:-} in
--self-test) self_test ;;
*) floors ;;
esac
