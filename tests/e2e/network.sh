#!/usr/bin/env bash
# Addresses, ports, MTU, strangers and garbage; the cases are in network.py. A second network namespace stands at the
# other end of a link with an MTU of 1400: 10.78.0.2 and fd78::2 there, 10.78.0.1 and fd78::1 here.
. "$(dirname "$0")/lib.sh"
# shellcheck source=python.bash
. "$TOP/tests/e2e/python.bash"

far_end() {
    unshare --net sleep 300 &
    FAR=$!
    wait_for 60 other_network "$FAR"
    ip link add near mtu 1400 type veth peer name far mtu 1400 netns "$FAR"
    ip addr add 10.78.0.1/24 broadcast + dev near
    ip -6 addr add fd78::1/64 dev near nodad
    ip link set near up
    far ip addr add 10.78.0.2/24 broadcast + dev far
    far ip -6 addr add fd78::2/64 dev far nodad
    far ip link set far up
    far ip link set lo up
    far ip route add 255.255.255.255 dev far
}
other_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
far() { nsenter --target "$FAR" --net "$@"; }

# from_afar GROUP: the group's cases, run at the other end of the link.
from_afar() {
    inside=(nsenter --target "$FAR" --net)
    python_cases network.py "$1"
    inside=()
}

far_end

check "the server starts" console_start -f --set 'Masters=*'
python_cases network.py plain
from_afar veth
console_stop || true

check "the server starts although two of its Addresses are not up yet" console_start -f --set Mtu=65535 \
    --set 'Addresses=127.0.0.2;10.77.0.2;fd77::2;10.78.0.1;fd78::1;10.79.0.9;fd79::9'
python_cases network.py addresses
python_cases network.py late
from_afar veth-65535
console_stop || true

check "the server starts with a PortRange" console_start --set PortRange=40000-40007 --set ErrorsPerSecond=5 \
    --set Mtu=9000
python_cases network.py ports
python_cases network.py errors
from_afar veth-9000
console_stop || true

# A client of the crowd waits for all others, which may have lost something.
check "the server starts with SinglePort=1" console_start --set SinglePort=1 --set Mtu=576 --set 'Masters=*' \
    --set UnprovenSeconds=600
python_cases network.py single
python_cases network.py mtu-576
console_stop || true

check "the server starts with SinglePort=1 and Addresses" console_start --set SinglePort=1 --set 'Masters=*' \
    --set 'Addresses=127.0.0.1;127.0.0.2;10.77.0.2;::1;fd77::2'
python_cases network.py single-addresses
console_stop || true
