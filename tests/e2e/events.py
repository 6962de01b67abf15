"""Causes every event, and reads each back from the event log and from tftpd.log; see events.sh."""

import json
import os
import re
import subprocess
import time

import cases
from cases import case, equal, eventually, make, true
from replay import offer, read_to
from tftp import (ACCESS, FULL, ILLEGAL, NOT_DEFINED, NOT_FOUND, OACK, Client, data, error, fetch, noise, rrq, store,
                  wrq)

# What Wine cannot be brought to do honestly, and where it is caused instead.
ELSEWHERE = {
    105: "live.py: a start directory that is away",
    106: "live.py: the same, and it is back",
    107: "test_listener.c: a socket that breaks",
    108: "test_stop.c: a file that is never opened",
    109: "test_host.c: a Windows that knows fewer mitigations",
    113: "test_host.c: no memory for the journal",
    117: "test_host.c: a system that refuses mitigations",
    119: "test_host.c: a pipe of that name",
    125: "test_host.c: a registry that tells of no change",
    131: "test_journal.c: a disk that hangs",
    133: "test_journal.c: one machine that fetches file after file",
    140: "test_sends.c: a firewall, a lost address, no route",
    141: "test_segments.c: a system that refuses, an adapter that loses",
    142: "test_sends.c: a source that is refused",
    150: "boot.sh: Pxe=answer",
    151: "boot.sh: an interface that goes",
    152: "boot.sh: another program has port 67",
    153: "test_companion.c: a system that refuses",
    154: "boot.sh: a menu without entries",
    155: "boot.sh: an interface that there is not",
    156: "test_companion.c: no memory",
    157: "boot.sh: tftpd approve",
    213: "test_session.c: a disk that is full while an upload is stored",
    214: "test_intake.c: more transfers than MaxTransfers",
    227: "test_errors.c: a flood of requests for what is not there",
    240: "boot.sh: machines that boot",
    241: "boot.sh: machines without a file",
    242: "boot.sh: Pxe=watch",
    243: "test_companion.c: a machine that asks again and again",
    244: "test_companion.c: a machine that never comes",
}


def log_lines():
    try:
        with open(os.environ["LOG"], encoding="utf-8", newline="") as log:
            return [line[25:] for line in log.read().split("\r\n") if line]
    except FileNotFoundError:
        return []


def told(text):
    eventually(lambda: any(text in line for line in log_lines()), 'a line with "%s"' % text)


# -- what clients do --------------------------------------------------------------------------------------------------


@case("a download, an upload, a size probe", "requests")
def honest():
    make("event.bin", 3000)
    fetch(Client(), "event.bin", "blksize", 1000, "timeout", 5)
    store(Client(), "event-up.bin", noise("event-up", 700))
    client = Client()
    client.ask(rrq("event.bin", "octet", "tsize", 0))
    client.send(error(NOT_DEFINED, "only the size"))
    told("told %s" % "127.")


@case("a download whose last acknowledgment never comes", "requests")
def unconfirmed():
    client = Client()
    offer(client, rrq("event.bin", "octet", "utimeout", 500000), "utimeout", 500000)
    read_to(client, 6)
    told("without a last acknowledgment")


@case("a download that the client ends, an upload of the wrong size", "requests")
def failing():
    client = Client()
    client.ask(rrq("event.bin", "octet"))
    client.send(error(3, "full"))
    told('ended it with ERROR 3 "full"')
    client = Client()
    client.ask(wrq("event-wrong.bin", "octet", "tsize", 1000))
    client.send(data(1, b"short"))
    told('storing "event-wrong.bin"')


@case("a client that asks again, and one that begins anew", "requests")
def again():
    client = Client()
    client.ask(rrq("event.bin", "octet", "timeout", 5))
    client.request(rrq("event.bin", "octet", "timeout", 5))
    told('asked for "event.bin" once more')
    client.request(rrq("event.bin", "octet", "timeout", 6))
    told("began anew")
    client.tid = None  # the new answer comes from another port
    client.expect(OACK)
    client.send(error(NOT_DEFINED))


