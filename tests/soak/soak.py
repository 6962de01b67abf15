"""The actors of the soak and its verdict; see soak.sh."""

import json
import os
import random
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import meter
import mixed
from cases import ROOT, content_of, in_root, make
from process import service_pid, unix_pid, wine
from tftp import ACK, DATA, ERROR, Client, Failure, ack, blocks_of, data, error, fetch, noise, rrq, words, wrq

MINUTES = float(os.environ["SOAK_MINUTES"])
SEED = int(os.environ["SOAK_SEED"])
RESULTS = os.environ["SOAK_RESULTS"]
WARM_UP = 0.2  # of the time; then everything rests once, for a first figure
TRANSFERS_AT_ONCE = 6
LONGEST_TRANSFER = 30.0
SAMPLE_EVERY = 5.0
FLOOD_EVERY = 20.0
REST_WITHIN = 240.0  # until the service has given up the last broken-off transfer
SAMPLES_AT_REST = 5
TFTPD = "C:\\tftpd\\tftpd.exe"
PARAMETERS = "HKLM\\System\\CurrentControlSet\\Services\\tftpd\\Parameters"

CHANGES = (  # of parameters, all harmless to an honest client
    ("MaxBlockSize", (1024, 1428, 8192, 65464)),
    ("MaxWindowSize", (1, 4, 16, 64)),
    ("SilenceSeconds", (60, 120, 240)),
    ("ErrorsPerSecond", (20, 100, 1000)),
    ("MaxTransfersPerClient", (64, 256)),
    ("MsftWindow", (0, 1)),
    ("Segmentation", (0, 1)),
    ("Verbose", (1, 2, 3)),
)


class Soak:
    """What the actors share: whether it is time to work, to rest or to end, what they did, what went wrong."""

    def __init__(self):
        self.is_over = threading.Event()
        self.may_work = threading.Event()
        self.may_work.set()
        self.lock = threading.Lock()
        self.counts = {}
        self.wrong = []
        self.phase = meter.LOAD
        self.status = {}
        self.samples = []
        self.pid = service_pid()
        self.server_pid = unix_pid("wineserver64") or unix_pid("wineserver")
        self.began = time.monotonic()
        self.progress = open(os.path.join(RESULTS, "progress.txt"), "w", encoding="utf-8")

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def blame(self, why):
        with self.lock:
            self.wrong.append(why)
        self.tell("WRONG: " + why)

    def tell(self, line):
        with self.lock:
            self.progress.write(line + "\n")
            self.progress.flush()

    def pause(self, seconds):
        self.is_over.wait(seconds)

    def act(self, step, name):
        """An actor: its step again and again, while it may work."""
        chance = random.Random("%d %s" % (SEED, name))
        number = 0
        while not self.is_over.is_set():
            if not self.may_work.wait(0.2):
                continue
            try:
                step(self, chance, number)
            except Failure as failure:
                self.blame("%s: %s" % (name, failure))
            except Exception:
                self.blame("%s: %s" % (name, traceback.format_exc()))
            number += 1


# -- honest clients ---------------------------------------------------------------------------------------------------


def transfer_actor(worker):
    def step(soak, _, number):
        transfer = mixed.Transfer(SEED, number * TRANSFERS_AT_ONCE + worker)
        transfer.run(LONGEST_TRANSFER)
        transfer.judge()
        transfer.judge_stored()
        kind = "%s, %s" % (transfer.client, "uploads" if transfer.is_upload else "downloads")
        soak.count(kind + (" whole" if transfer.is_whole else " given up by the client"))
        if transfer.is_upload and transfer.is_whole:
            os.remove(in_root(transfer.name))
        if transfer.weather.name == "fair" and not transfer.is_whole:
            soak.count("given up in fair weather")
    return step


def boot_actor(soak, chance, _):
    """Many clients fetch one image at once."""
    done = subprocess.run(
        [os.environ["LOAD"], "get", "127.0.0.1", "boot.bin", "--clients", str(chance.choice((20, 50, 100))), "--blksize",
         str(chance.choice((512, 1428))), "--windowsize", str(chance.choice((1, 4, 16))), "--sources", "50", "--compare",
         in_root("boot.bin"), "--tries", "12", "--limit-s", "60"], capture_output=True, check=False)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise Failure("load printed %r, %r" % (done.stdout[:200], done.stderr[:200])) from None
    soak.count("mass boots")
    soak.count("clients of mass boots whole", told["ok"])
    soak.count("clients of mass boots failed", told["failed"])
    for reason, number in told["reasons"].items():
        soak.count("  because: " + reason, number)
    soak.pause(chance.uniform(5, 20))


# -- clients that are not ---------------------------------------------------------------------------------------------


