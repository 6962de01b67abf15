"""The tables and bars of boots.py."""
import statistics

from tables import median_of, number, table

LASTING_S = 10  # RATE_SECONDS of boots.py


def tables(boots):
    """How soon machines were answered, and what became of those who fetched meanwhile."""
    rows = []
    for name, label in (("ours", "tftpd (Wine)"), ("dnsmasq", "dnsmasq's proxy (native)")):
        entry = boots[name]
        bursts, lasting = entry["burst"], entry["lasting"]
        for what, runs in (("%d at once" % bursts[0]["asked"], bursts),
                           ("%d within a second" % bursts[0]["asked"], entry["second"]),
                           ("%.0f a second" % (lasting["asked"] / LASTING_S), [lasting])):
            times = [number(median_of(runs, lambda run: run.get(key, 0)), 2) for key in ("p50_ms", "p99_ms", "max_ms")]
            rows.append([label + ", " + what, "%d of %d" % (sum(r["answered"] for r in runs), sum(r["asked"] for r in runs)),
                         *times, number(runs[0].get("cpu_us"))])
    asked = table(["machines that ask", "answered", "p50 ms", "p99 ms", "slowest ms", "CPU, us an answer"], rows)
    rows = [[name, *(number(ratio(entry, state, figure), 2) for state in ("on", "asked") for figure in ("speed", "cpu_s_per_gib"))]
            for name, entry in boots["beside"].items()]
    fetched = table(["TFTP, of what it is with Pxe off", "Pxe on: speed", "CPU", "300 machines a second: speed", "CPU"], rows)
    before, after = boots["private_kib"]
    return "%s\n\n%s\n\nPrivate memory before and after: %d and %d KiB." % (asked, fetched, before, after)


def ratio(entry, state, figure):
    """The median of the ratios, as each repeat has all states one after the other."""
    return statistics.median(run[figure] / off[figure] for run, off in zip(entry[state], entry["off"]))


def add_bars(bars, entry):
    ours = entry["ours"]
    bars.least("boot requests: of 300 at once or within a second answered",
               min(run["answered"] / run["asked"] for run in ours["burst"] + ours["second"]), 1)
    for name, text in (("second", "within a second"), ("burst", "at once")):
        bars.most("boot requests: p99 of 300 %s, ms" % text, median_of(ours[name], lambda run: run.get("p99_ms", 1e9)), 5)
    bars.least("boot requests: of 5,000 a second answered", ours["lasting"]["answered"] / ours["lasting"]["asked"], 0.999)
    bars.most("boot requests: growth, MiB", (entry["private_kib"][1] - entry["private_kib"][0]) / 1024, 1)
    for name, figures in entry["beside"].items():
        bars.least("%s with Pxe on: of that without" % name, ratio(figures, "on", "speed"), 0.95)
        bars.most("%s with Pxe on: CPU, of that without" % name, ratio(figures, "on", "cpu_s_per_gib"), 1.05)
