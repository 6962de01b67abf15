#!/usr/bin/env bash
# matrix.sh GOAL SUITE...   makes GOAL on each of these releases of Debian and prints the last line of each: here where it
# is the machine's own, else in a root of its own under build/matrix. The root starts with git and make, as README.md asks,
# sees this tree read-only and has a build folder of its own; it is kept, with all that was installed and made.
set -euo pipefail
. "$(dirname "$0")/common.sh"

matrix=$BUILD/matrix
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

make_root() { # SUITE
    local root=$matrix/$1/root mirror
    [ ! -d "$root" ] || return 0
    read -r mirror _ < <("$TOP/tests/setup/mirror.sh")
    say "Making a root of Debian $1 from $mirror"
    mkdir -p "$matrix/$1/build"
    rm -rf "$root.new"
    # How this machine reaches its mirror.
    apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' >"$matrix/$1/apt.conf" || true
    mmdebstrap --mode=root --variant=minbase --include=git,make --aptopt="$matrix/$1/apt.conf" "$1" "$root.new" "$mirror" \
        >"$matrix/$1/root.log" 2>&1 </dev/null || {
        tail -n 20 "$matrix/$1/root.log"
        die "The root could not be made; the whole story is in $matrix/$1/root.log."
    }
    mv "$root.new" "$root"
}

# In name spaces of its own, so that no mount and no process outlives it.
in_root() { # SUITE COMMAND...
    local suite=$1
    shift
    unshare --mount --pid --fork --kill-child -- bash -eu -c '
        root=$1/root build=$1/build top=$2
        shift 2
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/tmp"
        mount -t tmpfs tmpfs "$root/run"
        mkdir -p "$root$top"
        mount --bind "$top" "$root$top"
        mount -o remount,bind,ro "$root$top"
        mount --bind "$build" "$root$top/build"
        cp -L /etc/resolv.conf "$root/etc/"
        # Not by exec: the first process of a name space has to be one that buries the dead.
        chroot "$root" /usr/bin/env -i -C "$top" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
        exit $?' - "$matrix/$suite" "$TOP" ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

run() { # SUITE GOAL
    local command=(make -f Makefile.mingw "$2" ${ONLY:+"ONLY=$ONLY"})
    cd "$TOP"
    if [ "$1" = "$here" ]; then "${command[@]}"; else make_root "$1" && in_root "$1" "${command[@]}"; fi
}

unset MAKEFLAGS MFLAGS MAKELEVEL
goal=$1
shift
[ "$EUID" -eq 0 ] || die "Another Debian's root needs root: run this as root."
broken=0
verdicts=()
for suite in "$@"; do
    mkdir -p "$matrix/$suite"
    SECONDS=0
    say "== Debian $suite"
    run "$suite" "$goal" 2>&1 | tee "$matrix/$suite/output.txt" || broken=1
    # Behind a verdict make may complain of it.
    verdicts+=("$suite, $SECONDS s: $(grep -v '^make.*: \*\*\* ' "$matrix/$suite/output.txt" | tail -n 1)")
done
printf '%s\n' "${verdicts[@]}"
exit "$broken"
