"""A raw TFTP client for tests: every datagram is made, counted and seen by the test itself.

rrq, wrq, data, ack, error and oack make exact bytes, word by word in the order given. A Client is one UDP socket, that
is one client TID; its Faults lose, double or delay its own datagrams on purpose. fetch and store are whole,
well-behaved transfers (RFC 1350, 2347, 7440). Every wait is bounded.
"""

import bisect
import os
import random
import socket
import struct
import threading
import time

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)

NOT_DEFINED, NOT_FOUND, ACCESS, FULL, ILLEGAL, UNKNOWN_TID, EXISTS, NO_USER, OPTIONS = range(9)

WAIT = 20.0  # for an answer that must come; long, because the machine may be busy
SOON = 4.0  # for an answer within a transfer with a timeout of 5 s: no timer of the server sent it
TIMER = 0.24  # the shortest time after which a server without client timeout repeats something, and a bit less
QUIET = 0.2  # how long nothing may come; shorter than the shortest repetition of a server without client timeout
TICK = 0.016  # the step of Windows' clock
TRIES = 30  # repetitions of fetch and store before they give up: the disk of a busy machine may take that many seconds
# The build that keeps the rules of Windows: there the system may lose what a case or the server sent, and both send it again.
# Nowhere else is a repetition forgiven that the server makes without having been delayed.
MAY_LOSE = os.environ.get("STRICT_SEED", "0") != "0"
CLIENT_TIMER = 5.0 if MAY_LOSE else WAIT

SERVER = "127.0.0.1"
TFTP_PORT = 69
BLOCK = 512  # bytes, where no blksize was agreed


class Failure(Exception):
    """What the server did is not what it owes."""


# -- datagrams --------------------------------------------------------------------------------------------------------


def words(*texts):
    """Each text with its NUL; numbers in decimal, bytes as they are."""
    return b"".join((text if isinstance(text, bytes) else str(text).encode()) + b"\0" for text in texts)


def rrq(name, mode="octet", *options):
    return struct.pack("!H", RRQ) + words(name, mode, *options)


def wrq(name, mode="octet", *options):
    return struct.pack("!H", WRQ) + words(name, mode, *options)


def data(block, payload=b""):
    return struct.pack("!HH", DATA, block) + payload


def ack(block, extra=b""):
    return struct.pack("!HH", ACK, block) + extra


def error(code, text=""):
    return struct.pack("!HH", ERROR, code) + words(text)


def oack(*options):
    return struct.pack("!H", OACK) + words(*options)


class Packet:
    """One datagram that arrived, with the time at which the kernel took it and the address that sent it."""

    __slots__ = ("raw", "source", "when", "opcode", "is_double", "is_of_timer", "is_of_before")

    def __init__(self, raw, source, when):
        self.raw = raw
        self.source = source
        self.when = when
        self.opcode = struct.unpack_from("!H", raw)[0] if len(raw) >= 2 else None
        self.is_double = False  # it came before
        self.is_of_timer = False  # it came before, and so long ago that the server's timer repeated it
        self.is_of_before = False  # and it did so for the request before the last

    @property
    def block(self):
        return struct.unpack_from("!H", self.raw, 2)[0]

    code = block  # of an ERROR

    @property
    def payload(self):
        return self.raw[4:]

    @property
    def text(self):
        """Of an ERROR, without its NUL."""
        return self.raw[4:].split(b"\0")[0].decode("utf-8", "replace")

    @property
    def options(self):
        """Of an OACK: [(name, value), ...] as they came."""
        texts = [text.decode("latin-1") for text in self.raw[2:].split(b"\0")[:-1]]
        return list(zip(texts[0::2], texts[1::2]))

    def __str__(self):
        kind = {DATA: "DATA", ACK: "ACK", ERROR: "ERROR"}.get(self.opcode)
        if self.opcode == OACK:
            return "OACK " + " ".join("%s=%s" % pair for pair in self.options)
        if kind is None or len(self.raw) < 4:
            return "bytes " + self.raw[:40].hex(" ")
        detail = {"DATA": " (%d bytes)" % len(self.payload), "ERROR": ' "%s"' % self.text}.get(kind, "")
        return "%s %d%s" % (kind, self.block, detail)


# -- one client TID ---------------------------------------------------------------------------------------------------


class Faults:
    """What happens to a client's own datagrams, counted from 1, and (lose) to those that come to it."""

    def __init__(self, drop=(), duplicate=(), delay=None, lose=()):
        self.drop = frozenset(drop)
        self.duplicate = frozenset(duplicate)
        self.delay = dict(delay or {})  # number: seconds
        self.lose = frozenset(lose)


