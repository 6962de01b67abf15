"""Bare machines that boot: what they send byte for byte (PXE.md 4.1), and what every answer must be and must not hold."""

import json
import os
import random
import select
import socket
import struct
import time

import cases
from cases import case, equal, true
from tftp import ACCESS, NOT_FOUND, Client, Failure, fetch, rrq, store

SERVER = "10.78.0.1"
LINK = "far"
COOKIE = bytes.fromhex("63825363")
DISCOVER, OFFER, REQUEST, ACK, INFORM = 1, 2, 3, 5, 8
GUID = bytes.fromhex("00444c45424200103580b2c04f4e3332a1")
ADDRESS_OPTIONS = {1, 3, 6, 15, 28, 50, 51, 58, 59}
SILENCE = 1.0  # seconds; an answer takes some milliseconds

_macs = iter(range(0x525400100000, 0x525400200000))


def new_mac():
    return next(_macs).to_bytes(6, "big")


# -- packets ------------------------------------------------------------------------------------------------------------


def option(tag, data):
    return bytes([tag, len(data)]) + data


def packet(mac, options=b"", op=1, xid=None, ciaddr="0.0.0.0", giaddr="0.0.0.0", flags=0, hlen=6, file=b"", sname=b"",
           hops=0):
    xid = random.getrandbits(32) if xid is None else xid
    return (struct.pack(">BBBBIHH", op, 1, hlen, hops, xid, 0, flags) + socket.inet_aton(ciaddr) + bytes(8) +
            socket.inet_aton(giaddr) + mac.ljust(16, b"\0") + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + options)


def dhcp(message, *options):
    return COOKIE + option(53, bytes([message])) + b"".join(options) + b"\xff"


def firmware(message, arch, *more, name="PXEClient"):
    """EDK2's options."""
    return dhcp(message, option(57, struct.pack(">H", 1472)), option(55, bytes(range(1, 36))), option(97, GUID),
                option(94, b"\x01\x03\x00"), option(93, struct.pack(">H", arch)),
                option(60, b"%s:Arch:%05d:UNDI:003000" % (name.encode(), arch)), *more)


def ipxe(message, *more):
    return dhcp(message, option(57, struct.pack(">H", 1472)), option(93, b"\0\7"), option(94, b"\x01\x03\x0a"),
                option(60, b"PXEClient:Arch:00007:UNDI:003010"), option(77, b"iPXE"), option(55, bytes([1, 3, 6, 175])),
                option(175, b"\xb1\x05\x01\x1a\xf4\x10\x00"), option(97, GUID), *more)


class Reply:
    def __init__(self, raw, sender):
        self.raw, self.sender = raw, sender
        self.op, self.hlen, self.hops = raw[0], raw[2], raw[3]
        self.xid, self.flags = int.from_bytes(raw[4:8], "big"), int.from_bytes(raw[10:12], "big")
        self.ciaddr, self.yiaddr, self.siaddr, self.giaddr = (socket.inet_ntoa(raw[at:at + 4]) for at in (12, 16, 20, 24))
        self.mac = raw[28:34]
        self.file = raw[108:236].split(b"\0")[0]
        self.options, self.order, place = {}, [], 240
        while raw[236:240] == COOKIE and raw[place] != 255:
            if raw[place] == 0:
                place += 1
                continue
            tag, size = raw[place], raw[place + 1]
            true(tag not in self.options, "option %d is there twice" % tag)
            self.options[tag] = raw[place + 2:place + 2 + size]
            self.order.append(tag)
            place += 2 + size


def proxy_rules(reply, asked):
    """What holds of every answer beside a DHCP server."""
    equal(reply.op, 2, "op")
    equal(reply.yiaddr, "0.0.0.0", "yiaddr")
    equal(ADDRESS_OPTIONS & set(reply.options), set(), "options that only a DHCP server has")
    true(300 <= len(reply.raw) <= 1024, "%d bytes" % len(reply.raw))
    equal(reply.xid, int.from_bytes(asked[4:8], "big"), "xid")
    equal(reply.raw[28:44], asked[28:44], "chaddr")
    equal(reply.siaddr, SERVER, "siaddr")
    equal(reply.options[54], socket.inet_aton(SERVER), "option 54")
    true(reply.options[60] in (b"PXEClient", b"HTTPClient"), "option 60: %s" % reply.options[60])


