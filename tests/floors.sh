#!/usr/bin/env bash
# The floors of the house: who may include whom. `floors.sh --self-test` shows that each rule bites, `floors.sh --show` prints
# the arrows as they are.
#   src/core    a few headers of the C standard, and core/
#   each folder only the folders that its line below names, from the bottom up; an allowance that nobody uses is told
#   each file   no circle, but for those that are one machine in parts
#   everywhere  a quoted include begins with its building and its folder; "../" would walk around the rules
set -eu

c_headers='stdint|stdarg|stddef|stdbool|string|limits|inttypes|stdio|stdatomic'

# FOLDER: what it may include besides itself. A line may name lines above it only, so that all arrows run down.
floors=$(cat <<'FLOORS'
core/base:
core/wire: core/base
core/names: core/base
core/settings: core/base core/names core/wire
core/transfer: core/base core/wire
core/server: core/base core/names core/settings core/transfer core/wire
core/events: core/base core/names core/transfer
core/import: core/base core/names core/settings core/wire
win32/system: core/base
win32/log: core/base core/events core/names core/settings win32/system
win32/net: core/base core/server core/settings win32/system
win32/disk: core/names core/server core/settings core/wire win32/system
win32/server: core/base core/events core/server core/settings core/transfer win32/disk win32/log win32/net win32/system
registry: core/import core/settings win32/system
service/tell: core/base core/settings win32/log win32/server win32/system
service/words: core/base core/names registry service/tell win32/system
service/facts: core/names core/settings service/tell service/words win32/disk win32/system
service/pipe: core/base service/facts win32/server win32/system
service/keep: core/base core/settings registry service/pipe service/tell service/words win32/system
service/status: core/base service/facts service/pipe service/tell service/words
service/check: core/base core/names core/settings service/facts service/tell service/words win32/system
service/explain: core/base core/server service/facts service/tell service/words win32/disk win32/net win32/system
service/import: core/base core/import core/names registry service/facts service/tell service/words win32/system
service/install: registry service/facts service/tell service/words win32/system
service/desk: core/base core/names core/settings service/check service/explain service/import service/install service/keep service/status service/tell service/words win32/system
FLOORS
)

# NAME: files that include each other, as they are one machine in parts, each known outside by one header.
machines=$(cat <<'MACHINES'
transfer: core/transfer/transfer core/transfer/transfer_parts
import: core/import/import core/import/import_parts
opened-files: win32/disk/file win32/disk/file_parts win32/disk/root
cache: win32/disk/cache win32/disk/cache_parts
udp: win32/net/udp win32/net/udp_parts
intake: win32/server/intake win32/server/intake_parts
listener: win32/server/listener win32/server/listener_parts
worker: win32/server/worker win32/server/worker_parts win32/server/session win32/server/session_parts win32/server/sends win32/server/shared win32/server/snapshot
host: service/keep/host service/keep/host_parts
MACHINES
)

# Each include as "FILE LINE", FILE without src/.
all_includes() {
    find src registry service -name '*.[ch]' -exec grep -HE '^[[:space:]]*#[[:space:]]*include' {} + |
        sed -E 's,^src/,,; s/:[[:space:]]*#[[:space:]]*include[[:space:]]*/ /'
}

# "FILE ROOM" for those that name a room: the rest is against the first two rules.
rooms='"((core|win32|service)/[a-z0-9_]+|registry)/[a-z0-9_]+\.h"'
arrows() { all_includes | grep -E " $rooms" | sed -E 's/^([^ ]*)\.[ch] "(.*)\.h".*/\1 \2/'; }

foreign() {
    all_includes | grep '^core/' | grep -vE " (<($c_headers)\.h>|\"core/)" |
        sed 's,^,src/core includes C standard headers and core/ only: ,'
    all_includes | grep ' "' | grep -vE " $rooms" | sed 's,^,an include names its building and its folder: ,'
    all_includes | grep -E ' <(windows|winsock2)\.h>' | grep -v '^win32/system/windows\.h ' |
        sed 's,^,win32/system/windows.h is the one place that includes this: ,'
}

