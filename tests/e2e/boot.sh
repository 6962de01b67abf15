#!/usr/bin/env bash
# The boot companion as bare machines meet it; the cases are in boot.py. The machines are at the other end of a link, in a second
# network namespace: 10.78.0.2 there, 10.78.0.1 here. DHCP's own half, the address, is nobody's business here.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

far_end() {
    unshare --net sleep 900 &
    FAR=$!
    wait_for 60 other_network "$FAR"
    ip link add near type veth peer name far netns "$FAR"
    ip addr add 10.78.0.1/24 broadcast + dev near
    ip -6 addr add fd78::1/64 dev near nodad
    ip link set near up
    far ip addr add 10.78.0.2/24 broadcast + dev far
    far ip addr add 10.78.0.9/24 dev far
    far ip link set far up
    far ip link set lo up
}
other_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
far() { nsenter --target "$FAR" --net "$@"; }
from_afar() { # GROUP
    inside=(nsenter --target "$FAR" --net)
    python_cases boot.py "$1"
    inside=()
}

# explains CODE ARGUMENTS...: `tftpd explain boot ARGUMENTS` ends with that code; `says` looks at its answer.
explains() { asks "$1" explain boot "${@:2}"; }
says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
# agree ABOUT ARGUMENTS...: what explain shows is what the service sends.
agree() {
    check "explain answers $1" explains 0 "${@:2}" --json
    from_afar explained
}
# looks ARGUMENTS...: what `tftpd check` says, whatever else it finds; line STATE CHECK [TEXT]: there is such a line.
looks() {
    w 'C:\tftpd\tftpd.exe' check "$@" || true
    out >"$WORK/said.txt"
    grep -q '^OK    Windows - ' "$WORK/said.txt"
}
line() { grep -E "^$1 +$2 - " "$WORK/said.txt" | grep -qF -- "${3:-}" || { cat "$WORK/said.txt"; false; }; }
no_line() { ! grep -qE "^[A-Z]+ +$1 - " "$WORK/said.txt"; }
# other_server KIND: a DHCP server at the other end, until other_server_ends.
other_server() {
    rm -f "$WORK/dhcpd.txt"
    nsenter --target "$FAR" --net "$PYTHON" "$TOP/tests/e2e/dhcpd.py" "$1" >"$WORK/dhcpd.txt" 2>&1 &
    OTHER=$!
    wait_for 60 grep -q ready "$WORK/dhcpd.txt"
}
other_server_ends() {
    kill "$OTHER"
    wait "$OTHER" 2>/dev/null || true
}
told() { grep -qF -- "$1" "$LOG"; }
is_told() { wait_for 60 told "$1"; }
bound() { wait_for 60 port_bound "$1"; }
unbound() { ! port_bound "$1"; }
hold_67() {
    "$PYTHON" -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 67)); time.sleep(200)' &
    HOLDER=$!
    bound 67
}

hold_68() {
    "$PYTHON" -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 68)); time.sleep(200)' &
    HOLDER_68=$!
    bound 68
}

far_end
mkdir -p "$ROOT/boot"
make_file "$ROOT/boot/x64.efi" 3000
make_file "$ROOT/boot/bios.0" 2000
make_file "$ROOT/boot.ipxe" 100
make_file "$ROOT/secret.efi" 100
cp "$BUILD/tftpd.exe" "$ROOT/boot/real.efi"

# -- off ----------------------------------------------------------------------------------------------------------------

