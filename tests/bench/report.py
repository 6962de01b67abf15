"""Turns what bench.py measured into tables (Markdown), a verdict on each bar, and a picture (SVG).

report.py [--docs]   makes them anew from build/bench/results.json; --docs also puts them into docs/performance.md,
docs/performance.svg and README.md, between the marks there.
"""
import json
import os
import sys

import report_boots
from tables import median, median_of, number, table

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = os.path.join(TOP, "build/bench")
FIGURES = {"small": "transfers_per_s", "linear": "transfers_per_s"}
SERVERS = ("ours", "echo", "pin/tftp", "tftpd-hpa", "atftpd", "dnsmasq")
COLORS = {"ours": "#2563eb", "echo": "#94a3b8", "pin/tftp": "#dc2626", "tftpd-hpa": "#d97706", "atftpd": "#059669",
          "dnsmasq": "#9333ea"}
LABELS = {"ours": "tftpd (Wine)", "echo": "bare echo (Wine)", "pin/tftp": "pin/tftp (Wine)"}
CPU_COLUMNS = (  # title, server, its process
    ("tftpd.exe", "ours", "tftpd.exe"),
    ("its wineserver", "ours", "wineserver64"),
    ("pin/tftp", "pin/tftp", "pin.exe"),
    ("its wineserver", "pin/tftp", "wineserver64"),
    ("atftpd", "atftpd", "atftpd"),
    ("dnsmasq", "dnsmasq", "dnsmasq"),
)
# Calls that stay in the process unless a thread has to wait: no part of the figure.
IN_PROCESS = ("GetTickCount64", "AcquireSRWLockExclusive", "AcquireSRWLockShared")
# Where ours is held against the other Windows server.
BESIDE_PIN = (
    "1 client, blksize 1428, window 1",
    "1 client, blksize 8192, window 1",
    "100 clients, window 1",
    "4 KiB files, 64 clients",
)
TRANSFER_PORTS = 768  # the service's default
BEGIN, END = "<!-- made by `make bench`: %s -->", "<!-- end -->"


def figure_of(kind):
    return FIGURES.get(kind, "mb_per_s")


def speed(case, server):
    """The median of a case's figure, or None where the server has no part in it."""
    runs = case["runs"].get(server)
    return median(runs, figure_of(case["kind"])) if runs else None


def ratio(case, server, other):
    mine, theirs = speed(case, server), speed(case, other)
    return mine / theirs if mine is not None and theirs else None


def failures(case, server):
    return sum(run["failed"] for run in case["runs"].get(server, []))


# -- tables --


def speeds(results, placement):
    rows = []
    for name, case in results["placements"][placement]["cases"].items():
        cells = [name + (" (per s)" if figure_of(case["kind"]) == "transfers_per_s" else "")]
        for server in SERVERS:
            failed = failures(case, server)
            cells.append(number(speed(case, server)) + (" (%d failed)" % failed if failed else ""))
        cells += [number(ratio(case, "ours", other), 2) for other in ("echo", "pin/tftp", "tftpd-hpa")]
        rows.append(cells)
    return table(["case", *SERVERS, "ours/echo", "ours/pin", "ours/hpa"], rows)


def waits(results, placement):
    """What the clients of a crowd went through."""
    rows = []
    for name, case in results["placements"][placement]["cases"].items():
        if case["kind"] != "crowd":
            continue
        for server, runs in case["runs"].items():
            if server == "echo":
                continue
            # A server that serves nobody has no times.
            times = [run for run in runs if run["completion_ms"] and run["first_byte_ms"]]
            if not times:
                rows.append([name, server] + ["-"] * 5 + [str(failures(case, server))])
                continue
            rows.append([
                name,
                server,
                number(median_of(times, lambda r: r["first_byte_ms"]["p50"] / 1000), 2),
                number(median_of(times, lambda r: r["first_byte_ms"]["p99"] / 1000), 2),
                number(median_of(times, lambda r: r["completion_ms"]["max"] / 1000), 1),
                number(median_of(times, lambda r: r["completion_ms"]["max"] / r["completion_ms"]["p50"]), 2),
                number(median(runs, "requests_repeated"), 0),
                str(failures(case, server)),
            ])
    head = ["case", "server", "first byte p50 s", "p99 s", "slowest s", "slowest/median", "requests repeated", "failed"]
    return table(head, rows)


