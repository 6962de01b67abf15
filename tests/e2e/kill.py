"""Kill -9 of the service at random moments of uploads; see kill.sh."""

import glob
import hashlib
import os
import random
import signal
import threading
import time

import cases
from cases import ROOT, case, content_of, equal, eventually, exists, in_root, true
from process import is_listening, service_pid, start_service
from tftp import ERROR, EXISTS, OACK, Client, ack, blocks_of, data, noise, wire_number, wrq

ROUNDS = int(os.environ.get("KILL_ROUNDS", "25"))
SEED = int(os.environ.get("KILL_SEED", "1"))
UPLOADERS = 4
LONGEST = 0.25  # seconds from the first request to the kill; a round's uploads take about that long
SIZES = (0, 1, 511, 512, 3000, 20000, 65536, 200000, 500000)


class Uploader(threading.Thread):
    """Stores file after file from one port until it is told to end, each behind the last ACK of the one before.

    Where that ACK did not come, the next leaves from a port of its own: what comes late would be taken for its answer.
    """

    def __init__(self, prefix, source, chance, sizes=SIZES):
        super().__init__(daemon=True)
        self.prefix = prefix
        self.source = source
        self.sizes = sizes
        self.chance = random.Random(chance.random())
        self.over = threading.Event()
        self.uploads = []  # [name, content, was acknowledged]

    def run(self):
        while not self.over.is_set():
            with Client(source=self.source) as client:
                while not self.over.is_set() and self.upload_next(client):
                    pass

    def upload_next(self, client):
        size = self.chance.choice(self.sizes)
        name = "%s-%d.bin" % (self.prefix, len(self.uploads))
        upload = [name, noise(name, size), False]
        self.uploads.append(upload)
        options = self.chance.choice(((), ("blksize", 1428), ("blksize", 8192, "windowsize", 4), ("tsize", size)))
        upload[2] = self.upload(client, name, upload[1], options)
        return upload[2]

    def upload(self, client, name, content, options):
        """True once the last block is acknowledged; False when the server fell silent."""
        client.request(wrq(name, "octet", *options))
        packet = self.receive(client)
        if packet is None or packet.opcode == ERROR:
            return False
        agreed = dict(packet.options) if packet.opcode == OACK else {}
        window = int(agreed.get("windowsize", 1))
        payloads = blocks_of(content, int(agreed.get("blksize", 512)))
        done = 0
        while done < len(payloads):
            burst = payloads[done:done + window]
            for offset, payload in enumerate(burst):
                client.send(data(wire_number(done + offset + 1), payload))
            done += len(burst)
            while True:
                packet = self.receive(client)
                if packet is None or packet.opcode == ERROR:
                    return False
                if packet.raw == ack(wire_number(done)):
                    break
        return True

    def receive(self, client):
        """The server repeats nothing of use here: what is lost is lost with the process."""
        until = time.monotonic() + 5
        while time.monotonic() < until and not self.over.is_set():
            packet = client.receive(0.05)
            if packet is not None:
                return packet
        return None


# -- what is left ----------------------------------------------------------------------------------------------------


def unfinished():
    return [os.path.join(folder, name) for folder, _, names in os.walk(ROOT) for name in names
            if name.startswith("~tftpd-") and name.endswith(".part") and len(name) > len("~tftpd-.part")]


# -- what must hold ---------------------------------------------------------------------------------------------------


def fingerprints():
    """Every file that no upload of this test makes, with its content; the log grows."""
    found = {}
    for folder, _, names in os.walk(ROOT):
        for name in names:
            path = os.path.join(folder, name)
            is_ours = path.startswith((in_root("up"), in_root("row"))) or name.startswith("tftpd.log")
            if not is_ours and path not in unfinished():
                with open(path, "rb") as file:
                    found[path] = (hashlib.sha256(file.read()).digest(), os.stat(path).st_mtime_ns)
    return found


def judge_files(uploaders, when, counts):
    for uploader in uploaders:
        for name, content, is_acknowledged in uploader.uploads:
            if exists(name):
                equal(content_of(name), content, "%s %s" % (name, when))
            else:
                true(not is_acknowledged, "%s was acknowledged to its end and is not there %s" % (name, when))
            counts["whole" if exists(name) else "absent"] += 1


