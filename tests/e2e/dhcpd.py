"""dhcpd.py KIND: the other end's DHCP server, which offers an address and never leases one, until it is ended. KIND says what else
it has: plain, class (option 60), file (options 66 and 67), or proxy (no address, but a boot file)."""

import socket
import struct
import sys

from boot import COOKIE, LINK, OFFER, option

OURS = "10.78.0.2"
MORE = {
    "plain": b"",
    "class": option(60, b"PXEClient"),
    "file": option(66, b"old.example") + option(67, b"old/boot.efi\0"),
    "proxy": option(60, b"PXEClient") + option(67, b"theirs.efi"),
}


def offer(asked, kind):
    yours = "0.0.0.0" if kind == "proxy" else "10.78.0.100"
    head = bytes([2]) + asked[1:3] + b"\0" + asked[4:8] + b"\0\0" + asked[10:12] + bytes(4)
    return (head + socket.inet_aton(yours) + bytes(4) + asked[24:28] + asked[28:44] + bytes(192) + COOKIE + option(53, bytes([OFFER])) +
            option(54, socket.inet_aton(OURS)) + option(51, struct.pack(">I", 60)) + MORE[kind] + b"\xff").ljust(300, b"\0")


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, LINK.encode())
    server.bind(("", 67))
    print("ready", flush=True)
    while True:
        asked = server.recv(2048)
        if len(asked) > 240 and asked[0] == 1 and asked[240:243] == b"\x35\x01\x01":
            relay = socket.inet_ntoa(asked[24:28])
            to = ("255.255.255.255", 68) if relay == "0.0.0.0" else (relay, 67)
            server.sendto(offer(asked, sys.argv[1]), to)


if __name__ == "__main__":
    main()