@case("refusals: no such file, not readable, not writable, illegal, too many at once", "requests")
def refusals():
    Client().ask_error(rrq("event-none.bin"), NOT_FOUND)
    Client().ask_error(rrq("secret.bin"), ACCESS)
    Client().ask_error(wrq("..\\event.bin"), ACCESS)
    Client().ask_error(rrq("event.bin", "mail"), ILLEGAL)
    held = [Client(), Client()]
    for client in held:
        client.ask(rrq("event.bin", "octet", "timeout", 5))
    Client().ask_error(rrq("event.bin", "octet"), NOT_DEFINED)
    for client in held:
        client.send(error(NOT_DEFINED))
    told("was turned away")


@case("what is no request", "requests")
def no_request():
    Client().request(b"\0\4\0\7")
    told("sent what is not answered")


@case("a name that an event viewer would put more into", "requests")
def expandable():
    Client().ask_error(rrq("event-%1%%5%{S-1-5-18}.bin"), NOT_FOUND)
    told('asked for "event-%1%%5%{S-1-5-18}.bin"')


@case("the address comes up", "requests")
def address():
    told("now listening on 10.88.0.9:69")


@case("an upload without room for it, and more refusals than are told", "later")
def disk_full():
    told("MinFreeBytes changed")
    told("Port changed")
    Client().ask_error(wrq("event-big.bin", "octet", "tsize", 5000), FULL)
    told('was refused to write "event-big.bin"')
    for number in range(20):
        Client().ask_error(rrq("event-many%d.bin" % number), NOT_FOUND)
    told("were left out because more came")


@case("a file that another program is writing", "busy")
def busy():
    eventually(lambda: cases.exists("event-busy.bin"), "the program has begun")
    time.sleep(1.2)  # the second in which refusals were told
    eventually(lambda: "in use" in Client().ask_error(rrq("event-busy.bin"), NOT_DEFINED, NOT_FOUND).text.lower()
               or time.sleep(1.1), "the refusal")
    told("which could not be read")


# -- reading back -----------------------------------------------------------------------------------------------------

CALL = re.compile(r"^(\w+):fixme:advapi:ReportEventW \(\w+,0x(\w{4}),0x(\w{4}),0x(\w{8}),\w+,0x(\w{4}),")
INSERT = re.compile(r'^(\w+):\w+:eventlog:ReportEventW (?:L"(.*)"(\.\.\.)?|\(null\))$')


