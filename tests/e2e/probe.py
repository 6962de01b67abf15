"""Faults between `tftp probe` and our service, each made up by count or by size, and what the probe has to call them."""

import json
import os
import random

import cases
import tftp_exe
from cases import case, equal, true
from proxy import Proxy, Weather
from tftp import ACK, DATA, OACK, OPTIONS, RRQ, error

LIMIT_SECONDS = 31.0
LIMIT_BYTES = 16 * 1024 * 1024


class Fault(Proxy):
    """A proxy that asks `passes` of each datagram: how often it goes on, or what goes on in its place."""

    def __init__(self, passes, front_address="127.0.0.1"):
        self.passes = passes
        self.front_address = front_address
        super().__init__(Weather("fault"), 1)

    def _from_server(self, client, datagram, tid):
        if (client, tid) not in self._fronts:
            self._fronts[client, tid] = self._open(
                self.front_address, lambda data, source: self._expose(self._back_of(source), data, tid, True))
        self._expose(self._fronts[client, tid], datagram, client, False)

    def _expose(self, way, datagram, to, may_corrupt):
        verdict = self.passes(datagram, may_corrupt)
        if isinstance(verdict, bytes):
            datagram, verdict = verdict, 1
        for _ in range(verdict):
            self._pass(way, datagram, to)


def opcode_of(datagram):
    return int.from_bytes(datagram[:2], "big")


def has_options(datagram):
    return opcode_of(datagram) == RRQ and datagram[2:].count(b"\0") > 2


def bare(datagram):
    words = datagram[2:].split(b"\0")
    return datagram[:2] + words[0] + b"\0" + words[1] + b"\0"


def without_option(datagram, name):
    words = datagram[2:].split(b"\0")[:-1]
    kept = words[:2]
    for at in range(2, len(words) - 1, 2):
        if words[at] != name:
            kept += words[at:at + 2]
    return datagram[:2] + b"".join(word + b"\0" for word in kept)


def run(*arguments):
    done = tftp_exe.run("probe", *arguments, "--json")
    result = json.loads(done.stdout)
    equal(done.returncode, result["exit"], "the exit code that is told")
    true(result["seconds"] <= LIMIT_SECONDS, "it takes %.1f s" % result["seconds"])
    true(result["bytes"] <= LIMIT_BYTES, "%d bytes" % result["bytes"])
    return result


def probe_through(passes, *arguments, name="large.bin", **fault):
    with Fault(passes, **fault) as proxy:
        return run("127.0.0.1:%d" % proxy.port, name, *arguments)


def line_of(result, what):
    found = [line for line in result["lines"] if line["what"] == what]
    true(found, "no line about %s in %s" % (what, json.dumps(result["lines"], indent=1)))
    return found[0]


def says(result, state, what, text, remedy=""):
    line = line_of(result, what)
    true(line["state"] == state and text in line["meaning"] and remedy in (line["remedy"] or ""),
         "%s %s %r: %s" % (state, what, text, json.dumps(result["lines"], indent=1)))


def no_failure(result, code=1):
    equal(result["exit"], code, "exit code (%s)" % json.dumps(result["lines"], indent=1))


@case("a way without faults is called well, through a proxy too", group="faults")
def fair():
    result = probe_through(lambda datagram, up: 1)
    no_failure(result, 0)
    equal(result["blocks"], {"arrived": 65464, "lost": None}, "blocks")
    says(result, "OK", "loss", "0 were lost")
    says(result, "OK", "options", "granted")


@case("a closed port is what the host says", group="faults")
def closed():
    result = run("127.0.0.1:70")
    no_failure(result, 12)
    says(result, "FAIL", "answer", "nothing listens")


@case("an answer from another address is named, and not taken", group="faults")
def other_address():
    result = probe_through(lambda datagram, up: 1, front_address="127.0.0.9")
    no_failure(result, 15)
    says(result, "FAIL", "answer", "only 127.0.0.9:")


@case("blocks over 1000 bytes that are lost are found to the byte", group="faults")
def tunnel():
    result = probe_through(lambda datagram, up: opcode_of(datagram) != DATA or len(datagram) <= 4 + 1000)
    no_failure(result)
    equal(result["blocks"], {"arrived": 1000, "lost": 1001}, "blocks")
    says(result, "WARN", "blocks", "packets of 1032 bytes pass", "client: -b 1000\non a tftpd: Mtu = 1032")
    says(result, "-", "flags", "-b 1000")


@case("fragments that are lost are told from a tunnel", group="faults")
def fragments():
    result = probe_through(lambda datagram, up: len(datagram) <= 1472)
    no_failure(result)
    equal(result["blocks"], {"arrived": 1468, "lost": 1469}, "blocks")
    says(result, "WARN", "blocks", "fragments are lost", "Mtu = 1500")