# -- the link -----------------------------------------------------------------------------------------------------------


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


class Wire:
    """Sends as who has no address yet, and hears what is broadcast to port 68."""

    def __init__(self, mac=None):
        self.mac = mac or new_mac()
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.raw.bind((LINK, 0))
        self.ears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.ears.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.ears.bind(("", 68))

    def send(self, payload, port=67, source_port=68):
        udp = struct.pack(">HHHH", source_port, port, 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.raw.send(b"\xff" * 6 + self.mac + b"\x08\x00" + head + udp)

    def answers(self, asked, seconds=SILENCE):
        """Those to this request, until the time is up."""
        until = time.monotonic() + seconds
        found = []
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.ears], [], [], left)[0]:
                return found
            raw, sender = self.ears.recvfrom(2048)
            if raw[4:8] == asked[4:8] and raw[28:34] == asked[28:34]:
                found.append(Reply(raw, sender))

    def ask(self, payload, **how):
        """The one answer; like firmware it asks again when the machine was held up."""
        for _ in range(4):
            self.send(payload, **how)
            found = self.first(payload)
            if found is not None:
                return found
        raise Failure("no answer")

    def first(self, asked):
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            if not select.select([self.ears], [], [], until - time.monotonic())[0]:
                return None
            raw, sender = self.ears.recvfrom(2048)
            if raw[4:8] == asked[4:8] and raw[28:34] == asked[28:34]:
                return Reply(raw, sender)
        return None

    def silent(self, payload, what, **how):
        self.send(payload, **how)
        equal(len(self.answers(payload)), 0, "answers to " + what)


def discover(arch=7, mac=None, name="PXEClient", more=()):
    wire = Wire(mac)
    asked = packet(wire.mac, firmware(DISCOVER, arch, *more, name=name))
    return wire, asked


class Asker:
    """Has its address, and asks port 4011 from a port of its own."""

    def __init__(self, port, address="10.78.0.2"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))

    def ask(self, payload, port=4011, tries=4, seconds=5.0):
        for _ in range(tries):
            self.socket.sendto(payload, (SERVER, port))
            until = time.monotonic() + seconds
            while time.monotonic() < until and select.select([self.socket], [], [], until - time.monotonic())[0]:
                raw, sender = self.socket.recvfrom(2048)
                if raw[4:8] == payload[4:8]:
                    return Reply(raw, sender)
        return None

    def silent(self, payload, what, port=4011):
        equal(self.ask(payload, port, 1, SILENCE), None, "an answer to " + what)


# -- off, and watch -----------------------------------------------------------------------------------------------------


@case("the log does not know of it", "off")
def nothing_is_told():
    with open(os.environ["LOG"], encoding="utf-8") as log:
        true("boot requests" not in log.read(), "a line about boot requests")


@case("a machine that boots hears nothing, on both ports", "silent")
def silent():
    wire, asked = discover()
    wire.silent(asked, "a DISCOVER")
    Asker(4011).silent(packet(wire.mac, firmware(REQUEST, 7), ciaddr="10.78.0.2"), "a REQUEST on 4011")


@case("nor does one through a relay, or by BOOTP", "silent")
def silent_otherwise():
    mac = new_mac()
    Asker(67, "10.78.0.9").silent(packet(mac, firmware(DISCOVER, 7), giaddr="10.78.0.9", hops=1), "a relay", 67)
    wire = Wire(bytes.fromhex("525400000007"))
    wire.silent(packet(wire.mac, COOKIE + b"\xff" + bytes(59)), "BOOTP")


# -- answer -------------------------------------------------------------------------------------------------------------