def try_existing(chance, existing):
    """An upload over an old file, under way while the kill comes: ERROR 6."""
    with Client(source="127.21.0.1") as client:
        packet = client.ask(wrq(chance.choice(existing), "octet", "tsize", 10))
        equal((packet.opcode, packet.code), (ERROR, EXISTS), "an upload over an existing file")


def one_round(number, chance, existing, counts):
    uploaders = [Uploader("up/%03d-%d" % (number, index), "127.20.%d.%d" % (number % 250, index + 1), chance)
                 for index in range(UPLOADERS)]
    pid = service_pid()
    true(pid, "the service does not run")
    try_existing(chance, existing)
    for uploader in uploaders:
        uploader.start()
    time.sleep(chance.uniform(0, LONGEST))
    os.kill(pid, signal.SIGKILL)
    for uploader in uploaders:
        uploader.over.set()
    for uploader in uploaders:
        uploader.join(10)
    eventually(lambda: not os.path.exists("/proc/%d/fd" % pid) or service_pid() is None, "the process is gone")
    eventually(lambda: not is_listening(), "the port is free")
    counts["interrupted"] += sum(not upload[2] for uploader in uploaders for upload in uploader.uploads[-1:])
    counts["left"] += len(unfinished())
    judge_files(uploaders, "after the kill", dict.fromkeys(("whole", "absent"), 0))
    start_service()
    eventually(lambda: unfinished() == [], "nothing unfinished is left after the next start")
    judge_files(uploaders, "after the next start", counts)
    asked = {upload[0] for uploader in uploaders for upload in uploader.uploads}
    equal([name for name in os.listdir(in_root("up")) if "up/" + name not in asked], [], "files nobody asked for")


@case("uploads one behind the other from one port, without a pause: what was acknowledged to its end is there")
def same_port():
    os.makedirs(in_root("row"), exist_ok=True)
    chance = random.Random(SEED)
    uploaders = [Uploader("row/%d" % number, "127.22.0.%d" % (number + 1), chance, SIZES[:6]) for number in range(8)]
    for uploader in uploaders:
        uploader.start()
    eventually(lambda: sum(len(uploader.uploads) for uploader in uploaders) > 600, "600 uploads were asked for")
    for uploader in uploaders:
        uploader.over.set()
    for uploader in uploaders:
        uploader.join(10)
    judge_files(uploaders, "afterwards", dict.fromkeys(("whole", "absent"), 0))


@case("kill -9 at random moments of uploads: names absent or whole, nothing left, nothing else changed", alone=True)
def kills():
    chance = random.Random(SEED)
    os.makedirs(in_root("up"), exist_ok=True)
    for number in range(20):
        cases.make("old/%d.bin" % number, 4000 + number)
    before = fingerprints()
    existing = ["old/%d.bin" % number for number in range(20)]
    counts = dict.fromkeys(("whole", "absent", "interrupted", "left"), 0)
    began = time.monotonic()
    for number in range(ROUNDS):
        try:
            one_round(number, chance, existing, counts)
        except cases.Failure as failure:
            raise cases.Failure("round %d of seed %d: %s" % (number, SEED, failure)) from failure
        for path in glob.glob(in_root("up/*")):
            os.remove(path)
    equal(fingerprints(), before, "the other files")
    print("ok - %d kills in %.0f s (seed %d): %d uploads stored whole, %d absent, %d of them cut off by the kill, "
          "%d unfinished files for the next start to sweep" % (ROUNDS, time.monotonic() - began, SEED, counts["whole"],
                                                             counts["absent"], counts["interrupted"], counts["left"]))
    true(counts["interrupted"] >= ROUNDS, "only %d uploads were under way at a kill" % counts["interrupted"])
    true(counts["whole"] > 0, "no upload came to its end before a kill")


if __name__ == "__main__":
    cases.SECONDS_EACH = 20 + 5 * ROUNDS
    cases.main()
