"""Our own client through a bad network: a file is whole on its other side, or the exit code is not 0."""

import os
import subprocess

import cases
from cases import case, equal, true
from proxy import Proxy, Weather

TFTP = os.environ["TFTP"]
HERE = os.environ["HERE"]
ROOT = os.environ["ROOT"]

WEATHERS = (
    Weather("1 % loss", lose=0.01),
    Weather("5 % loss", lose=0.05),
    Weather("20 % loss", lose=0.2),
    Weather("duplicates", double=0.3),
    Weather("disorder", reorder=0.2),
    Weather("everything", lose=0.02, double=0.1, reorder=0.1, delay=0.01, longest_delay=0.1),
)
SECONDS = 90


def run(*arguments):
    return subprocess.run(["wine", TFTP, *arguments], cwd=HERE, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=SECONDS, check=False)


def read(*path):
    try:
        with open(os.path.join(*path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def judge(done, got, wanted, what):
    if done.returncode == 0:
        equal(got, wanted, what)
    else:
        true(got is None, "%s: exit code %d, and something is stored" % (what, done.returncode))
    return done.returncode


def add_cases(weather, number):
    name = "w%d" % number

    @case("through %s it fetches and stores, or says that it did not" % weather.name, group="weather")
    def both_ways():
        # At 20 % each block takes its time.
        file = "lossy.bin" if weather.lose < 0.1 else "short.bin"
        content = read(ROOT, file)
        with Proxy(weather, number) as proxy:
            port = str(proxy.port)
            got = run("-i", "-p", port, "127.0.0.1", "get", file, name + ".bin")
            judge(got, read(HERE, name + ".bin"), content, "get")
            put = run("-i", "-p", port, "127.0.0.1", "put", file, name + "-up.bin")
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
