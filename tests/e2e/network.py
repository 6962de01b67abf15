"""Addresses, ports, MTU, strangers and garbage. Groups are runs of the server; see network.sh."""

import os
import random
import struct
import subprocess
import time

import cases
from cases import case, content_of, equal, eventually, exists, make, true
from replay import SLOW, finish_in_windows, offer, still_serves
from tftp import (ACK, DATA, ERROR, ILLEGAL, NOT_DEFINED, NOT_FOUND, OACK, QUIET, TFTP_PORT, UNKNOWN_TID, Client,
                  ack, blocks_of, data, error, fetch, noise, oack, rrq, store, words, wrq)

# -- addresses --------------------------------------------------------------------------------------------------------


@case("a whole transfer with every address of this machine, IPv4 and IPv6, each reply from the address asked")
def every_address():
    content = make("addresses.bin", 1400 * 20)
    for server in ("127.0.0.1", "127.0.0.2", "10.77.0.2", "::1", "fd77::2"):
        client = Client(server=server)
        equal(fetch(client, "addresses.bin", "blksize", 1400, "windowsize", 4).content, content, "from " + server)
        equal(client.tid[0], server, "the address of the answers")
        name = "up-%s.bin" % server.replace(":", "-")
        store(Client(server=server), name, content, "blksize", 1400)
        equal(content_of(name), content, "stored through " + server)


@case("Addresses with several: each is served", "addresses")
def listed_addresses():
    content = make("listed.bin", 3000)
    for server in ("127.0.0.2", "10.77.0.2", "fd77::2"):
        client = Client(server=server)
        equal(fetch(client, "listed.bin").content, content, "from " + server)
        equal(client.tid[0], server, "the address of the answers")


@case("Addresses with several: no other address is served", "addresses")
def unlisted_addresses():
    make("listed.bin", 3000)
    for server in ("127.0.0.1", "127.0.0.3", "::1"):
        client = Client(server=server)
        client.request(rrq("listed.bin", "octet"))
        client.expect_silence(0.4, after="a request to " + server)


LATE = ("10.79.0.9", "fd79::9")


@case("an address that is not up yet: the others are served meanwhile", "late", alone=True)
def not_up_yet():
    content = make("late.bin", 1000)
    equal(fetch(Client(server="127.0.0.2"), "late.bin").content, content, "from 127.0.0.2")
    for server in LATE:
        true(awaited(server) == 1, "%d lines say that %s is awaited, wanted 1" % (awaited(server), server))


@case("an address that comes up later is served within ten seconds, and said so", "late", alone=True)
def comes_up():
    content = make("late.bin", 1000)
    for server in LATE:
        family, bits = ("-6", 128) if ":" in server else ("-4", 32)
        subprocess.run(["ip", family, "addr", "add", "%s/%d" % (server, bits), "dev", "lo"] +
                       (["nodad"] if bits == 128 else []), check=True, timeout=10)

    def is_served(server):
        client = Client(server=server)
        client.request(rrq("late.bin", "octet"))
        packet = client.receive(0.3)
        return packet is not None and packet.raw == data(1, content[:512])

    for server in LATE:
        eventually(lambda server=server: is_served(server), server + " is served")
        client = Client(server=server)
        equal(fetch(client, "late.bin").content, content, "from " + server)
        equal(client.tid[0], server, "the address of the answers")
    for server in LATE:
        eventually(lambda server=server: awaited(server) == 1, "one line says that %s is awaited" % server)
        eventually(lambda server=server: said("now listening on", server) == 1, "the log tells that %s is up" % server)


def awaited(server):
    return said("is not up yet", server)


def said(text, server):
    with open(os.environ["LOG"], encoding="utf-8", errors="replace") as log:
        return sum(text in line and server in line for line in log)


# -- ports ------------------------------------------------------------------------------------------------------------


@case("two transfers one after the other from one client port get different server TIDs", alone=True)
def different_tids():
    content = make("tids.bin", 700)
    client = Client()
    seen = []
    for _ in range(8):
        equal(fetch(client, "tids.bin").content, content, "the file")
        seen.append(client.tid[1])
        client.expect_silence(0.05, after="the last ACK")
    true(TFTP_PORT not in seen, "a TID was port 69")
    for earlier, later in zip(seen, seen[1:]):
        true(earlier != later, "TIDs one after the other: %s" % seen)