set_up() {
    param Verbose REG_DWORD 3 && param Readable REG_MULTI_SZ 'boot\*\0boot.ipxe\0missing.efi' &&
        param PxeBoot REG_MULTI_SZ 'x64 = boot/x64.efi\0bios = boot/bios.0\0ipxe = boot.ipxe\0arm64 = missing.efi\0ia32 = secret.efi'
}
check "the service is created" service_create
check "rules are written, and Pxe is left alone" set_up
check "it starts" service_start -f
check "nothing listens on 67" unbound 67
check "nor on 4011" unbound 4011
python_cases boot.py off
from_afar silent
check "check has a look" looks
check "... says in one line that all is off" line OK 'boot requests' 'Pxe and Bootp are off'
check "... and no more" no_line 'boot (files|ports|firewall)'
check "explain would not have a machine answered" explains 1 52:54:00:12:34:56 --machine x64
check "... and says why" says 'would not be answered: Pxe is off'
check "... and what to do" says 'to do: Set Pxe to answer.'
check "it tries other parameters" explains 0 52:54:00:12:34:56 --machine x64 --set Pxe=answer
check "... and says what would be answered" says '  answered: it was offered a boot file'
check "... by which rule" says '  rule: PxeBoot 1: x64 = boot/x64.efi'
check "... where it came in" says 'on 10.78.0.1:67'
check "... that the file is there" says '  file: it is there, and TFTP gives it to some client'
check "... and the bytes" says '    0000  02 01 06 00 7f 00 00 00'

# -- answer -------------------------------------------------------------------------------------------------------------

check "Pxe=answer" param Pxe REG_SZ answer
check "67 is opened" bound 67
check "and 4011" bound 4011
check "both are told" is_told "boot requests are heard on 10.78.0.1:67, and answered"
from_afar answer
check "a missing file is told" is_told 'ARM64 UEFI (architecture 11) is not answered: the file of its rule is not there, "missing.efi"'
check "a file that TFTP refuses is told" is_told 'is not answered: TFTP would not give it the file of its rule, "secret.efi"'
check "an answer is told" is_told 'x64 UEFI (architecture 7): it was offered a boot file, "boot/x64.efi" by PxeBoot 1: x64 = boot/x64.efi; to 10.78.0.1:67'
check "a relay that is not admitted is told" is_told 'through relay 10.78.0.9'
agree "EDK2" 52:54:00:12:34:56 --machine x64 --guid 4c4c4544-0042-3510-8052-b4c04f4e3332
agree "iPXE" 52:54:00:12:34:57 --machine ipxe
agree "a BIOS" 52:54:00:12:34:58
agree "who asks port 4011" 4c4c4544-0042-3510-8052-b4c04f4e3332 --machine x64 --port 4011 --client 10.78.0.2
check "explain misses the file" explains 1 52:54:00:12:34:56 --machine arm64
check "... and says so" says 'would not be answered: the file of its rule is not there'
check "... and where it looked" says '  file: it is not there'
check "explain knows what TFTP refuses" explains 1 52:54:00:12:34:56 --machine ia32 --client 10.78.0.2
check "... and says so" says '  file: TFTP would not give it to 10.78.0.2'
check "explain knows the relays" explains 1 52:54:00:12:34:56 --machine x64 --relay 10.78.0.9
check "... and what to do" says "to do: Add the relay's address to PxeRelays."
check "check has a look at booting" looks
check "... the parameters" line OK 'boot requests' 'PxeBoot (5), PxeHosts (0) and BootpHosts (0) make sense together'
check "... the file that is missing" line FAIL 'boot files' 'PxeBoot 4: arm64 = missing.efi: the file is not there'
check "... the one that TFTP refuses" line FAIL 'boot files' 'PxeBoot 5: ia32 = secret.efi: TFTP gives the file to nobody'
check "... the one that is no program" line WARN 'boot files' 'PxeBoot 1: x64 = boot/x64.efi: the file is no program of UEFI'
check "... the ports" line OK 'boot ports' 'the service listens on UDP 67, 4011, and nobody else does'
check "... but no firewall, which this system has not" no_line 'boot firewall'
check "a limit" param PxeRepliesPerSecond REG_DWORD 3
check "... is in force" is_told "PxeRepliesPerSecond changed"
from_afar limited

# -- changes while it runs ------------------------------------------------------------------------------------------------