def per_gib(run, process):
    return run["cpu_s"][process] / (run["bytes"] / 2**30) if run["bytes"] else 0


def cpu(results, placement):
    rows = []
    for name, case in results["placements"][placement]["cases"].items():
        cells = [name]
        for _, server, process in CPU_COLUMNS:
            runs = case["runs"].get(server)
            cells.append(number(median_of(runs, lambda r: per_gib(r, process))) if runs else "-")
        rows.append(cells)
    return table(["CPU seconds per GiB"] + [title for title, *_ in CPU_COLUMNS], rows)


def calls_per_block(entry):
    return {
        name: count / entry["blocks"]
        for name, count in entry["calls"].items()
        if count >= entry["blocks"] / 1000 and name not in IN_PROCESS
    }


def all_calls(entry):
    return sum(count for name, count in entry["calls"].items() if name not in IN_PROCESS) / entry["blocks"]


def calls(results):
    names = sorted({name for entry in results["calls"].values() for name in calls_per_block(entry)})
    rows = []
    for case, entry in results["calls"].items():
        each = calls_per_block(entry)
        rows.append([case, number(all_calls(entry), 2)] + [number(each.get(name, 0), 3) for name in names])
    return table(["calls per DATA block", "all", *names], rows)


def memory(results):
    held = results["open"]
    moments = ("before", "held", "after")
    rows = [
        ["private memory, KiB"] + [str(held[m]["private_kib"]) for m in moments],
        ["threads"] + [str(held[m]["threads"]) for m in moments],
        ["descriptors of its wineserver"] + [str(held[m]["handles"]) for m in moments],
    ]
    return table(["%d open transfers" % held["accepted"], "before", "open", "after"], rows)


def core(results):
    alone = results["core"]
    rows = [["an acknowledged block, window 1", number(alone["block_window_1_ns"])],
            ["an acknowledged block, window 16", number(alone["block_window_16_ns"])],
            ["a judged request with its options", number(alone["request_ns"])]]
    return table(["the core alone, natively", "ns"], rows)


def times_beside(entry):
    return entry["beside_ms"] / entry["alone_ms"]


def fairness(results):
    rows = [[what, number(entry["alone_ms"]), number(entry["beside_ms"]), number(times_beside(entry)), entry["crowd"]]
            for what, entry in results["fairness"].items()]
    return table(["1 MiB with window 8 from another address, beside", "alone ms", "beside ms", "times", "the crowd did"],
                 rows)


def bytes_per_transfer(held):
    return (held["held"]["private_kib"] - held["before"]["private_kib"]) * 1024 / max(held["accepted"], 1)


# -- bars --


class Bars:
    """One row for each promise: what was asked, what came out."""

    def __init__(self):
        self.rows = []

    def add(self, name, asked, value, is_met, text=None):
        if value is not None:
            self.rows.append([name, asked, text or number(value, 2), "holds" if is_met else "**missed**"])

    def least(self, name, value, least):
        self.add(name, "at least %g" % least, value, value is not None and value >= least)

    def most(self, name, value, most):
        self.add(name, "at most %g" % most, value, value is not None and value <= most)


def lowest(cases, picked, other):
    ratios = {name: ratio(cases[name], "ours", other) for name in picked if name in cases}
    ratios = {name: value for name, value in ratios.items() if value is not None}
    return min(ratios.items(), key=lambda item: item[1]) if ratios else (None, None)


def bars_of_placement(bars, placement, cases):
    at = " (%s)" % placement
    for window in (1, 4, 16, 64):
        for blksize in (1428, 8192):
            name = "1 client, blksize %d, window %d" % (blksize, window)
            if name in cases:
                bars.least(name + ": of the echo" + at, ratio(cases[name], "ours", "echo"), 0.9)
    for window, least in ((1, 0.8), (4, 0.85)):
        name = "100 clients, window %d" % window
        if name in cases:
            bars.least(name + ": of the echo" + at, ratio(cases[name], "ours", "echo"), least)
    for name, case in cases.items():
        if case["kind"] == "crowd" and case["clients"] >= 200:
            bars_of_boot(bars, name, case, cases, at)
    name = "4 KiB files, 64 clients"
    if name in cases:
        bars.least(name + ": of tftpd-hpa" + at, ratio(cases[name], "ours", "tftpd-hpa"), 2.5)
    for name in BESIDE_PIN:
        if name in cases:
            bars.least(name + ": of pin/tftp, under Wine too" + at, ratio(cases[name], "ours", "pin/tftp"), 3)
    few, many = (cases.get(name) for name in sorted((n for n in cases if cases[n]["kind"] == "linear"),
                                                     key=lambda n: cases[n]["clients"])) if sum(
        c["kind"] == "linear" for c in cases.values()) == 2 else (None, None)
    if few and many:
        bars.most("time per block, %d transfers at once: of that at %d%s" % (many["clients"], few["clients"], at),
                  speed(few, "ours") / speed(many, "ours"), 2)