@case("EDK2, direct: the offer names the file, and TFTP has it", "answer")
def direct():
    wire, asked = discover()
    offer = wire.ask(asked)
    proxy_rules(offer, asked)
    equal(offer.sender, (SERVER, 67), "sender")
    equal(offer.flags, 0x8000, "flags of a broadcast")
    equal(offer.file, b"boot/x64.efi", "file")
    equal(offer.options[53], bytes([OFFER]), "option 53")
    equal(offer.options[43], bytes.fromhex("060108ff"), "option 43")
    equal(offer.options[97], GUID, "option 97")
    client = Client(server=SERVER, source="10.78.0.2")
    equal(len(fetch(client, "boot/x64.efi", "blksize", 1468).content), 3000, "bytes of the file")


@case("the same question has the same answer, once", "answer")
def same():
    wire, asked = discover()
    first = wire.ask(asked)
    wire.send(asked)
    again = wire.answers(asked)
    equal([one.raw for one in again], [first.raw], "answers")


@case("a BIOS and iPXE get what is theirs", "answer")
def kinds():
    wire, asked = discover(0)
    equal(wire.ask(asked).file, b"boot/bios.0", "of a BIOS")
    wire = Wire()
    asked = packet(wire.mac, ipxe(DISCOVER))
    offer = wire.ask(asked)
    proxy_rules(offer, asked)
    equal(offer.file, b"boot.ipxe", "of iPXE")


@case("port 4011: EDK2 asks from 4011, iPXE from 68, each is answered there from 4011", "answer")
def boot_server():
    for port, options in ((4011, firmware(REQUEST, 7)), (68, ipxe(REQUEST, option(54, socket.inet_aton(SERVER)))),
                          (40111, firmware(INFORM, 7))):
        asked = packet(new_mac(), options, ciaddr="10.78.0.2")
        reply = Asker(port).ask(asked)
        true(reply is not None, "no answer to port %d" % port)
        proxy_rules(reply, asked)
        equal(reply.sender, (SERVER, 4011), "sender")
        equal(reply.options[53], bytes([ACK]), "option 53")
        equal(reply.ciaddr, "10.78.0.2", "ciaddr")
        equal(reply.file, b"boot.ipxe" if port == 68 else b"boot/x64.efi", "file")


@case("what DHCP servers answer draws nothing", "answer")
def not_ours():
    wire = Wire()
    wire.silent(packet(wire.mac, dhcp(DISCOVER, option(60, b"MSFT 5.0"))), "Windows' DISCOVER")
    wire.silent(packet(wire.mac, firmware(REQUEST, 7, option(54, b"\x0a\x4e\0\x64"), option(50, b"\x0a\x4e\0\x65"))),
                "a REQUEST to a DHCP server")
    wire.silent(packet(wire.mac, firmware(INFORM, 7)), "an INFORM on 67")
    Asker(4011).silent(packet(wire.mac, firmware(DISCOVER, 7), ciaddr="10.78.0.2"), "a DISCOVER on 4011")


@case("a file that is not there, or not to be had, is not offered", "answer")
def no_file():
    wire, asked = discover(11)
    wire.silent(asked, "a machine whose file is missing")
    wire, asked = discover(6)
    wire.silent(asked, "a machine whose file is refused")


@case("a relay that is not admitted draws nothing", "answer")
def stranger_relay():
    Asker(67, "10.78.0.9").silent(packet(new_mac(), firmware(DISCOVER, 7), giaddr="10.78.0.9", hops=1), "a relay", 67)


