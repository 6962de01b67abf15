#!/usr/bin/env bash
# The floors of the house: who may include whom. `floors.sh --self-test` shows that each rule bites, `floors.sh --show`
# prints the arrows as they are.
#   src/core    a few headers of the C standard, and core/
#   each folder has a README: what it is for, and "Includes: FOLDER...", the folders it may include; one that it does not
#               include any more is told, and so is a circle of folders: all arrows run down
#   each file   no circle, but for those that are one machine in parts
#   everywhere  a quoted include begins with its building and its folder; "../" would walk around the rules
set -eu

c_headers='stdint|stdarg|stddef|stdbool|string|limits|inttypes|stdio|stdatomic'

# NAME: files that include each other, as they are one machine in parts, each known outside by one header.
machines=$(cat <<'MACHINES'
transfer: core/transfer/transfer core/transfer/transfer_parts
import: core/import/import core/import/import_parts
exchange: core/client/exchange core/client/exchange_parts
command: core/client/command core/client/command_parts
probe: core/probe/probe core/probe/probe_parts
sounding: core/probe/sounding core/probe/sounding_parts
verdict: core/probe/verdict core/probe/verdict_parts
boot-rules: core/bootrules/rules core/bootrules/rules_line
boot-decision: core/boot/decide core/boot/decide_parts
opened-files: win32/disk/file win32/disk/file_parts win32/disk/root
cache: win32/disk/cache win32/disk/cache_parts
companion: win32/boot/companion win32/boot/companion_parts
udp: win32/net/udp win32/net/udp_parts
intake: win32/server/intake win32/server/intake_parts
listener: win32/server/listener win32/server/listener_parts
worker: win32/server/worker win32/server/worker_parts win32/server/session win32/server/session_parts
host: service/keep/host service/keep/host_parts
MACHINES
)

# Each include as "FILE LINE", FILE without src/.
all_includes() {
    find src registry service -name '*.[ch]' -exec grep -HE '^[[:space:]]*#[[:space:]]*include' {} + |
        sed -E 's,^src/,,; s/:[[:space:]]*#[[:space:]]*include[[:space:]]*/ /'
}

# "FILE ROOM" for those that name a room: the rest is against the first two rules.
rooms='"((core|win32|service)/[a-z0-9_]+|registry|client)/[a-z0-9_]+\.h"'
arrows() { all_includes | grep -E " $rooms" | sed -E 's/^([^ ]*)\.[ch] "(.*)\.h".*/\1 \2/'; }

# "FOLDER BELOW" for each folder that a folder may include, "FOLDER FOLDER" for itself.
allowances() {
    local folder readme name below
    find src registry service -name '*.[ch]' -printf '%h\n' | sort -u | while read -r folder; do
        readme=$folder/README
        name=${folder#src/}
        echo "$name $name"
        if ! grep -qs '^Includes: ' "$readme"; then
            echo "$readme has to say what the folder is for, and in a last line what it includes" >&2
            continue
        fi
        for below in $(sed -n 's/^Includes: //p' "$readme"); do
            [ "$below" = nothing ] || echo "$name $below"
        done
    done
}

foreign() {
    all_includes | grep '^core/' | grep -vE " (<($c_headers)\.h>|\"core/)" |
        sed 's,^,src/core includes C standard headers and core/ only: ,'
    all_includes | grep ' "' | grep -vE " $rooms" | sed 's,^,an include names its building and its folder: ,'
    all_includes | grep -E ' <(windows|winsock2)\.h>' | grep -v '^win32/system/windows\.h ' |
        sed 's,^,win32/system/windows.h is the one place that includes this: ,'
}

upward() {
    arrows | sed -E 's,/[^/ ]* , &,; s,^([^ ]*) (/[^ ]*) (.*)/([^/]*)$,\1 \3 \1\2 \3/\4,' |
        awk -v allowances="$1" '
        BEGIN {
            count = split(allowances, pair, "\n")
            for (i = 1; i <= count; i++) is_allowed[pair[i]] = 1
        }
        {
            arrow = $1 " " $2
            is_used[arrow] = 1
            if (!(arrow in is_allowed)) print $1 " may not include " $2 ": " $3 " includes " $4
        }
        END {
            for (arrow in is_allowed) {
                split(arrow, part)
                if (part[1] != part[2] && !(arrow in is_used))
                    print part[1] " no longer includes " part[2] ": take it out of its README"
            }
        }'
    tsort <<<"$1" 2>&1 >/dev/null | sed 's,^tsort: ,a circle of folders: ,'
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
    local complaints allowed
    allowed=$(allowances 2>&1)
    complaints=$(grep README <<<"$allowed" || true; foreign; upward "$allowed"; circles)
    [ -z "$complaints" ] || { printf '%s\n' "$complaints"; return 1; }
}

# A small house: a, b over a, c over both.
build_sample() {
    local folder below
    mkdir -p src/core/a src/core/b src/win32/c service/d registry src/client
    echo 'Includes: nothing' >src/core/a/README
    echo 'Includes: core/a' >src/core/b/README
    echo 'Includes: core/a core/b' >src/win32/c/README
    echo 'Includes: core/b win32/c' >service/d/README
    echo 'Includes: nothing' | tee registry/README >src/client/README
    for folder in src/core/a src/core/b src/win32/c service/d registry src/client; do
        printf '#include <stdint.h>\n#  include "%s/room.h"\n' "${folder#src/}" >"$folder/room.c"
        for below in $(sed -n 's/^Includes: //p' "$folder/README"); do
            [ "$below" = nothing ] || echo "#include \"$below/room.h\"" >"$folder/uses_${below##*/}.c"
        done
    done
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
src/core/a/x.c #include <windows.h>
src/core/a/x.h #include <stdlib.h>
src/core/a/x.c   #  include "win32/c/room.h"
src/core/a/x.c #include "core/b/room.h"
src/core/b/x.h #include "registry/room.h"
src/win32/c/x.c #include "service/d/room.h"
src/win32/c/x.c #include "registry/room.h"
service/d/x.c #include "core/a/room.h"
service/d/x.c #include "../src/core/b/room.h"
service/d/x.c #include "core/room.h"
service/attic/x.c #include <stdint.h>
src/win32/c/x.c #include <winsock2.h>
src/client/x.c #include "service/d/room.h"
PLANTED
    bites 'circle of files' src/core/a/x.c '#include "core/a/y.h"' src/core/a/y.h '#include "core/a/x.h"'
    bites 'circle of folders' src/core/a/README 'Includes: core/b' src/core/a/x.c '#include "core/b/room.h"'
    bites 'no longer' src/core/a/README 'Includes: core/b'
}

# bites WORDS FILE LINE...: with these files as they say, WORDS are told; what was there comes back.
bites() {
    local words=$1 file
    shift
    rm -rf kept
    mkdir kept
    cp -a src service registry kept
    while [ $# -gt 0 ]; do
        echo "$2" >"$1"
        shift 2
    done
    "$here" | grep -q "$words" || { echo "floors.sh does not see this: $words"; return 1; }
    for file in src service registry; do rm -rf "$file"; mv "kept/$file" .; done
}

case ${1:-} in
--self-test) self_test ;;
--show) arrows | sed -E 's,/[^/ ]* , ,; s,/[^/ ]*$,,' | awk '$1 != $2' | sort | uniq -c ;;
*) floors ;;
esac
