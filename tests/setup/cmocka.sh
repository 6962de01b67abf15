#!/usr/bin/env bash
# Makes build/cmocka: cmocka.h and the one source file compiled twice, for Linux (native.o) and for Windows (windows.o).
# Debian has no MinGW cmocka, so its source package is fetched, with an apt configuration of our own:
# the machine's may lack deb-src lines, and it is not ours to change.
set -eu
. "$(dirname "$0")/common.sh"

apt=$BUILD/apt
out=$BUILD/cmocka
log=$BUILD/cmocka.log

fetch() {
    local uri key
    read -r uri key < <("$TOP/tests/setup/mirror.sh")
    say "Fetching cmocka's source from $uri"
    rm -rf "$apt"
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/source"
    {
        printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$(. /etc/os-release && echo "$VERSION_CODENAME")"
        [ -z "$key" ] || printf 'Signed-By: %s\n' "$key"
    } >"$apt/parts/debian.sources"
    local options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/parts"
        -o "Dir::State::lists=$apt/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
        -o APT::Sandbox::User=root -o Acquire::Retries=3)
    (
        cd "$apt/source"
        apt-get "${options[@]}" update
        apt-get "${options[@]}" source --tar-only cmocka # all that is used of it, and there where a mirror lacks the rest
    ) >"$log" 2>&1 </dev/null
}

compile() { # COMPILER OBJECT
    "$1" -O2 -w -DHAVE_CONFIG_H -I"$out" -I"$out/source/include" -c -o "$out/$2" "$out/source/src/cmocka.c" >>"$log" 2>&1
}

trap '[ $? -eq 0 ] || { tail -n 20 "$log"; say "cmocka could not be made; the whole story is in $log."; } >&2' EXIT

tarball=$(compgen -G "$apt/source/cmocka_*.orig.tar.?z" || true)
if [ -z "$tarball" ]; then
    fetch
    tarball=$(compgen -G "$apt/source/cmocka_*.orig.tar.?z")
fi
rm -rf "$out"
mkdir -p "$out/source"
tar -xf "$tarball" -C "$out/source" --strip-components=1
cp "$out/source/include/cmocka.h" "$out/"
# What its CMake would have found out.
cat >"$out/config.h" <<'CONFIG'
#define HAVE_STDDEF_H 1
#define HAVE_STDINT_H 1
#define HAVE_STDIO_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRING_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_TIME_H 1
#ifdef _WIN32
#define HAVE__SNPRINTF_S 0
#define HAVE_STRUCT_TIMESPEC 1
#else
#define HAVE_STRINGS_H 1
#define HAVE_SIGNAL_H 1
#define HAVE_STRUCT_TIMESPEC 1
#define HAVE_CLOCK_GETTIME 1
#endif
#define HAVE_SNPRINTF 1
#define HAVE_VSNPRINTF 1
CONFIG
compile gcc native.o
compile x86_64-w64-mingw32-gcc windows.o
touch "$out/.done"
