#!/usr/bin/env python3
"""bench.py [--quick] [--repeats N] [--cases PATTERN] [--placements same,free]

Our service under Wine beside another Windows server there, beside servers of Linux that run natively, and beside the
floor that Wine sets. All in one run: the servers take turns within each case. Raw results go to build/bench/results.json, the report made from them
(report.py) to build/bench/performance.md and performance.svg.
"""
import argparse
import contextlib
import dataclasses
import fnmatch
import json
import os
import platform
import random
import signal
import subprocess
import sys
import time

import boots
import fairness
import report
import servers

MIB = 1 << 20
CORE = 0  # of the placement "same"
PLACEMENTS = {"same": CORE, "free": None}
WINDOWS = (1, 4, 16, 64)
PEERS = ("tftpd-hpa", "atftpd", "dnsmasq")
WITHOUT_WINDOWS = ("pin/tftp", "tftpd-hpa", "dnsmasq")
# What is built of these (pin.exe) cannot tell its version.
INSTALLED = {"dnsmasq-base": "dnsmasq-base", "pin/tftp": "golang-github-pin-tftp-dev", "Go": "golang-go"}
HOLD_S = 8
EXTRAS = ("core", "fairness", "calls", "open", "boots")


@dataclasses.dataclass
class Case:
    name: str
    kind: str  # how report.py shows it
    mode: str
    file: str
    clients: int = 1
    blksize: int = 1428
    window: int = 1
    more: tuple = ()
    who: tuple = ("ours", "echo", "pin/tftp") + PEERS

    def servers(self):
        return [name for name in self.who if self.window == 1 or name not in WITHOUT_WINDOWS]

    def arguments(self, server):
        """For the load generator."""
        size = os.path.getsize(os.path.join(servers.FILES, self.file))
        at = "127.0.0.1:%d" % server.port
        sizes = ["--clients", self.clients, "--blksize", self.blksize, "--windowsize", self.window, "--limit-s", 150]
        if server.name == "echo":
            ports = min(server.threads, self.clients)
            return list(map(str, ["echo", at, "-", "--size", size, "--ports", ports] + sizes))
        compare = ["--compare", os.path.join(servers.FILES, self.file)]
        sources = ["--sources", (self.clients + 99) // 100] if self.clients > 100 else []
        return list(map(str, [self.mode, at, self.file] + compare + sizes + sources + list(self.more)))


def cases(is_quick):
    """Every case of the table. Quick ones are the same with less to carry."""
    big, small_count, spread = ("8m.bin", 1000, 2000) if is_quick else ("64m.bin", 6000, 10000)
    crowd = 200 if is_quick else 1000
    wine = ("ours",)
    listed = []
    for blksize in (512, 1428, 8192):
        for window in WINDOWS:
            listed.append(Case("1 client, blksize %d, window %d" % (blksize, window), "one", "get", big, 1, blksize, window))
    for window in (1, 4):
        listed.append(Case("100 clients, window %d" % window, "crowd", "get", "1m.bin", 100, 1428, window))
    for window in (1, 4):
        who = ("ours",) + PEERS
        listed.append(Case("%d clients, window %d" % (crowd, window), "crowd", "get", "1m.bin", crowd, 1428, window, (), who))
    listed.append(Case("4 KiB files, 64 clients", "small", "small", "4k.bin", 64, more=("--files", small_count),
                       who=("ours", "pin/tftp") + PEERS))
    listed.append(Case("20 clients, window 4, 1 % loss", "loss", "get", "1m.bin", 20, 1428, 4, ("--loss", 1),
                       ("ours", "atftpd")))
    for clients in (10, spread):
        listed.append(Case("32 KiB files, %d at once" % clients, "linear", "small", "32k.bin", clients,
                           more=("--files", spread), who=wine))
    return listed


def make_files():
    os.makedirs(servers.FILES, exist_ok=True)
    sizes = {"64m.bin": 64 * MIB, "8m.bin": 8 * MIB, "1m.bin": MIB, "32k.bin": 32 << 10, "4k.bin": 4 << 10}
    for name, size in sizes.items():
        path = os.path.join(servers.FILES, name)
        if not os.path.exists(path) or os.path.getsize(path) != size:
            with open(path, "wb") as file:
                file.write(random.Random(name).randbytes(size))
        os.utime(path, (1.7e9, 1.7e9))  # written long ago: of a fresh file nothing is kept between transfers
        os.chmod(path, 0o644)
    path = servers.FILES
    while path != "/":  # servers that give up root must get there
        os.chmod(path, os.stat(path).st_mode | 0o011)
        path = os.path.dirname(path)


def load_average():
    return [float(x) for x in servers.read("/proc/loadavg").split()[:3]]


def package_version(package):
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
    if query.returncode != 0 or not query.stdout:
        raise SystemExit("bench: the package %s is not installed: make -f Makefile.mingw packages-bench" % package)
    return query.stdout


def machine():
    model = [line.split(":")[1].strip() for line in servers.read("/proc/cpuinfo").splitlines() if "model name" in line]
    wine = subprocess.run(["wine", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    debs = sorted(name for name in os.listdir(os.path.join(servers.BUILD, "peers")) if name.endswith(".deb"))
    versions = {name.split("_")[0]: name.split("_")[1].replace("%3a", ":") for name in debs}
    versions.update((name, package_version(package)) for name, package in INSTALLED.items())
    return {
        "processor": model[0] if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "wine": wine,
        "peers": versions,
        "date": time.strftime("%Y-%m-%d"),
    }


def say(text):
    print(text, flush=True)


def start(stack, name, core=None, workers=0, program=os.path.join(servers.BUILD, "tftpd.exe")):
    """A server that answers, and is stopped when the stack is left."""
    server = servers.make(name, core, workers, program)
    stack.callback(server.stop)
    server.start()
    return server


def run_case(case, running, repeats):
    """The servers take turns; {server: [run]}."""
    runs = {name: [] for name in case.servers()}
    for name in runs:
        running[name].begin_case(case)
    for _ in range(repeats):
        for name, list_of_runs in runs.items():
            server = running[name]
            died = server.revive()
            run = server.load(case.arguments(server))
            run["died"] = died
            list_of_runs.append(run)
    figure = report.figure_of(case.kind)
    say("  %-36s %s" % (case.name, "  ".join(
        "%s %.1f%s" % (name, report.median(runs[name], figure), "!" if any(run["failed"] for run in runs[name]) else "")
        for name in runs)))
    return runs


def run_placement(placement, wanted, repeats, workers):
    core = PLACEMENTS[placement]
    before = load_average()
    names = [name for name in report.SERVERS if any(name in case.servers() for case in wanted)]
    say("placement %s; load average before: %s" % (placement, before))
    with contextlib.ExitStack() as started:
        running = {name: start(started, name, core, workers) for name in names}
        results = {}
        for case in wanted:
            runs = run_case(case, running, repeats)
            results[case.name] = {"kind": case.kind, "clients": case.clients, "blksize": case.blksize,
                                  "window": case.window, "runs": runs}
    return {"load_before": before, "load_after": load_average(), "cases": results}


def count_calls(is_quick):
    """Calls of the system per DATA block, in a build of the service that counts them."""
    name = "8m.bin" if is_quick else "64m.bin"
    wanted = [Case("1 client, window %d" % w, "one", "get", name, 1, 1428, w) for w in WINDOWS]
    wanted += [Case("100 clients, window %d" % w, "crowd", "get", "1m.bin", 100, 1428, w) for w in WINDOWS]
    results = {}
    with contextlib.ExitStack() as started:
        server = start(started, "counted")
        for case in wanted:
            server.load(case.arguments(server))  # what is read once is in the cache now
            before = server.calls()
            run = server.load(case.arguments(server))
            after = server.calls()
            results[case.name] = {
                "blocks": run["blocks_received"],
                "failed": run["failed"],
                "calls": {key: after[key] - before[key] for key in after},
            }
    return results


def hold_open(count):
    """Memory, threads and handles of our service with many transfers open, and how often a mass boot reads the image."""
    with contextlib.ExitStack() as started:
        server = start(started, "ours")
        before = server.status()
        server.load(Case("mass boot", "crowd", "get", "1m.bin", 100, window=4).arguments(server))
        after = server.status()
        samples = [server.resources()]
        command = ["open", "127.0.0.1", "1m.bin", "--clients", count, "--sources", 100, "--start-spread-ms", 6000,
                   "--seconds", HOLD_S, "--timeout-option", 30, "--limit-s", 120]
        log = os.path.join(servers.BENCH, "open.txt")
        with open(log, "w") as out:
            process = subprocess.Popen(
                server.inside(os.path.join(servers.BENCH, "load"), *map(str, command)),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out,
            )
        servers.wait_until("the transfers are open", lambda: "holding" in servers.read(log), 90)
        samples.append(server.resources())
        result = json.loads(process.communicate()[0])
        samples.append(server.resources())
    return {"accepted": result["accepted"], "alive": result["alive"],
            "before": samples[0], "held": samples[1], "after": samples[2],
            "image_reads": (after["cache_bytes_read"] - before["cache_bytes_read"]) / MIB}


def keep(results, begun):
    results["minutes"] = round((time.monotonic() - begun) / 60, 1)
    with open(os.path.join(servers.BENCH, "results.json"), "w") as file:
        json.dump(results, file, indent=1)


def core_alone():
    figures = json.loads(subprocess.run([os.path.join(servers.BENCH, "core")], stdout=subprocess.PIPE, check=True).stdout)
    say("  %s" % figures)
    return figures


def boot_requests(is_quick, repeats):
    listed = cases(is_quick)
    beside = [case for case in listed if case.name in ("1 client, blksize 1428, window 4", "4 KiB files, 64 clients")]
    return boots.measure(start, beside, CORE, repeats, say)


def measure_extras(results, wanted, repeats):
    is_quick = results["is_quick"]
    measured = {
        "core": ("the core alone", core_alone),
        "fairness": ("beside crowds", lambda: fairness.measure(start, repeats, say)),
        "calls": ("calls, counted", lambda: count_calls(is_quick)),
        "open": ("transfers held open", lambda: hold_open(1000 if is_quick else 10000)),
        "boots": ("boot requests", lambda: boot_requests(is_quick, repeats)),
    }
    for name in EXTRAS:
        if name in wanted:
            what, measure = measured[name]
            say(what)
            results[name] = measure()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--cases", default="*", help="a pattern of case names")
    parser.add_argument("--placements", default="same,free")
    parser.add_argument("--extras", default=",".join(EXTRAS), help="of %(default)s, these")
    options = parser.parse_args()
    repeats = options.repeats or (3 if options.quick else 5)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    make_files()
    wanted = [case for case in cases(options.quick) if fnmatch.fnmatch(case.name, options.cases)]
    begun = time.monotonic()
    # As many as the service has by itself (README of the parameter Workers).
    workers = min(max(2 * os.cpu_count(), 4), 16)
    results = {"machine": machine(), "is_quick": options.quick, "repeats": repeats, "workers": workers, "placements": {}}
    for placement in options.placements.split(","):
        results["placements"][placement] = run_placement(placement, wanted, repeats, workers)
        keep(results, begun)  # should the rest be broken off
    measure_extras(results, options.extras.split(","), repeats)
    keep(results, begun)
    report.write(results, servers.BENCH)
    say(servers.read(os.path.join(servers.BENCH, "performance.md")))
    say("Report: %s/performance.md and performance.svg (%.1f minutes)" % (servers.BENCH, results["minutes"]))


if __name__ == "__main__":
    sys.exit(main())