@case("what is broken or bent draws nothing, and the next one is answered", "answer")
def hostile():
    wire, asked = discover()
    options = firmware(DISCOVER, 7)
    for what, bent in (("a reply", packet(wire.mac, options, op=2)), ("hlen 17", packet(wire.mac, options, hlen=17)),
                       ("an option that is cut", packet(wire.mac, options[:-1] + b"\x0c\xff\x00")),
                       ("no options", packet(wire.mac)[:235]), ("nothing", b""), ("one byte", b"\1"),
                       ("a giaddr of ours", packet(wire.mac, options, giaddr=SERVER)),
                       ("a broadcast giaddr", packet(wire.mac, options, giaddr="255.255.255.255")),
                       ("far too much", asked + bytes(9000 - len(asked)))):
        if len(bent) <= 1400:
            wire.send(bent)
        else:
            Asker(0).socket.sendto(bent, (SERVER, 67))
        found = wire.answers(bent.ljust(44, b"\0"), 0.3)
        equal(len(found), 0, "answers to " + what)
    for port in (67, 69, 53, 1023):
        Asker(port).silent(packet(new_mac(), firmware(REQUEST, 7), ciaddr="10.78.0.2"), "a server's port %d" % port)
    noise = random.Random(7)
    for _ in range(300):
        bent = bytearray(asked)
        for _ in range(noise.randint(1, 8)):
            bent[noise.randrange(len(bent))] = noise.randrange(256)
        wire.send(bytes(bent))
    wire, asked = discover()
    proxy_rules(wire.ask(asked), asked)


@case("one machine gets no more than its share", "answer", alone=True)
def share():
    wire, asked = discover()
    for _ in range(60):
        wire.send(asked)
    count = len(wire.answers(asked))
    true(4 <= count <= 24, "%d answers to 60 questions at once" % count)


@case("all of them no more than PxeRepliesPerSecond", "limited")
def limited():
    wire = Wire()
    asked = [packet(new_mac(), firmware(DISCOVER, 7), xid=number) for number in range(100)]
    for one in asked:
        wire.send(one)
    time.sleep(SILENCE)
    count = 0
    while select.select([wire.ears], [], [], 0)[0]:
        wire.ears.recvfrom(2048)
        count += 1
    true(1 <= count <= 30, "%d answers to 100 machines at once" % count)


# -- changes ------------------------------------------------------------------------------------------------------------


@case("a relay that is admitted is answered at its port 67, with its option 82 as it was, last", "changed")
def relay():
    agent = bytes.fromhex("0104000a0001") + bytes.fromhex("0206525400010203")
    asked = packet(new_mac(), firmware(DISCOVER, 7, option(82, agent)), giaddr="10.78.0.9", hops=1)
    router = Asker(67, "10.78.0.9")
    reply = router.ask(asked, 67)
    true(reply is not None, "no answer")
    proxy_rules(reply, asked)
    equal(reply.sender, (SERVER, 67), "sender")
    equal(reply.giaddr, "10.78.0.9", "giaddr")
    equal(reply.options[82], agent, "option 82")
    equal(reply.order[-1], 82, "the last option")


@case("single machines: one is ignored, one has a file of its own, told on port 4011", "changed")
def hosts():
    wire, asked = discover(mac=bytes.fromhex("525400aabbcc"))
    wire.silent(asked, "an ignored machine")
    wire, asked = discover(mac=bytes.fromhex("525400aabbcd"))
    offer = wire.ask(asked)
    proxy_rules(offer, asked)
    equal((offer.file, 43 in offer.options), (b"", False), "file and option 43 of style binl")
    asked = packet(wire.mac, firmware(REQUEST, 7), ciaddr="10.78.0.2")
    equal(Asker(4011).ask(asked).file, b"boot/bios.0", "what 4011 says")


@case("a machine is answered as before", "still")
def still():
    wire, asked = discover()
    equal(wire.ask(asked).file, b"boot/x64.efi", "file")


@case("a machine that nobody knows waits", "waits")
def waits():
    wire, asked = discover(mac=bytes.fromhex("525400aa0001"))
    wire.silent(asked, "a machine that waits")


@case("one that was approved is answered, another one waits", "approved")
def approved():
    wire, asked = discover(mac=bytes.fromhex("525400aa0001"))
    equal(wire.ask(asked).file, b"boot/x64.efi", "file")
    wire, asked = discover(mac=bytes.fromhex("525400aa0002"))
    wire.silent(asked, "another machine")


