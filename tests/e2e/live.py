"""Changes of the parameters under load; see live.sh."""

import os
import re
import subprocess
import threading
import time

import cases
from cases import ROOT, case, content_of, equal, eventually, make, true
from tftp import (ACCESS, ACK, DATA, ERROR, NOT_DEFINED, NOT_FOUND, OACK, Client, Failure, ack, blocks_of, data, error,
                  noise, rrq, wrq)

OTHER = os.path.join(os.environ.get("PREFIX", ""), "drive_c", "other")
CHANGES = 100
DOWNLOADS = 40
UPLOADS = 10
BLOCKS = 400  # of each: more than are sent while all changes are made
IN_FORCE = 1.0  # seconds after a change, without paramchange
PAUSE = 0.1  # of a slow client between two blocks


class Registry:
    """regset.exe, told line by line; its output goes to a file, as whoever reads a pipe of wine's waits for ever."""

    def __init__(self):
        self.path = os.path.join(os.environ["WORK"], "regset.txt")
        self.said = 0
        with open(self.path, "wb") as out:
            self.process = subprocess.Popen(["wine", os.environ["REGSET"], "tftpd"], stdin=subprocess.PIPE, stdout=out,
                                            stderr=subprocess.DEVNULL)

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        self.said += 1

    def set(self, line):
        """Returns when the value is in the registry."""
        self.tell(line)
        eventually(lambda: self.answered() >= self.said, "regset has done it")

    def answered(self):
        with open(self.path, encoding="ascii") as out:
            text = out.read()
        if "failed" in text:
            raise Failure("regset: " + text.strip().splitlines()[-1])
        return text.count("done")

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


def log_lines(text):
    with open(os.environ["LOG"], encoding="utf-8", newline="") as log:
        return [line[25:] for line in log.read().split("\r\n") if text in line]


# -- what is in force, as the next request shows it -------------------------------------------------------------------

def answer_to(request, source="127.50.0.1"):
    """The first answer; the transfer is ended at once."""
    with Client(source=source) as client:
        packet = client.ask(request)
        if packet.opcode != ERROR:
            client.send(error(NOT_DEFINED))
        return packet


def block_size():
    return int(dict(answer_to(rrq("probe.bin", "octet", "blksize", 65464)).options).get("blksize", 0))


def window_size():
    return int(dict(answer_to(rrq("probe.bin", "octet", "windowsize", 65535)).options).get("windowsize", 0))


def is_readable(name="probe.bin", source="127.50.0.1"):
    packet = answer_to(rrq(name, "octet"), source)
    true(packet.opcode == DATA or packet.code in (ACCESS, NOT_FOUND), "%s drew %s" % (name, packet))
    return packet.opcode == DATA


def directory():
    """Which of the two start directories is in force."""
    return answer_to(rrq("where.txt", "octet")).payload.decode()


def changes(number):
    """The number-th change: the line for regset, and what then must be so."""
    kind = number % 10
    size = 1000 + number
    if kind in (0, 4, 8):
        return "dword MaxBlockSize %d" % size, lambda: block_size() == size
    if kind == 1:
        return "sz Readable *.txt", lambda: not is_readable()
    if kind == 2:
        return "multi Readable probe*;w*", is_readable
    if kind == 3:
        return "sz Clients 127.50.0.*", lambda: not is_readable(source="127.51.0.1") and is_readable()
    if kind == 5:
        return "multi Access allow:/;deny:/probe.bin", lambda: not is_readable()
    if kind == 6:
        return "delete Access", is_readable
    if kind == 7:
        place = "other" if number % 20 == 7 else "tftpdroot"
        return "sz Directory C:\\%s" % place, lambda: directory() == place
    window = 10 + number // 10
    return "sz MaxWindowSize %d" % window, lambda: window_size() == window


# -- the load ---------------------------------------------------------------------------------------------------------