def break_off(soak, chance, number):
    """Probes, half transfers that end in an ERROR or in silence, requests that must be refused."""
    with Client(source="127.62.%d.%d" % (number // 200 % 200, number % 200 + 1)) as client:
        kind = chance.choice(("never answered", "probe", "download", "upload", "refused"))
        if kind == "never answered":
            client.request(rrq("boot.bin", "octet", "blksize", 1428, "windowsize", 16))
        elif kind == "probe":
            client.request(rrq("boot.bin", "octet", "tsize", 0))
            if client.receive(1) is not None:
                client.send(error(chance.choice((0, 8)), "User aborted the transfer"))
        elif kind == "refused":
            client.request(chance.choice((wrq("boot.bin"), rrq("missing.bin"), rrq("../x"), rrq("con"), wrq("no/x"))))
            packet = client.receive(1)
            if packet is not None and packet.opcode != ERROR:
                raise Failure("a request that must be refused drew %s" % packet)
        else:
            half(client, chance, kind == "upload", number)
    soak.count("transfers broken off: " + kind)
    soak.pause(chance.uniform(0.02, 0.2))


def half(client, chance, is_upload, number):
    name = "half-%d.bin" % number if is_upload else "boot.bin"
    client.request((wrq if is_upload else rrq)(name, "octet"))
    packet = client.receive(1)
    for block in range(1, chance.randrange(1, 60)):
        if packet is None or packet.opcode not in (DATA, ACK):
            return
        client.send(data(block, b"h" * 512) if is_upload else ack(block))
        packet = client.receive(1)
    if client.tid and chance.random() < 0.5:
        client.send(error(0, "enough"))


def malformed(soak, chance, number):
    """A download and an upload amid garbage from their own ports and from strangers', both compared."""
    source = "127.63.%d.%d" % (number // 200 % 200, number % 200 + 1)
    with Client(source=source) as client, Client(source="127.64.0.1") as stranger:
        content = content_of("small.bin")
        client.request(rrq("small.bin", "octet"))
        for block, payload in enumerate(blocks_of(content), 1):
            packet = await_block(client, DATA, block)
            if packet is None:
                soak.count("amid garbage: given up")
                return
            if packet.payload != payload:
                raise Failure("amid garbage, block %d has other bytes" % block)
            for sender in (client, stranger):
                sender.send(garbage(chance), client.tid)
                sender.send(garbage(chance), client.server)
            client.send(ack(block))
    soak.count("amid garbage: whole")
    soak.pause(chance.uniform(0.1, 0.5))


def await_block(client, opcode, block):
    until = time.monotonic() + 8
    while time.monotonic() < until:
        packet = client.receive(0.5)
        if packet is not None and packet.opcode == opcode and packet.block == block:
            return packet
    return None


def garbage(chance):
    """Nothing that an honest peer of this transfer could have sent: no ERROR, no ACK."""
    kind = chance.randrange(5)
    if kind == 0:
        return bytes([chance.randrange(1, 256)]) + chance.randbytes(chance.randrange(600))
    if kind == 1:
        return chance.randbytes(chance.randrange(4))[:3].replace(b"\0\5", b"\7\7")
    if kind == 2:
        return b"\0\1" + chance.randbytes(chance.randrange(200)).replace(b"\0", b"\1")
    if kind == 3:
        return b"\0\6" + words("blksize", chance.randrange(70000))
    return b"\0" + bytes([chance.randrange(7, 256)]) + chance.randbytes(chance.randrange(60000))


def flood(soak, chance, _):
    done = subprocess.run(
        [os.environ["LOAD"], "flood", "127.0.0.1", "boot.bin", "--kind", chance.choice(("garbage", "half-open", "mixed")),
         "--rate", str(chance.choice((500, 2000))), "--seconds", "3", "--clients", "100", "--sources", "40"],
        capture_output=True, check=False)
    told = json.loads(done.stdout)
    soak.count("floods")
    soak.count("datagrams of floods", told["sent"])
    soak.pause(FLOOD_EVERY * chance.uniform(0.5, 1.5))


# -- the administrator ------------------------------------------------------------------------------------------------


def administrate(soak, chance, number):
    kind = ("change", "change", "pause", "interrogate", "status", "stop-transfer", "paramchange")[number % 7]
    if kind == "change":
        name, values = chance.choice(CHANGES)
        code, said = wine("reg", "add", PARAMETERS, "/v", name, "/t", "REG_DWORD", "/d", str(chance.choice(values)), "/f")
    elif kind == "pause":
        code, said = wine(os.environ["SCM"], "tftpd", "pause")
        soak.pause(chance.uniform(0.2, 1.5))
        if code == 0:
            code, said = wine(os.environ["SCM"], "tftpd", "continue")
    elif kind == "status":
        code, said = wine(TFTPD, "status")
    elif kind == "stop-transfer":
        transfers = soak.status.get("transfers") or [{"id": 1}]
        _, said = wine(TFTPD, "stop-transfer", str(chance.choice(transfers)["id"]))
        code = 0  # it may have ended meanwhile
    else:
        code, said = wine(os.environ["SCM"], "tftpd", kind)
    soak.count("by the administrator: " + kind)
    if code != 0:
        raise Failure("%s gave %d: %s" % (kind, code, said))
    soak.pause(chance.uniform(1, 4))


def ask_status(soak):
    """Wine has been seen to lose a program's output once in thousands of calls (lib.sh): then the old answer stays."""
    code, said = wine(TFTPD, "status", "--json")
    try:
        soak.status = json.loads(said)
    except ValueError:
        soak.count("answers of status that Wine lost")
        if code != 0 or said:
            soak.blame("status --json gave %d: %s" % (code, said[:300]))


def sample(soak):
    ask_status(soak)
    soak.samples.append(meter.Sample(soak.pid, soak.server_pid, soak.status, soak.phase))
    soak.tell(soak.samples[-1].line(soak.began))


# -- the run ----------------------------------------------------------------------------------------------------------


def load_for(soak, seconds):
    soak.phase = meter.LOAD
    soak.may_work.set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        sample(soak)
        time.sleep(max(0.0, SAMPLE_EVERY - (time.monotonic() - began)))


def rest(soak, phase):
    """Everybody stops; when the service has ended the last transfer, a few samples."""
    soak.phase = "settling"
    soak.may_work.clear()
    until = time.monotonic() + REST_WITHIN
    while True:
        sample(soak)
        if soak.samples[-1].running == 0:
            break
        if time.monotonic() > until:
            soak.blame("%d transfers still run %.0f s after the last client" % (soak.samples[-1].running, REST_WITHIN))
            break
        time.sleep(2)
    time.sleep(5)
    soak.phase = phase
    for _ in range(SAMPLES_AT_REST):
        sample(soak)
        time.sleep(1)


def judge(soak):
    """Everything that must hold in the end: pairs of a sentence and what is wrong with it."""
    rows = meter.compare(soak.samples)
    with open(os.path.join(RESULTS, "table.md"), "w", encoding="utf-8") as file:
        file.write(meter.table(rows))
    whole = sum(number for what, number in soak.counts.items() if what.endswith(" whole") and "mass" not in what)
    given_up = sum(number for what, number in soak.counts.items() if what.endswith("given up by the client"))
    left = [os.path.join(folder, name) for folder, _, names in os.walk(ROOT) for name in names if name.startswith("~tftpd-")]
    stored = [name for name in os.listdir(in_root("mixed")) if not is_stored_whole(name)]
    last = fetch(Client(), "boot.bin").content
    return [
        ("every completed transfer has the right bytes", soak.wrong[:10]),
        ("the service's process is the one that was started", [] if service_pid() == soak.pid else ["it is another"]),
        ("nine of ten transfers come through", [] if whole > 9 * given_up else ["%d of %d" % (whole, whole + given_up)]),
        ("what was stored later than its client knew is whole", stored),
        ("no unfinished upload is left", left),
        ("half uploads left nothing", [name for name in os.listdir(ROOT) if name.startswith("half-")]),
        ("it serves as before", [] if last == content_of("boot.bin") else ["other bytes"]),
        *[("flat %s: %s, %d then %d" % (when, name, before, after), [] if is_flat else ["it grew"])
          for name, when, before, after, is_flat in rows],
    ]


def is_stored_whole(name):
    content = content_of("mixed/" + name)
    return content == noise("mixed/" + name, len(content)) and len(content) in mixed.SIZES


def main():
    soak = Soak()
    mixed.make_files()
    make("boot.bin", 400000)
    make("small.bin", 30000)
    steps = {"transfers %d" % worker: transfer_actor(worker) for worker in range(TRANSFERS_AT_ONCE)}
    steps.update({"mass boots": boot_actor, "breaking off": break_off, "garbage": malformed, "floods": flood,
                  "administrator": administrate})
    actors = [threading.Thread(target=soak.act, args=(step, name), daemon=True) for name, step in steps.items()]
    for actor in actors:
        actor.start()
    load_for(soak, MINUTES * 60 * WARM_UP)
    rest(soak, meter.REST_BEFORE)
    load_for(soak, MINUTES * 60 * (1 - WARM_UP))
    rest(soak, meter.REST_AFTER)
    soak.is_over.set()
    for actor in actors:
        actor.join(60)
    for what in sorted(soak.counts):
        print("ok - (figures) %s: %d" % (what.strip(), soak.counts[what]))
    for sentence, wrong in judge(soak):
        print("%s - %s" % ("not ok" if wrong else "ok", sentence))
        for why in wrong:
            print("\n".join("# " + line for line in str(why).splitlines()))
    print("# ran the soak", flush=True)
    os._exit(0)  # not held up by an actor that hangs


if __name__ == "__main__":
    main()
