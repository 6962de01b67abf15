"""Transfers through a bad network, files that change while they are served, and the service killed; see faults.sh."""

import concurrent.futures
import glob
import os
import signal
import threading
import time

import cases
import mixed
import real
from cases import ROOT, case, content_of, equal, eventually, exists, in_root, make, true
from process import is_listening, service_pid, start_service, stop_service, wine
from proxy import WEATHERS
from tftp import ACK, DATA, ERROR, NOT_DEFINED, UNKNOWN_TID, Client, Failure, ack, blocks_of, fetch, noise, rrq, wrq

SEED = int(os.environ.get("FAULTS_SEED", "1"))
SECONDS = float(os.environ.get("FAULTS_SECONDS", "8"))
LONGEST = 10.0 if SECONDS < 60 else 60.0  # of one transfer; then its client is ended
AT_ONCE = 14


def unfinished(folder=ROOT):
    return glob.glob(os.path.join(folder, "**", "~tftpd-*"), recursive=True)


# -- a bad network ----------------------------------------------------------------------------------------------------


class Mix:
    """Transfers one behind the other in several threads until the time is up."""

    def __init__(self):
        self.until = time.monotonic() + SECONDS
        self.lock = threading.Lock()
        self.started = 0
        self.done = []
        self.wrong = []

    def work(self):
        while time.monotonic() < self.until:
            with self.lock:
                number = self.started
                self.started += 1
            transfer = mixed.Transfer(SEED, number, WEATHERS[number % len(WEATHERS)])
            transfer.run(LONGEST)
            try:
                transfer.judge()
            except Failure as failure:
                self.wrong.append(str(failure))
            self.done.append(transfer)


@case("downloads and uploads of five clients through loss, duplicates, reordering, delays, corruption and breaks: "
      "whole, or the client knows better", "network", alone=True)
def bad_network():
    mixed.make_files()
    mix = Mix()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for worker in [pool.submit(mix.work) for _ in range(AT_ONCE)]:
            worker.result()
    tell(mix.done)
    stop_service()
    equal(unfinished(), [], "unfinished uploads after a stop")
    for transfer in mix.done:
        try:
            transfer.judge_stored()
        except Failure as failure:
            mix.wrong.append(str(failure))
    start_service()
    equal(mix.wrong, [], "transfers that went wrong (seed %d)" % SEED)
    for weather in WEATHERS:
        judge_weather(weather.name, [transfer for transfer in mix.done if transfer.weather is weather])


def judge_weather(name, transfers):
    """Every weather must have been there, and must be one in which ordinary transfers come through."""
    whole = [transfer for transfer in transfers if transfer.is_whole]
    true(transfers, "no transfer in the weather %s" % name)
    true(len(whole) * 2 >= len(transfers), "only %d of %d transfers whole in the weather %s: %s" % (
        len(whole), len(transfers), name, [str(one) for one in transfers if not one.is_whole][:3]))
    if name == "fair":
        failed = [str(one) + one.text for one in transfers if not one.is_whole and not one.was_ended]
        equal(failed, [], "transfers that failed in fair weather")
    elif name in ("loss", "duplicates", "reordering"):
        kind = {"loss": "lost", "duplicates": "doubled", "reordering": "reordered"}[name]
        true(sum(one.counts[kind] for one in transfers) > 0, "nothing was %s" % kind)


def tell(transfers):
    for weather in WEATHERS:
        here = [transfer for transfer in transfers if transfer.weather is weather]
        counts = ", ".join("%d %s" % (sum(one.counts[kind] for one in here), kind)
                           for kind in ("passed", "lost", "doubled", "reordered", "delayed", "corrupted"))
        print("ok - (figures) %s: %d of %d transfers whole; %s" % (
            weather.name, sum(one.is_whole for one in here), len(here), counts), flush=True)


# -- a file that changes while it is served ---------------------------------------------------------------------------


class Reader:
    """A download taken in lock-step, stopped after the first block. The server repeats nothing for a minute."""

    def __init__(self, name, size):
        self.name = name
        self.content = make(name, size)
        self.client = Client()
        self.client.request(rrq(name, "octet", "blksize", 1024, "timeout", 60))
        self.client.expect(6, what="the OACK")
        self.client.send(ack(0))
        self.parts = [self.client.expect(DATA, 1).payload]

    def rest(self):
        """The whole content, or the ERROR that came instead."""
        while len(self.parts[-1]) == 1024:
            self.client.send(ack(len(self.parts)))
            packet = self.client.expect()
            if packet.opcode == ERROR:
                return packet
            equal((packet.opcode, packet.block), (DATA, len(self.parts) + 1), "the next block")
            self.parts.append(packet.payload)
        self.client.send(ack(len(self.parts)))
        return b"".join(self.parts)


@case("a file deleted while it is served is sent to its end; then it is not found", "files")
def deleted():
    reader = Reader("deleted.bin", 300000)
    os.remove(in_root("deleted.bin"))
    equal(reader.rest(), reader.content, "what the running download got")
    Client().ask_error(rrq("deleted.bin", "octet"), 1)


@case("a Windows program may delete it too", "files")
def deleted_by_windows():
    reader = Reader("deleted2.bin", 300000)
    wine("cmd", "/c", "del", "C:\\tftpdroot\\deleted2.bin")
    equal(reader.rest(), reader.content, "what the running download got")
    eventually(lambda: not exists("deleted2.bin"), "the file is gone")