def bars_of_boot(bars, name, case, cases, at):
    runs = case["runs"]["ours"]
    bars.most(name + ": failed" + at, failures(case, "ours"), 0)
    bars.most(name + ": first byte p99, s" + at, median_of(runs, lambda r: r["first_byte_ms"]["p99"] / 1000), 0.5)
    bars.most(name + ": slowest of the median" + at,
              median_of(runs, lambda r: r["completion_ms"]["max"] / r["completion_ms"]["p50"]), 3)
    if case["window"] == 1:
        bars.most(name + ": requests repeated" + at, median(runs, "requests_repeated"), 0)
    else:
        hpa = cases.get("%d clients, window 1" % case["clients"])
        if hpa:
            bars.least(name + ": of tftpd-hpa's, which has no windows" + at,
                       speed(case, "ours") / speed(hpa, "tftpd-hpa"), 0.8)


def bars_of(results):
    bars = Bars()
    for placement, entry in results["placements"].items():
        bars_of_placement(bars, placement, entry["cases"])
    for name, entry in results.get("calls", {}).items():
        window = int(name.rsplit(" ", 1)[1])
        if window >= 16 or (window == 1 and name.startswith("100")):
            bars.most("calls per DATA block: " + name, all_calls(entry), 3 if window == 1 else 1.3)
    for what, entry in results.get("fairness", {}).items():
        bars.most("beside %s: of the time alone" % what, times_beside(entry), 4)
    if "boots" in results:
        report_boots.add_bars(bars, results["boots"])
    held = results.get("open")
    if held:
        bars.most("bytes per open download", bytes_per_transfer(held), 512)
        bars.most("growth with %d open, MiB" % held["accepted"],
                  (held["held"]["private_kib"] - held["before"]["private_kib"]) / 1024, 8)
        for what, key, most in (("threads", "threads", 0), ("descriptors (a port each)", "handles", TRANSFER_PORTS)):
            bars.most("%s that %d open transfers add" % (what, held["accepted"]), held["held"][key] - held["before"][key], most)
        bars.least("of these still alive after the hold", held["alive"] / max(held["accepted"], 1), 1)
        bars.most("how often a mass boot of one image reads it from disk", held["image_reads"], 1)
    return bars.rows


# -- the picture --

PICTURE_CASES = (
    "1 client, blksize 1428, window 1",
    "1 client, blksize 1428, window 16",
    "1 client, blksize 8192, window 16",
    "100 clients, window 1",
    "100 clients, window 4",
    "1000 clients, window 1",
    "1000 clients, window 4",
)


def picture(results):
    """Bars of MB/s, one group a case, of the first placement."""
    placement, entry = next(iter(results["placements"].items()))
    groups = [(name, entry["cases"][name]) for name in PICTURE_CASES if name in entry["cases"]]
    left, width, bar, gap, top = 250, 420, 13, 14, 58
    longest = max([speed(case, s) or 0 for _, case in groups for s in SERVERS] or [1])
    parts, y = [], top
    for name, case in groups:
        present = [server for server in SERVERS if speed(case, server) is not None]
        middle = y + len(present) * bar / 2 + 4
        parts.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (left - 10, middle, name))
        for server in present:
            value = speed(case, server)
            length = max(value / longest * width, 1)
            parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
                         % (left, y, length, bar - 2, COLORS[server]))
            parts.append('<text x="%.1f" y="%d" class="n">%s</text>' % (left + length + 5, y + bar - 3, number(value)))
            y += bar
        y += gap
    legend, x = [], 10
    for server in SERVERS:
        label = LABELS.get(server, server + " (native)")
        legend.append('<rect x="%d" y="34" width="10" height="10" fill="%s"/>' % (x, COLORS[server]))
        legend.append('<text x="%d" y="43" class="n">%s</text>' % (x + 14, label))
        x += 22 + 6.2 * len(label)
    cores = "everything on one core" if placement == "same" else "cores as the scheduler chooses"
    head = '<text x="10" y="20" class="t">MB/s, medians of %d runs, %s</text>' % (results["repeats"], cores)
    style = ("<style>text{font:12px sans-serif;fill:#111}.n{font-size:10px;fill:#444}.t{font-size:14px}"
             "</style>")
    size = (left + width + 80, y)
    return '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">%s<rect width="100%%" height="100%%" fill="#fff"/>%s%s%s</svg>\n' % (
        *size, *size, style, head, "".join(legend), "\n".join(parts))


