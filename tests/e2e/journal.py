"""The log in JSON, as programs read it, and how fast it grows."""

import datetime
import json
import os
import time

from cases import told, true

EVENTS_PER_SECOND = 100  # the default of RefusalEventsPerSecond
LINES_MAX = 2 * EVENTS_PER_SECOND + 20  # in any one second: what was saved up, what comes meanwhile, and others' events
LEFT_OUT = 132  # an event's id


class Log:
    """What is written from now on."""

    def __init__(self):
        self.path = os.environ["LOG"]
        time.sleep(0.5)  # what came before is written by then
        self.start = os.path.getsize(self.path)

    def events(self):
        """All of them, once nothing more was written for a second and a half."""
        size, still_since = self.start, time.monotonic()
        while time.monotonic() - still_since < 1.5:
            time.sleep(0.05)
            if os.path.getsize(self.path) != size:
                size, still_since = os.path.getsize(self.path), time.monotonic()
        with open(self.path, "rb") as file:
            file.seek(self.start)
            return [json.loads(line) for line in file.read().decode().splitlines()]


def busiest_second(events):
    """The most events within a second, by their own times."""
    times = sorted(datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
                   for event in events)
    most = begin = 0
    for end, now in enumerate(times):
        while now - times[begin] >= 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def left_out(events):
    """How many others the log says it left out."""
    return sum(int(event["number"]) for event in events if event["id"] == LEFT_OUT)


def judge_growth(what, events, packets):
    most = busiest_second(events)
    told("%s: %d forged packets, %d lines, at most %d a second; %d told as left out" % (
        what, packets, len(events), most, left_out(events)))
    true(most <= LINES_MAX, "%s: %d lines within a second" % (what, most))
