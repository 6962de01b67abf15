#!/usr/bin/env bash
# utf16.sh < UTF-8 > what regedit and reg import read: UTF-16LE with its mark, lines ended by CR LF.
set -euo pipefail
printf '\xff\xfe'
sed 's/$/\r/' | iconv -f UTF-8 -t UTF-16LE
