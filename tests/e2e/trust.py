"""Who is believed: what forged packets draw, store and have written; see trust.sh."""

import random
import time

import cases
from cases import case, equal, exists, make, told, true
from forge import Forger, Victim, learn_ports
from journal import Log, judge_growth, left_out
from tftp import ACK, DATA, ERROR, NOT_DEFINED, Agreed, Client, Failure, ack, data, error, fetch, rrq, wrq

FACTOR_MAX = 10  # bytes to a victim, of those that the forger sent
WATCHED = 16.5  # seconds: a transfer that never took data ends after 20, and its last repetition comes after 15
ERRORS_PER_SECOND = 100  # the default
STORED_AFTER = 256  # forged packets that a blind upload costs on average, at least
BIG = ("blksize", 1468, "windowsize", 64)


def make_files():
    make("trust.bin", 1 << 20)
    make("trust-little.bin", 100)


# -- bytes to a third party -------------------------------------------------------------------------------------------


class Attack:
    """One forger, his victims of one network, and the server's ports that he could learn."""

    def __init__(self, network, count, requests=300):
        make_files()
        self.ports = learn_ports("trust-little.bin", requests)
        self.victims = [Victim("127.60.%d.%d" % (network, number + 1)) for number in range(count)]
        self.forger = Forger()

    def send_all(self, payload):
        for victim in self.victims:
            self.forger.send(*victim.at, payload)

    def spray_all(self, payload):
        for victim in self.victims:
            self.forger.spray(*victim.at, payload, self.ports)
            victim.count()

    def wait(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.05)
            for victim in self.victims:
                victim.count()

    def judge(self, what):
        came = sum(victim.bytes for victim in self.victims)
        most = max(victim.bytes for victim in self.victims)
        count = len(self.victims)
        factor = came / self.forger.bytes
        told("%s: %d ports known; to each of %d victims %d bytes in %d datagrams (at most %d), for %d: factor %.1f" % (
            what, len(self.ports), count, came // count, sum(victim.datagrams for victim in self.victims) // count, most,
            self.forger.bytes // count, factor))
        true(factor <= FACTOR_MAX, "%s: victims got %.1f times what the forger sent" % (what, factor))


@case("a forged request and a forged ACK 0 to each port that one can learn: ten times what was sent at most",
      "victims")
def forged_handshake():
    attack = Attack(1, 20)
    attack.send_all(rrq("trust.bin", "octet", *BIG))
    attack.wait(0.3)
    attack.spray_all(ack(0))
    attack.wait(WATCHED)
    attack.judge("forged ACK 0")


@case("forged ACKs that go on through the file: ten times what was sent at most", "victims")
def forged_acks_go_on():
    attack = Attack(2, 8)
    with Client() as client:  # what a stranger is granted, the forger learns by asking
        window = Agreed(client.ask(rrq("trust.bin", "octet", *BIG))).window
        client.send(error(NOT_DEFINED))
    attack.send_all(rrq("trust.bin", "octet", *BIG))
    attack.wait(0.3)
    for number in range(8):
        attack.spray_all(ack(number * window))
        attack.wait(0.3)
    attack.wait(WATCHED / 2)
    attack.judge("forged ACKs 0 to %d" % (7 * window))


@case("victims whom forged ACKs proved before: ten times what was sent at most", "victims")
def forged_proof():
    attack = Attack(3, 4, requests=3000)  # all ports, so that each ACK is believed
    attack.send_all(rrq("trust-little.bin"))
    attack.wait(0.3)
    attack.spray_all(ack(1))
    attack.send_all(rrq("trust.bin", "octet", *BIG))
    attack.wait(0.3)
    for number in range(8):
        attack.spray_all(ack(number * 64))
        attack.wait(1.3)  # the server says once more what was not acknowledged
    attack.judge("proven by forged ACKs")


@case("a forged request with options and nothing else: three times its bytes", "victims")
def only_requests():
    attack = Attack(4, 20)
    attack.send_all(rrq("trust.bin", "octet", "tsize", 0, *BIG))
    attack.wait(WATCHED)
    attack.judge("a request alone")
    for victim in attack.victims:
        true(victim.bytes <= 3 * attack.forger.bytes / len(attack.victims),
             "%d bytes came for a request of %d" % (victim.bytes, attack.forger.bytes // len(attack.victims)))


# -- what forged packets store ----------------------------------------------------------------------------------------

GUESSES = 8  # ports that are tried for one request
UPLOADS = 1024
AT_ONCE = 128


@case("blind uploads in a master's name cost 256 forged packets each on average", "victims")
def blind_uploads():
    make_files()
    ports = learn_ports("trust-little.bin")
    random.seed(1)
    forger = Forger(a_second=4000)
    names = ["blind-%04d" % number for number in range(UPLOADS)]
    for begin in range(0, UPLOADS, AT_ONCE):
        masters = [("127.61.%d.%d" % (number // 200, number % 200 + 1), 5000, names[number])
                   for number in range(begin, begin + AT_ONCE)]
        for address, port, name in masters:
            forger.send(address, port, wrq(name))
        time.sleep(0.3)
        for address, port, name in masters:
            forger.spray(address, port, data(1, name.encode()), random.sample(ports, min(GUESSES, len(ports))))
    time.sleep(1)
    stored = sum(exists(name) for name in names)
    told("%d ports known; %d forged packets stored %d files: %s packets each" % (
        len(ports), forger.packets, stored, "%.0f" % (forger.packets / stored) if stored else "more"))
    true(stored * STORED_AFTER <= forger.packets, "%d forged packets stored %d files" % (forger.packets, stored))


# -- clients who cannot know better ----------------------------------------------------------------------------------


def switched_off_and_on(copies):
    content = make("reboot.bin", 60000)
    with Client() as client:
        client.ask(rrq("reboot.bin"))
        for number in range(1, 40):
            client.send(ack(number))
            client.expect(DATA, number + 1)
        began = time.monotonic()
        client.request(rrq("reboot.bin"))
        came = []
        for at in copies + (4.0,):
            while (left := began + at - time.monotonic()) > 0:
                packet = client.receive(left)
                if packet is not None:
                    came.append((time.monotonic() - began, packet))
            if at != 4.0:
                client.socket.sendto(rrq("reboot.bin"), client.server)
        told("asked again, copies after %s s: %s" % (
            list(copies), ", ".join("%s at %.2f" % (packet, when) for when, packet in came) or "nothing"))
        true(came, "the request was never answered")
        for when, packet in came:  # by content, not by port: the new transfer may have drawn the old one's
            true((packet.opcode, packet.raw[2:4], packet.payload) == (DATA, b"\0\1", content[:512]),
                 "%s came %.2f s after the request" % (packet, when))


for _copies in ((), (0.6,), (0.4, 0.8, 1.2), (0.5, 1.0, 1.5, 1.9), (1.0, 3.0)):
    case("switched off and on, the request again after %s s: only its own answer comes" % (list(_copies),),
         "clients")(lambda copies=_copies: switched_off_and_on(copies))


@case("an upload whose last ACK was lost: the block is acknowledged once more after five seconds", "clients")
def lost_last_ack():
    with Client() as client:
        client.ask(wrq("lost-ack.up"))
        client.send(data(1, b"all of it"))
        client.expect(ACK, 1)
        time.sleep(5)
        client.send(data(1, b"all of it"))
        client.expect(ACK, 1, what="the ACK of the repeated block")


# -- the log ----------------------------------------------------------------------------------------------------------


@case("two different forged requests from each of 1500 ports: RefusalEventsPerSecond lines, the rest counted", "log",
      alone=True)
def log_of_pairs():
    make_files()
    log, forger = Log(), Forger(a_second=2000)
    for begin in range(0, 1500, 100):
        sources = [("127.64.%d.%d" % (number // 200, number % 200 + 1), 5000) for number in range(begin, begin + 100)]
        for request in (rrq("trust-little.bin"), rrq("trust-little.bin", "octet", "tsize", 0)):
            for source in sources:
                forger.send(*source, request)
    events = log.events()
    judge_growth("pairs of requests", events, forger.packets)
    true(left_out(events) > 0, "nothing was told as left out")


@case("1500 forged uploads of 10^18 bytes: the same", "log", alone=True)
def log_of_huge_uploads():
    log, forger = Log(), Forger(a_second=2000)
    for number in range(1500):
        forger.send("127.65.%d.%d" % (number // 200, number % 200 + 1), 5000,
                    wrq("huge-%d" % number, "octet", "tsize", 10 ** 18))
    events = log.events()
    judge_growth("huge uploads", events, forger.packets)
    true(left_out(events) > 0, "nothing was told as left out")


@case("1000 forged requests, each ended by forged ERRORs to eight ports: the same", "log", alone=True)
def log_of_ended_probes():
    make_files()
    ports = learn_ports("trust-little.bin", 100)[:8]
    log, forger = Log(), Forger(a_second=4000)
    for begin in range(0, 1000, 100):
        sources = [("127.66.%d.%d" % (number // 200, number % 200 + 1), 5000) for number in range(begin, begin + 100)]
        for source in sources:
            forger.send(*source, rrq("trust-little.bin", "octet", "tsize", 0))
        time.sleep(0.05)
        for source in sources:
            forger.spray(*source, error(NOT_DEFINED), ports)
    judge_growth("ended by forged ERRORs", log.events(), forger.packets)


# -- ERRORs -----------------------------------------------------------------------------------------------------------


@case("strays to every port and bad requests from one address: ErrorsPerSecond in all of the process", "errors",
      alone=True)
def errors_in_all():
    make_files()
    ports = learn_ports("trust-little.bin", 100)
    clients = [Client(source="127.68.1.1") for _ in range(50)]
    began = time.monotonic()
    for number in range(4000):
        client = clients[number % len(clients)]
        if number % 5 == 0:
            client.request(rrq("missing.bin"))
        else:
            client.send(ack(7), ("127.0.0.1", ports[number % len(ports)]))
        time.sleep(0.0003)
    found = [packet for client in clients for packet in client.collect(0.5)]
    took = time.monotonic() - began
    told("4000 packets in %.2f s to %d ports drew %d ERRORs" % (took, len(ports) + 1, len(found)))
    true(all(packet.opcode == ERROR for packet in found), "not only ERRORs came")
    true(1 <= len(found) <= ERRORS_PER_SECOND * (took + 1), "%d ERRORs in %.1f s" % (len(found), took))


# -- many addresses of the server's own -------------------------------------------------------------------------------


def answered_at(server, requests=12):
    """How many of so many requests to that address of the server's are served."""
    clients = [Client(server=server) for _ in range(requests)]
    for client in clients:
        client.request(rrq("trust-little.bin"))
    until = time.monotonic() + 1.5
    count = 0
    for client in clients:
        packet = client.receive(max(until - time.monotonic(), 0.001))
        if packet is not None and packet.opcode == DATA:
            client.send(ack(1))
            count += 1
        client.socket.close()
    return count


@case("forty local addresses are asked, and then one more: each serves", "addresses", alone=True)
def local_addresses():
    make_files()
    counts = [answered_at("127.0.1.%d" % (number + 1)) for number in range(40)]
    told("of 12 requests to each of 40 local addresses %d were served; addresses that served none: %d" % (
        sum(counts), counts.count(0)))
    content = make("trust-honest.bin", 5000)
    with Client(server="10.77.0.2") as client:
        try:
            equal(fetch(client, "trust-honest.bin").content, content, "the file from 10.77.0.2")
        except Failure as failure:
            raise Failure("10.77.0.2: %s (and %d of 480 before were served)" % (failure, sum(counts))) from failure
    equal(sum(counts), 480, "requests to the forty addresses that were served")


if __name__ == "__main__":
    cases.main()
