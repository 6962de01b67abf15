#!/usr/bin/env python3
"""Our client beside others: the seconds that one file takes from one and the same native server (atftpd, which knows windows), all
on one core. Writes build/bench/clients.json and clients.md.

clients.py [--quick]   measures
clients.py --docs      puts the table of the last run into docs/performance.md, between the marks there
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time

import bench
import report
import servers

CORE = 0
SECONDS_MAX = 300
BLKSIZE, WINDOW = 1428, 16  # what ours asks for by itself
RESULTS = os.path.join(servers.BENCH, "clients.json")
# Name of a row: block size and window; None: whatever the client does without being told.
CASES = {
    "blksize 1428, window 1": (BLKSIZE, 1),
    "blksize 1428, window 16": (BLKSIZE, WINDOW),
    "its defaults": None,
}


def program(name):
    return os.path.join(servers.BENCH, name)


class Clients:
    """Each takes (file, case) and returns its seconds, or None where it cannot do that."""

    def __init__(self, sandbox, size):
        self.sandbox, self.size = sandbox, size

    def of_json(self, text):
        """What ours prints, and what was made for this: their own seconds, so that Wine's start does not count."""
        told = json.loads(text.strip().splitlines()[-1])
        if told["bytes"] != self.size or told.get("exit", 0) != 0:
            raise SystemExit("bench: a client failed: %s" % text)
        return told["seconds"]

    def of_clock(self, *command):
        began = time.monotonic()
        done = subprocess.run(self.sandbox.inside(*command), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise SystemExit("bench: %s gave %d: %s" % (" ".join(command), done.returncode, done.stderr.decode()))
        return time.monotonic() - began

    def ours(self, file, case):
        flags = ["-b", str(case[0]), "-w", str(case[1])] if case else []
        return self.of_json(self.sandbox.wine(os.path.join(servers.BUILD, "tftp.exe"), "--json", *flags, "get",
                                              "tftp://127.0.0.1/" + file, "-o", "NUL"))

    def bare(self, file, case):
        blksize, window = case or (BLKSIZE, WINDOW)
        return self.of_json(self.sandbox.wine(program("drain.exe"), "69", file, str(blksize), str(window)))

    def native(self, file, case):
        blksize, window = case or (BLKSIZE, WINDOW)
        command = [program("ask"), "69", file, str(blksize), str(window)]
        return self.of_json(subprocess.run(self.sandbox.inside(*command), stdin=subprocess.DEVNULL, capture_output=True,
                                           text=True, timeout=SECONDS_MAX, check=False).stdout)

    def curl(self, file, case):
        if case and case[1] > 1:
            return None
        flags = ["--tftp-blksize", str(case[0])] if case else []
        return self.of_clock("curl", "-sS", *flags, "-o", "/dev/null", "tftp://127.0.0.1/" + file)

    def hpa(self, file, case):
        if case:
            return None
        return self.of_clock("/usr/bin/tftp", "127.0.0.1", "-m", "binary", "-c", "get", file, "/dev/null")

    def atftp(self, file, case):
        flags = []
        if case:
            flags += ["--option", "blksize %d" % case[0]]
        if case and case[1] > 1:
            flags += ["--option", "windowsize %d" % case[1]]
        return self.of_clock("atftp", *flags, "--get", "--remote-file", file, "--local-file", "/dev/null", "127.0.0.1")

    def all(self):
        return {"tftp.exe (Wine)": self.ours, "bare (Wine)": self.bare, "its core, native": self.native, "curl": self.curl,
                "tftp-hpa": self.hpa, "atftp": self.atftp}


def serve(stack):
    """A Windows of its own, and the native server in its network."""
    sandbox = servers.Windows("client", CORE)
    stack.callback(sandbox.stop)
    sandbox.start()
    sandbox.process = sandbox.spawn(sandbox.inside(*servers.peer_command("atftpd")), "peers-output.txt")
    stack.callback(sandbox.end_process)
    servers.wait_until("atftpd listens", lambda: sandbox.is_bound(sandbox.port))
    return sandbox


def measure(file, repeats):
    results = {name: {} for name in CASES}
    with contextlib.ExitStack() as started:
        clients = Clients(serve(started), os.path.getsize(os.path.join(servers.FILES, file)))
        for name, case in CASES.items():
            for _ in range(repeats):
                for client, fetch in clients.all().items():
                    seconds = fetch(file, case)
                    if seconds is not None:
                        results[name].setdefault(client, []).append(seconds)
            bench.say("  %-24s %s" % (name, "  ".join(
                "%s %.2f" % (client, statistics.median(runs)) for client, runs in results[name].items())))
    return results


def table(results):
    names = list(dict.fromkeys(client for runs in results["cases"].values() for client in runs))
    rows = []
    for case, runs in results["cases"].items():
        middle = {client: statistics.median(seconds) for client, seconds in runs.items()}

        def ratio(one, other):
            return report.number(middle[one] / middle[other], 2) if one in middle and other in middle else "-"

        rows.append([case, *(report.number(middle.get(client), 2) for client in names),
                     ratio("tftp.exe (Wine)", "bare (Wine)"), ratio("its core, native", "curl"),
                     ratio("its core, native", "atftp")])
    head = ["seconds for %d MiB" % (results["bytes"] >> 20), *names, "ours/bare", "core/curl", "core/atftp"]
    where = results["machine"]
    return "\n\n".join([report.table(head, rows), "%s, %d cores, %s; curl %s, tftp-hpa %s, atftp %s, from atftpd. %s, %d repeats, "
                        "load average of one minute: %.1f before and %.1f after." % (
                            where["processor"], where["cores"], where["wine"], *results["versions"], where["date"],
                            results["repeats"], results["load_before"], results["load_after"])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    if options.docs:
        results = json.loads(servers.read(RESULTS))
        report.put_between_marks(os.path.join(servers.TOP, "docs/performance.md"), "the client", table(results))
        return
    bench.make_files()
    file, repeats = ("8m.bin", 3) if options.quick else ("64m.bin", 5)
    bench.say("our client beside others")
    before = bench.load_average()[0]
    cases = measure(file, repeats)
    results = {
        "machine": bench.machine(), "versions": [bench.package_version(name) for name in ("curl", "tftp-hpa", "atftp")],
        "bytes": os.path.getsize(os.path.join(servers.FILES, file)), "repeats": repeats, "cases": cases,
        "load_before": before, "load_after": bench.load_average()[0],
    }
    with open(RESULTS, "w", encoding="utf-8") as out:
        json.dump(results, out, indent=1)
    with open(os.path.join(servers.BENCH, "clients.md"), "w", encoding="utf-8") as out:
        out.write(table(results) + "\n")
    bench.say(table(results))


if __name__ == "__main__":
    sys.exit(main())