@case("PortRange=40000-40007: every TID lies in it", "ports")
def port_range():
    content = make("range.bin", 1500)
    seen = set()
    for server in ("127.0.0.1", "fd77::2"):
        for _ in range(12):
            client = Client(server=server)
            equal(fetch(client, "range.bin").content, content, "the file")
            seen.add(client.tid[1])
    true(seen <= set(range(40000, 40008)), "TIDs %s" % sorted(seen))


@case("SinglePort=1: a download, an upload, an ERROR, all from port 69", "single")
def single_port():
    through_one_port("127.0.0.1", "::1")


# Under Wine no reply of a socket bound to all addresses has a chosen source address (WINE.md section 0, fact 4).
@case("SinglePort=1 with Addresses: each reply from the address asked, and from port 69", "single-addresses")
def single_port_addresses():
    through_one_port("127.0.0.1", "127.0.0.2", "10.77.0.2", "::1", "fd77::2")


def through_one_port(*servers):
    content = make("single.bin", 1024 * 40)
    for server in servers:
        client = Client(server=server)
        result = fetch(client, "single.bin", "blksize", 1024, "windowsize", 4)
        equal(result.content, content, "the file")
        equal(client.tid, (server, TFTP_PORT), "the TID")
        name = "single%d-%s.bin" % (len(servers), server.replace(":", "-"))
        client = Client(server=server)
        store(client, name, content, "blksize", 1024, "windowsize", 4)
        equal(content_of(name), content, "the stored file")
        equal(client.tid, (server, TFTP_PORT), "the TID of the upload")
        client = Client(server=server)
        client.ask_error(rrq("single-missing.bin", "octet"), NOT_FOUND)
        equal(client.tid, (server, TFTP_PORT), "the source of the ERROR")


@case("SinglePort=1: many clients at once are told apart", "single")
def single_port_many():
    content = make("crowd.bin", 512 * 6)
    payloads = blocks_of(content)
    crowd = [Client() for _ in range(30)]
    for client in crowd:
        offer(client, rrq("crowd.bin", "octet", *SLOW), *SLOW)
    for number, payload in enumerate(payloads):
        for client in crowd:
            client.send(ack(number))
        for client in crowd:
            client.expect_data(number + 1, [payload])
    for client in crowd:
        client.send(ack(len(payloads)))
        client.expect_silence(0.05, after="the last ACK")


@case("SinglePort=1: DATA and ACK of a stranger on port 69 draw ERROR 5 or nothing, and harm nobody", "single")
def single_port_stranger():
    content = make("single-stranger.bin", 512 * 4)
    client, stranger = Client(), Client()
    offer(client, rrq("single-stranger.bin", "octet", *SLOW), *SLOW)
    for datagram in (ack(1), data(1, b"x"), error(NOT_DEFINED, "x")):
        stranger.request(datagram)
        for packet in stranger.collect(0.1):
            true(packet.opcode == ERROR and packet.code == UNKNOWN_TID, "a stranger drew %s" % packet)
    finish_in_windows(client, content, 512)


# -- strangers --------------------------------------------------------------------------------------------------------


@case("a stranger's ACK and DATA on a TID draw ERROR 5, its ERROR draws nothing; the transfer goes on")
def stranger():
    content = make("stranger.bin", 512 * 4)
    client = Client()
    offer(client, rrq("stranger.bin", "octet", *SLOW), *SLOW)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content)[:1])
    # Another port of the client's own address is a stranger too. Each of them is told once a second.
    for where in ({"source": "127.8.8.8"}, {}):
        for datagram in (ack(1), data(1, b"x")):
            intruder = Client(**where)
            intruder.send(datagram, client.tid)
            packet = intruder.expect(ERROR, UNKNOWN_TID, what="ERROR 5")
            equal(packet.source, client.tid, "the source of ERROR 5")
        intruder.send(error(NOT_DEFINED, "go away"), client.tid)
        intruder.expect_silence(after="a stranger's ERROR")
    client.expect_silence(after="what strangers sent")
    finish_in_windows(client, content, 512, start=1)


@case("a stranger's DATA never gets into an upload")
def stranger_upload():
    content = noise("stranger-up", 1200)
    client = Client()
    equal(client.ask(wrq("stranger-up.bin", "octet")).raw, ack(0), "the answer to the WRQ")
    for number, payload in enumerate(blocks_of(content), 1):
        other = Client(source="127.8.8.9")
        other.send(data(number, b"intruder".ljust(512)), client.tid)
        other.expect(ERROR, UNKNOWN_TID, what="ERROR 5")
        client.send(data(number, payload))
        client.expect(ACK, number)
    equal(content_of("stranger-up.bin"), content, "the stored file")


