"""Uploads: all or nothing, never over a file, within limits, by those who may. Groups are runs; see uploads.sh."""

import os

import cases
from cases import ROOT, case, content_of, equal, eventually, exists, in_root, make, make_content, true
from replay import SLOW
from tftp import (ACCESS, ACK, ERROR, EXISTS, FULL, NOT_DEFINED, NOT_FOUND, SOON, Client, ack, blocks_of,
                  data, error, fetch, noise, oack, rrq, store, wrq)


def begin(client, name, *options):
    """Asks to upload; the server must take it."""
    wanted = oack(*options) if options else ack(0)
    equal(client.ask(wrq(name, "octet", *options)).raw, wanted, "the answer to the WRQ")


def send_all(client, content, first=1, size=512):
    """The rest of an upload from block first on, in lock-step; every block must be acknowledged."""
    for number, payload in list(enumerate(blocks_of(content, size), 1))[first - 1:]:
        client.send(data(number, payload))
        client.expect(ACK, number)


def unfinished(folder=""):
    """The names in a folder of the start directory that belong to uploads under way."""
    return [name for name in os.listdir(in_root(folder) if folder else ROOT) if name.startswith("~tftpd-")]


def folder_for(name):
    """A folder of the case's own, so that others' unfinished uploads are not in it."""
    os.makedirs(in_root(name), exist_ok=True)
    return name


def gone(folder, name):
    eventually(lambda: not unfinished(folder), "nothing unfinished is left in " + folder)
    true(not exists(name), name + " is there")


# -- all or nothing ---------------------------------------------------------------------------------------------------


@case("nothing is visible under the final name before the last ACK, and everything with it")
def invisible():
    folder = folder_for("invisible")
    content = noise("invisible", 512 * 200 + 1)
    client = Client()
    begin(client, "invisible/new.bin", *SLOW)
    for number, payload in enumerate(blocks_of(content), 1):
        true(not exists("invisible/new.bin"), "the file is there before block %d" % number)
        client.send(data(number, payload))
        client.expect(ACK, number)
        if number == 100:
            Client().ask_error(rrq("invisible/new.bin", "octet"), NOT_FOUND)
    equal(content_of("invisible/new.bin"), content, "the file at its last ACK")
    equal(unfinished(folder), [], "unfinished uploads")
    equal(fetch(Client(), "invisible/new.bin").content, content, "the file as downloaded")


@case("an unfinished upload cannot be read by its temporary name")
def temporary_name():
    folder = folder_for("temporary")
    client = Client()
    begin(client, "temporary/new.bin", *SLOW)
    client.send(data(1, b"x" * 512))
    client.expect(ACK, 1)
    for name in unfinished(folder) + ["~tftpd-0", "~TFTPD-x"]:
        Client().ask_error(rrq("temporary/" + name, "octet"), NOT_FOUND)
    client.send(error(NOT_DEFINED, "enough"))
    gone(folder, "temporary/new.bin")


@case("an upload that the client ends with an ERROR leaves nothing")
def aborted():
    folder = folder_for("aborted")
    for blocks in (0, 1, 300):
        client = Client()
        begin(client, "aborted/new.bin", *SLOW)
        for number in range(1, blocks + 1):
            client.send(data(number, b"x" * 512))
            client.expect(ACK, number)
        client.send(error(NOT_DEFINED, "never mind"))
        gone(folder, "aborted/new.bin")
        client.expect_silence(after="the client's ERROR")


@case("an upload whose client falls silent leaves nothing", "limits")
def silent():
    folder = folder_for("silent")
    client = Client()
    begin(client, "silent/new.bin", "utimeout", 200000)
    client.send(data(1, b"x" * 512))
    client.expect(ACK, 1)
    found = client.collect(2.5)
    true(all(packet.raw == ack(1) for packet in found), "other answers than ACK 1: %s" % [str(p) for p in found])
    true(1 <= len(found) <= 2, "ACK 1 was repeated %d times with SilenceSeconds=1" % len(found))
    gone(folder, "silent/new.bin")