NO_FAULTS = Faults()

home = threading.local()  # .address: the source address of this thread's clients, so that limits per client stay apart


class Client:
    """tid is the server's address and port, learnt from the first reply to the last request."""

    TIMESTAMP = 35  # SO_TIMESTAMPNS of Linux

    def __init__(self, server=SERVER, port=TFTP_PORT, source=None, source_port=0, faults=NO_FAULTS):
        self.server = (server, port)
        self.faults = faults
        self.tid = None
        self.sent = 0
        self.received = 0
        self.last_event = 0.0  # when something was last sent or arrived
        self._delayed = []  # (due, datagram, to)
        self._sends = []  # when each datagram left
        self._last = None  # what left last, and whereto
        self._tid_before = None  # of the request before this one
        self._is_repeater = False  # it has sent something again because nothing came
        self._heard = {}  # when each came last, by its hash
        is_ipv6 = ":" in server
        self.socket = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, self.TIMESTAMP, 1)
        if source is None:
            source = "::" if is_ipv6 else "0.0.0.0"
            if server.startswith("127."):
                source = getattr(home, "address", source)
        self.socket.bind((source, source_port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    # sending

    def request(self, datagram):
        """To the server's well-known port; the next reply names the TID."""
        self._tid_before = self.tid
        self.tid = None
        self.send(datagram, self.server)

    def send(self, datagram, to=None):
        to = to or self.tid
        if to is None:
            raise Failure("the server never answered, so there is no TID to send to")
        self.sent += 1
        if self.sent in self.faults.drop:
            return
        if self.sent in self.faults.delay:
            self._delayed.append((time.monotonic() + self.faults.delay[self.sent], datagram, to))
            return
        for _ in range(2 if self.sent in self.faults.duplicate else 1):
            self._send_now(datagram, to)

    def _send_now(self, datagram, to):
        self._last = (datagram, to)
        self._sends.append(time.time())  # before it leaves: the answer may be here sooner than we read the clock again
        self.socket.sendto(datagram, to)
        self.last_event = time.time()

    def _send_due(self):
        due = [entry for entry in self._delayed if entry[0] <= time.monotonic()]
        for entry in due:
            self._delayed.remove(entry)
            self._send_now(entry[1], entry[2])

    # receiving

    def receive(self, within=WAIT):
        """The next datagram, or None."""
        until = time.monotonic() + within
        while True:
            self._send_due()
            left = until - time.monotonic()
            if self._delayed:
                left = min(left, min(entry[0] for entry in self._delayed) - time.monotonic())
            packet = self._take(max(left, 0.0005))
            if packet is not None:
                self.received += 1
                if self.received not in self.faults.lose:
                    return packet
            elif time.monotonic() >= until:
                return None

    def _take(self, seconds):
        self.socket.settimeout(seconds)
        try:
            raw, ancillary, _, source = self.socket.recvmsg(70000, 64)
        except (TimeoutError, ConnectionError):
            return None
        seconds, nanoseconds = struct.unpack_from("qq", ancillary[0][2])
        packet = Packet(raw, source[:2], seconds + nanoseconds / 1e9)
        if self._came_of_a_stall(packet):
            return None
        packet.is_double = hash(raw) in self._heard
        packet.is_of_timer = packet.when - self._heard.get(hash(raw), packet.when) >= TIMER
        self._heard[hash(raw)] = packet.when
        self.last_event = max(self.last_event, packet.when)
        packet.is_of_before = (MAY_LOSE and packet.is_of_timer and self.tid is None
                               and packet.source == self._tid_before)
        if self.tid is None and not packet.is_of_before:
            self.tid = packet.source
        return packet

    def _came_of_a_stall(self, packet):
        """While this test was held up the server's timer repeated something: not of our doing, and no mistake.

        That is a repetition which came before our last datagram left, and which none of ours before it can have drawn.
        """
        sends_before = bisect.bisect_right(self._sends, packet.when)
        return (hash(packet.raw) in self._heard and 0 < sends_before < len(self._sends)
                and packet.when - self._sends[sends_before - 1] >= QUIET)

    def receive_or_repeat(self, within=WAIT):
        """As receive; where something must come, what left last is sent again after CLIENT_TIMER."""
        while within > CLIENT_TIMER:
            packet = self.receive(CLIENT_TIMER)
            if packet is not None:
                return packet
            within -= CLIENT_TIMER
            if self._last is not None:
                self._is_repeater = True
                self._send_now(*self._last)
        return self.receive(within)

    def expect(self, opcode=None, block=None, within=WAIT, what="an answer"):
        """The next datagram, which must be of that kind and come from the transfer's TID.

        What the server's timer repeated may have crossed what we sent late.
        """
        packet = self.receive_or_repeat(within)
        while packet is not None and packet.is_of_timer and (opcode, block) not in (
                (None, None), (packet.opcode, None), (packet.opcode, packet.block)):
            packet = self.receive(within)
        return self._judge(packet, opcode, block, what, within)

    def _judge(self, packet, opcode, block, what, within):
        if packet is None:
            raise Failure("%s did not come within %.1f s" % (what, within))
        if self.tid is None:
            self.tid = packet.source
        if packet.source != self.tid:
            raise Failure("%s came from %s, not from the transfer's %s" % (packet, packet.source, self.tid))
        if opcode is not None and packet.opcode != opcode:
            raise Failure("%s expected (opcode %d), got %s" % (what, opcode, packet))
        if block is not None and packet.block != block:
            raise Failure("%s expected with number %d, got %s" % (what, block, packet))
        return packet

    def ask(self, datagram, within=WAIT):
        """Sends a request and returns the first answer, whatever it is."""
        self.request(datagram)
        return self.expect(within=within, what="the answer to the request")

    def ask_error(self, datagram, *codes, within=WAIT):
        """Sends a request that must draw an ERROR with one of the codes."""
        packet = self.ask(datagram, within)
        if packet.opcode != ERROR or packet.code not in codes:
            raise Failure("ERROR %s expected, got %s" % (" or ".join(map(str, codes)), packet))
        if not packet.raw.endswith(b"\0") or packet.raw.count(b"\0", 4) != 1:
            raise Failure("the text of an ERROR ends in its only NUL: %r" % packet.raw)
        return packet

    def expect_data(self, first, payloads, within=WAIT):
        """DATA with consecutive numbers from first on and exactly these payloads, in this order."""
        for offset, payload in enumerate(payloads):
            packet = self._expect_block((first + offset) & 0xFFFF, within, "DATA %d" % (first + offset))
            if packet.payload != payload and packet.is_of_before:  # what that server's timer repeated crossed our request
                self.tid = None
                packet = self._expect_block((first + offset) & 0xFFFF, within, "DATA %d" % (first + offset))
            if packet.payload != payload:
                raise Failure("%s carries other bytes than the file" % packet)

    def _expect_block(self, block, within, what):
        """As expect; where the system may lose it, a gap is told by an ACK of the block before (RFC 7440, section 4).

        Whose last block the server's timer repeats has lost that ACK, and says it again.
        """
        until = time.monotonic() + within
        is_gap_told = False
        while within > CLIENT_TIMER and time.monotonic() < until:
            packet = self.receive_or_repeat(within)
            if packet is None or packet.opcode != DATA or packet.block == block:
                break
            is_gap = (packet.block - block) & 0xFFFF < 0x8000
            if packet.is_of_timer and packet.block == (block - 1) & 0xFFFF:
                self._is_repeater = True
                self._send_now(ack(packet.block), self.tid)
            elif is_gap and not is_gap_told:
                is_gap_told = True
                self._send_now(ack((block - 1) & 0xFFFF), self.tid)
        else:
            return self.expect(DATA, block, within, what)
        return self._judge(packet, DATA, block, what, within)

    def collect(self, during=QUIET):
        """All datagrams that arrive within that time after the last thing sent or received."""
        since = self.last_event
        found = []
        while True:
            packet = self.receive(max(since + during - time.time(), 0.001))
            if packet is None and time.time() >= since + during:
                return found
            if packet is not None and packet.when < since + during:
                found.append(packet)

    def expect_silence(self, during=QUIET, after="that"):
        """Nothing may arrive within that time after the last thing sent or received.

        Judged by the kernel's times of arrival, so that a stall of this machine makes no failure.
        """
        found = self.collect(during)
        if MAY_LOSE:  # the server's timer, while another client of the case waited for its own; and answers to what we repeated
            found = [packet for packet in found
                     if not packet.is_of_timer and not (packet.is_double and self._is_repeater)]
        if found:
            raise Failure("%d datagrams after %s, none expected: %s" % (
                len(found), after, ", ".join(map(str, found[:6]))))


# -- whole transfers --------------------------------------------------------------------------------------------------


def wire_number(block, rollover=0):
    """The 16-bit number of a block counted from 1; rollover is what follows 65535."""
    return block & 0xFFFF if block <= 65535 or rollover == 0 else (block - 1) % 65535 + 1


def blocks_of(content, size=BLOCK):
    """The payloads of a transfer; the last one is shorter than size, perhaps empty (RFC 1350, section 6)."""
    return [content[start:start + size] for start in range(0, len(content) + 1, size)]


class Agreed:
    """What the server's first answer settled."""

    def __init__(self, packet):
        self.options = packet.options if packet is not None and packet.opcode == OACK else []
        values = dict(self.options)
        self.blksize = int(values.get("blksize", values.get("blksize2", BLOCK)))
        self.window = int(values.get("windowsize", 1))
        self.rollover = int(values.get("rollover", 0))
        self.tsize = int(values["tsize"]) if "tsize" in values else None


class Fetched:
    def __init__(self, first):
        self.first = first
        self.agreed = Agreed(first)
        self.content = b""
        self.numbers = []  # of every DATA as it came, repetitions included
        self.taken = []  # of those that were the next block


def fetch(client, name, *options, mode="octet", repeat=1.0):
    """A download as RFC 1350 and 7440 describe the receiver. Raises Failure when it does not succeed."""
    first = request_until_answered(client, rrq(name, mode, *options), repeat)
    if first.opcode == ERROR:
        raise Failure("the server refused %s: %s" % (name, first))
    result = Fetched(first)
    receive_blocks(client, result, first if first.opcode == DATA else None, repeat)
    return result


def request_until_answered(client, datagram, repeat):
    for _ in range(TRIES):
        client.request(datagram)
        packet = client.receive(repeat)
        if packet is not None:
            return packet
    raise Failure("the server never answered the request")


def receive_blocks(client, result, packet, repeat):
    """Takes DATA until the last block; ACKs full windows, the end, and once for every gap."""
    agreed = result.agreed
    parts = []
    done = acked = 0  # blocks: taken in order, acknowledged
    gap_told = -1
    silent = 0
    if packet is None:
        client.send(ack(0))
    while True:
        packet = packet or client.receive(repeat)
        if packet is None:
            silent += 1
            if silent > TRIES:
                raise Failure("the server fell silent after block %d" % done)
            client.send(ack(wire_number(done, agreed.rollover)))
            continue
        silent = 0
        if packet.opcode == ERROR:
            raise Failure("the server ended the transfer after block %d: %s" % (done, packet))
        if packet.opcode == DATA:
            result.numbers.append(packet.block)
            if packet.block == wire_number(done + 1, agreed.rollover):
                done += 1
                parts.append(packet.payload)
                result.taken.append(packet.block)
                is_last = len(packet.payload) < agreed.blksize
                if is_last or done - acked >= agreed.window:
                    client.send(ack(packet.block))
                    acked = done
                if is_last:
                    result.content = b"".join(parts)
                    return
            elif gap_told != done:
                gap_told = acked = done
                client.send(ack(wire_number(done, agreed.rollover)))
        packet = None


class Stored:
    def __init__(self, first):
        self.first = first
        self.agreed = Agreed(first)
        self.acks = []  # as they came


def store(client, name, content, *options, mode="octet", repeat=1.0):
    """An upload as RFC 1350 and 7440 describe the sender. Raises Failure when it does not succeed."""
    first = request_until_answered(client, wrq(name, mode, *options), repeat)
    if first.opcode == ERROR:
        raise Failure("the server refused %s: %s" % (name, first))
    result = Stored(first)
    send_blocks(client, result, blocks_of(content, result.agreed.blksize), repeat)
    return result


def send_blocks(client, result, payloads, repeat):
    agreed = result.agreed
    acked = silent = 0
    numbers = [wire_number(block, agreed.rollover) for block in range(len(payloads) + 1)]
    while acked < len(payloads):
        window_end = min(acked + agreed.window, len(payloads))
        for block in range(acked + 1, window_end + 1):
            client.send(data(numbers[block], payloads[block - 1]))
        reached = await_ack(client, result, numbers, acked, window_end, repeat)
        silent = 0 if reached > acked else silent + 1
        if silent > TRIES:
            raise Failure("the server acknowledged nothing after block %d" % acked)
        acked = reached


def await_ack(client, result, numbers, acked, window_end, repeat):
    """The block up to which the server now acknowledges; acked itself when it is time to repeat."""
    until = time.monotonic() + repeat
    while True:
        packet = client.receive(max(until - time.monotonic(), 0.001))
        if packet is None:
            return acked
        if packet.opcode == ERROR:
            raise Failure("the server ended the upload after block %d: %s" % (acked, packet))
        if packet.opcode == ACK:
            result.acks.append(packet.block)
            for block in range(window_end, acked, -1):
                if packet.block == numbers[block]:
                    return block


def noise(name, size):
    """The same bytes for the same name and size, in which no two blocks are alike."""
    return random.Random("%s %d" % (name, size)).randbytes(size)