@case("a Windows program cannot write to it, so what is sent is one state of the file", "files")
def written_by_windows():
    reader = Reader("written.bin", 300000)
    _, said = wine("cmd", "/c", "echo more>>C:\\tftpdroot\\written.bin")
    equal(content_of("written.bin"), reader.content, "the file; cmd said %r" % said)
    equal(reader.rest(), reader.content, "what the running download got")


@case("a file that grows meanwhile is sent as long as it was, the next download has it all", "files")
def grown():
    reader = Reader("grown.bin", 300000)
    with open(in_root("grown.bin"), "ab") as file:
        file.write(b"x" * 100000)
    equal(reader.rest(), reader.content, "what the running download got")
    equal(fetch(Client(), "grown.bin").content, reader.content + b"x" * 100000, "what the next one got")


@case("a file that is cut meanwhile ends in an ERROR, never in a short file taken for whole", "files")
def truncated():
    for left in (0, 1000, 65536, 200000, 262144 + 512):
        reader = Reader("cut-%d.bin" % left, 600000)
        os.truncate(in_root(reader.name), left)
        packet = reader.rest()
        true(not isinstance(packet, bytes), "cut to %d bytes: the download ended as if it were whole" % left)
        equal(packet.code, NOT_DEFINED, "the code of %s" % packet)
        reader.client.expect_silence(after="the ERROR")
        equal(fetch(Client(), reader.name).content, reader.content[:left], "the next download of the cut file")


@case("a file replaced by another of its name: who began with the old one gets it whole, the next gets the new", "files")
def replaced():
    reader = Reader("replaced.bin", 300000)
    content = make("replaced.bin", 299999)
    equal(fetch(Client(), "replaced.bin").content, content, "what a second client gets meanwhile")
    equal(reader.rest(), reader.content, "what the running download got")


# -- a full disk ------------------------------------------------------------------------------------------------------


@case("four real clients at once fill a small disk: told so, nothing is left, and then there is room again", "full",
      alone=True)
def full_disk():
    local = os.path.join(os.environ["WORK"], "large.bin")
    with open(local, "wb") as file:
        file.write(noise("large.bin", 900000))
    room = free_bytes()
    commands = [real.put_command(client, "127.0.0.1", 69, local, "large-%s.bin" % client, (("blksize", 8192),))
                for client in real.CLIENTS]
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
        outcomes = list(pool.map(lambda command: real.run(command, 30), commands))
    eventually(lambda: not unfinished(), "no unfinished upload is left")
    whole = [client for client in real.CLIENTS if exists("large-%s.bin" % client)]
    true(len(whole) <= 1, "two files of 900,000 bytes on a disk of 1 MiB: %s" % whole)
    for client, outcome in zip(real.CLIENTS, outcomes):
        equal(outcome.is_success, client in whole, "what %s claims: %s" % (client, outcome))
        if client == "curl" and client not in whole:
            equal(outcome.code, 70, "curl's exit code (ERROR 3)")
        if client in whole:
            equal(content_of("large-%s.bin" % client), real.read(local), "the one that was stored")
            os.remove(in_root("large-%s.bin" % client))
    eventually(lambda: free_bytes() >= room, "the room is free again: %d of %d bytes" % (free_bytes(), room))
    outcome = real.run(real.put_command("curl", "127.0.0.1", 69, local, "again.bin", ()), 30)
    true(outcome.is_success and content_of("again.bin") == real.read(local), "the next upload: %s" % outcome)


def free_bytes():
    disk = os.statvfs(ROOT)
    return disk.f_bavail * disk.f_frsize


# -- the service killed -----------------------------------------------------------------------------------------------


@case("kill -9 in the middle of downloads: no client takes its part for the whole; after a start all are served", "kill",
      alone=True)
def killed():
    make("large.bin", 8000000)
    pid = service_pid()
    true(pid, "the service does not run")
    reader = Reader("slow.bin", 300000)
    locals_ = [os.path.join(os.environ["WORK"], "killed.%s" % client) for client in real.CLIENTS]
    commands = [real.get_command(client, "127.0.0.1", 69, "large.bin", local)
                for client, local in zip(real.CLIENTS, locals_)]
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
        running = [pool.submit(real.run, command, 5) for command in commands]
        eventually(lambda: all(os.path.exists(local) and os.path.getsize(local) > 0 for local in locals_),
                   "all clients have got something")
        os.kill(pid, signal.SIGKILL)
        outcomes = [one.result() for one in running]
    content = content_of("large.bin")
    interrupted = 0
    for local, outcome in zip(locals_, outcomes):
        is_whole = real.read(local) == content
        interrupted += not is_whole
        true(is_whole or not outcome.is_success, "taken for whole: %s" % outcome)
    true(interrupted > 0, "every download was over before the kill")
    eventually(lambda: not is_listening(), "the port is free")
    start_service()
    judge_old_transfer(reader)
    for client, local in zip(real.CLIENTS, locals_):
        outcome = real.run(real.get_command(client, "127.0.0.1", 69, "slow.bin", local), 30)
        equal(real.read(local), reader.content, "after the start, %s" % outcome)


def judge_old_transfer(reader):
    """The new process knows nothing of it: no DATA; the same port asks anew and is served."""
    reader.client.send(ack(1))
    found = reader.client.collect(0.5)
    true(all(packet.opcode == ERROR and packet.code == UNKNOWN_TID for packet in found),
         "an ACK for the killed process drew %s" % [str(packet) for packet in found])
    equal(fetch(reader.client, reader.name).content, reader.content, "the file, asked for anew from the same port")


if __name__ == "__main__":
    cases.SECONDS_EACH = 60 + 2 * SECONDS + LONGEST
    cases.main()