# -- the report --


def made_on(results):
    where = results["machine"]
    loads = ", ".join("%s %.1f before and %.1f after" % (name, entry["load_before"][0], entry["load_after"][0])
                      for name, entry in results["placements"].items())
    peers = ", ".join("%s %s" % item for item in where["peers"].items())
    return "\n".join([
        "%s, %d cores, Linux %s, %s; %s. %s, %d repeats%s, %.0f minutes." % (
            where["processor"], where["cores"], where["kernel"], where["wine"], peers, where["date"],
            results["repeats"], " (QUICK)" if results["is_quick"] else "", results["minutes"]),
        "Load average of the machine, of one minute: %s." % loads,
    ])


def full(results):
    parts = [made_on(results)]
    words = {"same": "Everything on one core", "free": "Cores as the scheduler chooses"}
    for placement in results["placements"]:
        parts += ["### %s" % words[placement], "MB/s, or transfers per second where it says so.",
                  speeds(results, placement), waits(results, placement), cpu(results, placement)]
    if "calls" in results:
        parts += ["### Calls of the system", calls(results)]
    if "open" in results:
        parts += ["### Memory", memory(results)]
    if "fairness" in results:
        parts += ["### Beside crowds", fairness(results)]
    if "core" in results:
        parts += ["### The core alone", core(results)]
    parts += ["### The bars", table(["bar", "asked", "measured", ""], bars_of(results))]
    return "\n\n".join(parts)


def short(results):
    """The README's: a few rows of the placement on one core."""
    placement, entry = next(iter(results["placements"].items()))
    rows = []
    for name in PICTURE_CASES + ("4 KiB files, 64 clients",):
        case = entry["cases"].get(name)
        if case:
            unit = " (per s)" if figure_of(case["kind"]) == "transfers_per_s" else ""
            rows.append([name + unit] + [number(speed(case, server)) for server in SERVERS])
    return table(["MB/s (placement: %s)" % placement, *SERVERS], rows)


def put_between_marks(path, name, text):
    with open(path) as file:
        before, mark, rest = file.read().partition(BEGIN % name)
    if not mark:
        raise SystemExit("report: %s has no mark '%s'" % (path, BEGIN % name))
    after = rest.partition(END)[2]
    with open(path, "w") as file:
        file.write(before + mark + "\n\n" + text + "\n\n" + END + after)


def write(results, folder):
    with open(os.path.join(folder, "performance.md"), "w") as file:
        file.write(full(results) + "\n")
        if "boots" in results:
            file.write("\n### Boot requests\n\n" + report_boots.tables(results["boots"]) + "\n")
    with open(os.path.join(folder, "performance.svg"), "w") as file:
        file.write(picture(results))


def main():
    with open(os.path.join(BENCH, "results.json")) as file:
        results = json.load(file)
    write(results, BENCH)
    if "--docs" in sys.argv[1:]:
        put_into_docs(results)


def put_into_docs(results):
    """Only what this run measured."""
    page = os.path.join(TOP, "docs/performance.md")
    if any(entry["cases"] for entry in results["placements"].values()):
        with open(os.path.join(TOP, "docs/performance.svg"), "w") as file:
            file.write(picture(results))
        put_between_marks(page, "tables", full(results))
        put_between_marks(os.path.join(TOP, "README.md"), "short table", short(results))
    if "boots" in results:
        put_between_marks(page, "boot requests", made_on(results) + "\n\n" + report_boots.tables(results["boots"]))


if __name__ == "__main__":
    main()
