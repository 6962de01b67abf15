#!/usr/bin/env bash
# Names over the wire: whatever is asked, nothing outside the start directory is opened, and no spelling passes a rule
# that the file's own name fails. Outside lie canaries with known content. The cases are in names.py.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"
drive_c=$PREFIX/drive_c

# short FOLDER NAME: the 8.3 name of something in the start directory.
short() {
    tool shortname "C:\\tftpdroot\\$1${1:+\\}$2" && out
}

# Rules hold for the long name; whoever asks by the short one must not get further.
make_files() {
    local name
    mkdir -p "$ROOT/secret folder" "$ROOT/public" "$ROOT/own"
    make_file "$ROOT/secret folder/inner file.bin" 3000
    make_file "$ROOT/private.config" 2000
    make_file "$ROOT/public/welcome file.cfgx" 1500
    make_file "$ROOT/public/open file.cfg" 1500
    make_file "$ROOT/tftpd.log.1" 900
    make_file "$ROOT/~tftpd-000000200000000100000000deadbeef.part" 800
}

short_names() {
    SHORT_FOLDER=$(short '' 'secret folder') && SHORT_INNER=$(short 'secret folder' 'inner file.bin') &&
        SHORT_CONFIG=$(short '' private.config) && SHORT_CFGX=$(short public 'welcome file.cfgx') &&
        SHORT_OPEN=$(short public 'open file.cfg') && SHORT_LOG=$(short '' tftpd.log.1) &&
        SHORT_PART=$(short '' '~tftpd-000000200000000100000000deadbeef.part') &&
        export SHORT_FOLDER SHORT_INNER SHORT_CONFIG SHORT_CFGX SHORT_OPEN SHORT_LOG SHORT_PART
}

outside() { find "$drive_c" -path "$drive_c/windows" -prune -o -path "$ROOT" -prune -o -printf '%y %p %s\n' | sort; }
is_as_before() { outside | diff "$WORK/outside.txt" -; }

# Where nothing may be read or written: beside the root, in the sibling whose name begins like it, on other drives.
mkdir -p "$drive_c/tftpdroot2/deep" "$drive_c/outside"
size=2500 # each has another content
for canary in canary.bin tftpdroot2/canary.bin tftpdroot2/deep/canary.bin outside/canary.bin windows/canary.bin; do
    make_file "$drive_c/$canary" $((size++))
done
make_file "$WORK/canary.bin" $size
export CANARY_X=$WORK/canary.bin
ln -s "$WORK" "$PREFIX/dosdevices/x:"
outside >"$WORK/outside.txt"

check "the server starts" console_start -f --set 'Masters=*' --set MinFreeBytes=0 \
    --set ErrorsPerSecond=100000
make_files # after the start, which sweeps
check "short names are told" short_names
python_cases names.py plain
python_cases names.py out
python_cases names.py hostile
check "nothing was made outside the start directory" is_as_before
console_stop || true

# shellcheck disable=SC1003 # a backslash, and then the end of the text
check "the server starts with rules" console_start --set 'Masters=*' --set MinFreeBytes=0 \
    --set 'Readable=*.cfg;secret*;tolink*;case*;alias*;~*;TFTPD*' \
    --set 'Access=allow:/;deny:/secret folder;deny:/public/private;deny:/CaseSecret'
python_cases names.py rules
console_stop || true

check "the server starts with WhenExists=keep-both and ClientDirectories=ip" console_start --set 'Masters=*' \
    --set MinFreeBytes=0 --set WhenExists=keep-both --set ClientDirectories=ip
python_cases names.py both
python_cases names.py own
check "still nothing was made outside the start directory" is_as_before
console_stop || true

check "the server starts with WhenExists=rename-old" console_start --set 'Masters=*' --set MinFreeBytes=0 \
    --set WhenExists=rename-old
python_cases names.py newest
console_stop || true

# The two worked examples of the AIX manual, as the registry changes below the running service.
mkdir -p "$ROOT/a/b" "$ROOT/a/bb"
for name in a/b/file a/bb/file a/file top; do make_file "$ROOT/$name" 700; done
times_read() { grep -cE '[0-9]+ changed, [0-9]+ refused' "$LOG" || true; }
is_read_since() { [ "$(times_read)" -gt "$1" ]; }
# live PARAM-ARGUMENTS...: returns when the running service has read the change.
live() {
    local before
    before=$(times_read)
    param "$@" && wait_for 60 is_read_since "$before"
}
access() { live Access REG_MULTI_SZ "$1"; }
check "the service is created" service_create
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
check "the service starts without Access" service_start -f
python_cases names.py access-none
check "allow:/a/b and deny:/a, while it runs" access 'allow:/a/b\0deny:/a'
python_cases names.py access-inner
check "allow:/a and deny:/a/b, while it runs" access 'allow:/a\0deny:/a/b'
python_cases names.py access-outer
check "the same path in both, while it runs" access 'allow:/a\0allow:/a/b\0deny:/a/b\0deny:/a'
python_cases names.py access-nothing
check "Access without an allow line, while it runs" access 'deny:/a/b'
python_cases names.py access-nothing
check "Access is taken away, while it runs" live -d Access
python_cases names.py access-none
check "the service stops" service_stop
