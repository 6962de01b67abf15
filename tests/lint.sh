#!/usr/bin/env bash
# lint.sh [CHECK...]: the rules that a program can check, one TAP line each. `lint.sh --list` names them.
# clang-tidy and cppcheck look only at files that changed, or whose headers did (stamps under build/lint).
set -u
. "$(dirname "$0")/setup/common.sh"
cd "$TOP" || exit 1

checks='format tidy cppcheck floors floors-self-test lengths marks ascii shell exe docs rules booting admx admx-self-test counters counters-self-test mutants-self-test release package-self-test reproducible signed'
product=()
for folder in src service registry; do [ -d "$folder" ] && product+=("$folder"); done

mapfile -t c_files < <(find "${product[@]}" tests -name '*.[ch]' | sort)
mapfile -t shell_files < <(find tests installer docs .ci -name '*.sh' -o -path .ci/run 2>/dev/null | sort)

by_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -s -k -j"$(nproc)" -f Makefile.mingw "$@"; }

check_format() {
    local unlike
    clang-format --dry-run -Werror "${c_files[@]}" || return 1
    command -v gofmt >/dev/null || return 0 # comes with what the benchmark needs
    unlike=$(gofmt -l tests) && [ -z "$unlike" ] || { say "gofmt would lay these out differently: $unlike"; return 1; }
}
check_tidy() { by_make tidy; }
check_cppcheck() { by_make cppcheck; }
check_floors() { tests/floors.sh; }
check_floors-self-test() { tests/floors.sh --self-test; }

