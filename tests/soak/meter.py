"""What the service and the wineserver hold over time, and whether that is flat at the end.

Wine counts no handles for a process (`handles` of `tftpd status` is 0): they are the wineserver's memory, and those of
sockets and files its descriptors and the process's, so these are measured.
"""

import statistics
import time

from process import descriptors, memory_kib, threads

LOAD, REST_BEFORE, REST_AFTER = "load", "rest before", "rest after"


class Measure:
    """A figure of a sample, and by how much it may have grown: the larger of a number and a part."""

    def __init__(self, name, take, more, part):
        self.name = name
        self.take = take
        self.more = more
        self.part = part

    def allows(self, before, after):
        return after <= before + max(self.more, before * self.part)


# At rest everything is given back: nothing may have grown but by what a heap, or a thread of Wine's, is late with.
# Under load the work itself differs from minute to minute.
AT_REST = (
    Measure("tftpd.exe: threads", lambda s: s.threads, 0, 0),
    Measure("tftpd.exe: descriptors", lambda s: s.descriptors, 4, 0),
    Measure("tftpd.exe: resident KiB", lambda s: s.memory, 2048, 0.05),
    Measure("tftpd.exe: memory_bytes, KiB", lambda s: s.memory_told, 2048, 0.05),
    Measure("wineserver: descriptors", lambda s: s.server_descriptors, 16, 0),
    Measure("wineserver: resident KiB", lambda s: s.server_memory, 4096, 0.1),
)
UNDER_LOAD = (
    Measure("tftpd.exe: threads", lambda s: s.threads, 1, 0),
    Measure("tftpd.exe: descriptors", lambda s: s.descriptors, 16, 0.05),
    Measure("tftpd.exe: resident KiB", lambda s: s.memory, 4096, 0.1),
    Measure("wineserver: descriptors", lambda s: s.server_descriptors, 32, 0.1),
    Measure("wineserver: resident KiB", lambda s: s.server_memory, 8192, 0.15),
)


class Sample:
    def __init__(self, pid, server_pid, status, phase):
        self.when = time.monotonic()
        self.phase = phase
        self.threads = threads(pid)
        self.descriptors = descriptors(pid)
        self.memory = memory_kib(pid)
        self.server_descriptors = descriptors(server_pid)
        self.server_memory = memory_kib(server_pid)
        self.memory_told = status.get("memory_bytes", 0) // 1024
        self.running = status.get("running", 0)

    def line(self, began):
        return ("%6.0f s  %-11s  tftpd %d KiB, %d threads, %d descriptors, %d transfers; wineserver %d KiB, %d descriptors"
                % (self.when - began, self.phase, self.memory, self.threads, self.descriptors, self.running,
                   self.server_memory, self.server_descriptors))


def compare(samples):
    """Rows: what, when, before, after, whether that is flat. Under load: the first fifth after the warm-up, and the last."""
    rest = [[sample for sample in samples if sample.phase == phase] for phase in (REST_BEFORE, REST_AFTER)]
    loaded = [sample for sample in samples if sample.phase == LOAD and sample.when > rest[0][-1].when]
    fifth = (len(loaded) + 4) // 5
    rows = []
    for when, measures, before, after in (("at rest", AT_REST, *rest),
                                          ("under load", UNDER_LOAD, loaded[:fifth], loaded[-fifth:])):
        for measure in measures:
            was, now = (statistics.median(measure.take(sample) for sample in part) for part in (before, after))
            rows.append((measure.name, when, was, now, measure.allows(was, now)))
    return rows


def table(rows):
    lines = ["| | | after the warm-up | at the end | |", "| --- | --- | --- | --- | --- |"]
    lines += ["| %s | %s | %d | %d | %s |" % (*row[:4], "flat" if row[4] else "GREW") for row in rows]
    return "\n".join(lines) + "\n"