@case("an empty file, a file of one byte, files of whole blocks and around")
def sizes():
    folder_for("sizes")
    for size in (0, 1, 511, 512, 513, 1024, 65464, 65536, 65537, 300000):
        content = noise("sizes", size)
        store(Client(), "sizes/%d.bin" % size, content)
        equal(content_of("sizes/%d.bin" % size), content, "the stored file of %d bytes" % size)


@case("windows and block sizes of all kinds")
def windows():
    folder_for("windows")
    content = noise("windows", 300001)
    for blksize, window in ((8, 64), (512, 1), (512, 16), (1428, 3), (1428, 64), (8192, 8), (65464, 1), (65464, 64)):
        name = "windows/%d-%d.bin" % (blksize, window)
        store(Client(), name, content[:blksize * 5000], "blksize", blksize, "windowsize", window)
        equal(content_of(name), content[:blksize * 5000], name)


@case("a folder that is not there is not made")
def no_folder():
    Client().ask_error(wrq("not/there/new.bin", "octet"), NOT_FOUND, ACCESS)
    true(not exists("not"), "the folder was made")


# -- two for one name -------------------------------------------------------------------------------------------------


@case("two clients race for one name: one wins, the other gets ERROR 6, the winner's bytes are whole")
def race():
    folder = folder_for("race")
    contents = noise("winner", 2000), noise("loser", 2000)
    first, second = Client(source="127.9.100.1"), Client(source="127.9.100.2")
    begin(first, "race/new.bin", *SLOW)
    answer = second.ask(wrq("RACE\\New.bin", "octet", *SLOW))
    if answer.opcode == ERROR:
        equal(answer.code, EXISTS, "the code for the second")
        send_all(first, contents[0])
    else:
        race_to_the_end(first, second, contents)
    equal(content_of("race/new.bin"), contents[0], "the stored file")
    eventually(lambda: os.listdir(in_root(folder)) == ["new.bin"], "only new.bin is in the folder")


def race_to_the_end(first, second, contents):
    blocks = [blocks_of(content) for content in contents]
    for number in range(1, len(blocks[0])):
        for client, payloads in zip((first, second), blocks):
            client.send(data(number, payloads[number - 1]))
            client.expect(ACK, number)
    last = len(blocks[0])
    first.send(data(last, blocks[0][-1]))
    first.expect(ACK, last)
    second.send(data(last, blocks[1][-1]))
    equal(second.expect(ERROR).code, EXISTS, "the code for the second")


@case("a file that appears during the upload is not overwritten: ERROR 6 at the end")
def appears():
    folder = folder_for("appears")
    client = Client()
    begin(client, "appears/new.bin", *SLOW)
    make_content("appears/new.bin", b"somebody else's")
    client.send(data(1, b"mine"))
    equal(client.expect(ERROR).code, EXISTS, "the code")
    equal(content_of("appears/new.bin"), b"somebody else's", "the file")
    eventually(lambda: not unfinished(folder), "nothing unfinished is left")


@case("an existing file is ERROR 6 at once and stays as it is, also by another spelling")
def existing():
    content = make("existing/There.bin", 700)
    for name in ("existing/There.bin", "EXISTING\\there.BIN", "//existing//There.bin"):
        client = Client()
        client.ask_error(wrq(name, "octet", "tsize", 100, "blksize", 1024), EXISTS)
        client.expect_silence(1.2, after="the ERROR")
    equal(content_of("existing/There.bin"), content, "the file")
    equal(os.listdir(in_root("existing")), ["There.bin"], "what is in the folder")


@case("a WRQ from a new port supersedes the unfinished upload and leaves nothing of it")
def superseded():
    folder = folder_for("superseded")
    content = noise("superseded", 3000)
    clients = [Client() for _ in range(4)]
    for client in clients:
        begin(client, "superseded/new.bin", *SLOW)
        client.send(data(1, b"x" * 512))
        client.expect(ACK, 1)
    send_all(begin_again(clients[-1], "superseded/new.bin"), content)
    equal(content_of("superseded/new.bin"), content, "the stored file")
    eventually(lambda: os.listdir(in_root(folder)) == ["new.bin"], "only new.bin is in the folder")