check "relays are admitted" param PxeRelays REG_MULTI_SZ '10.78.0.0/24'
check "machines are ignored" param PxeHosts REG_MULTI_SZ '525400aabbcc = ignore\0525400aabbcd = boot/bios.0 style binl'
check "the limit is taken back" param -d PxeRepliesPerSecond
check "all that is read" is_told "PxeRepliesPerSecond changed: it was \"3\""
from_afar changed
agree "who comes through a relay" 52:54:00:12:34:56 --machine x64 --relay 10.78.0.9
agree "a machine that has a line of its own" 52:54:00:aa:bb:cd --machine x64
check "explain ignores whom a line ignores" explains 1 525400aabbcc --machine x64 --json
check "... by that line" says '"host": "PxeHosts 1: 525400aabbcc = ignore"'
check "a bad line is set" param PxeBoot REG_MULTI_SZ 'x64 = boot/x64.efi\0x46 = boot/x64.efi'
check "it is told with its words" is_told 'PxeBoot is refused: line "x46 = boot/x64.efi": "x46" is no machine; did you mean'
from_afar still
check "a menu without entries is set" param PxeStyle REG_SZ menu
check "it is told, and what was before stays" is_told "the boot parameters have no effect, boot requests are answered as before: PxeMenu is empty"
from_afar still
check "explain knows that these do not go together" explains 1 52:54:00:12:34:56 --machine x64
check "... and says so" says 'would not be heard: the boot parameters have no effect: PxeBoot was refused'
check "the style is taken back" param -d PxeStyle
check "check knows, too" looks
check "... that these do not go together" line FAIL 'boot requests' 'the boot parameters have no effect'
check "and the rules, one with the wrong program" param PxeBoot REG_MULTI_SZ \
    'x64 = boot/x64.efi\0bios = boot/bios.0\0ipxe = boot.ipxe\0arm64 = boot/real.efi'
check "that is read" is_told "PxeBoot changed"
check "check looks into the program" looks
check "... and knows whose it is" line FAIL 'boot files' \
    'PxeBoot 4: arm64 = boot/real.efi: the file starts on x64 UEFI, and the line is for ARM64 UEFI'

# -- other servers --------------------------------------------------------------------------------------------------------

FIREWALL='HKLM\System\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
RULE='v2.30|Active=TRUE|Dir=In|Protocol=17|App=C:\tftpd\tftpd.exe'
check "nobody is asked for other servers" no_line 'other servers'
check "but with --ask-dhcp" looks --ask-dhcp
check "... of whom there is none" line OK 'other servers' 'a boot server of this machine, 10.78.0.1, answers'
while read -r kind state text; do
    check "another server, $kind" other_server "$kind"
    check "... is asked" looks --ask-dhcp
    check "... and judged" line "$state" 'other servers' "$text"
    other_server_ends
done <<'KINDS'
plain OK the DHCP server 10.78.0.2 gives addresses, and leaves booting to others
class FAIL the DHCP server 10.78.0.2 says PXEClient in option 60
file WARN the DHCP server 10.78.0.2 names a boot file of its own ("old/boot.efi", server old.example)
proxy WARN another boot server, 10.78.0.2, answers machines, too, with "theirs.efi"
KINDS
check "a rule of the firewall lets all in" w reg add "$FIREWALL" /v rule /t REG_SZ /f /d "$RULE|Action=Allow|Name=tftpd|"
check "check sees it" looks
check "... and that it is for public networks, too" line WARN 'boot firewall' 'from networks of the profile public, too'
check "the other one that install makes" w reg add "$FIREWALL" /v boot /t REG_SZ /f \
    /d "$RULE|Action=Block|Profile=Public|LPort=67|LPort=547|LPort=4011|Name=tftpd boot|"
check "check sees it, too" looks
check "... and is content" line OK 'boot firewall' 'from networks of the profiles domain and private, and from no public one'
w reg delete "$FIREWALL" /f || true

