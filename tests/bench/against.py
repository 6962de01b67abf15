#!/usr/bin/env python3
"""against.py BASE [--quick] [--repeats N] [--cases PATTERN]

Another build of tftpd.exe beside this one: both take turns within each case, everything on one core. The median of the
ratios goes to build/bench/against.md, and is held against what a change may cost: "unclear" where it is too low and may be
so by chance, which more pairs on a quiet machine would tell. Exits with 1 where a change costs more.
"""
import argparse
import contextlib
import fnmatch
import math
import os
import signal
import statistics
import sys

import bench
import report
import servers

LEAST = 0.95
LEAST_OF = {"4 KiB files*": 0.9, "100 clients*": 0.9}


def least_of(name):
    return next((least for pattern, least in LEAST_OF.items() if fnmatch.fnmatch(name, pattern)), LEAST)


def interval(ratios):
    """Where the true median lies, 19 times of 20 (by order statistics; of fewer than six pairs nearly so)."""
    count, below, k = len(ratios), 0.0, 0
    while (below := below + math.comb(count, k) / 2**count) <= 0.025:
        k += 1
    k = max(k, 1)
    return ratios[k - 1], ratios[count - k]


def verdict(ratios, least):
    low, high = interval(ratios)
    if statistics.median(ratios) >= least:
        return low, high, "holds"
    return low, high, "unclear" if high >= least else "**missed**"


def run_pair(case, ours, base, number):
    """Whoever goes first has the colder machine, so they take turns in that as well."""
    runs = {}
    for server in (ours, base) if number % 2 == 0 else (base, ours):
        runs[server.name] = server.load(case.arguments(server))
    return runs


def judge(case, ours, base, repeats):
    """A row of the table."""
    figure = report.figure_of(case.kind)
    for server in (ours, base):
        server.load(case.arguments(server))  # what is read once is in the cache now
    pairs = [run_pair(case, ours, base, number) for number in range(repeats)]
    ratios = sorted(pair["ours"][figure] / pair["base"][figure] for pair in pairs if pair["base"][figure] > 0)
    failed = {name: sum(pair[name]["failed"] for pair in pairs) for name in ("ours", "base")}
    row = [case.name + (" (per s)" if figure == "transfers_per_s" else "")]
    for name in ("ours", "base"):
        middle = statistics.median(pair[name][figure] for pair in pairs)
        row.append(report.number(middle) + (" (%d failed)" % failed[name] if failed[name] else ""))
    least = least_of(case.name)
    low, high, word = verdict(ratios or [0.0], least)
    if failed["ours"] > failed["base"]:
        word = "**missed**"
    row += ["%.3f" % statistics.median(ratios or [0.0]), "%.2f to %.2f" % (low, high), "%g" % least, word]
    bench.say("  " + "  ".join(row))
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="the other tftpd.exe")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--cases", default="*", help="a pattern of case names")
    options = parser.parse_args()
    repeats = options.repeats or (7 if options.quick else 9)
    if not os.path.isfile(options.base):
        parser.error("there is no %s" % options.base)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    bench.make_files()
    wanted = [case for case in bench.cases(options.quick) if fnmatch.fnmatch(case.name, options.cases)]
    before = bench.load_average()
    with contextlib.ExitStack() as started:
        ours = bench.start(started, "ours", bench.CORE)
        base = bench.start(started, "base", bench.CORE, program=options.base)
        rows = [judge(case, ours, base, repeats) for case in wanted]
    text = "MB/s on one core, medians of %d pairs; load average %.1f before, %.1f after.\n\n%s\n" % (
        repeats, before[0], bench.load_average()[0],
        report.table(["case", "ours", "base", "ratio", "95 %", "asked", ""], rows))
    with open(os.path.join(servers.BENCH, "against.md"), "w") as file:
        file.write(text)
    bench.say(text)
    return 1 if any("missed" in row[-1] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