def begin_again(client, name):
    begin(client, name, *SLOW)
    return client


@case("a repeated last block is acknowledged again, though the file has its name already")
def repeated_last():
    client = Client()
    begin(client, "repeated-last.bin", *SLOW)
    for _ in range(4):
        client.send(data(1, b"all of it"))
        client.expect(ACK, 1, SOON)
    equal(content_of("repeated-last.bin"), b"all of it", "the stored file")


@case("the next upload of the same name from the same port is ERROR 6, as the file is there now")
def again_after_end():
    client = Client()
    store(client, "again.bin", b"first")
    client.ask_error(wrq("again.bin", "octet"), EXISTS)
    equal(content_of("again.bin"), b"first", "the stored file")


# -- sizes and limits -------------------------------------------------------------------------------------------------


@case("a file shorter or longer than the tsize announced: an ERROR instead of the last ACK, nothing kept")
def wrong_tsize():
    folder = folder_for("wrong")
    for announced, real in ((1000, 900), (1000, 1001), (1024, 1025), (512, 1024), (1, 0), (5000, 512)):
        client = Client()
        begin(client, "wrong/new.bin", "tsize", announced)
        packet = None
        for number, payload in enumerate(blocks_of(noise("wrong", real)), 1):
            client.send(data(number, payload))
            packet = client.expect()
            if packet.opcode == ERROR:
                break
        equal(packet.opcode, ERROR, "the answer to the last block, %d bytes announced, %d sent: %s" % (
            announced, real, packet))
        gone(folder, "wrong/new.bin")
    begin(client, "wrong/new.bin", "tsize", 1000)
    send_all(client, noise("right", 1000))
    equal(content_of("wrong/new.bin"), noise("right", 1000), "a file of the size announced")


@case("MaxUploadBytes=10000: a larger tsize is ERROR 3 before the first DATA", "limits")
def too_large_tsize():
    folder = folder_for("large")
    for size in (10001, 1 << 31, (1 << 32) + 1, 1 << 62, (1 << 64) - 1):
        client = Client()
        client.ask_error(wrq("large/new.bin", "octet", "tsize", size, "blksize", 1024), FULL)
        client.expect_silence(1.2, after="the ERROR")
    gone(folder, "large/new.bin")


@case("MaxUploadBytes=10000: 10,000 bytes are stored, one more is ERROR 3 and nothing is kept", "limits")
def too_large_data():
    folder = folder_for("limit")
    content = noise("limit", 10001)
    store(Client(), "limit/fits.bin", content[:10000])
    equal(content_of("limit/fits.bin"), content[:10000], "the file that fits")
    client = Client()
    begin(client, "limit/new.bin", *SLOW)
    for number, payload in enumerate(blocks_of(content)[:-1], 1):
        client.send(data(number, payload))
        client.expect(ACK, number)
    client.send(data(20, content[19 * 512:]))
    equal(client.expect(ERROR).code, FULL, "the code")
    gone(folder, "limit/new.bin")


@case("a tsize that would leave less than MinFreeBytes is ERROR 3 before the first DATA", "full")
def too_little_space():
    for size in (900 * 1024, 1 << 20, 1 << 33, 1 << 62):
        client = Client()
        try:
            client.ask_error(wrq("new.bin", "octet", "tsize", size), FULL)
        finally:
            client.send(error(NOT_DEFINED, "enough"))
    gone("", "new.bin")
    content = noise("fits", 300 * 1024)
    store(Client(), "fits.bin", content, "tsize", len(content), "blksize", 1468, "windowsize", 8)
    equal(content_of("fits.bin"), content, "a file for which there is room")
    os.remove(in_root("fits.bin"))


@case("an upload that would leave less than MinFreeBytes: ERROR 3 on the way, nothing left, the next one works", "full")
def below_min_free():
    fill_disk((1 << 20) - 262144)


