# shellcheck shell=bash
# DHCP servers, as an administrator has them: addresses, and nothing about booting. On the other host, or on this one (PLACE
# here), which then tells machines to ask this host for the rest (option 60), or, PLACE next, with the address of our server
# in the field of the next server. What they say is in $dhcp_log.
dhcp_log=$WORK/dhcp.txt
unpacked() { echo "$BUILD/boot/$1/usr"; }

# dhcp_lacks SERVER: why it cannot run on this machine; nothing if it can.
dhcp_lacks() {
    case $1 in
    dnsmasq | none) ;;
    dhcpd) program_lacks isc-dhcp-server "$(unpacked isc-dhcp-server)/sbin/dhcpd" ;;
    kea) LD_LIBRARY_PATH=$(kea_libraries) program_lacks kea-dhcp4-server "$(unpacked kea-dhcp4-server)/sbin/kea-dhcp4" ;;
    *) echo "there is no DHCP server $1" ;;
    esac
}
program_lacks() { # PACKAGE PROGRAM
    local lost
    [ -x "$2" ] || { echo "apt has no $1"; return; }
    lost=$(ldd "$2" | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
    [ -z "$lost" ] || echo "$1 lacks its libraries $lost"
}
kea_libraries() { find "$BUILD/boot" -path '*/lib/*' -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':'; }

# dhcp_start SERVER PLACE: DHCP_PID is the server.
dhcp_start() {
    local place=("${on_other[@]}") link=far
    DHCP_PID=
    : >"$dhcp_log"
    [ "$2" != here ] || { place=("${on_us[@]}") link=br0; }
    case $1 in
    none) return 0 ;;
    *) "$1_run" "$2" "$link" "${place[@]}" ;;
    esac
    wait_for 60 dhcp_bound "${place[@]}"
}
dhcp_bound() { [ -n "$("$@" ss -Hlun 'sport = :67')" ]; } # IN...

dnsmasq_run() { # PLACE LINK IN...
    local more=(--enable-ra --dhcp-range=fd78::100,fd78::1ff,64)
    [ "$1" != here ] || more=(--dhcp-option-force=60,PXEClient) # and port 547 is ours
    [ "$1" != next ] || more+=("--dhcp-boot=,,$SERVER")
    "${@:3}" dnsmasq --conf-file=/dev/null --no-daemon --port=0 --interface="$2" --bind-interfaces --log-dhcp --no-ping \
        --dhcp-range=10.78.0.50,10.78.0.99,255.255.255.0 --dhcp-range=set:away,10.79.0.50,10.79.0.99,255.255.255.0 \
        --dhcp-option="tag:away,option:router,$RELAY" --dhcp-leasefile="$WORK/dnsmasq.leases" "${more[@]}" \
        >"$dhcp_log" 2>&1 </dev/null &
    DHCP_PID=$!
}

dhcpd_run() { # PLACE LINK IN...
    local more=
    [ "$1" != here ] || more='option vendor-class-identifier "PXEClient";'
    [ "$1" != next ] || more="next-server $SERVER;"
    cat >"$WORK/dhcpd.conf" <<CONFIG
authoritative;
ping-check false;
subnet 10.78.0.0 netmask 255.255.255.0 { range 10.78.0.50 10.78.0.99; $more }
subnet 10.79.0.0 netmask 255.255.255.0 { range 10.79.0.50 10.79.0.99; option routers $RELAY; }
CONFIG
    : >"$WORK/dhcpd.leases"
    "${@:3}" "$(unpacked isc-dhcp-server)/sbin/dhcpd" -4 -f -d -cf "$WORK/dhcpd.conf" -lf "$WORK/dhcpd.leases" \
        -pf "$WORK/dhcpd.pid" "$2" >"$dhcp_log" 2>&1 </dev/null &
    DHCP_PID=$!
}

kea_run() { # PLACE LINK IN...
    local more=
    [ "$1" != here ] || more='"option-data": [ { "name": "vendor-class-identifier", "data": "PXEClient", "always-send": true } ],'
    [ "$1" != next ] || more="\"next-server\": \"$SERVER\","
    cat >"$WORK/kea.conf" <<CONFIG
{ "Dhcp4": { "interfaces-config": { "interfaces": [ "$2" ] }, "lease-database": { "type": "memfile", "persist": false },
  "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ],
  "subnet4": [
    { "id": 1, "subnet": "10.78.0.0/24", $more "pools": [ { "pool": "10.78.0.50 - 10.78.0.99" } ] },
    { "id": 2, "subnet": "10.79.0.0/24", "pools": [ { "pool": "10.79.0.50 - 10.79.0.99" } ],
      "option-data": [ { "name": "routers", "data": "$RELAY" } ] } ] } }
CONFIG
    mkdir -p "$WORK/kea"
    "${@:3}" env LD_LIBRARY_PATH="$(kea_libraries)" KEA_PIDFILE_DIR="$WORK/kea" KEA_LOCKFILE_DIR="$WORK/kea" \
        "$(unpacked kea-dhcp4-server)/sbin/kea-dhcp4" -c "$WORK/kea.conf" >"$dhcp_log" 2>&1 </dev/null &
    DHCP_PID=$!
}

dhcp_stop() {
    [ -z "$DHCP_PID" ] || end "$DHCP_PID"
    DHCP_PID=
}

# -- the relay ----------------------------------------------------------------------------------------------------------

relay_lacks() { program_lacks isc-dhcp-relay "$(unpacked isc-dhcp-relay)/sbin/dhcrelay"; }

# It adds option 82 and drops answers that come back without it.
relay_start() {
    "${on_relay[@]}" "$(unpacked isc-dhcp-relay)/sbin/dhcrelay" -4 -d -a -D -id br1 -iu out "$OTHER" "$SERVER" \
        >"$WORK/relay.txt" 2>&1 </dev/null &
    wait_for 60 grep -q 'Sending on.*/br1/' "$WORK/relay.txt"
}