class Slow:
    """A client that takes or gives a block now and then and counts what should not happen."""

    def __init__(self, number):
        self.number = number
        self.client = Client(source="127.52.0.%d" % (number + 1))
        self.is_upload = number >= DOWNLOADS

    def begin(self):
        """The server repeats nothing for minutes, so whatever comes twice has another cause."""
        self.name = "slow-up-%d" % self.number if self.is_upload else "slow-%d.bin" % (self.number % 5)
        self.content = noise(self.name, 512 * BLOCKS + self.number) if self.is_upload else content_of(self.name)
        self.payloads = blocks_of(self.content)
        self.done = 0
        request = wrq if self.is_upload else rrq
        answer = self.client.ask(request(self.name, "octet", "timeout", 255))
        if answer.opcode != OACK:
            raise Failure("client %d: %s" % (self.number, answer))

    def ask(self):
        """For the next block, or with it."""
        self.client.send(data(self.done + 1, self.payloads[self.done]) if self.is_upload else ack(self.done))

    def take(self):
        """The answer, which must be the next one. Returns true when it was the last."""
        self.done += 1
        packet = self.client.expect(ACK if self.is_upload else DATA, self.done)
        if not self.is_upload and packet.payload != self.payloads[self.done - 1]:
            raise Failure("client %d: block %d of %s has other bytes" % (self.number, self.done, self.name))
        return self.done == len(self.payloads)


class Load(threading.Thread):
    """All slow clients, one thread: each round a block of every one. Content is compared block by block."""

    def __init__(self):
        super().__init__(daemon=True)
        self.clients = [Slow(number) for number in range(DOWNLOADS + UPLOADS)]
        self.over = threading.Event()
        self.why = None
        self.blocks = 0

    def run(self):
        try:
            while not self.over.is_set():
                self.turn()
                time.sleep(PAUSE)
        except Exception as wrong:  # whatever it is, the transfers were disturbed
            self.why = repr(wrong)

    def turn(self):
        for slow in self.clients:
            slow.ask()
        for slow in self.clients:
            slow.take()
            self.blocks += 1

    def finish(self):
        """The rest of every file, and then silence: nothing was sent twice."""
        for slow in self.clients:
            slow.ask()
            while not slow.take():
                slow.ask()
            if slow.is_upload:
                equal(content_of(slow.name), slow.content, slow.name)
            else:
                slow.client.send(ack(slow.done))
        for slow in self.clients:
            slow.client.expect_silence(0.3, after="the last block of %s" % slow.name)


def prepare():
    make("probe.bin", 3000)
    for number in range(5):
        make("slow-%d.bin" % number, 512 * (BLOCKS + number) + 7)
    for folder, place in ((ROOT, "tftpdroot"), (OTHER, "other")):
        for name, content in (("where.txt", place.encode()), ("probe.bin", b"x" * 3000)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)


def restore(registry, *names):
    """These, and the two that every case may change, are as they were, and in force: a reload of later looks at the start
    directory anew, in the midst of another case."""
    for name in names + ("MaxBlockSize", "MaxWindowSize"):
        registry.set("delete " + name)
    registry.close()
    eventually(lambda: block_size() == 65464 and window_size() == 64, "the defaults are back")