@case("how many fragments pass is found to the byte", group="faults")
def many_fragments():
    result = probe_through(lambda datagram, up: len(datagram) <= 20000)
    no_failure(result)
    equal(result["blocks"], {"arrived": 19996, "lost": 19997}, "blocks")
    says(result, "WARN", "blocks", "fragments pass, but not so many")


@case("a server that ignores options", group="faults")
def ignores():
    result = probe_through(lambda datagram, up: bare(datagram) if has_options(datagram) else 1)
    no_failure(result)
    says(result, "WARN", "options", "ignores options, there is no OACK", "-n")
    says(result, "-", "flags", "tftp -n")


@case("a server that is silent to options", group="faults")
def silent():
    result = probe_through(lambda datagram, up: 0 if has_options(datagram) else 1)
    no_failure(result)
    says(result, "WARN", "options", "is not answered at all, one without is", "-n")


@case("a server whose OACK never comes", group="faults")
def no_oack():
    result = probe_through(lambda datagram, up: opcode_of(datagram) != OACK)
    no_failure(result)
    says(result, "WARN", "options", "is not answered at all, one without is")


@case("a server that refuses options", group="faults")
def refuses():
    result = probe_through(lambda datagram, up: error(OPTIONS, "no options") if opcode_of(datagram) == OACK else 1)
    no_failure(result)
    says(result, "WARN", "options", "is refused with ERROR 8")


@case("a server without windowsize", group="faults")
def no_windowsize():
    result = probe_through(lambda datagram, up: without_option(datagram, b"windowsize") if has_options(datagram) else 1)
    no_failure(result)
    says(result, "WARN", "options", "no windowsize")
    equal(result["granted"]["windowsize"], None, "windowsize")
    equal(result["granted"]["blksize"], 65464, "blksize")


@case("an OACK that says more than was asked", group="faults")
def broken():
    result = probe_through(lambda datagram, up: datagram + b"multicast\0" + b"1\0" if opcode_of(datagram) == OACK else 1)
    no_failure(result)
    says(result, "WARN", "OACK", "breaks the rules")


@case("of a window the blocks behind the fourth are lost", group="faults")
def window():
    since_ack = {"count": 0}

    def passes(datagram, up):
        if opcode_of(datagram) == ACK:
            since_ack["count"] = 0
        if opcode_of(datagram) != DATA:
            return 1
        since_ack["count"] += 1
        return since_ack["count"] <= 4

    result = probe_through(passes)
    no_failure(result)
    says(result, "WARN", "windows", "never more than 4 arrive", "client: -w 4\non a tftpd: MaxWindowSize = 4")
    equal(result["window_limit"], 4, "the limit")
    says(result, "OK", "loss", "0 were lost")


@case("5 % of loss is loss, and nothing else", group="faults")
def loss():
    chance = random.Random(5)
    result = probe_through(lambda datagram, up: opcode_of(datagram) != DATA or chance.random() >= 0.05)
    no_failure(result)
    says(result, "WARN", "loss", "of the blocks are lost")
    equal(result["window_limit"], None, "a limit of windows")


@case("a file that comes with no block at all", group="faults")
def no_data():
    result = probe_through(lambda datagram, up: opcode_of(datagram) != DATA)
    no_failure(result, 13)
    says(result, "FAIL", "blocks", "no block of data ever arrives")


@case("a file that is not there", group="faults")
def missing():
    result = probe_through(lambda datagram, up: 1, name="nothing.bin")
    no_failure(result, 21)
    says(result, "FAIL", "file", "ERROR 1")


@case("a flood ends at the limit of bytes", group="faults")
def flood():
    result = probe_through(lambda datagram, up: 100 if opcode_of(datagram) == DATA else 1)
    says(result, "WARN", "end", "16 MiB had passed")


@case("nobody is there", group="far")
def nobody():
    result = run("10.78.0.3")
    no_failure(result, 11)
    says(result, "FAIL", "answer", "the address is wrong, the host is down", "netsh advfirewall")


@case("a firewall that drops is named where the host answers a ping", group="far")
def firewall():
    result = run("10.78.0.2")
    no_failure(result, 11)
    says(result, "FAIL", "answer", "a firewall drops the request there, or the answer here", "netsh advfirewall")


@case("a router's word that there is no way to the host is no answer to a ping", group="far")
def no_way():
    result = run("10.79.0.1")
    no_failure(result, 11)
    says(result, "FAIL", "answer", "nor a ping: the address is wrong")


@case("a closed port on another host", group="far")
def far_closed():
    result = run("10.78.0.2:70")
    no_failure(result, 12)


if __name__ == "__main__":
    cases.main()
