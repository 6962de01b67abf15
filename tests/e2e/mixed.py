"""One transfer: of a client, a file, options and a weather that are drawn from a seed; its outcome judged by content."""

import os
import random

import real
from cases import content_of, exists, in_root, make
from proxy import WEATHERS, Proxy
from tftp import Client, Failure, fetch, noise, store

OURS = "ours"
SIZES = (1, 511, 512, 513, 5000, 60000, 200000)
OPTIONS = ((), (), (("blksize", 1428),), (("blksize", 1024), ("windowsize", 4)), (("blksize", 1428), ("windowsize", 16)))


def name_of(size):
    return "mixed-%d.bin" % size


def make_files():
    for size in SIZES:
        make(name_of(size), size)
    os.makedirs(in_root("mixed"), exist_ok=True)


class Transfer:
    """After run(): is_whole, claims_success, text. judge() raises a Failure when a claim was false."""

    def __init__(self, seed, number, weather=None, sizes=SIZES):
        chance = random.Random("%d %d" % (seed, number))
        self.chance = chance
        self.number = number
        self.client = chance.choice((*real.CLIENTS, OURS, OURS))
        self.is_upload = chance.random() < 0.4
        self.weather = weather or chance.choice(WEATHERS)
        self.size = chance.choice(sizes)
        self.options = chance.choice(OPTIONS)
        self.name = "mixed/%d.bin" % number if self.is_upload else name_of(self.size)
        self.local = os.path.join(os.environ["WORK"], "mixed.%d.bin" % number)
        self.content = noise(self.name, self.size) if self.is_upload else content_of(self.name)
        self.counts = {}
        self.claims_success = self.is_whole = False
        self.was_ended = False  # by us, because its time was up
        self.text = ""

    def __str__(self):
        return "transfer %d: %s %s %s (%d bytes, %s) in %s" % (
            self.number, self.client, "sends" if self.is_upload else "gets", self.name, self.size,
            " ".join("%s=%s" % pair for pair in self.options) or "no options", self.weather.name)

    def run(self, seconds):
        group = "%d.%d" % (self.number // 200 % 200, self.number % 200 + 1)
        with Proxy(self.weather, self.chance.random(), "127.60." + group, "127.61." + group) as proxy:
            if self.client == OURS:
                self._run_ours(proxy)
            else:
                self._run_real(proxy, seconds)
            self.counts = proxy.counts

    def _run_ours(self, proxy):
        words = [word for pair in self.options for word in pair]
        with Client(proxy.address, proxy.port) as client:
            try:
                if self.is_upload:
                    store(client, self.name, self.content, *words)
                    got = self.stored()
                else:
                    got = fetch(client, self.name, *words).content
                self.claims_success = True
                self.is_whole = got == self.content
            except Failure as failure:
                self.text = str(failure)
                self.is_whole = self.is_upload and self.stored() == self.content

    def _run_real(self, proxy, seconds):
        try:
            if self.is_upload:
                with open(self.local, "wb") as file:
                    file.write(self.content)
                outcome = real.run(real.put_command(
                    self.client, proxy.address, proxy.port, self.local, self.name, self.options), seconds)
                got = self.stored()
            else:
                outcome = real.run(real.get_command(
                    self.client, proxy.address, proxy.port, self.name, self.local, self.options), seconds)
                got = real.read(self.local)
            self.text = "%s; %s bytes arrived" % (outcome, "no" if got is None else len(got))
            self.was_ended = outcome.code is None
            self.claims_success = outcome.is_success and not self._is_misled
            self.is_whole = got == self.content
        finally:
            if os.path.exists(self.local):
                os.remove(self.local)

    @property
    def _is_misled(self):
        """busybox 1.35 ends an upload with exit code 0 when the ACK of the last block but one comes twice."""
        return self.client == "busybox" and self.is_upload

    def stored(self):
        return content_of(self.name) if exists(self.name) else None

    def judge(self):
        if self.claims_success and not self.is_whole:
            raise Failure("%s: claimed to be done and is not whole; %s" % (self, self.text))

    def judge_stored(self):
        """Once the server has ended it: an upload is whole or absent."""
        if self.is_upload and exists(self.name) and content_of(self.name) != self.content:
            raise Failure("%s: stored with other bytes than were sent" % self)