# -- DHCPv6 -------------------------------------------------------------------------------------------------------------

SOLICIT, ADVERTISE, REQUEST6, REPLY6 = 1, 2, 3, 7
CLIENT_DUID = b"\0\4" + GUID[1:]


def option6(code, data):
    return struct.pack(">HH", code, len(data)) + data


def message6(kind, *options, arch=7):
    boot = b""
    if arch is not None:
        name = b"PXEClient:Arch:%05d:UNDI:003000" % arch
        boot = (option6(16, struct.pack(">IH", 343, len(name)) + name) + option6(61, struct.pack(">H", arch)) +
                option6(62, b"\1\3\0"))
    return bytes([kind]) + random.randbytes(3) + option6(1, CLIENT_DUID) + b"".join(options) + boot


def parse6(raw):
    found, place = {}, 4
    while place < len(raw):
        code, size = struct.unpack_from(">HH", raw, place)
        found[code] = raw[place + 4:place + 4 + size]
        place += 4 + size
    return found


class Asker6:
    def __init__(self, port):
        self.link = socket.if_nametoindex(LINK)
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind(("::", port, 0, self.link))

    def ask(self, payload, to, port, tries=6, seconds=3.0):
        for _ in range(tries):
            self.socket.sendto(payload, (to, port, 0, self.link))
            until = time.monotonic() + seconds
            while time.monotonic() < until and select.select([self.socket], [], [], until - time.monotonic())[0]:
                raw, sender = self.socket.recvfrom(2048)
                if raw[1:4] == payload[1:4]:
                    return raw, sender
        return None


@case("DHCPv6: a SOLICIT for booting is advertised, the REQUEST to 4011 names the file, no address anywhere", "v6")
def dhcp6():
    client = Asker6(546)
    asked = message6(SOLICIT, option6(3, b"\0\0\0\1" + bytes(8)), option6(6, b"\0\x3b"))
    found = client.ask(asked, "ff02::1:2", 547)
    true(found is not None, "no ADVERTISE")
    raw, sender = found
    options = parse6(raw)
    equal((raw[0], sender[1]), (ADVERTISE, 547), "what it is, and its port")
    equal(options[1], CLIENT_DUID, "the client's DUID")
    equal(options[16], struct.pack(">IH", 343, 9) + b"PXEClient", "option 16")
    equal({3, 4, 5} & set(options), set(), "options of addresses")
    ours = options[2]
    equal(ours[:2], b"\0\4", "the kind of our DUID")
    found = Asker6(4011).ask(message6(REQUEST6, option6(2, ours)), sender[0], 4011)
    true(found is not None, "no REPLY")
    raw, sender = found
    options = parse6(raw)
    equal((raw[0], sender[1]), (REPLY6, 4011), "what it is, and its port")
    equal(options[59], b"tftp://[fd78::1]/boot/x64.efi", "URL")
    equal(options[2], ours, "our DUID")
    equal({3, 4, 5} & set(options), set(), "options of addresses")
    equal(client.ask(message6(SOLICIT, option6(3, bytes(12)), arch=None), "ff02::1:2", 547, 1, SILENCE), None,
          "an answer to who only wants an address")


# -- each card its own folder -------------------------------------------------------------------------------------------

CARD = bytes.fromhex("525400780002")
FOLDER = "52-54-00-78-00-02/"


def phone(source="10.78.0.2"):
    return Client(server=SERVER, source=source)


@case("the card's own folder comes first, by its name, too, and its uploads go there", "card")
def own_card():
    equal(fetch(phone(), "phone.cfg").content, b"own\n", "its own file")
    equal(fetch(phone(), FOLDER + "secret.cfg").content, b"secret\n", "by the name of its folder")
    store(phone(), "up.cfg", b"mine")
    equal(fetch(phone(), FOLDER + "up.cfg").content, b"mine", "what it stored")
    phone().ask_error(rrq("52-54-00-78-00-03/secret.cfg", "octet"), ACCESS)


