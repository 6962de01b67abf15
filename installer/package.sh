#!/usr/bin/env bash
# package.sh FOLDER VERSION HOMEPAGE MSI   builds the installer package MSI from FOLDER/tftpd.exe and FOLDER/tftp.exe. The same
# input gives the same bytes; SOURCE_DATE_EPOCH is the time that is written into it.
set -euo pipefail
cd "$(dirname "$0")/.."
from=$1 version=$2 homepage=$3 msi=$4
epoch=$SOURCE_DATE_EPOCH
export TZ=UTC LC_ALL=C.UTF-8

# uuid_of TEXT: the same text gives the same identifier.
uuid_of() { python3 -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_URL, sys.argv[1])).upper())' "$1"; }

stage=$msi.stage
rm -rf "$stage"
mkdir -p "$stage"
trap 'rm -rf "$stage"' EXIT
cp "$from/tftpd.exe" "$from/tftp.exe" "$stage/"
python3 installer/icon.py "$stage/tftpd.ico"
touch -d "@$epoch" "$stage"/*

# A version is one product; each package of it that differs in a byte has a code of its own.
product=$(uuid_of "tftpd $version x64 product")
package=$(uuid_of "tftpd package $epoch $(cat "$stage"/* installer/tftpd.wxs installer/tables.sql installer/package.sh | sha256sum)")

(cd "$stage" && wixl -a x64 -D "VERSION=$version" -D "PRODUCT=$product" -D "HOMEPAGE=$homepage" -o out.msi \
    "$OLDPWD/installer/tftpd.wxs")
while IFS= read -r statement; do
    case $statement in
    '' | --*) ;;
    *) msibuild "$stage/out.msi" -q "${statement//VERSION.0/$version.0}" ;;
    esac
done <installer/tables.sql

# Property 9 is the package code, 12 and 13 are the times of creation and of the last change.
msiinfo export "$stage/out.msi" _SummaryInformation >"$stage/summary.idt"
time=$(date -d "@$epoch" '+%Y/%m/%d %H:%M:%S')
sed -i "s#^9\t[^\r]*#9\t{$package}#; s#^12\t[^\r]*#12\t$time#; s#^13\t[^\r]*#13\t$time#" "$stage/summary.idt"
msibuild "$stage/out.msi" -i "$stage/summary.idt"
mv "$stage/out.msi" "$msi"