@case("DATA for a transfer that is over draws ERROR 5 or nothing, never an ACK")
def after_the_end():
    content = make("over.bin", 300)
    client = Client()
    equal(fetch(client, "over.bin").content, content, "the file")
    client.send(data(1, b"x"))
    for packet in client.collect(0.5):
        true(packet.opcode == ERROR and packet.code == UNKNOWN_TID, "DATA drew %s" % packet)


# -- MTU --------------------------------------------------------------------------------------------------------------


def largest_blksize(server):
    """What a request for 65464 is clamped to."""
    make("mtu.bin", 70000)
    client = Client(server=server)
    answer = client.ask(rrq("mtu.bin", "octet", "blksize", 65464))
    equal(answer.opcode, OACK, "the opcode of %s" % answer)
    client.send(error(NOT_DEFINED))
    return int(dict(answer.options)["blksize"])


@case("asked through a link with MTU 1400: 1368 on IPv4, 1348 on IPv6", "veth")
def mtu_of_link():
    equal(largest_blksize("10.78.0.1"), 1368, "blksize on IPv4")
    equal(largest_blksize("fd78::1"), 1348, "blksize on IPv6")


@case("through that link no datagram is larger than its MTU, and the file is whole", "veth")
def mtu_whole_file():
    content = make("veth.bin", 1368 * 40 + 9)
    for server in ("10.78.0.1", "fd78::1"):
        client = Client(server=server)
        equal(fetch(client, "veth.bin", "blksize", 65464, "windowsize", 4).content, content, "from " + server)
        equal(client.tid[0], server, "the address of the answers")


@case("rule 9: a broadcast to 255.255.255.255 is answered from the unicast address of the link it arrived on", "veth")
def broadcast_on_link():
    content = make("veth-broadcast.bin", 512 * 3)
    for broadcast in ("255.255.255.255", "10.78.0.255"):
        client = Client(server=broadcast, source="10.78.0.2")
        client.request(rrq("veth-broadcast.bin", "octet"))
        client.expect_data(1, blocks_of(content)[:1])
        equal(client.tid[0], "10.78.0.1", "the address of the answer")
        finish_in_windows(client, content, 512, start=1)


@case("a broadcast for what is not here, or not allowed, draws nothing: another server may have it", "veth")
def broadcast_refused():
    for server in ("255.255.255.255", "10.78.0.255"):
        client = Client(server=server, source="10.78.0.2")
        for request in (rrq("veth-missing.bin", "octet"), rrq("../x", "octet"), rrq("veth.bin", "mail")):
            client.request(request)
        client.expect_silence(after="requests to " + server)
    Client(server="10.78.0.1", source="10.78.0.2").ask_error(rrq("veth-missing.bin", "octet"), NOT_FOUND)


@case("beside it the loopback, with its MTU of 65536, clamps nothing")
def mtu_of_loopback():
    equal([largest_blksize("127.0.0.1"), largest_blksize("::1")], [65464] * 2, "blksize on loopback")


@case("Mtu=9000 replaces the link's MTU of 1400 upwards", "veth-9000")
def mtu_upwards():
    equal([largest_blksize("10.78.0.1"), largest_blksize("fd78::1")], [8968, 8948], "blksize")


@case("Mtu=65535 clamps nothing", "veth-65535")
def mtu_unlimited():
    equal([largest_blksize("10.78.0.1"), largest_blksize("fd78::1")], [65464] * 2, "blksize")


@case("Mtu=576 replaces the loopback's MTU downwards", "mtu-576")
def mtu_downwards():
    equal([largest_blksize("127.0.0.1"), largest_blksize("::1")], [544, 524], "blksize")


# -- the limit of ERRORs ----------------------------------------------------------------------------------------------


@case("ErrorsPerSecond=5: a flood of bad requests draws few ERRORs; another source still gets its own", "errors")
def error_limit():
    flood, other = Client(source="127.7.0.1"), Client(source="127.7.0.77")
    began = time.monotonic()
    for number in range(300):
        flood.request(rrq("missing%d.bin" % number, "octet"))
    answers = flood.collect(1.5)
    took = time.monotonic() - began
    true(all(packet.opcode == ERROR and packet.code == NOT_FOUND for packet in answers), "not only ERROR 1 came")
    true(1 <= len(answers) <= 5 + 5 * (took + 1), "%d ERRORs in %.1f s" % (len(answers), took))
    other.ask_error(rrq("missing.bin", "octet"), NOT_FOUND)


