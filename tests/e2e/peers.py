"""Our own client against other servers (peers.sh starts them)."""

import os
import shutil

import cases
import tftp
from cases import case, equal, eventually, true
from proxy import Proxy, Weather
from tftp_exe import read, run

HERE = os.environ["HERE"]
ROOT = os.environ["ROOT"]
UNCONFIRMED = 19

# By number of their address; who takes no files serves the machine's own alone.
SERVERS = {"tftpd-hpa": 1, "atftpd": 2, "dnsmasq": 3}
READERS = ("dnsmasq",)
SIZES = (0, 1, 511, 512, 513, 1427, 1428, 1429, 2856, 16 * 1428, 16 * 1428 + 1, 100000)
DISORDER = {"double": 0.05, "reorder": 0.05, "spares_requests": True}
WEATHERS = (
    Weather("1 % loss", lose=0.01, **DISORDER),
    Weather("5 % loss", lose=0.05, **DISORDER),
    Weather("20 % loss", lose=0.2, **DISORDER),
)


def make_folder(name):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def succeeds(done, what):
    true(done.returncode == 0, "%s: exit code %d: %s" % (what, done.returncode, done.stderr.decode(errors="replace")))


def add_lengths(server, number):
    @case("%s: files of every length, both ways" % server, group="peers")
    def lengths():
        address = "tftp://127.0.1.%d" % number
        folder = make_folder("%s-lengths" % server)
        names = ["%s-%d.bin" % (server, size) for size in SIZES]
        contents = {name: cases.make(name, size) for name, size in zip(names, SIZES)}
        succeeds(run("get", *("%s/%s" % (address, name) for name in names), folder=folder), "get")
        for name in names:
            equal(read(folder, name), contents[name], "get " + name)
        if server in READERS:
            return
        succeeds(run("put", *names, address + "/in/", folder=folder), "put")
        for name in names:
            # Some write the end behind its acknowledgment.
            eventually(lambda name=name: read(ROOT, "in", name) == contents[name], "put " + name)


def add_weather(server, number, weather, index):
    @case("%s through %s: the file is whole, or the exit code is not 0" % (server, weather.name), group="peers")
    def both_ways():
        size = 30000 if weather.lose < 0.1 else 6000
        name = "%s-w%d.bin" % (server, index)
        content = cases.make(name, size)
        folder = make_folder("%s-w%d" % (server, index))
        with Proxy(weather, number * 10 + index, server=("127.0.1.%d" % number, tftp.TFTP_PORT)) as proxy:
            address = "tftp://127.0.0.1:%d" % proxy.port
            got = run("get", "%s/%s" % (address, name), folder=folder)
            equal(read(folder, name), content if got.returncode == 0 else None, "get, exit code %d" % got.returncode)
            codes = [got.returncode]
            if server not in READERS:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
                put = run("put", name, address + "/in/", folder=folder)
                codes.append(put.returncode)
                if put.returncode == 0:
                    eventually(lambda: read(ROOT, "in", name) == content, "put")
        # Who loses the last ACK of a put and does not wait behind it leaves it unconfirmed; at more loss, bad luck may end it.
        if weather.lose < 0.05:
            true(codes in ([0], [0, 0], [0, UNCONFIRMED]), "exit codes %s" % codes)


for each, at in SERVERS.items():
    add_lengths(each, at)
    for place, kind in enumerate(WEATHERS):
        add_weather(each, at, kind, place)

if __name__ == "__main__":
    cases.main()
