# shellcheck shell=bash
# Three hosts, each a network namespace that lives as long as the process that made it; there is no way out of any of them.
#
#   here                              the DHCP server           a relay, and behind it the link of far machines
#   br0 10.78.0.1, fd78::1 ---------- far 10.78.0.3, fd78::3    out 10.78.0.4
#     |- tap0: a machine                                        br1 10.79.0.1 --- tap0: a machine
SERVER=10.78.0.1
OTHER=10.78.0.3
RELAY=10.79.0.1

# "${on_us[@]}" PROGRAM, and likewise on_other and on_relay. What is started so in the background is the program itself, whose
# number is known then, and it ends with this script, however that ends.
on_us=(setpriv --pdeathsig KILL)
other_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# new_host LINK: a namespace, kept by the process HOST_PID, with a cable from br0 to an interface LINK there.
new_host() {
    "${on_us[@]}" unshare --net sleep 14400 &
    HOST_PID=$!
    wait_for 60 other_network "$HOST_PID"
    ip link add "to-$1" type veth peer name "$1" netns "$HOST_PID"
    ip link set "to-$1" master br0
    ip link set "to-$1" up
    nsenter --target "$HOST_PID" --net ip link set "$1" up
    nsenter --target "$HOST_PID" --net ip link set lo up
}

make_tap() { # BRIDGE IN...
    "${@:2}" ip tuntap add dev tap0 mode tap
    "${@:2}" ip link set tap0 master "$1"
    "${@:2}" ip link set tap0 up
}

lan_up() {
    ip link add br0 type bridge
    ip addr add "$SERVER/24" broadcast + dev br0
    ip -6 addr add fd78::1/64 dev br0 nodad
    ip link set br0 up
    make_tap br0 "${on_us[@]}"
    new_host far
    on_other=("${on_us[@]}" nsenter --target "$HOST_PID" --net)
    "${on_other[@]}" ip addr add "$OTHER/24" broadcast + dev far
    "${on_other[@]}" ip -6 addr add fd78::3/64 dev far nodad
}

# A router with another network behind it, which both of us know the way to.
relay_up() {
    new_host out
    on_relay=("${on_us[@]}" nsenter --target "$HOST_PID" --net)
    "${on_relay[@]}" ip addr add 10.78.0.4/24 broadcast + dev out
    "${on_relay[@]}" ip link add br1 type bridge
    "${on_relay[@]}" ip addr add "$RELAY/24" broadcast + dev br1
    "${on_relay[@]}" ip link set br1 up
    make_tap br1 "${on_relay[@]}"
    "${on_relay[@]}" sysctl -qw net.ipv4.ip_forward=1
    ip route add 10.79.0.0/24 via 10.78.0.4
    "${on_other[@]}" ip route add 10.79.0.0/24 via 10.78.0.4
}

# end PID: one of our own children.
end() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