check "unknown machines shall wait" param PxeUnknown REG_SZ wait
check "that is read" is_told "PxeUnknown changed"
from_afar waits
check "explain has it wait" explains 1 52:54:00:aa:00:01 --machine x64
check "... and does not know who was approved" says 'whether it was approved is known to the running service alone'
check "status shows who waits, and what to do" asks 0 status
check "... to a machine" grep -q '52:54:00:aa:00:01 .*waits: tftpd approve 52:54:00:aa:00:01' "$WORK/said.txt"
check "as JSON, too" asks 0 status --json
check "... with the reason" grep -q '"reason": "WAITING"' "$WORK/said.txt"
check "it is approved" asks 0 approve 52-54-00-AA-00-01
check "which is told" is_told "the machine 52-54-00-AA-00-01 was approved"
check "what is no machine is not" asks 2 approve 5254*
check "nor nothing" asks 2 approve
from_afar approved
check "known ones are answered again" param -d PxeUnknown
check "that is read" is_told 'PxeUnknown changed: it was "wait"'

check "PxeV6=answer" param PxeV6 REG_SZ answer
check "that is heard" is_told "boot requests are heard on [::]:547, and answered"
from_afar v6
agree "DHCPv6" 4c4c4544-0042-3510-8052-b4c04f4e3332 --machine x64 --v6
check "... and no more" param -d PxeV6
check "547 is closed" wait_for 60 unbound 547

# -- each card its own folder -------------------------------------------------------------------------------------------

CARD=52-54-00-78-00-02
phones() { # a folder for one card, and what is for all
    mkdir -p "$ROOT/$CARD" && echo own >"$ROOT/$CARD/phone.cfg" && echo secret >"$ROOT/$CARD/secret.cfg" &&
        echo common >"$ROOT/phone.cfg" && param ClientDirectories REG_SZ mac && param Masters REG_SZ 10.78.0.2 &&
        param Readable REG_MULTI_SZ 'boot\*\0boot.ipxe\0*.cfg' && param MinFreeBytes REG_DWORD 0
}
becomes() { # MAC: the machine at the far end has another card, and we ask anew who is there
    far ip link set far address "$1" && ip neigh flush dev near && sleep 1 # where only the whole table can be read, not each time
}
routed() { far ip addr add 10.99.0.1/32 dev lo && ip route add 10.99.0.1/32 via 10.78.0.2; }
check "ClientDirectories=mac" phones
check "... is in force" is_told 'MinFreeBytes changed'
check "the machine has that card" becomes 52:54:00:78:00:02
from_afar card
check "the log names the card" is_told '; MAC 52:54:00:78:00:02'
check "it gets another card" becomes 52:54:00:78:00:99
check "... and has an address behind a router" routed
from_afar other-card
check "the log says whose word it is" is_told '; MAC 52:54:00:78:00:02, as it said on port 4011'
check "the folder goes" param -d ClientDirectories
check "... which is read" is_told 'ClientDirectories changed: it was "mac"'
check "Readable as before" param Readable REG_MULTI_SZ 'boot\*\0boot.ipxe\0missing.efi'

# -- BOOTP --------------------------------------------------------------------------------------------------------------

bootp() {
    param PxeBoot REG_MULTI_SZ 'x64 = boot/x64.efi\0bios = boot/bios.0' && param Bootp REG_SZ bootp &&
        param BootpHosts REG_MULTI_SZ '52:54:00:00:00:07 = 10.78.0.77 file boot/bios.0 name seven\0file unix = boot/x64.efi'
}
check "BOOTP is switched on" bootp
check "that is read" is_told "Bootp changed"
from_afar bootp
agree "BOOTP" 52:54:00:00:00:07 --bootp
check "explain knows who is not in the table" explains 1 52:54:00:00:00:08 --bootp
check "... and says so" says 'would not be answered: it asks by BOOTP, and BootpHosts does not have its MAC'

# -- watch --------------------------------------------------------------------------------------------------------------

check "Pxe=watch" param Pxe REG_SZ watch
check "that is read" is_told 'Pxe changed: it was "answer" and is now "watch"'
from_afar silent
check "what would have been answered is told" is_told "would be answered if Pxe were answer: it was offered a boot file"