@case("ErrorsPerSecond=5: unknown opcodes count too, and the source is heard again later", "errors")
def error_limit_opcodes():
    client = Client(source="127.7.0.2")
    began = time.monotonic()
    for number in range(200):
        client.request(struct.pack("!H", 7 + number) + b"x\0octet\0")
    answers = client.collect(1.0)
    took = time.monotonic() - began
    true(len(answers) <= 5 + 5 * (took + 1), "%d ERRORs in %.1f s" % (len(answers), took))

    def is_answered():
        client.request(rrq("missing.bin", "octet"))
        packet = client.receive(0.3)
        return packet is not None and packet.code == NOT_FOUND

    eventually(is_answered, "an ERROR for the same source later")


@case("ErrorsPerSecond=5: a source that drew too many ERRORs is still served files", "errors")
def error_limit_serves():
    content = make("limited.bin", 2000)
    client = Client(source="127.7.0.3")
    for number in range(50):
        client.request(rrq("missing%d.bin" % number, "octet"))
    client.collect(QUIET)
    equal(fetch(Client(source="127.7.0.3"), "limited.bin").content, content, "the file")


# -- garbage ----------------------------------------------------------------------------------------------------------

_sources = iter("127.6.%d.%d" % (high, low) for high in range(256) for low in range(1, 255))


def reaction(datagram, within=QUIET):
    """All that a datagram on port 69 from a source never seen before draws."""
    with Client(source=next(_sources)) as client:
        client.request(datagram)
        return client.collect(within)


@case("an unknown opcode on port 69 draws ERROR 4", alone=True)
def unknown_opcodes():
    wrong = []
    for opcode in (0, 7, 8, 9, 10, 255, 256, 257, 512, 1024, 0x0102, 0x7FFF, 0x8000, 0xFF01, 0xFFFF):
        for rest in (b"", b"x\0octet\0", b"\xff" * 100):
            with Client(source=next(_sources)) as client:
                client.request(struct.pack("!H", opcode) + rest)
                packet = client.receive_or_repeat()
                if packet is None or packet.opcode != ERROR or packet.code != ILLEGAL:
                    wrong.append("%d with %d bytes drew %s" % (opcode, len(rest), packet))
    equal(wrong, [], "opcodes")


@case("DATA, ACK, ERROR and OACK on port 69 draw nothing")
def no_requests():
    for datagram in (data(1, b"x" * 512), data(0), ack(0), ack(1), ack(65535), error(NOT_DEFINED, "x"), error(5, ""),
                     oack("blksize", 512), oack(), data(1)[:3], ack(1)[:2], error(1, "x")[:3]):
        found = reaction(datagram)
        equal([str(packet) for packet in found], [], "what %r drew" % datagram[:20])


@case("every truncation of a request draws ERROR 4, until its mode is whole")
def truncated():
    whole = rrq("truncated-missing.bin", "octet")
    wrong = []
    clients = []
    for size in range(len(whole)):
        clients.append((size, Client(source=next(_sources))))
        clients[-1][1].request(whole[:size])
    for size, client in clients:
        found = client.collect(QUIET) if size < 2 else [client.receive_or_repeat()]
        is_right = not found if size < 2 else found[0] and found[0].opcode == ERROR and found[0].code == ILLEGAL
        if not is_right:
            wrong.append("%d bytes drew %s" % (size, [str(packet) for packet in found]))
        client.socket.close()
    equal(wrong, [], "answers")


@case("random datagrams draw nothing but ERRORs, and the server goes on", alone=True)
def random_bytes():
    chance = random.Random(20240607)
    client = Client(source="127.5.0.1")
    found = []
    for number in range(1500):
        size = chance.choice((0, 1, 2, 3, 4, 5, 8, 16, 64, 516, 1500, 9000))
        datagram = bytearray(chance.randbytes(size))
        if size >= 2 and number % 3 == 0:
            datagram[0:2] = struct.pack("!H", chance.randrange(0, 8))
        client.request(bytes(datagram))
        if number % 100 == 99:
            found += client.collect(0.02)
    found += client.collect(QUIET)
    true(all(packet.opcode == ERROR for packet in found), "other answers: %s" % [
        str(packet) for packet in found if packet.opcode != ERROR][:5])
    still_serves()


