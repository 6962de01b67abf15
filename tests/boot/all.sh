#!/usr/bin/env bash
# all.sh [MACHINE...]   boots all machines of machines.bash, or those named.
set -eu
. "$(dirname "$0")/../setup/common.sh"
# shellcheck source=machines.bash
. "$TOP/tests/boot/machines.bash"

# run SCRIPT TABLE NAME...: the script with those of the names that its table has.
run() {
    local script=$1 table=$2 name mine=()
    shift 2
    for name in "$@"; do [ -z "$(columns_of "$table" "$name")" ] || mine+=("$name"); done
    [ "${#mine[@]}" -eq 0 ] || "$TOP/tests/boot/$script" "${mine[@]}"
}

mapfile -t all < <(names_of "$loader_machines$companion_machines")
[ $# -gt 0 ] || set -- "${all[@]}"
for name in "$@"; do
    [[ " ${all[*]} " == *" $name "* ]] || die "There is no machine $name; the machines are: ${all[*]}"
done
trap 'exit 143' TERM HUP # when the machine that boots now is switched off
trap 'exit 130' INT
rc=0
run loaders.sh "$loader_machines" "$@" || rc=$?
run companion.sh "$companion_machines" "$@" || rc=$?
exit "$rc"
