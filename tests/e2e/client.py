"""Our own client on a console; and through a bad network: a file is whole on its other side, or the exit code is not 0."""

import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import cases
from cases import EVENTUALLY, case, equal, eventually, true
from proxy import Proxy, Weather
from tftp import BLOCK, DATA, ERROR, SERVER, WRQ, ack
from tftp_exe import SECONDS, TFTP, read, run

HERE = os.environ["HERE"]
ROOT = os.environ["ROOT"]
WORK = os.environ["WORK"]

WEATHERS = (
    Weather("1 % loss", lose=0.01),
    Weather("5 % loss", lose=0.05),
    Weather("20 % loss", lose=0.2),
    Weather("duplicates", double=0.3),
    Weather("disorder", reorder=0.2),
    Weather("everything", lose=0.02, double=0.1, reorder=0.1, delay=0.01, longest_delay=0.1),
)
# An interrupted transfer ends within a second; the rest is room for a machine that stalls.
SECONDS_TO_STOP = 4
SECONDS_TO_FILL = 0.5  # a pipe of 64 KB


def judge(done, got, wanted, what):
    if done.returncode == 0:
        equal(got, wanted, what)
    else:
        true(got is None, "%s: exit code %d, and something is stored" % (what, done.returncode))
    return done.returncode


class Console:
    """The client on a terminal of its own; its standard output goes into a file."""

    def __init__(self, *arguments):
        self.told = os.path.join(WORK, "console-told.txt")
        self.seen = b""
        self.terminal, inner = os.openpty()
        with open(self.told, "wb") as told:
            self.process = subprocess.Popen(["setsid", "--ctty", "wine", TFTP, *arguments], cwd=HERE, stdin=inner,
                                            stdout=told, stderr=inner)
        os.close(inner)

    def _read(self):
        """False: nobody writes any more."""
        if not select.select([self.terminal], [], [], 0.1)[0]:
            return True
        try:
            piece = os.read(self.terminal, 4096)
        except OSError:
            return False
        self.seen += piece
        return piece != b""

    def until(self, text):
        end = time.monotonic() + EVENTUALLY
        while text not in self.seen and self._read() and time.monotonic() < end:
            pass
        true(text in self.seen, "%r is not on the console: %r" % (text, self.seen[-300:]))

    def press(self, key):
        os.write(self.terminal, key)

    def end(self):
        """Its exit code."""
        while self._read():
            pass
        os.close(self.terminal)
        return self.process.wait(SECONDS)


@case("a console shows the bar, though the standard output goes elsewhere", group="console", alone=True)
def bar():
    console = Console("--limit-rate", "80k", "-i", "127.0.0.1", "get", "boot.bin", "bar.bin")
    console.until(b" %  [==")
    equal(console.end(), 0, "exit code")
    told = read(console.told)
    true(re.fullmatch(rb"Transfer successful: 200000 bytes in \d+ second\(s\), \d+ bytes/s\r\n", told), "told: %r" % told)
    equal(read(HERE, "bar.bin"), read(ROOT, "boot.bin"), "the file")


@case("Ctrl+C on a console ends it soon, tells the server, leaves nothing and gives 130", group="console", alone=True)
def control_c():
    console = Console("--limit-rate", "5k", "-i", "127.0.0.1", "get", "boot.bin", "stopped.bin")
    console.until(b" %  [")
    console.press(b"\x03")
    began = time.monotonic()
    equal(console.end(), 130, "exit code")
    took = time.monotonic() - began
    true(took < SECONDS_TO_STOP, "it took %.1f s" % took)
    true(read(HERE, "stopped.bin") is None, "there is a file")
    equal(read(console.told), b"", "standard output")
    eventually(lambda: b'ended it with ERROR 0 "The client\'s user has interrupted it"' in read(WORK, "console.txt"), "the server knows")


class Storing:
    """A server that takes one file from one port, and remembers how long its blocks were and what it was told."""

    def __init__(self):
        self.sizes = []
        self.told = b""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((SERVER, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while self.told == b"":
            datagram, client = self._socket.recvfrom(65536)
            opcode, number = struct.unpack("!HH", datagram[:4])
            if opcode == WRQ:
                self._socket.sendto(ack(0), client)
            elif opcode == DATA:
                self.sizes.append(len(datagram) - 4)
                self._socket.sendto(ack(number), client)
            elif opcode == ERROR:
                self.told = datagram[4:]


def put_of_pipe(is_broken_off):
    """Ctrl+C while the standard input is quiet; it is broken off where the program before it hears the same."""
    server = Storing()
    inner, outer = os.pipe()
    with subprocess.Popen(["wine", TFTP, "put", "-", "tftp://%s:%d/x" % (SERVER, server.port)], stdin=inner,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        os.close(inner)
        os.write(outer, bytes(3 * BLOCK + 100))
        eventually(lambda: len(server.sizes) == 3, "three blocks arrive")
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        if is_broken_off:
            os.close(outer)
        try:
            code = process.wait(EVENTUALLY)
        finally:
            process.kill()
        took = time.monotonic() - began
    if not is_broken_off:
        os.close(outer)
    equal(code, 130, "exit code")
    true(took < SECONDS_TO_STOP, "it took %.1f s" % took)
    equal(server.sizes, [BLOCK] * 3, "the server has an end of the file")
    return server


@case("Ctrl+C ends a put whose standard input is quiet", group="console", alone=True)
def control_c_in_a_pipe():
    put_of_pipe(False)


@case("Ctrl+C that ends the program before it, too, is no end of the file", group="console", alone=True)
def control_c_before_a_pipe():
    server = put_of_pipe(True)
    eventually(lambda: b"The client's user has interrupted it" in server.told, "the server knows")


@case("Ctrl+C ends a get whose standard output nobody takes", group="console", alone=True)
def control_c_before_a_full_pipe():
    with subprocess.Popen(["wine", TFTP, "-i", SERVER, "get", "slow.bin", "-"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: bytes_in(process.stdout) > 0, "it writes")
        time.sleep(SECONDS_TO_FILL)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        try:
            code = process.wait(EVENTUALLY)
        finally:
            process.kill()
        took = time.monotonic() - began
    equal(code, 130, "exit code")
    true(took < SECONDS_TO_STOP, "it took %.1f s" % took)


def bytes_in(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def add_cases(weather, number):
    name = "w%d" % number

    @case("through %s it fetches and stores, or says that it did not" % weather.name, group="weather")
    def both_ways():
        # At 20 % each block takes its time.
        file = "lossy.bin" if weather.lose < 0.1 else "short.bin"
        content = read(ROOT, file)
        with Proxy(weather, number) as proxy:
            port = str(proxy.port)
            got = run("-i", "-p", port, "127.0.0.1", "get", file, name + ".bin", folder=HERE)
            judge(got, read(HERE, name + ".bin"), content, "get")
            put = run("-i", "-p", port, "127.0.0.1", "put", file, name + "-up.bin", folder=HERE)
            stored = read(ROOT, name + "-up.bin")
            if put.returncode == 0:
                equal(stored, content, "put")
            else:
                true(stored is None or stored == content, "put: half a file is stored")
            # At 20 % a run of bad luck may end it; at less it may not.
            if weather.lose < 0.1:
                equal((got.returncode, put.returncode), (0, 0), "exit codes")


for index, each in enumerate(WEATHERS):
    add_cases(each, index + 1)

if __name__ == "__main__":
    cases.main()
