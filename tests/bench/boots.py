"""Bare machines that ask for a boot file, from another network namespace: how soon they are answered, dnsmasq's proxy for scale,
and whether anybody's fetch notices."""
import contextlib
import json
import os
import statistics
import subprocess
import threading
import time

import servers

BURST = 300  # a classroom that is switched on
RATE = 5000
RATE_SECONDS = 10
BESIDE_RATE = 300
PAUSE_S = 2.5  # between bursts: no client, and no interface, is asked too much
FILE = "4k.bin"
NEAR, FAR = "10.78.0.1", "10.78.0.2"


class Link:
    """A cable from the server's namespace, where it is NEAR, to one with the machines."""

    def __init__(self, server):
        self.server = server
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, start_new_session=True)
        servers.wait_until("the other namespace is there",
                           lambda: servers.read("/proc/%d/comm" % self.holder.pid).strip() == "cat")
        here, there = server.inside, self.inside
        for command in (here("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(self.holder.pid)),
                        here("ip", "addr", "add", NEAR + "/24", "broadcast", "+", "dev", "near"),
                        here("ip", "link", "set", "near", "up"),
                        there("ip", "addr", "add", FAR + "/24", "broadcast", "+", "dev", "far"),
                        there("ip", "link", "set", "far", "up")):
            subprocess.run(command, check=True)

    def inside(self, *command):
        pinned = ["taskset", "-c", str(self.server.core)] if self.server.core is not None else []
        return pinned + ["nsenter", "-t", str(self.holder.pid), "-n"] + list(command)

    def discover(self, *arguments):
        command = self.inside(os.path.join(servers.BENCH, "discover"), "far", *map(str, arguments))
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)

    def end(self):
        self.holder.stdin.close()
        self.holder.wait()


def proxy(core):
    """dnsmasq as a proxy, natively, which listens where the link is; it says what it does, as ours does in its log file."""
    command = ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--port=0", "--interface=near",
               "--bind-interfaces", "--dhcp-range=10.78.0.0,proxy", "--pxe-service=X86-64_EFI,x," + FILE, "--user=root",
               "--conf-file=/dev/null", "--log-facility=/dev/null", "--pid-file=", "--dhcp-leasefile=/dev/null"]
    server = servers.Native("dnsmasq's proxy", core, command, "dnsmasq")
    server.port = 67
    return server


def set_value(server, name, kind, value):
    server.wine("reg", "add", servers.SERVICE, "/v", name, "/t", kind, "/d", value, "/f")


def companion(server, is_on):
    """On or off, and it is so."""
    set_value(server, "Pxe", "REG_SZ", "answer" if is_on else "off")
    servers.wait_until("port 67 is %s" % ("bound" if is_on else "free"), lambda: server.is_bound(67) == is_on)


def answers(server, link, repeats):
    """Bursts, within a moment and within a second, and then a rate that lasts, with what an answer costs the processor."""
    results = {"burst": [], "second": []}
    for _ in range(repeats):
        time.sleep(PAUSE_S)
        results["burst"].append(link.discover("burst", BURST))
        time.sleep(PAUSE_S)
        results["second"].append(link.discover("rate", BURST, 1))
    time.sleep(PAUSE_S)
    before = server.cpu()
    lasting = link.discover("rate", RATE, RATE_SECONDS)
    used = sum(server.cpu().values()) - sum(before.values())
    results["lasting"] = dict(lasting, cpu_us=used * 1e6 / max(lasting["answered"], 1))
    return results


def fetch(server, arguments):
    """How fast, and what the server's processes needed for a GiB: that does not depend on who else is on the machine."""
    run = server.load(arguments)
    return {"speed": run["transfers_per_s"] if arguments[0] == "small" else run["mb_per_s"],
            "cpu_s_per_gib": sum(run["cpu_s"].values()) / (run["bytes"] / 2**30)}


@contextlib.contextmanager
def asking(link):
    """BESIDE_RATE machines a second for as long as it lasts."""
    is_over = threading.Event()

    def ask():
        while not is_over.is_set():
            link.discover("rate", BESIDE_RATE, 1)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def beside(server, link, cases, repeats):
    """{case: {off, on, asked: [fetch]}}; the three take turns."""
    results = {case.name: {"off": [], "on": [], "asked": []} for case in cases}
    for _ in range(repeats):
        for state in ("off", "on", "asked"):
            companion(server, state != "off")
            with asking(link) if state == "asked" else contextlib.nullcontext():
                for case in cases:
                    results[case.name][state].append(fetch(server, case.arguments(server)))
    return results


def measure(start, cases, core, repeats, say):
    results = {}
    with contextlib.ExitStack() as stack:
        server = start(stack, "ours", core)
        link = Link(server)
        stack.callback(link.end)
        set_value(server, "PxeBoot", "REG_SZ", "x64 = " + FILE)
        set_value(server, "PxeRepliesPerSecond", "REG_DWORD", str(4 * RATE))
        companion(server, True)
        link.discover("burst", BURST)
        before = server.resources()["private_kib"]
        results["ours"] = answers(server, link, repeats)
        results["private_kib"] = [before, server.resources()["private_kib"]]
        results["beside"] = beside(server, link, cases, repeats)
    with contextlib.ExitStack() as stack:
        server = proxy(core)
        stack.callback(server.stop)
        link = Link(server)
        stack.callback(link.end)
        server.start()
        results["dnsmasq"] = answers(server, link, repeats)
    for name in ("ours", "dnsmasq"):
        for what in ("burst", "second", "lasting"):
            runs = results[name][what] if what != "lasting" else [results[name][what]]
            say("  %s, %s: %d of %d answered, p99 %.2f ms" % (
                name, what, sum(run["answered"] for run in runs), sum(run["asked"] for run in runs),
                statistics.median(run.get("p99_ms", 0) for run in runs)))
    say("  memory, KiB: %s; TFTP beside it: %s" % (results["private_kib"], results["beside"]))
    return results