def claims_that_card():
    """By all that a machine can say of itself."""
    wire = Wire(CARD)
    taken = option(50, socket.inet_aton("10.78.0.2"))
    wire.send(packet(CARD, firmware(REQUEST, 7, taken, option(54, socket.inet_aton("10.78.0.200")))))
    for address in ("10.78.0.2", "10.99.0.1"):
        asked = packet(CARD, firmware(REQUEST, 7), ciaddr=address)
        true(Asker(4011, address).ask(asked) is not None, "no answer on 4011 to " + address)


@case("another card has no folder, whatever it says of itself, nor has who is behind a router", "other-card")
def another_card():
    claims_that_card()
    for source in ("10.78.0.2", "10.99.0.1"):
        equal(fetch(phone(source), "phone.cfg").content, b"common\n", "what is for all, for " + source)
        phone(source).ask_error(rrq("secret.cfg", "octet"), NOT_FOUND)
        phone(source).ask_error(rrq(FOLDER + "secret.cfg", "octet"), ACCESS)
        phone(source).ask_error(rrq(FOLDER + "none.cfg", "octet"), ACCESS)


# -- BOOTP --------------------------------------------------------------------------------------------------------------


@case("a machine of the table gets its address and file; another one nothing", "bootp")
def bootp():
    wire = Wire(bytes.fromhex("525400000007"))
    asked = packet(wire.mac, COOKIE + b"\xff" + bytes(59))
    reply = wire.ask(asked)
    equal((reply.op, len(reply.raw), reply.yiaddr, reply.siaddr), (2, 300, "10.78.0.77", SERVER), "the reply")
    equal(reply.file, b"boot/bios.0", "file")
    equal(reply.options[1], b"\xff\xff\xff\0", "mask")
    equal(reply.options[12], b"seven", "name")
    asked = packet(wire.mac, COOKIE + b"\xff" + bytes(59), file=b"unix")
    equal(wire.ask(asked).file, b"boot/x64.efi", "what unix means")
    wire = Wire()
    wire.silent(packet(wire.mac, COOKIE + b"\xff" + bytes(59)), "a machine that is not in the table")
    wire, asked = discover()
    proxy_rules(wire.ask(asked), asked)


# -- what `tftpd explain boot` said ------------------------------------------------------------------------------------


def reply_to(payload, place, relay):
    """What the service answers to the request at this place ("10.78.0.1:67"), or None."""
    port = int(place.rsplit(":", 1)[1])
    if "[" in place:
        found = Asker6(546).ask(payload, "ff02::1:2", port)
        return found and found[0]
    if relay or port == 4011:
        found = Asker(67 if relay else 4011, relay or "10.78.0.2").ask(payload, port)
    else:
        wire = Wire(payload[28:34])
        wire.send(payload)
        found = wire.first(payload)
    return found and found.raw


@case("the bytes that explain shows are those that the service answers to the request that it shows", "explained")
def explained():
    with open(os.path.join(os.environ["WORK"], "said.txt"), encoding="utf-8") as file:
        said = json.load(file)
    payload = bytes.fromhex(said["request_bytes"])
    relay = said["to"].split(":")[0] if said["to"].endswith(":67") else None
    reply = reply_to(payload, said["on"], relay)
    true(reply is not None, "no answer")
    equal(reply.hex(), said["reply_bytes"], "the reply")


# -- beside a DHCP server on the same machine ---------------------------------------------------------------------------


@case("port 4011 is served while another program has 67", "only-4011")
def only_4011():
    wire, asked = discover()
    wire.silent(asked, "a DISCOVER on 67")
    asked = packet(wire.mac, firmware(REQUEST, 7), ciaddr="10.78.0.2")
    reply = Asker(4011).ask(asked)
    true(reply is not None, "no answer")
    equal(reply.file, b"boot/x64.efi", "file")


if __name__ == "__main__":
    cases.main()