upward() {
    arrows | awk -v floors="$floors" '
        function folder(file) { sub("/[^/]*$", "", file); return file }
        BEGIN {
            count = split(floors, lines, "\n")
            for (i = 1; i <= count; i++) {
                words = split(lines[i], word, "[: ]+")
                for (j = 2; j <= words; j++) {
                    if (word[j] == "") continue
                    if (!(word[j] in is_floor)) print "floors.sh: " word[1] " may not be above " word[j] ", which stands below it"
                    is_allowed[word[1], word[j]] = 1
                }
                is_floor[word[1]] = 1
            }
        }
        {
            from = folder($1); to = folder($2)
            if (from == to) next
            if (!(from in is_floor)) print "floors.sh knows no folder " from ": " $1
            else if (!((from, to) in is_allowed)) print from " may not include " to ": " $1 " includes " $2
            is_used[from, to] = 1
        }
        END {
            for (pair in is_allowed) {
                split(pair, part, SUBSEP)
                if (!(pair in is_used)) print "floors.sh: " part[1] " no longer includes " part[2] ": take the allowance away"
            }
        }'
}

# A circle is what tsort cannot put in a row.
circles() {
    arrows | awk -v machines="$machines" '
        BEGIN {
            count = split(machines, lines, "\n")
            for (i = 1; i <= count; i++) {
                words = split(lines[i], word, "[: ]+")
                for (j = 2; j <= words; j++) machine[word[j]] = "machine:" word[1]
            }
        }
        function name(file) { return file in machine ? machine[file] : file }
        name($1) != name($2) { print name($1), name($2) }' |
        tsort 2>&1 >/dev/null | sed 's,^tsort: ,a circle of files: ,'
}

floors() {
    local complaints
    complaints=$(foreign; upward; circles)
    [ -z "$complaints" ] || { printf '%s\n' "$complaints"; return 1; }
}

# A small house of the same shape, in which each allowance is used.
build_sample() {
    local line folder below number=0
    while IFS= read -r line; do
        folder=${line%%:*}
        case $folder in core/* | win32/*) folder=src/$folder ;; esac
        mkdir -p "$folder"
        : >"$folder/a.h"
        printf '#include <stdint.h>\n#  include "%s/a.h"\n' "${line%%:*}" >"$folder/a.c"
        for below in ${line#*:}; do
            number=$((number + 1))
            printf '#include "%s/a.h"\n' "$below" >"$folder/b$number.c"
        done
    done <<<"$floors"
}

self_test() {
    local here line file
    here=$(cd "$(dirname "$0")" && pwd)/floors.sh
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cd "$scratch"
    build_sample
    "$here" || { echo "floors.sh finds fault with good includes"; return 1; }
    while read -r file line; do
        mkdir -p "${file%/*}"
        echo "$line" >"$file"
        ! "$here" >/dev/null || { echo "floors.sh does not see $line in $file"; return 1; }
        rm "$file"
    done <<'PLANTED'
src/core/base/x.c #include <windows.h>
src/core/base/x.h #include <stdlib.h>
src/core/wire/x.c   #  include "win32/system/text.h"
src/core/wire/x.c #include "core/server/request.h"
src/core/transfer/x.h #include "core/settings/config.h"
src/win32/disk/x.c #include "win32/server/session.h"
src/win32/server/x.c #include "service/keep/service.h"
src/win32/server/x.c #include "registry/registry.h"
registry/x.c #include "service/keep/service.h"
registry/x.c #include "win32/server/server.h"
service/keep/x.c #include "service/status/status.h"
service/check/x.c #include "service/install/install.h"
service/words/x.c #include "service/desk/help.h"
service/tell/x.c #include "../src/core/base/a.h"
service/tell/x.c #include "core/a.h"
service/attic/x.c #include "core/base/a.h"
src/win32/net/x.c #include <winsock2.h>
PLANTED
    echo '#include "core/wire/y.h"' >src/core/wire/x.c
    echo '#include "core/wire/x.h"' >src/core/wire/y.h
    "$here" | grep -q circle || { echo "floors.sh does not see a circle"; return 1; }
    rm src/core/wire/[xy].*
    rm service/keep/b*.c
    "$here" | grep -q 'no longer' || { echo "floors.sh does not see an allowance that nobody uses"; return 1; }
}

case ${1:-} in
--self-test) self_test ;;
--show) arrows | sed -E 's,/[^/ ]* , ,; s,/[^/ ]*$,,' | awk '$1 != $2' | sort | uniq -c ;;
*) floors ;;
esac