@case("a disk that runs full during the upload: ERROR 3, nothing left, the next upload works", "full-folder")
def disk_full():
    fill_disk(1 << 20)


def fill_disk(room):
    client = Client()
    begin(client, "endless.bin", "blksize", 8192, *SLOW)
    for number in range(1, 300):  # 2.4 MB for a disk of 1 MiB
        client.send(data(number, b"e" * 8192))
        packet = client.expect(what="an answer to DATA %d" % number)
        if packet.opcode == ERROR:
            break
        equal(packet.raw, ack(number), "the answer to DATA %d" % number)
    equal((packet.opcode, packet.opcode == ERROR and packet.code), (ERROR, FULL), "the last answer (%s)" % packet)
    gone("", "endless.bin")
    true(abs(number * 8192 - room) <= 100000, "refused after %d bytes, there was room for %d" % (number * 8192, room))
    store(Client(), "small.bin", b"small")
    equal(content_of("small.bin"), b"small", "the next upload")


# -- netascii ---------------------------------------------------------------------------------------------------------

NETASCII = [  # on the wire, in the file
    (b"one\r\ntwo\r\n", b"one\r\ntwo\r\n"),
    (b"bare\r\0return\r\0", b"bare\rreturn\r"),
    (b"bare\nfeed\n", b"bare\nfeed\n"),
    (b"odd\rx\r\r\n", b"odd\rx\r\r\n"),
    (b"\r\0\r\n\r\0\0\r", b"\r\r\n\r\0\r"),
    (b"", b""),
]


@case("netascii: CR LF stays, CR NUL becomes CR, the rest is stored as it came, wherever blocks end")
def netascii():
    folder_for("netascii")
    wrong = []
    for index, (wire, wanted) in enumerate(NETASCII):
        for blksize in (8, 9, 10, 11, 512):
            name = "netascii/%d-%d.txt" % (index, blksize)
            store(Client(), name, wire * 3, "blksize", blksize, mode="NetAscii")
            if content_of(name) != (wanted * 3):
                wrong.append("%r at blksize %d became %r" % (wire * 3, blksize, content_of(name)))
    equal(wrong, [], "texts")


@case("netascii: a text comes back as it was stored")
def netascii_both_ways():
    text = b"line\r\nbare\rreturn\r\n" * 300
    wire = text.replace(b"\r", b"\r\0").replace(b"\r\0\n", b"\r\n")
    store(Client(), "both-ways.txt", wire, mode="netascii")
    equal(content_of("both-ways.txt"), text, "the stored text")
    equal(fetch(Client(), "both-ways.txt", mode="netascii").content, wire, "the text on the wire")


# -- the service's own names ------------------------------------------------------------------------------------------


@case("the log is never served and never overwritten, by whatever spelling; to a client it does not exist")
def log():
    before = os.stat(os.environ["LOG"]).st_ino
    for name in ("tftpd.log", "TFTPD.LOG", "/tftpd.log", "\\Tftpd.Log", ".//tftpd.log", "tftpd.log.1", "TFTPD.LOG.5"):
        Client().ask_error(rrq(name, "octet"), NOT_FOUND)
        Client().ask_error(wrq(name, "octet"), NOT_FOUND)
    equal(os.stat(os.environ["LOG"]).st_ino, before, "the log's file")
    true(not exists("tftpd.log.1") and not exists("tftpd.log.5"), "a log was made by an upload")


@case("a tftpd.log in a sub-folder is another instance's, and nobody's to see or make")
def other_log():
    folder_for("logs")
    with open(in_root("logs/tftpd.log"), "wb") as file:
        file.write(b"of another instance")
    for name in ("logs/tftpd.log", "logs\\TFTPD.LOG", "logs/tftpd.log.1"):
        Client().ask_error(rrq(name, "octet"), NOT_FOUND)
        Client().ask_error(wrq(name, "octet"), NOT_FOUND)
    with open(in_root("logs/tftpd.log"), "rb") as file:
        equal(file.read(), b"of another instance", "the log")
    store(Client(), "logs/tftpd.logs", b"a client's own")
    equal(fetch(Client(), "logs/tftpd.logs").content, b"a client's own", "the file beside it")