check "explain watches, too" explains 1 52:54:00:12:34:56 --machine x64
check "... and says so" says 'would be watched: Pxe is watch, so nothing is sent'
check "... and what would have been" says '  answered: it was offered a boot file'

check "a second address on the link" ip addr add 10.78.0.5/24 dev near
check "explain is asked on it" explains 1 52:54:00:12:34:56 --machine x64 --on 10.78.0.5
check "... and goes to where broadcasts are heard" says 'what is broadcast there is heard on 10.78.0.1'
check "... which is told" says 'on 10.78.0.1:67'
check "a relay that asks it" explains 1 52:54:00:12:34:56 --machine x64 --on 10.78.0.5 --relay 10.78.0.9
check "... is not heard" says 'would not be heard: of this interface, port 67 is heard on 10.78.0.1 alone'
check "it goes again" ip addr del 10.78.0.5/24 dev near

# -- interfaces come and go -----------------------------------------------------------------------------------------------

another_link() { ip link add late type veth peer name later && ip link set later up && ip link set late up && ip addr add 10.80.0.1/24 dev late; }
check "another interface comes" another_link
check "it is followed" is_told "boot requests are heard on 10.80.0.1:67, and not answered, as Pxe is watch"
check "... on both ports" is_told "boot requests are heard on 10.80.0.1:4011, and not answered, as Pxe is watch"
check "it goes" ip link del late
check "that is followed" is_told "boot requests are heard no more on 10.80.0.1:4011: its address has gone"
check "an interface that there is not" param PxeInterfaces REG_SZ 10.81.0.0/16
check "leaves nothing" is_told "boot requests are heard nowhere"
check "67 is closed" wait_for 60 unbound 67
check "it is taken back" param -d PxeInterfaces
check "67 is opened again" bound 67

# -- off again, and beside a DHCP server on this machine --------------------------------------------------------------------

check "Pxe=off" param -d Pxe
check "BOOTP=off" param -d Bootp
check "67 is closed for good" wait_for 60 unbound 67
check "4011 as well" wait_for 60 unbound 4011
check "another program takes 67" hold_67
check "Pxe=answer once more" param Pxe REG_SZ answer
check "the holder is told" is_told "boot requests cannot be heard on 10.78.0.1:67: the port is in use by"
check "4011 is opened" bound 4011
from_afar only-4011
check "check has a look" looks
# Wine 10 tells of the sockets of Windows programs alone.
sees_holder() {
    line WARN 'boot ports' 'UDP port 67 is held by a program that the system does not name' ||
        line WARN 'boot ports' 'the service runs, and nobody listens on UDP port 67'
}
check "... and sees the holder, or that it is not the service" sees_holder
check "PxePorts=4011" param PxePorts REG_SZ 4011
check "that is read" is_told "PxePorts changed"
check "explain knows what is not listened on" explains 1 52:54:00:12:34:56 --machine x64
check "... and says so" says 'would not be heard: PxePorts is 4011, so nothing listens on port 67'
from_afar only-4011
kill "$HOLDER"
wait "$HOLDER" 2>/dev/null || true
check "Pxe=off for good" param -d Pxe
check "4011 is closed" wait_for 60 unbound 4011
check "another program takes 68" hold_68
check "and there is another server" other_server class
check "it is asked from 67, as by a relay" looks --ask-dhcp
check "... and judged" line FAIL 'other servers' 'the DHCP server 10.78.0.2 says PXEClient in option 60'
check "67 is taken, too" hold_67
check "nobody can be asked" looks --ask-dhcp
check "... which is said" line WARN 'other servers' '1 of 1 interfaces could not be asked on'
other_server_ends
kill "$HOLDER" "$HOLDER_68"
wait "$HOLDER" "$HOLDER_68" 2>/dev/null || true
check "who is not heard is not approved" asks 1 approve 52:54:00:aa:00:01
check "it stops" service_stop
check "nothing is left on 4011" unbound 4011
