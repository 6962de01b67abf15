#!/usr/bin/env bash
# sign.sh FILE SIGNED   signs an exe or a package with the certificate CERT (PKCS #12). From the environment, where they
# are needed: PASSWORD_FILE, whose first line is the password, and TIMESTAMP, the URL of an RFC 3161 server.
set -euo pipefail
file=$1 signed=$2
password=()
[ -z "${PASSWORD_FILE:-}" ] || password=(-readpass "$PASSWORD_FILE")
timestamp=()
[ -z "${TIMESTAMP:-}" ] || timestamp=(-ts "$TIMESTAMP")

mkdir -p "$(dirname "$signed")"
rm -f "$signed"
said=$(osslsigncode sign -pkcs12 "$CERT" "${password[@]}" "${timestamp[@]}" -h sha256 -n 'tftpd for Windows' \
    -in "$file" -out "$signed" </dev/null 2>&1) || {
    rm -f "$signed"
    printf '%s could not be signed with %s:\n%s\n' "$file" "$CERT" "$said" >&2
    exit 1
}
printf '  %s\n' "$signed"