# -- who may ----------------------------------------------------------------------------------------------------------

# See uploads.sh for the values in the registry.
CLIENT = "127.40.9.9"
MASTER = "127.40.1.7"
PREFIX_MASTER = "127.41.200.3"
NEITHER = "127.60.0.1"


def reads(source, name, server="127.0.0.1"):
    content = content_of(name.replace("\\", "/").lstrip("/"))
    equal(fetch(Client(server=server, source=source), name).content, content, "%s as read by %s" % (name, source))


def may_not_read(source, name, server="127.0.0.1"):
    Client(server=server, source=source).ask_error(rrq(name, "octet"), ACCESS)


def writes(source, name, server="127.0.0.1"):
    store(Client(server=server, source=source), name, b"by " + source.encode())
    equal(content_of(name), b"by " + source.encode(), "%s as written by %s" % (name, source))


def may_not_write(source, name, server="127.0.0.1"):
    Client(server=server, source=source).ask_error(wrq(name, "octet"), ACCESS)
    true(not exists(name), name + " was made all the same")


def make_tree():
    for name in ("pub/a.bin", "pub/deep/b.bin", "some/where/c.cfg", "secret.bin", "up/read.cfg"):
        if not exists(name):
            make(name, 600)


@case("Clients as REG_SZ 127.4?.*: who matches reads, who does not gets ERROR 2", "lists")
def clients_pattern():
    make_tree()
    reads(CLIENT, "pub/a.bin")
    may_not_read(NEITHER, "pub/a.bin")
    may_not_read("127.4.0.1", "pub/a.bin")
    may_not_read("::1", "pub/a.bin", "::1")


@case("an address in Masters reads too, although Clients does not name it", "lists")
def masters_read():
    make_tree()
    reads("fd77::2", "pub/a.bin", "fd77::2")


@case("Readable as REG_MULTI_SZ: * crosses folders, separators and case do not count, others get ERROR 2", "lists")
def readable():
    make_tree()
    for name in ("pub/deep/b.bin", "pub\\a.bin", "some/where/c.cfg", "up/read.cfg"):
        reads(CLIENT, name)
    equal(fetch(Client(source=CLIENT), "PUB/A.BIN").content, content_of("pub/a.bin"), "the file by another spelling")
    for name in ("secret.bin", "secret-missing.bin", "some/where/c.cfg2", "public/a.bin"):
        may_not_read(CLIENT, name)
    may_not_read(MASTER, "secret.bin")


@case("Masters as REG_MULTI_SZ with a pattern and prefixes: who is in it writes, who is not gets ERROR 2", "lists")
def masters():
    make_tree()
    writes(MASTER, "up/pattern.bin")
    writes(PREFIX_MASTER, "up/prefix.bin")
    writes("fd77::2", "up/ipv6.bin", "fd77::2")
    for source in (CLIENT, "127.40.2.7", "127.42.0.1", NEITHER):
        may_not_write(source, "up/refused.bin")
    may_not_write("::1", "up/refused.bin", "::1")


@case("Writeable, the other spelling, as up/*: a master gets ERROR 2 elsewhere", "lists")
def writable():
    make_tree()
    may_not_write(MASTER, "pub/refused.bin")
    may_not_write(MASTER, "refused.bin")
    writes(MASTER, "up/deeper.bin")


@case("Masters as REG_DWORD 0: nobody writes", "dword")
def masters_zero():
    for source in (MASTER, "127.50.0.1", "127.0.0.1"):
        may_not_write(source, "refused.bin")


@case("Clients as REG_MULTI_SZ with 10.?.* and a prefix: ? is one character", "dword")
def clients_list():
    reads("127.50.3.4", "elsewhere.bin")
    reads("10.7.0.1", "elsewhere.bin", "10.7.0.1")
    may_not_read("10.77.0.2", "elsewhere.bin", "10.77.0.2")
    may_not_read("127.51.0.1", "elsewhere.bin")


if __name__ == "__main__":
    cases.main()