@case("100 changes while 50 transfers run: each in force for the next request, no transfer disturbed", "load")
def hundred_changes():
    prepare()
    load = Load()
    for slow in load.clients:
        slow.begin()
    load.start()
    registry = Registry()
    delays = []
    began = time.monotonic()
    for number in range(CHANGES):
        line, holds = changes(number)
        registry.set(line)
        since = time.monotonic()
        eventually(holds, "'%s' is in force" % line)
        delays.append(time.monotonic() - since)
        true(holds(), "'%s' was in force and is no more" % line)
        true(load.why is None and load.is_alive(), "after '%s': %s" % (line, load.why))
    took = time.monotonic() - began
    load.over.set()
    load.join(10)
    during = load.blocks
    restore(registry, "Readable", "Clients", "Directory")
    delays.sort()
    print("ok - (figures) %d changes in %.1f s, in force after %.0f ms (median), %.0f ms (longest); %d blocks of %d "
          "transfers meanwhile" % (CHANGES, took, 1000 * delays[CHANGES // 2], 1000 * delays[-1], during,
                                   len(load.clients)), flush=True)
    slow = delays[CHANGES * 9 // 10]
    true(slow <= IN_FORCE, "a tenth of the changes took longer than %.1f s" % slow)
    true(during >= 10 * len(load.clients), "only %d blocks while parameters changed" % during)
    load.finish()
    judge_log()


def judge_log():
    eventually(lambda: len(log_lines('sent "slow-')) >= DOWNLOADS, "the log tells of every download")
    lines = log_lines('sent "slow-')
    equal(len(lines), DOWNLOADS, "lines about them: %s" % lines[:3])
    odd = [line for line in lines if not line.startswith('sent "slow-') or ", 0 blocks resent" not in line]
    equal(odd, [], "transfers that were disturbed")


@case("every one of the changes is told with the old value and the new (event 122)", "changes")
def told():
    for pattern in (r'the parameter MaxBlockSize changed: it was "1088" and is now "1090"',
                    r'the parameter MaxBlockSize changed: it was "65464" and is now "1000"',
                    r'the parameter Readable changed: it was "\*\.txt" and is now "probe\*;w\*"',
                    r'the parameter Directory changed: it was "C:\\other" and is now "C:\\tftpdroot"',
                    r'the parameter Access changed: it was "allow:/;deny:/probe.bin" and is now ""',
                    r'the parameter Clients changed: it was "\*" and is now "127.50.0.\*"'):
        true(any(re.fullmatch(pattern, line) for line in log_lines("changed: it was")),
             "no line %s among %s" % (pattern, log_lines("changed: it was")[-8:]))
    count = len(log_lines("the parameter MaxBlockSize changed"))
    equal(count, 31, "lines about MaxBlockSize, of 30 changes and the way back")


@case("two changes with any pause between them: the second is never lost", "changes", alone=True)
def not_lost():
    registry = Registry()
    # The service waits for 100 ms of quiet and then reads for a few.
    pauses = list(range(0, 240, 30)) + list(range(99, 112)) * 4
    for number, pause in enumerate(pauses):
        registry.tell("dword MaxBlockSize 2000")
        registry.tell("sleep %d" % pause)
        registry.set("dword MaxBlockSize %d" % (2001 + number))
        eventually(lambda size=2001 + number: block_size() == size, "what was set %d ms after it counts" % pause)
    registry.close()


@case("a storm of changes: the last one counts", "changes", alone=True)
def storm():
    registry = Registry()
    for turn in range(3):
        for number in range(400):
            registry.tell("dword MaxWindowSize %d" % (1 + (number * 7 + turn) % 60))
            if number % 40 == 39:
                registry.tell("sleep 15")
        registry.set("dword MaxWindowSize %d" % (61 + turn))
        eventually(lambda size=61 + turn: window_size() == size, "the last of 401 changes is in force")
    registry.close()


def refusals():
    return log_lines("is refused") + log_lines("cannot open the start directory")


@case("a bad value is refused by name and the last good one stays; a good one beside it counts", "refused", alone=True)
def refused():
    registry = Registry()
    registry.set("dword MaxBlockSize 1234")
    registry.set("dword MaxWindowSize 12")
    eventually(lambda: (block_size(), window_size()) == (1234, 12), "the good values are in force")
    bad = [("dword MaxBlockSize 7", "MaxBlockSize"), ("sz MaxBlockSize many", "MaxBlockSize"),
           ("dword MaxBlockSize 65465", "MaxBlockSize"), ("sz Clients 10.0.0.0/33", "Clients"),
           ("multi Access allow:/;permit:/x", "Access"), ("sz WhenExists overwrite", "WhenExists"),
           ("sz Directory C:\\not-there", "C:\\not-there"), ("dword Timeout 0", "Timeout"),
           ("multi DisableOptions blksize;nonsense", "DisableOptions")]
    for number, (line, name) in enumerate(bad):
        registry.set(line)
        registry.set("dword MaxWindowSize %d" % (13 + number))
        eventually(lambda size=13 + number: window_size() == size, "what was set beside '%s' counts" % line)
        equal(block_size(), 1234, "MaxBlockSize after '%s'" % line)
        true(is_readable(), "nobody is served after '%s'" % line)
        eventually(lambda name=name: any(name in text for text in refusals()), "'%s' is told by name" % line)
        registry.set("delete " + line.split()[1] if "MaxBlockSize" not in line else "dword MaxBlockSize 1234")
        eventually(lambda: block_size() == 1234, "the good value is back after '%s'" % line)
    registry.set("dword NoSuchParameter 1")
    eventually(lambda: log_lines("NoSuchParameter is not known"), "an unknown name is told")
    restore(registry, "NoSuchParameter")


def put(folder, name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


@case("the start directory is replaced under load: the new one is served at once, what runs keeps its files", "swap",
      alone=True)
def swapped():
    prepare()
    make("only-old.txt", 100)
    new, old = ROOT + ".new", ROOT + ".old"
    os.mkdir(new)
    put(new, "where.txt", b"the new one")
    put(new, "only-new.txt", b"new")
    load = Load()
    load.clients = load.clients[:DOWNLOADS]  # under Wine an upload is stored by its path, and would be elsewhere
    for slow in load.clients:
        slow.begin()
    load.start()
    equal(directory(), "tftpdroot", "what is served first")
    names = ["only-new.txt", "only-old.txt"]
    for there, here in ((new, old), (old, new)):
        time.sleep(0.2)  # more than ROOT_DOUBT_MS after it was last looked at
        os.rename(ROOT, here)
        os.rename(there, ROOT)
        equal(answer_to(rrq(names[0], "octet")).opcode, DATA, "the answer for a name of the folder that is there now")
        packet = answer_to(rrq(names[1], "octet"))
        equal((packet.opcode, packet.code), (ERROR, NOT_FOUND), "the answer for one of the folder that was there")
        equal(directory(), "the new one" if there == new else "tftpdroot", "what is served then")
        names.reverse()
    load.over.set()
    load.join(10)
    true(load.why is None, "a transfer was disturbed: %s" % load.why)
    load.finish()
    line = "the start directory C:\\tftpdroot was opened anew: another directory is in its place"
    eventually(lambda: len(log_lines(line)) == 2, "both are told")
    equal(log_lines("cannot be reached"), [], "lines about a lost start directory")


@case("a start directory that is away is told once, and so is its return; until then ERROR 0", "swap", alone=True)
def away():
    make("probe.bin", 3000)
    time.sleep(0.2)
    os.rename(ROOT, ROOT + ".away")
    # The path is looked at ten times a second at most: until then its files are outside.
    eventually(lambda: answer_to(rrq("probe.bin", "octet")).code == NOT_DEFINED, "it is found to be away")
    for _ in range(3):
        packet = answer_to(rrq("probe.bin", "octet"))
        equal((packet.opcode, packet.code), (ERROR, NOT_DEFINED), "the answer while it is away")
        true(b"start directory cannot be reached" in packet.raw, "its words: %r" % packet.raw)
    os.rename(ROOT + ".away", ROOT)
    eventually(is_served, "it is served again")
    for line in ("the start directory C:\\tftpdroot cannot be reached: ",
                 "the start directory C:\\tftpdroot was opened anew: it can be opened again"):
        eventually(lambda line=line: len(log_lines(line)) == 1, "it is told once: " + line)


def is_served():
    return answer_to(rrq("probe.bin", "octet")).opcode == DATA


if __name__ == "__main__":
    cases.main()