# With our layout a function's braces stand alone in the first column.
check_lengths() {
    awk '
        FNR == 1 && last != "" { done() }
        { last = FILENAME; lines = FNR }
        /^\{/ { start = FNR }
        /^\}$/ && start { if (FNR - start - 1 > 70 && product()) bad(FILENAME ":" start, FNR - start - 1, "function", 70)
                          start = 0 }
        END { if (last != "") done(); exit broken }
        function product() { return last !~ /^tests\// }
        function done() { limit = product() ? 400 : 600; if (lines > limit) bad(last, lines, "file", limit); start = 0 }
        function bad(where, n, what, limit) { print where ": " n " lines, a " what " has at most " limit; broken = 1 }
    ' "${c_files[@]}"
}

check_marks() { # in two halves, or this line would find itself
    ! grep -nE '\b(TO''DO|FIX''ME|XX''X)\b' -- "${c_files[@]}" "${shell_files[@]}" Makefile.mingw
}

# What is said is right in every code page of a console: no byte above 0x7f in a string, however it is written. (The marks
# that files of other systems begin with are read, not said.)
check_ascii() {
    ! grep -rnP --include='*.[ch]' '[^\x00-\x7f]|"([^"\\]|\\.)*\\(x[89a-fA-F][0-9a-fA-F]|[23][0-7][0-7]|u[0-9a-fA-F]{4}|U[0-9a-fA-F])' \
        "${product[@]}" | grep -vF 'marks[] = {{"\xef\xbb\xbf", 3, INI_UTF8}'
}

check_shell() {
    local file rc=0
    for file in "${shell_files[@]}"; do bash -n "$file" || rc=1; done
    shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning "${shell_files[@]}" || rc=1
    return "$rc"
}

# The program must run on a bare Windows, with address space randomisation and without executable data. What it imports
# is loaded before main: KnownDLLs alone, which nobody can put another one in place of, beside the program; and none of
# their functions that lead to another DLL (advapi32: Crypt* to cryptsp.dll, SystemFunction* to that or cryptbase.dll).
check_exe() { judge_exe build/tftpd.exe && judge_exe build/tftp.exe && judge_client build/tftp.exe; }
judge_exe() {
    local facts foreign
    facts=$(x86_64-w64-mingw32-objdump -p "$1") || return 1
    foreign=$(sed -n 's/.*DLL Name: //p' <<<"$facts" | grep -viE '^(advapi32|kernel32|msvcrt|ntdll|ws2_32)\.dll$')
    [ -z "$foreign" ] || { say "$1 imports DLLs that are no KnownDLLs, see src/win32/system/delayload.h:"
        say "$foreign"; return 1; }
    foreign=$(grep -oE '[[:space:]](Crypt|SystemFunction)[A-Za-z0-9]*$' <<<"$facts")
    [ -z "$foreign" ] || { say "$1 imports functions that load further DLLs, see src/win32/system/delayload.h:"
        say "$foreign"; return 1; }
    for fact in HIGH_ENTROPY_VA DYNAMIC_BASE NX_COMPAT; do
        grep -q "$fact" <<<"$facts" || { say "$1 lacks $fact"; return 1; }
    done
}

# The client knows no registry, service or account: nothing of advapi32.
judge_client() {
    ! x86_64-w64-mingw32-objdump -p "$1" | grep -i 'DLL Name: advapi32' || { say "$1 imports what is for services"; return 1; }
}

# What is made from the core's tables says what they say now.
check_docs() {
    local document
    by_make build/native/generate || return 1
    for document in parameters events; do
        build/native/generate "$document" | diff "docs/$document.md" - >/dev/null ||
            { say "docs/$document.md is not up to date: make -f Makefile.mingw docs"; return 1; }
    done
    build/native/generate messages | cmp -s - service/messages.mc ||
        { say "service/messages.mc is not up to date: make -f Makefile.mingw docs"; return 1; }
    for document in counters counters-1.1; do
        build/native/generate "$document" | cmp -s - "installer/tftpd-$document.man" ||
            { say "installer/tftpd-$document.man is not up to date: make -f Makefile.mingw docs"; return 1; }
    done
    build/native/generate admx | cmp -s - installer/tftpd.admx &&
        build/native/generate adml | cmp -s - installer/en-US/tftpd.adml ||
        { say "The policy template in installer/ is not up to date: make -f Makefile.mingw docs"; return 1; }
    build/native/generate registry | tests/setup/utf16.sh | cmp -s - registry/tftpd.reg ||
        { say "registry/tftpd.reg is not up to date: make -f Makefile.mingw docs"; return 1; }
}

# Every rule of the strict Windows stands in the table of docs/testing.md, and no other does.
check_rules() {
    local rules=build/lint/rules
    mkdir -p build/lint
    sed -n 's/.* RULE([A-Z_]*, "\([a-z-]*\)".*/\1/p' tests/windows/rules.h | sort >"$rules.table"
    sed -n '/^## A strict Windows/,/^## /s/^| `\([a-z-]*\)` |.*/\1/p' docs/testing.md | sort >"$rules.document"
    [ -s "$rules.table" ] && diff "$rules.table" "$rules.document"
}

# So does every test that the table of booting names.
check_booting() {
    local named file name broken=0 count=0
    while IFS= read -r named; do
        file=${named%%: *} name=${named#*: } count=$((count + 1))
        grep -rqF --include="$file.c" --include="$file" -- "$name" tests ||
            { say "docs/testing.md names $named, and there is no such test"; broken=1; }
    done < <(sed -n '/^## The rules of booting/,/^## A real boot/p' docs/testing.md | grep -oE '`[a-z0-9_.]+: [^`]+`' | tr -d '`')
    [ "$count" -gt 50 ] && return "$broken"
}

check_admx() { "$PYTHON" tests/admx.py; }
check_admx-self-test() { "$PYTHON" tests/admx.py --self-test; }
check_counters() { "$PYTHON" tests/counters.py; }
check_counters-self-test() { "$PYTHON" tests/counters.py --self-test; }
check_mutants-self-test() { "$PYTHON" tests/mutants/mutants.py --self-test; }

version=$(sed -n 's/^VERSION := //p' Makefile.mingw)
msi=build/tftpd-$version-x64.msi

# (-B: tests/package.py has a module, and the tree stays as it is.)
check_release() { by_make release && "$PYTHON" -B tests/package.py build/release "$version"; }
check_package-self-test() { "$PYTHON" -B tests/package.py --self-test "$msi"; }

# The same sources give the same bytes, whenever and wherever they are put together.
check_reproducible() {
    local again=build/lint/again program time
    rm -rf "$again"
    for program in tftpd tftp; do
        by_make "$again/$program.exe" && cmp "build/$program.exe" "$again/$program.exe" || return 1
    done
    time=$(msiinfo export "$msi" _SummaryInformation | tr -d '\r' | sed -n 's/^12\t//p')
    SOURCE_DATE_EPOCH=$(date -u -d "$time" +%s) installer/package.sh "$again" "$version" \
        "$(sed -n 's/^HOMEPAGE := //p' Makefile.mingw)" "$again/again.msi" && cmp "$msi" "$again/again.msi"
}

# A certificate of our own: programs and package are signed, the package holds what is signed, and an altered byte shows.
check_signed() {
    local at=build/lint/signed file
    rm -rf "$at"
    mkdir -p "$at/out"
    say secret >"$at/password"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=tftpd test' -addext extendedKeyUsage=codeSigning \
        -keyout "$at/key.pem" -out "$at/cert.pem" &&
        openssl pkcs12 -export -inkey "$at/key.pem" -in "$at/cert.pem" -passout "file:$at/password" -out "$at/cert.p12" &&
        by_make sign "CERT=$at/cert.p12" "PASSWORD_FILE=$at/password" || return 1
    for file in "build/signed/tftpd-$version-x64.msi" build/signed/tftpd.exe build/signed/tftp.exe; do
        osslsigncode verify -CAfile "$at/cert.pem" -in "$file" || { say "$file is not signed"; return 1; }
    done
    msiextract -C "$at/out" "build/signed/tftpd-$version-x64.msi" >"$at/extracted.txt" &&
        [ "$(find "$at/out" -name '*.exe' | wc -l)" -eq 2 ] || return 1
    for file in tftpd.exe tftp.exe; do
        find "$at/out" -name "$file" -exec cmp {} "build/signed/$file" \; -print | grep -q . || return 1
    done
    cp build/signed/tftpd.exe "$at/altered.exe"
    printf X | dd of="$at/altered.exe" bs=1 seek=4096 conv=notrunc 2>/dev/null
    ! osslsigncode verify -CAfile "$at/cert.pem" -in "$at/altered.exe" || { say "an altered exe passes"; return 1; }
    say wrong >"$at/password"
    ! file=$(CERT=$at/cert.p12 PASSWORD_FILE=$at/password installer/sign.sh build/tftpd.exe "$at/no.exe" 2>&1) &&
        grep -qF 'could not be signed with' <<<"$file" && [ ! -e "$at/no.exe" ]
}

[ "${1:-}" != --list ] || { say "$checks"; exit 0; }
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $checks

rc=0
echo "1..$#"
for check in "$@"; do
    if text=$("check_$check" 2>&1 </dev/null); then
        echo "ok - $check"
    else
        rc=1
        echo "not ok - $check"
        printf '%s\n' "$text" | sed 's/^/#   /'
    fi
done
exit "$rc"
