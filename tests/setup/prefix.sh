#!/usr/bin/env bash
# prefix.sh            makes the Wine prefix that all others are copied from, unless it is there already
# prefix.sh clone DIR  copies it to DIR, in a fraction of a second
set -eu
. "$(dirname "$0")/common.sh"

# Wine updates an older prefix at every start, so a new Wine gets a new template.
stamp=$TEMPLATE/.made-by-$(dpkg-query -W -f '${Version}' libwine)

make_template() {
    say "Making a Wine prefix (15 seconds, once)"
    export WINEPREFIX=$BUILD/wine/new
    rm -rf "$TEMPLATE" "$WINEPREFIX"
    mkdir -p "$WINEPREFIX"
    wine_up
    quiet timeout 120 wineboot -i || die "wineboot failed: try 'WINEPREFIX=/tmp/p wineboot -i' to see why."
    quiet wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
    # A crash shall end the program, not start a debugger.
    quiet wine reg add 'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug' /v Debugger /d false /f
    wine_down
    mv "$WINEPREFIX" "$TEMPLATE"
    touch "$stamp"
}

mkdir -p "$BUILD/wine"
if [ ! -e "$stamp" ]; then
    (
        flock 9
        [ -e "$stamp" ] || make_template 9>&-
    ) 9>"$BUILD/wine/lock"
fi

if [ "${1:-}" = clone ]; then
    # The Windows folder is 690 MB that nobody writes to: links do.
    new=$2.new # a half copy shall not look like a whole one
    rm -rf "$2" "$new"
    mkdir -p "$new/drive_c"
    cp -al "$TEMPLATE/drive_c/windows" "$new/drive_c/"
    find "$TEMPLATE" -mindepth 1 -maxdepth 1 ! -name drive_c -exec cp -a -t "$new" {} +
    find "$TEMPLATE/drive_c" -mindepth 1 -maxdepth 1 ! -name windows -exec cp -a -t "$new/drive_c" {} +
    mv "$new" "$2"
fi
