#!/usr/bin/env bash
# Least privilege, as far as Wine shows it: the token of the running service has one privilege, and its port is its own.
# Wine says yes to every mitigation policy and does nothing, so those are not seen here.
. "$(dirname "$0")/lib.sh"

service_pid() { tool scm tftpd query && out | sed -n 's/^pid //p'; }
privileges_of() { tool privileges "$1" && out; }
has_only_traverse() {
    privileges_of "$(service_pid)" >"$WORK/privileges.txt" &&
        printf 'SeChangeNotifyPrivilege\n1 privileges\n' | diff "$WORK/privileges.txt" -
}
has_many() { [ "$(privileges_of 0 | sed -n 's/ privileges$//p')" -gt 10 ]; }
refused_to_linux() { # FAMILY ADDRESS REUSE
    "$PYTHON" - "$@" <<'PYTHON'
import errno, socket, sys
family, address, reuse = sys.argv[1:]
one = socket.socket(getattr(socket, family), socket.SOCK_DGRAM)
if reuse == "reuse":
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    one.bind((address, 69))
except OSError as refusal:
    sys.exit(refusal.errno != errno.EADDRINUSE)
sys.exit("%s got the port" % address)
PYTHON
}
all_refused() { tool grab 69 "$1" && [ "$(out | grep -cE ': 100(13|48)$')" -eq 2 ]; }
is_served() { curl --silent --max-time 30 tftp://127.0.0.1/served.bin | cmp - "$ROOT/served.bin"; }
log_has() { grep -q "$1" "$LOG"; }

# A DLL of that name beside the program, which whoever may write into a folder of downloads can put there, is nobody's: these
# are no DLLs, so whoever takes one fails to start.
plant() {
    local name
    for name in iphlpapi bcrypt bcryptprimitives cryptbase cryptsp rsaenh mswsock ntmarta wintrust; do
        echo planted >"$PREFIX/drive_c/tftpd/$name.dll"
    done
}
check "DLLs are planted beside the program" plant

make_file "$ROOT/served.bin" 5000
check "any other process has many privileges" has_many
check "nobody has the port yet: the tool gets it" eval '! tool grab 69 reuse && out | grep -q ": 0$"'

check "the service is created" service_create
check "the service starts" service_start -f
check "SeChangeNotifyPrivilege is all that is left" has_only_traverse
check "it serves with that" is_served
check_not "nothing was told as missing (event 117)" log_has 'more rights than it needs'
for how in plain reuse exclusive; do
    check "another program of Windows cannot take the port ($how)" all_refused $how
done
check "nor one of Linux, on IPv4" refused_to_linux AF_INET 0.0.0.0 plain
check "nor on one address of it" refused_to_linux AF_INET 127.0.0.1 reuse
check "nor on IPv6" refused_to_linux AF_INET6 :: reuse
check "it serves on" is_served

second_fails() { ! timeout 20 wine 'C:\tftpd\tftpd.exe' run >"$WORK/second.txt" 2>&1; }
check "a second instance cannot start on the port" second_fails
check "and says that the port is in use" grep -q 'the port is in use by' "$WORK/second.txt"
check "the first one serves on" is_served

# Uploads still work with so few rights: create, flush, rename.
check "anybody may write" param Masters REG_SZ '*'
check "uploads need no free space" param MinFreeBytes REG_SZ 0
is_stored() {
    curl --silent --max-time 30 --upload-file "$ROOT/served.bin" tftp://127.0.0.1/up.bin &&
        cmp "$ROOT/up.bin" "$ROOT/served.bin"
}
check "an upload is stored" wait_for 60 is_stored
check "and the log is written" wait_for 60 log_has 'stored "up.bin"'
check "the service stops" service_stop

# A console, too.
check "tftpd run starts" console_start
check_not "nothing was told as missing there" grep -q 'more rights than it needs' "$WORK/console.txt"
check "it serves" is_served
console_stop || true
