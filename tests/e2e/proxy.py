"""A bad network between a TFTP client and the server: a proxy on a port of its own that loses, doubles, reorders,
delays and corrupts datagrams, by chance from a seed. (The draws are repeated by the seed; which datagram meets which
draw also depends on timing.)

Each address and port of a client gets a socket towards the server, each port that the server answers from (its TID) gets
one towards the client: both ends see as many TIDs as without the proxy.

What corruption may do. A datagram altered on the wire fails its UDP checksum and is never delivered: that is loss, and is
played as loss. What is altered before the checksum is made (a broken adapter, a translating router) arrives. In the
payload of a DATA, or as a length that is still one of a DATA, TFTP cannot notice it, whoever serves; neither can a client
that is told another blksize than was agreed. So only what the server can and must notice is altered: opcodes, block
numbers (by 32768, which is in no window), packets cut within their header, names of options in a request. On the way to
the client all corruption is loss: what a client makes of an opcode that it does not know is its own affair.
"""

import heapq
import random
import selectors
import socket
import threading
import time

from tftp import ACK, DATA, RRQ, SERVER, TFTP_PORT, WRQ

LONGEST_DATAGRAM = 66000


class Weather:
    """Chances per datagram, 0 to 1; delays in seconds."""

    def __init__(self, name, lose=0.0, double=0.0, reorder=0.0, delay=0.0, longest_delay=0.3, corrupt=0.0, break_off=0.0,
                 longest_break=1.2, spares_requests=False):
        self.name = name
        self.lose = lose
        self.double = double
        self.reorder = reorder  # held back a few milliseconds, while others pass
        self.delay = delay  # held back longer, perhaps until the datagram was repeated
        self.longest_delay = longest_delay
        self.corrupt = corrupt
        self.break_off = break_off  # nothing passes for a while
        self.longest_break = longest_break
        self.spares_requests = spares_requests  # one that is doubled is two transfers to many a server


WEATHERS = (
    Weather("fair"),
    Weather("loss", lose=0.03),
    Weather("duplicates", double=0.3),
    Weather("reordering", reorder=0.2),
    Weather("delays", delay=0.03),
    Weather("corruption", corrupt=0.05),
    Weather("breaks", break_off=0.003),
    Weather("everything", lose=0.01, double=0.05, reorder=0.05, delay=0.01, corrupt=0.01, break_off=0.001),
)


def damaged(datagram, chance):
    """The datagram with a mistake that its receiver can notice, or None where only a checksum could."""
    opcode = int.from_bytes(datagram[:2], "big")
    if opcode in (RRQ, WRQ):
        return damaged_option(datagram, chance)
    if opcode in (DATA, ACK) and chance.random() < 0.5:
        return datagram[:2] + bytes([datagram[2] ^ 0x80]) + datagram[3:]
    if chance.random() < 0.5:
        return datagram[:chance.randrange(4)]
    return bytes([datagram[0] | chance.choice((0x01, 0x10, 0x80))]) + datagram[1:]


def damaged_option(request, chance):
    words = request[2:].split(b"\0")[:-1]
    if len(words) < 4:
        return None
    which = chance.randrange(2, len(words) - 1, 2)
    words[which] = b"?" + words[which][1:]
    return request[:2] + b"".join(word + b"\0" for word in words)


class Proxy:
    """with Proxy(weather, seed) as proxy: a client's server is proxy.address, port proxy.port."""

    def __init__(self, weather, seed, address="127.0.0.1", back_address="127.0.0.1", server=(SERVER, TFTP_PORT)):
        self.server = server
        self.weather = weather
        self.chance = random.Random(seed)
        self.address = address
        self.back_address = back_address
        self.counts = dict.fromkeys(("passed", "lost", "doubled", "reordered", "delayed", "corrupted"), 0)
        self._selector = selectors.DefaultSelector()
        self._due = []  # heap of (when, number, socket, datagram, to)
        self._number = 0
        self._broken_until = 0.0
        self._backs = {}  # client's address and port: the socket towards the server
        self._fronts = {}  # (client, server's TID): the socket towards the client
        self._over = threading.Event()
        self._door = self._open(address, self._at_door)
        self.port = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _open(self, address, handler):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.bind((address, 0))
        opened.setblocking(False)
        self._selector.register(opened, selectors.EVENT_READ, handler)
        return opened

    def _run(self):
        while not self._over.is_set():
            wait = min(0.05, self._due[0][0] - time.monotonic()) if self._due else 0.05
            for key, _ in self._selector.select(max(wait, 0)):
                try:
                    datagram, source = key.fileobj.recvfrom(LONGEST_DATAGRAM)
                except (BlockingIOError, ConnectionError):  # an ICMP error is as good as silence
                    continue
                key.data(datagram, source)
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, way, late, to = heapq.heappop(self._due)
                self._pass(way, late, to)

    # -- the ways a datagram takes ------------------------------------------------------------------------------------

    def _at_door(self, datagram, client):
        self._expose(self._back_of(client), datagram, self.server, True)

    def _back_of(self, client):
        if client not in self._backs:
            self._backs[client] = self._open(
                self.back_address, lambda datagram, tid: self._from_server(client, datagram, tid))
        return self._backs[client]

    def _from_server(self, client, datagram, tid):
        if (client, tid) not in self._fronts:
            self._fronts[client, tid] = self._open(
                self.address, lambda datagram, source: self._expose(self._back_of(source), datagram, tid, True))
        self._expose(self._fronts[client, tid], datagram, client, False)

    def _expose(self, way, datagram, to, may_corrupt):
        """Decides what becomes of one datagram."""
        weather, chance, now = self.weather, self.chance, time.monotonic()
        if chance.random() < weather.break_off:
            self._broken_until = now + chance.uniform(0.1, weather.longest_break)
        if now < self._broken_until or chance.random() < weather.lose:
            self.counts["lost"] += 1
            return
        if chance.random() < weather.corrupt:
            datagram = damaged(datagram, chance) if may_corrupt else None
            self.counts["corrupted" if datagram is not None else "lost"] += 1
            if datagram is None:
                return
        copies = 1
        is_spared = weather.spares_requests and int.from_bytes(datagram[:2], "big") in (RRQ, WRQ)
        if chance.random() < weather.double and not is_spared:
            self.counts["doubled"] += 1
            copies = chance.choice((2, 2, 3))
        for _ in range(copies):
            wait = self._wait(weather, chance)
            if wait > 0:
                self._number += 1
                heapq.heappush(self._due, (now + wait, self._number, way, datagram, to))
            else:
                self._pass(way, datagram, to)

    def _wait(self, weather, chance):
        if chance.random() < weather.delay:
            self.counts["delayed"] += 1
            return chance.uniform(0.02, weather.longest_delay)
        if chance.random() < weather.reorder:
            self.counts["reordered"] += 1
            return chance.uniform(0.0005, 0.01)
        return 0

    def _pass(self, way, datagram, to):
        try:
            way.sendto(datagram, to)
            self.counts["passed"] += 1
        except OSError:  # a full buffer, or the other end is gone: loss
            self.counts["lost"] += 1