@case("requests made of mutated bytes draw nothing but ERRORs, OACKs and DATA 1, and the server goes on", alone=True)
def mutated_requests():
    chance = random.Random(20240608)
    make("mutated.bin", 2000)
    whole = rrq("mutated.bin", "octet", "blksize", 1024, "tsize", 0, "windowsize", 4, "timeout", 1)
    for number in range(400):
        datagram = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            datagram[chance.randrange(2, len(datagram))] = chance.randrange(256)
        with Client(source=next(_sources)) as client:
            client.request(bytes(datagram))
            if number % 10 == 0:
                packet = client.receive(0.05)
                true(packet is None or packet.opcode in (ERROR, OACK, DATA), "%r drew %s" % (bytes(datagram), packet))
            if client.tid:
                client.send(error(NOT_DEFINED))
    still_serves()


@case("datagrams of 65,507 bytes draw nothing or an ERROR, and the server goes on", alone=True)
def huge():
    largest = 65507
    for datagram in (rrq("n" * (largest - 9), "octet"), rrq("huge.bin", "m" * 60000),
                     wrq("n" * (largest - 9), "octet"), b"\0\1" + b"\0" * (largest - 2), b"\xff" * largest,
                     data(1, b"x" * (largest - 4)), rrq("a/" * 32000, "octet"), b"\0\1" + b"n" * (largest - 2)):
        for packet in reaction(datagram[:largest]):
            true(packet.opcode == ERROR and packet.code in (1, 2, 4), "%r drew %s" % (datagram[:20], packet))
    make("huge.bin", 100)
    options = words(*("option%d" % number for number in range(6000)))
    with Client(source=next(_sources)) as client:
        client.request(rrq("huge.bin", "octet") + options[:60000])
        packet = client.receive_or_repeat()
        true(packet and packet.opcode == DATA, "6,000 options drew %s" % packet)
    still_serves()


@case("garbage from the client itself does not end its transfer")
def garbage_in_transfer():
    content = make("garbage.bin", 512 * 5)
    client = Client()
    offer(client, rrq("garbage.bin", "octet", *SLOW), *SLOW)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content)[:1])
    for datagram in (b"", b"\0", b"\0\4", b"\0\4\0", b"\0\3\0", b"\0\5\0", b"\0\5", struct.pack("!H", 0) + b"x",
                     struct.pack("!H", 9) + b"x" * 100, data(1, b"x" * 512), oack("blksize", 8), b"\xff" * 600,
                     rrq("garbage.bin", "octet"), wrq("garbage.bin", "octet")):
        client.send(datagram)
    for packet in client.collect(QUIET):
        true(packet.opcode == ERROR and packet.code == ILLEGAL, "garbage drew %s" % packet)
    finish_in_windows(client, content, 512, start=1)


@case("an upload's block larger than was agreed is ERROR 4 at once, and nothing of the upload is kept")
def oversized_upload():
    for options, blksize in (((), 512), (("blksize", 1024), 1024), (("blksize", 1024, "windowsize", 4), 1024)):
        name = "oversized-%d-%d.bin" % (blksize, len(options))
        client = Client()
        client.ask(wrq(name, "octet", *options))
        client.send(data(1, b"x" * (blksize + 1)))
        packet = client.expect(ERROR)
        equal(packet.code, ILLEGAL, "the code of %s" % packet)
        true(not exists(name), "%s is there" % name)


@case("garbage in the middle of an upload gets into no file")
def garbage_in_upload():
    content = noise("garbage-up", 512 * 3 + 5)
    client = Client()
    offer(client, wrq("garbage-up.bin", "octet", *SLOW), *SLOW)
    for number, payload in enumerate(blocks_of(content), 1):
        for datagram in (data(number + 1, b"g" * 512), data(number + 7, b""), b"\0\3\0", data(number + 1, b"g" * 513),
                         b"\xff"):
            client.send(datagram)
        client.collect(0.05)
        client.send(data(number, payload))
        client.expect(ACK, number)
    equal(content_of("garbage-up.bin"), content, "the stored file")


@case("the server still serves after all of this", alone=True)
@case("the server still serves after all of this", "errors", alone=True)
@case("the server still serves after all of this", "single", alone=True)
def serves_on():
    still_serves()


if __name__ == "__main__":
    cases.main()
