"""Packets with somebody else's source address, and what these draw to him; every byte counted as on the wire."""

import socket
import struct
import time

from tftp import ERROR, NOT_DEFINED, SERVER, TFTP_PORT, Client, error, rrq

HEADERS = 28  # bytes of IPv4 and UDP
SO_RCVBUFFORCE = 33  # of Linux


def forge(source, source_port, payload, to=SERVER, port=TFTP_PORT):
    """One IPv4 packet as it would be on the wire; the checksum of UDP over IPv4 may be left out."""
    udp = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0,
                       socket.inet_aton(source), socket.inet_aton(to)) + udp


class Forger:
    """Knows what an honest client can learn by asking, and sees nothing that is sent to others."""

    def __init__(self, a_second=3000):
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.pace = 1 / a_second  # the listeners must be able to take what comes
        self.packets = 0
        self.bytes = 0
        self.next = time.monotonic()

    def send(self, source, source_port, payload, port=TFTP_PORT):
        packet = forge(source, source_port, payload, port=port)
        self.raw.sendto(packet, (SERVER, 0))
        self.packets += 1
        self.bytes += len(packet)
        self.next += self.pace
        ahead = self.next - time.monotonic()
        if ahead > 0.005:
            time.sleep(ahead)
        elif ahead < -0.1:  # a stall is not made up for
            self.next = time.monotonic()

    def spray(self, source, source_port, payload, ports):
        for port in ports:
            self.send(source, source_port, payload, port)


class Victim:
    """Somebody who asked for nothing: what comes to him is counted, and never answered."""

    def __init__(self, address, port=5000):
        self.at = (address, port)
        self.datagrams = 0
        self.bytes = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self.socket.setblocking(False)
        self.socket.bind(self.at)

    def count(self):
        while True:
            try:
                self.bytes += len(self.socket.recv(70000)) + HEADERS
                self.datagrams += 1
            except BlockingIOError:
                return


def learn_ports(name, requests=300, address="127.40.0.1"):
    """Ports of the server's transfers, as the answers to so many honest requests of one's own show them."""
    found = set()
    for _ in range(requests // 2):
        with Client(source=address) as client:
            for _ in range(2):  # the second one goes elsewhere
                packet = client.ask(rrq(name, "octet", "windowsize", 64))
                if packet.opcode != ERROR:
                    found.add(packet.source[1])
                    client.send(error(NOT_DEFINED))
    return sorted(found)