def unescape(text):
    text = re.sub(r"\\([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text.replace("\\\\", "\0"))
    return text.replace('\\"', '"').replace("\0", "\\")


def calls():
    """(type, category, identifier, [inserts], was any of them cut) of each ReportEventW, in their order."""
    found, current = [], {}
    with open(os.environ["BOOT_LOG"], encoding="utf-8", errors="replace") as log:
        for line in log.read().splitlines():
            call, insert = CALL.match(line), INSERT.match(line)
            if call:
                current[call[1]] = [int(call[2], 16), int(call[3], 16), int(call[4], 16), [], False, int(call[5], 16)]
                found.append(current[call[1]])
            elif insert and insert[1] in current:
                current[insert[1]][3].append(unescape(insert[2] or ""))
                current[insert[1]][4] |= insert[3] is not None
    rows = table()
    for event in found:
        add_empty(rows[event[2] & 0xFFFF][2], event[3], event[5])
    return found


def expanded(text, inserts, depth=0):
    """As viewers do it: in what was put in more is put in (MS-EVEN 3.2.4.1.5)."""
    if depth > 3:
        return text
    text = re.sub(r"%%\d+|%\{[^}]*\}", "(something of the system)", text)
    return re.sub(r"%(\d+)", lambda at: expanded((inserts + [""] * 99)[int(at[1][:2]) - 1], inserts, depth + 1), text)


def add_empty(fields, inserts, count):
    """Wine 10 prints nothing for an empty insert: a MAC, which nobody here has, and then a detail may be empty."""
    for field in ("mac", "detail"):
        if len(inserts) < count and field in fields:
            inserts.insert(fields.index(field), "")


def formatted(events):
    path = os.path.join(os.environ["WORK"], "messages.txt")
    out = os.path.join(os.environ["WORK"], "formatted.txt")
    with open(path, "w", encoding="utf-8") as file:
        for _, _, identifier, inserts, *_ in events:
            file.write("\t".join(["%08x" % identifier] + [expanded(one, inserts) for one in inserts]) + "\n")
    with open(out, "wb") as file:
        subprocess.run(["wine", os.environ["MESSAGE"], "C:\\tftpd\\tftpd.exe", "Z:" + path.replace("/", "\\")],
                       stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=True, timeout=60)
    with open(out, encoding="utf-8") as file:
        return [line.rstrip("\r\n") for line in file]


def table():
    """id: (level, category, fields of the text) as docs/events.md has them; lint sees that it is what the sources say."""
    found, category = {}, None
    with open(os.path.join(os.environ["TOP"], "docs/events.md"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("## "):
                category = line[3:].strip()
            row = re.match(r"\| (\d+) \| (\w+) \| ([^|]*) \|", line)
            if row:
                found[int(row[1])] = (row[2], category, re.findall(r"{(\w+)}", row[3]))
    return found


TYPES = {"detail": 4, "information": 4, "warning": 2, "error": 1}
CATEGORIES = ["service", "parameters", "log", "transfer", "request"]


@case("each has its type, its category and as many inserts as it says", "read-back")
def types():
    rows = table()
    for kind, category, identifier, inserts, _, count in calls():
        level, name, _ = rows[identifier & 0xFFFF]
        equal(kind, TYPES[level], "type of event %d" % (identifier & 0xFFFF))
        equal(CATEGORIES[category - 1], name, "category of event %d" % (identifier & 0xFFFF))
        equal(len(inserts), count, "inserts of event %d: %s" % (identifier & 0xFFFF, inserts))


@case("every event of the table was caused, but those that tests/win32 has", "read-back")
def all_of_them():
    seen = {identifier & 0xFFFF for _, _, identifier, *_ in calls()}
    missing = sorted(set(table()) - seen - set(ELSEWHERE))
    equal(missing, [], "events that nothing has caused")
    equal(sorted(seen & set(ELSEWHERE)), [], "events that were caused here after all")


@case("the exe's text with the inserts is the line of tftpd.log", "read-back")
def same_text():
    events = calls()
    lines = [re.sub("%(?=[0-9%{])", "% ", line) for line in log_lines()]
    texts = formatted(events)
    equal(len(texts), len(events), "messages")
    # The starts before had no log file; the last of them failed with event 112.
    first = max(number for number, event in enumerate(events) if event[2] & 0xFFFF == 112) + 1
    place = 0
    compared = 0
    for event, text in list(zip(events, texts))[first:]:
        if event[4]:  # Wine prints the beginning of a long insert only
            continue
        while place < len(lines) and lines[place] != text:
            place += 1
        true(place < len(lines), "the log has no line, in its order: %s" % text)
        place += 1
        compared += 1
    true(compared > 40, "only %d were compared" % compared)


# -- as JSON ----------------------------------------------------------------------------------------------------------


@case("a download, and a name that needs escapes", "json")
def for_json():
    fetch(Client(), "event.bin", "blksize", 1000, "timeout", 5)
    Client().ask_error(rrq("event\\quoted\\gr\u00fcn.bin"), ACCESS, NOT_FOUND)


@case("each line is an object with the same facts as the text, and the lines of before were put aside", "json-read")
def json_lines():
    with open(os.environ["LOG"], encoding="utf-8", newline="") as log:
        lines = [json.loads(line) for line in log.read().splitlines()]
    rows = table()
    for line in lines:
        true(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), "time of %s" % line)
        equal((line["level"], line["category"]), rows[line["id"]][:2], "level and category of %s" % line)
    sent = next(line for line in lines if line["event"] == "fetched")
    equal((sent["id"], sent["name"], sent["mode"], sent["options"], sent["bytes"], sent["resent"]),
          (200, "event.bin", "octet", "blksize=1000 timeout=5", 3000, 0), "the download")
    equal(sent["text"], 'sent "event.bin" to %s:%d: octet, blksize=1000 timeout=5, 3000 bytes in %d.%03d s, '
          "0 blocks resent" % (sent["client"], sent["port"], sent["duration_ms"] // 1000, sent["duration_ms"] % 1000),
          "its text")
    true(any(line.get("name", "") == "event\\quoted\\gr\u00fcn.bin" for line in lines), "no line has the escaped name")
    with open(os.environ["LOG"] + ".1", encoding="utf-8") as old:
        true("TFTP service stopped" in old.read(), "the lines of text are not in tftpd.log.1")


if __name__ == "__main__":
    cases.main()
