"""The rules of CLIENTS.md section 2, one case each or more, and what the RFCs ask beside them.

Groups are runs of the server: plain and limited; see clients.sh.
"""

import cases
from cases import case, content_of, equal, eventually, make, make_content, make_sparse, true
from replay import BOOTMGR, SLOW, finish_in_windows, offer, still_serves
from tftp import (ACCESS, ACK, DATA, ERROR, EXISTS, ILLEGAL, NOT_DEFINED, NOT_FOUND, OACK, OPTIONS, QUIET, SOON, TICK,
                  UNKNOWN_TID, Agreed, Client, Failure, Faults, ack, blocks_of, data, error, fetch, noise, oack, rrq, store, words, wrq)


# -- rule 1: the OACK -------------------------------------------------------------------------------------------------

NEGOTIATIONS = [  # asked, granted
    (("BLKSIZE", 1024, "TSize", 0), ("blksize", 1024, "tsize", 5000)),
    (("windowsize", 4, "timeout", 3, "tsize", 0, "blksize", 1400),
     ("windowsize", 4, "timeout", 3, "tsize", 5000, "blksize", 1400)),
    (("blksize", 8), ("blksize", 8)),
    (("blksize", 65464), ("blksize", 65464)),
    (("blksize", 65465), ("blksize", 65464)),
    (("blksize", 4294967296), ("blksize", 65464)),
    (("blksize", 7), ()),
    (("blksize", 0), ()),
    (("timeout", 1), ("timeout", 1)),
    (("timeout", 255), ("timeout", 255)),
    (("timeout", 0), ()),
    (("timeout", 256), ()),
    (("utimeout", 10000), ("utimeout", 10000)),
    (("utimeout", 255000000), ("utimeout", 255000000)),
    (("utimeout", 9999), ()),
    (("utimeout", 255000001), ()),
    (("windowsize", 1), ("windowsize", 1)),
    (("windowsize", 64), ("windowsize", 64)),
    (("windowsize", 65), ("windowsize", 64)),
    (("windowsize", 65535), ("windowsize", 64)),
    (("windowsize", 0), ()),
    (("windowsize", 65536), ()),
    (("rollover", 0), ("rollover", 0)),
    (("rollover", 1), ("rollover", 1)),
    (("rollover", 2), ()),
    (("blksize2", 1500), ("blksize2", 1024)),
    (("blksize2", 65536), ("blksize2", 32768)),
    (("blksize2", 4), ()),
    (("multicast", "", "x-unknown", "7", "tsize", 0), ("tsize", 5000)),
    (("blksize", 1024, "blksize", 2048), ("blksize", 1024)),
    (("blksize", "abc", "tsize", 0), ("tsize", 5000)),
    (("blksize", "-512"), ()),
    (("blksize", "+512"), ()),
    (("blksize", " 512"), ()),
    (("blksize", "512x"), ()),
    (("blksize", "0x200"), ()),
    (("blksize", "", "timeout", "", "tsize", "", "windowsize", 2), ("windowsize", 2)),
]


@case("rule 1: the OACK is what the request allows, option by option, in its order; without any it is DATA 1")
def rule_1_table():
    content = make("rule1.bin", 5000)
    wrong = []
    for asked, granted in NEGOTIATIONS:
        client = Client()
        answer = client.ask(rrq("rule1.bin", "octet", *asked))
        wanted = oack(*granted) if granted else data(1, content[:512])
        if answer.raw != wanted:
            wrong.append("%s: got %s" % (asked, answer))
        client.send(error(NOT_DEFINED))
        client.socket.close()
    equal(wrong, [], "negotiations")


@case("rule 1: a leading zero or a number beyond 64 bits never comes back")
def rule_1_numbers():
    make("rule1-numbers.bin", 5000)
    for name in ("blksize", "windowsize", "timeout", "tsize"):
        for value in ("0008", "00000000000000000000000000009", "18446744073709551616", "9" * 60):
            client = Client()
            answer = client.ask(rrq("rule1-numbers.bin", "octet", name, value))
            true(answer.opcode in (OACK, DATA), "%s=%s drew %s" % (name, value, answer))
            for granted, number in Agreed(answer).options:
                equal(granted, name, "the option in the OACK")
                equal(number, str(int(number)), "the number in the OACK")
                true(name == "tsize" or int(number) <= int(value), "%s=%s became %s" % (name, value, number))
            client.send(error(NOT_DEFINED))


@case("rule 1: an upload's OACK repeats the tsize it announced, and has no msftwindow")
def rule_1_upload():
    content = noise("rule1-up", 3000)
    client = Client()
    offer(client, wrq("rule1-up.bin", "octet", "msftwindow", 31416, "tsize", 3000, "blksize", 1024, "windowsize", 2),
          "tsize", 3000, "blksize", 1024, "windowsize", 2)
    payloads = blocks_of(content, 1024)
    client.send(data(1, payloads[0]))
    client.send(data(2, payloads[1]))
    client.expect(ACK, 2)
    client.send(data(3, payloads[2]))
    client.expect(ACK, 3)
    equal(content_of("rule1-up.bin"), content, "the stored file")


@case("rule 1: forty options, more than any client sends, are survived")
def rule_1_many():
    content = make("rule1-many.bin", 600)
    client = Client()
    client.request(rrq("rule1-many.bin", "octet", *(word for n in range(40) for word in ("x%d" % n, n))))
    client.expect_data(1, blocks_of(content)[:1])


# -- rule 2: size probes ----------------------------------------------------------------------------------------------


@case("rule 2: ERROR 0 or 8 after the OACK frees the transfer at once", "limited")
def rule_2_freed():
    make("rule2.bin", 5000)
    for number in range(24):  # of which MaxTransfersPerClient=4 lets four stand at a time
        client = Client()
        answers = []

        def is_answered(client=client, answers=answers):
            client.request(rrq("rule2.bin", "octet", "tsize", 0, "timeout", 60))
            packet = client.receive()
            answers.append(str(packet))
            return packet is not None and packet.opcode == OACK

        eventually(is_answered, "probe %d is answered: %s" % (number, answers))
        client.send(error((NOT_DEFINED, OPTIONS)[number % 2], "size only"))


@case("rule 2: after a probe the same port asks again and is served")
def rule_2_same_port():
    content = make("rule2-again.bin", 1000)
    client = Client()
    for code in (NOT_DEFINED, OPTIONS):
        offer(client, rrq("rule2-again.bin", "octet", "tsize", 0), "tsize", 1000)
        client.send(error(code, "size only"))
        client.expect_silence(after="the ERROR")
    equal(fetch(client, "rule2-again.bin").content, content, "the file")


# -- rule 3: repeated RRQ ---------------------------------------------------------------------------------------------


@case("rule 3: a repeated RRQ, nothing acknowledged yet, draws the same answer from the same TID")
def rule_3_same():
    content = make("rule3.bin", 1200)
    request = rrq("rule3.bin", "octet", *SLOW)
    client = Client()
    offer(client, request, *SLOW)
    tid = client.tid
    client.send(request, client.server)
    equal(client.expect(OACK, within=SOON).raw, oack(*SLOW), "the answer to the repeated RRQ")
    equal(client.tid, tid, "its TID")
    client.expect_silence(after="two RRQs and two OACKs")
    finish_in_windows(client, content, 512)


@case("rule 3: a repeated RRQ in the middle of the transfer starts anew")
def rule_3_anew():
    content = make("rule3-anew.bin", 512 * 6)
    client = Client()
    offer(client, rrq("rule3-anew.bin", "octet", *SLOW), *SLOW)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content)[:1])
    client.send(ack(1))
    client.expect_data(2, blocks_of(content)[1:2])
    offer(client, rrq("rule3-anew.bin", "octet", *SLOW), *SLOW)
    client.expect_silence(after="the second OACK")
    finish_in_windows(client, content, 512)


@case("rule 3: the last ACK and the same RRQ at once, from the same port, 60 times: always served, never an ERROR")
def rule_3_at_once():
    content = make("rule3-at-once.bin", 100)
    client = Client()
    for _ in range(60):
        client.request(rrq("rule3-at-once.bin", "octet"))
        client.expect_data(1, [content])
        client.send(ack(1))


@case("rule 3: the last ACK and another RRQ at once, from the same port, 60 times: always served, never an ERROR")
def rule_3_other_at_once():
    contents = [make("rule3-other%d.bin" % number, 100) for number in range(2)]
    client = Client()
    for number in range(60):
        client.request(rrq("rule3-other%d.bin" % (number % 2), "octet"))
        client.expect_data(1, [contents[number % 2]])
        client.send(ack(1))


@case("rule 3: another file asked from the same port replaces the first transfer")
def rule_3_other():
    make("rule3-one.bin", 5000)
    content = make("rule3-two.bin", 5000)
    client = Client()
    offer(client, rrq("rule3-one.bin", "octet", "tsize", 0), "tsize", 5000)
    equal(fetch(client, "rule3-two.bin").content, content, "the second file")
    client.expect_silence(1.2, after="the second transfer")


@case("rule 3: from a new port it is a second transfer; both go on")
def rule_3_new_port():
    content = make("rule3-ports.bin", 512 * 5)
    payloads = blocks_of(content)
    first, second = Client(), Client()
    for client in (first, second):
        offer(client, rrq("rule3-ports.bin", "octet", "tsize", 0), "tsize", len(content))
    for number in range(len(payloads)):
        for client in (first, second):
            client.send(ack(number))
            client.expect_data(number + 1, payloads[number:number + 1])
    for client in (first, second):
        client.send(ack(len(payloads)))
        client.expect_silence(after="the last ACK")


# -- rule 4: repeated WRQ ---------------------------------------------------------------------------------------------


@case("rule 4: a repeated WRQ from the same port draws ACK 0, or the OACK, again")
def rule_4_same():
    for options, first in (((), ack(0)), (SLOW, oack(*SLOW))):
        name = "rule4-%d.bin" % len(options)
        client = Client()
        for _ in range(3):
            equal(client.ask(wrq(name, "octet", *options)).raw, first, "the answer to the WRQ")
        client.send(data(1, b"whole"))
        client.expect(ACK, 1)
        equal(content_of(name), b"whole", "the stored file")


@case("rule 4: from a new port it supersedes the client's own unfinished upload, whose bytes are forgotten")
def rule_4_new_port():
    content = noise("rule4-new", 1300)
    old, new = Client(), Client()
    equal(old.ask(wrq("rule4-new.bin", "octet")).raw, ack(0), "the answer to the WRQ")
    old.send(data(1, b"x" * 512))
    old.expect(ACK, 1)
    equal(new.ask(wrq("rule4-new.bin", "octet")).raw, ack(0), "the answer from the new port")
    old.send(data(2, b"y" * 512))
    kinds = {packet.opcode for packet in old.collect(0.5)}
    true(ACK not in kinds, "the superseded upload was acknowledged")
    for number, payload in enumerate(blocks_of(content), 1):
        new.send(data(number, payload))
        new.expect(ACK, number)
    equal(content_of("rule4-new.bin"), content, "the stored file")


@case("rule 4: a file that was really there stays ERROR 6")
def rule_4_exists():
    content = make("rule4-there.bin", 300)
    Client().ask_error(wrq("rule4-there.bin", "octet"), EXISTS)
    equal(content_of("rule4-there.bin"), content, "the file")


# -- rule 5: duplicate ACKs -------------------------------------------------------------------------------------------


@case("rule 5: a duplicate ACK triggers no send")
def rule_5_duplicate():
    content = make("rule5.bin", 512 * 4)
    client = Client()
    offer(client, rrq("rule5.bin", "octet", *SLOW), *SLOW)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content)[:1])
    client.send(ack(0))
    client.expect_silence(after="a second ACK 0")
    client.send(ack(1))
    client.expect_data(2, blocks_of(content)[1:2])
    for _ in range(5):
        client.send(ack(1))
    client.expect_silence(after="five more ACK 1")
    finish_in_windows(client, content, 512, start=2)


@case("rule 5: an old or a future ACK triggers no send")
def rule_5_stray():
    content = make("rule5-stray.bin", 512 * 9)
    client = Client()
    offer(client, rrq("rule5-stray.bin", "octet", *SLOW), *SLOW)
    for number in range(4):
        client.send(ack(number))
        client.expect_data(number + 1, blocks_of(content)[number:number + 1])
    for number in (0, 1, 2, 5, 9, 10, 32768, 65535):
        client.send(ack(number))
    client.expect_silence(after="eight stray ACKs")
    finish_in_windows(client, content, 512, start=4)


@case("rule 5: with every ACK sent twice each block comes once (Sorcerer's Apprentice)")
def rule_5_sorcerer():
    content = make("rule5-sorcerer.bin", 512 * 200)
    client = Client(faults=Faults(duplicate=range(2, 1000)))
    result = fetch(client, "rule5-sorcerer.bin", *SLOW, repeat=6)
    equal(result.content, content, "the file")
    equal(result.numbers, list(range(1, 202)), "the blocks that came")


@case("rule 5: with every block lost once each is sent again, only as often as needed")
def rule_5_losses():
    content = make("rule5-losses.bin", 512 * 6)
    client = Client(faults=Faults(lose=range(2, 15, 2)))
    result = fetch(client, "rule5-losses.bin", "utimeout", 100000, repeat=3)
    equal(result.content, content, "the file")
    equal(client.received, 1 + 2 * 7, "datagrams on the wire")


@case("rule 5: in a window an ACK short of the last block goes back once per distinct value")
def rule_5_window():
    content = make("rule5-window.bin", 512 * 40)
    payloads = blocks_of(content)
    client = Client()
    offer(client, rrq("rule5-window.bin", "octet", "windowsize", 8, *SLOW), "windowsize", 8, *SLOW)
    client.send(ack(0))
    client.expect_data(1, payloads[:8])
    for _ in range(6):
        client.send(ack(3))
    client.expect_data(4, payloads[3:11])
    client.expect_silence(after="six ACK 3")
    for _ in range(4):
        client.send(ack(5))
    client.expect_data(6, payloads[5:13])
    client.expect_silence(after="four ACK 5")
    finish_in_windows(client, content, 512, 8, start=13)


@case("rule 5: the first block of a window lost: its repeated ACK goes back once, without waiting for the timer")
def rule_5_first_of_window():
    content = make("rule5-first.bin", 512 * 30)
    payloads = blocks_of(content)
    client = Client()
    offer(client, rrq("rule5-first.bin", "octet", "windowsize", 4, *SLOW), "windowsize", 4, *SLOW)
    client.send(ack(0))
    client.expect_data(1, payloads[:4])
    client.send(ack(4))
    client.expect_data(5, payloads[4:8])  # 5 counts as lost
    for _ in range(3):
        client.send(ack(4))
    client.expect_data(5, payloads[4:8], SOON)
    client.expect_silence(after="three more ACK 4")
    finish_in_windows(client, content, 512, 4, start=8)


@case("rule 5: one window sent twice does not double all that follow, though EDK2 re-ACKs every stray block")
def rule_5_doubling():
    make("rule5-doubling.bin", 512 * 79)
    client = Client()
    offer(client, rrq("rule5-doubling.bin", "octet", "windowsize", 4), "windowsize", 4)
    client.send(ack(0))
    waiting = [client.expect(DATA) for _ in range(5)]  # the last of them is the timer's
    done = received = 0
    while done < 80:
        packet = waiting.pop(0) if waiting else client.expect(DATA)
        received += 1
        if packet.block == done + 1:
            done += 1
        if packet.block != done or done % 4 == 0:
            client.send(ack(done))
    received += len(client.collect(QUIET))
    true(received <= 80 + 4 * 4, "80 blocks were sent %d times" % received)
    equal(packet.payload, b"", "the last block")


@case("rule 5: in a window an old ACK, from before the window, triggers no send")
def rule_5_old_in_window():
    content = make("rule5-old.bin", 512 * 30)
    payloads = blocks_of(content)
    client = Client()
    offer(client, rrq("rule5-old.bin", "octet", "windowsize", 4, *SLOW), "windowsize", 4, *SLOW)
    for start in (0, 4, 8):
        client.send(ack(start))
        client.expect_data(start + 1, payloads[start:start + 4])
    for number in (0, 4, 7, 13, 40, 65535):
        client.send(ack(number))
    client.expect_silence(after="stray ACKs")
    finish_in_windows(client, content, 512, 4, start=12)


@case("rule 5: a gap inside a windowed upload draws one ACK of the last good block, not one a packet")
def rule_5_upload_gap():
    content = noise("rule5-up", 512 * 12)
    payloads = blocks_of(content)
    client = Client()
    offer(client, wrq("rule5-up.bin", "octet", "windowsize", 8, *SLOW), "windowsize", 8, *SLOW)
    for number in (1, 2, 4, 5, 6, 7, 8):  # 3 is lost
        client.send(data(number, payloads[number - 1]))
    client.expect(ACK, 2, SOON)
    client.expect_silence(after="the ACK for the gap")
    for number in range(3, 11):
        client.send(data(number, payloads[number - 1]))
    client.expect(ACK, 10)
    for number in range(11, 14):
        client.send(data(number, payloads[number - 1]))
    client.expect(ACK, 13)
    equal(content_of("rule5-up.bin"), content, "the stored file")


# -- rule 6: what is ignored ------------------------------------------------------------------------------------------


@case("rule 6: empty values, unknown options, NUL padding and trailing garbage are ignored")
def rule_6():
    content = make("rule6.bin", 700)
    plain = data(1, content[:512])
    for tail, wanted in [
            (words("tsize", "", "blksize", ""), plain),
            (words("multicast", ""), plain),
            (words("x-nobody", "knows", "blksize", 600), oack("blksize", 600)),
            (b"\0" * 30, plain),
            (words("blksize", 600) + b"\0" * 400, oack("blksize", 600)),
            (words("blksize", 600) + b"garbage", oack("blksize", 600)),
            (words("blksize", 600) + b"tsize\0", oack("blksize", 600)),
            (words("blksize", 600) + b"tsize\x000", oack("blksize", 600)),
            (bytes(range(255, 0, -1)), plain)]:
        client = Client()
        equal(client.ask(rrq("rule6.bin", "octet") + tail).raw, wanted, "the answer to %r" % tail[:40])
        client.send(error(NOT_DEFINED))


@case("rule 6: garbage behind an ACK is ignored")
def rule_6_ack():
    content = make("rule6-ack.bin", 1200)
    client = Client()
    client.request(rrq("rule6-ack.bin", "octet"))
    client.expect_data(1, blocks_of(content)[:1])
    client.send(ack(1, b"\0\0\0\0\0\0\0\0\0\0garbage"))
    client.expect_data(2, blocks_of(content)[1:2])


@case("mode names count in any case; mail and unknown modes are ERROR 4")
def modes():
    content = make("modes.bin", 100)
    for mode in ("octet", "OCTET", "OcTeT"):
        equal(fetch(Client(), "modes.bin", mode=mode).content, content, "the file in mode " + mode)
    for mode in ("mail", "MAIL", "binary", "", "octet2", "octe"):
        Client().ask_error(rrq("modes.bin", mode), ILLEGAL)
        Client().ask_error(wrq("modes-up.bin", mode), ILLEGAL)


# -- rule 7: names ----------------------------------------------------------------------------------------------------


@case("rule 7: separators are equal, runs collapse, leading ones drop, case does not count")
def rule_7():
    content = make("Seven/Deep Folder/Datei-ÄÖÜ.Bin", 900)
    wrong = []
    for name in ("Seven/Deep Folder/Datei-ÄÖÜ.Bin", "/Seven/Deep Folder/Datei-ÄÖÜ.Bin",
                 "\\Seven\\Deep Folder\\Datei-ÄÖÜ.Bin", "Seven\\Deep Folder/Datei-ÄÖÜ.Bin",
                 "//Seven//Deep Folder///Datei-ÄÖÜ.Bin", "\\\\Seven\\/Deep Folder/\\Datei-ÄÖÜ.Bin",
                 "./Seven/./Deep Folder/Datei-ÄÖÜ.Bin", "seven/deep folder/datei-äöü.bin",
                 "SEVEN/DEEP FOLDER/DATEI-ÄÖÜ.BIN"):
        try:
            equal(fetch(Client(), name).content, content, "the file")
        except Failure as failure:
            wrong.append("%s: %s" % (name, failure))
    equal(wrong, [], "names")


@case("rule 7: an upload into a sub-folder, in another spelling, is the file that is there then")
def rule_7_upload():
    make("Seven/Up/there.bin", 10)
    store(Client(), "\\seven//up\\New File.bin", b"new")
    equal(content_of("Seven/Up/New File.bin"), b"new", "the stored file")
    Client().ask_error(wrq("SEVEN/UP/NEW FILE.BIN", "octet"), EXISTS)


@case("rule 7: names that lead out of the start directory, or that Windows reads otherwise, are refused")
def rule_7_hostile():
    make("hostile.bin", 100)
    codes = (NOT_FOUND, ACCESS)
    wrong = []
    for name in ("../tftpd/tftpd.exe", "..\\tftpd\\tftpd.exe", "a/../../tftpd/tftpd.exe", "C:\\tftpd\\tftpd.exe",
                 "C:hostile.bin", "\\\\?\\C:\\tftpd\\tftpd.exe", "\\\\.\\C:\\tftpd\\tftpd.exe",
                 "\\??\\C:\\tftpd\\tftpd.exe",
                 "\\\\localhost\\C$\\tftpd\\tftpd.exe", "hostile.bin.", "hostile.bin ", "hostile.bin::$DATA",
                 "hostile.bin:s", "nul", "NUL.txt", "con", "aux.c", "com1", "lpt1.bin", "conin$", "hosti*",
                 "hostile.bi?",
                 "hos\x01tile.bin", b"hostile.bin\xc0\x80", b"\xed\xa0\x80", "", "/", ".", "x" * 300, "x/" * 200 + "y",
                 "y" * 10000):
        client = Client()
        client.request(rrq(name, "octet"))
        answer = client.receive()
        if answer is None or answer.opcode != ERROR or answer.code not in codes:
            wrong.append("%r drew %s" % (name[:40], answer))
    equal(wrong, [], "names")
    still_serves()


@case("rule 7: the same names are refused to an upload, and nothing is made")
def rule_7_hostile_upload():
    wrong = []
    for name in ("../evil.bin", "..\\..\\evil.bin", "C:\\evil.bin", "evil.bin.", "evil.bin:s", "nul", "com1.log",
                 "ev*il", b"evil\xff", "", "tftpd.log", "TFTPD.LOG", "tftpd.log.1", "~tftpd-evil", "sub/~TFTPD-evil"):
        client = Client()
        client.request(wrq(name, "octet"))
        answer = client.receive()
        if answer is None or answer.opcode != ERROR or answer.code not in (NOT_FOUND, ACCESS):
            wrong.append("%r drew %s" % (name, answer))
    equal(wrong, [], "names")


# -- rule 8: not found ------------------------------------------------------------------------------------------------


@case("rule 8: not found is ERROR 1, at once and once; also for a folder that is not there, or a folder itself")
def rule_8():
    make("Eight/there.bin", 10)
    for name in ("eight.bin", "Eight/missing.bin", "Nowhere/eight.bin", "Eight/there.bin/below.bin"):
        client = Client()
        client.ask_error(rrq(name, "octet", "tsize", 0, "blksize", 1468), NOT_FOUND)
        client.expect_silence(1.2, after="the ERROR")
    for name in ("Eight", "Eight/"):
        Client().ask_error(rrq(name, "octet"), NOT_FOUND, ACCESS)


# -- rule 9: the reply's address --------------------------------------------------------------------------------------


@case("rule 9: replies leave from the address that was asked, IPv4 and IPv6")
def rule_9():
    content = make("rule9.bin", 512 * 3)
    for server in ("127.0.0.1", "127.0.0.2", "127.1.2.3", "10.77.0.2", "::1", "fd77::2"):
        client = Client(server=server)
        offer(client, rrq("rule9.bin", "octet", "tsize", 0), "tsize", len(content))
        equal(client.tid[0], server, "the address of the answer")
        finish_in_windows(client, content, 512)
        client.ask_error(rrq("rule9-missing.bin", "octet"), NOT_FOUND)
        equal(client.tid[0], server, "the address of the ERROR")


# -- rule 10: block numbers and sizes ---------------------------------------------------------------------------------


@case("rule 10: the block number rolls over from 65535 to 0, and to 1 where rollover 1 was agreed", alone=True)
def rule_10():
    content = make("rule10.bin", 8 * 65600 + 3)
    for options, after in ((("rollover", 0), [0, 1]), (("rollover", 1), [1, 2])):
        result = fetch(Client(), "rule10.bin", "blksize", 8, "windowsize", 64, *options)
        equal(result.content, content, "the file with %s" % (options,))
        equal(result.taken[65534:65537], [65535] + after, "the numbers with %s" % (options,))


@case("rule 10: an upload of more than 65535 blocks", alone=True)
def rule_10_upload():
    content = noise("rule10-up", 8 * 65600 + 3)
    for rollover in (0, 1):
        name = "rule10-up%d.bin" % rollover
        store(Client(), name, content, "blksize", 8, "windowsize", 64, "rollover", rollover)
        equal(content_of(name), content, "the stored file with rollover %d" % rollover)


@case("rule 10: tsize is right at 32 MB, 2 GiB, 4 GiB and far beyond")
def rule_10_sizes():
    for size in (2**25 - 1, 2**25, 2**31 - 1, 2**31, 2**31 + 5, 2**32 - 1, 2**32, 2**32 + 7, 2**40 + 1):
        make_sparse("rule10-%d.bin" % size, size)
        client = Client()
        offer(client, rrq("rule10-%d.bin" % size, "octet", "tsize", 0), "tsize", size)
        client.send(error(NOT_DEFINED, "size only"))


# -- rule 11: the end -------------------------------------------------------------------------------------------------


@case("rule 11: a download whose last ACK is lost: the last block again and again, then silence, never an ERROR",
      "hasty")
def rule_11_download():
    content = make("rule11.bin", 512 + 100)
    client = Client()
    offer(client, rrq("rule11.bin", "octet", "utimeout", 50000), "utimeout", 50000)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content)[:1])
    client.send(ack(1))
    before = (oack("utimeout", 50000), data(1, content[:512]))  # which a stall of this test may repeat
    found = [packet for packet in client.collect(9) if packet.raw not in before]
    equal({packet.raw for packet in found}, {data(2, content[512:])}, "what came after ACK 1")
    true(len(found) <= 7, "the last block came %d times" % len(found))


@case("rule 11: after the last ACK of a download the server is silent")
def rule_11_download_done():
    content = make("rule11-done.bin", 100)
    client = Client()
    offer(client, rrq("rule11-done.bin", "octet", "timeout", 1), "timeout", 1)
    client.send(ack(0))
    client.expect_data(1, [content])
    client.send(ack(1))
    client.expect_silence(2.5, after="the last ACK")


@case("rule 11: a stored upload's last block is acknowledged again, however late a client's timer repeats it")
def rule_11_upload():
    client = Client()
    offer(client, wrq("rule11-up.bin", "octet", "timeout", 2), "timeout", 2)
    for _ in range(3):
        client.send(data(1, b"the last block"))
        client.expect(ACK, 1)
    for pause in (1.5, 5):
        client.expect_silence(pause, after="the last ACK")
        client.send(data(1, b"the last block"))
        client.expect(ACK, 1)
    client.send(data(2, b"another block"))
    equal(client.expect(ERROR).code, UNKNOWN_TID, "the answer to a block that was never awaited")
    equal(content_of("rule11-up.bin"), b"the last block", "the stored file")


# -- rule 12: MTU -----------------------------------------------------------------------------------------------------


@case("rule 12: Mtu=1500 clamps blksize to 1468 on IPv4 and 1448 on IPv6, whatever the interface has", "limited")
def rule_12():
    make("rule12.bin", 5000)
    for server, largest in (("127.0.0.1", 1468), ("fd77::2", 1448)):
        client = Client(server=server) # one port: of several the server may still have the last four when the fifth asks
        for asked in (largest - 1, largest, largest + 1, 8192, 65464):
            offer(client, rrq("rule12.bin", "octet", "blksize", asked), "blksize", min(asked, largest))
            client.send(error(NOT_DEFINED))


@case("rule 12: the loopback's MTU of 65536 clamps nothing")
def rule_12_loopback():
    content = make("rule12-loopback.bin", 65464 * 2 + 1)
    for server in ("127.0.0.1", "::1"):
        result = fetch(Client(server=server), "rule12-loopback.bin", "blksize", 65464)
        equal(result.agreed.blksize, 65464, "the blksize from " + server)
        equal(result.content, content, "the file")


# -- rules 13 and 14 --------------------------------------------------------------------------------------------------


@case("rule 13: an ACK of 5 bytes is accepted; without msftwindow its extra byte does not count")
def rule_13():
    content = make("rule13.bin", 512 * 20)
    payloads = blocks_of(content)
    client = Client()
    offer(client, rrq("rule13.bin", "octet", "windowsize", 4, *SLOW), "windowsize", 4, *SLOW)
    for start, extra in ((0, b"\x08"), (4, b"\x10"), (8, b"\x01"), (12, b"\0")):
        client.send(ack(start, extra))
        client.expect_data(start + 1, payloads[start:start + 4])
        client.expect_silence(after="ACK %d with extra byte %r" % (start, extra))
    finish_in_windows(client, content, 512, 4, start=16)


@case("rule 13: with MsftWindow=0 the extra byte does not count either", "limited")
def rule_13_refused():
    content = make("rule13.bin", 1456 * 9)
    client = Client()
    client.ask(rrq("rule13.bin", "octet", *BOOTMGR))
    client.send(ack(0, b"\x08"))
    client.expect_data(1, blocks_of(content, 1456)[:4])
    beyond = [packet for packet in client.collect(0.1) if packet.block > 4]
    equal(beyond, [], "blocks beyond the agreed window")


@case("rule 14: tsize is left out for netascii; bare LF becomes CR LF, bare CR becomes CR NUL")
def rule_14():
    make_content("rule14.txt", b"unix\nwindows\r\nbare\rend\r")
    client = Client()
    offer(client, rrq("rule14.txt", "netascii", "tsize", 0, "blksize", 1024), "blksize", 1024)
    client.send(ack(0))
    client.expect_data(1, [b"unix\r\nwindows\r\nbare\r\0end\r\0"])
    client.send(ack(1))
    client.request(rrq("rule14.txt", "netascii", "tsize", 0))
    client.expect(DATA, 1, what="DATA without an OACK, as tsize was all that was asked")


@case("netascii: pairs split over two blocks, at every blksize from 8 to 20, with and without a window")
def netascii_split():
    text = b"a\r\nb\nc\rd\r\r\n\n\r\r" * 20 + b"\r"
    make_content("split.txt", text)
    wanted = encode_netascii(text)
    for blksize in range(8, 21):
        for window in (1, 4):
            result = fetch(Client(), "split.txt", "blksize", blksize, "windowsize", window, mode="netascii")
            equal(result.content, wanted, "the text at blksize %d, windowsize %d" % (blksize, window))


def encode_netascii(text):
    """The definition in src/core/wire/netascii.h: CR LF stays, a bare CR becomes CR NUL, a bare LF becomes CR LF."""
    return b"\r\n".join(b"\r\n".join(piece.replace(b"\r", b"\r\0") for piece in line.split(b"\n"))
                        for line in text.split(b"\r\n"))


@case("netascii: a download with lost blocks is repeated byte for byte")
def netascii_loss():
    text = b"line\nand\rmore\r\n" * 200
    make_content("loss.txt", text)
    client = Client(faults=Faults(lose=range(3, 400, 5)))
    result = fetch(client, "loss.txt", "blksize", 64, "windowsize", 4, "utimeout", 50000, mode="netascii", repeat=0.5)
    equal(result.content, encode_netascii(text), "the text")


# -- repetition and patience ------------------------------------------------------------------------------------------


@case("a request that is never followed up draws three datagrams at most, with doubled waits, then silence")
def never_answered():
    make("never.bin", 5000)
    client = Client()
    offer(client, rrq("never.bin", "octet", "utimeout", 100000), "utimeout", 100000)
    found = client.collect(3)
    equal([packet.opcode for packet in found], [OACK] * 2, "what followed the first OACK")


@case("an unanswered block is repeated with doubled waits for as long as patience lasts, here 4 s, then silence", "hasty")
def never_acknowledged():
    content = make("unacknowledged.bin", 5000)
    client = Client()
    offer(client, rrq("unacknowledged.bin", "octet", "utimeout", 50000), "utimeout", 50000)
    client.send(ack(0))
    found = [packet for packet in client.collect(9) if packet.opcode != OACK]  # which a stall of this test may repeat
    equal([packet.raw for packet in found], [data(1, content[:512])] * 7, "DATA 1")
    waits = [later.when - earlier.when for earlier, later in zip(found, found[1:])]
    for number, wait in enumerate(waits):
        wanted = 0.05 * 2**number
        true(0.9 * wanted - TICK <= wait <= 1.5 * wanted + 4, "wait %d is %.3f s, not about %.3f" % (number, wait, wanted))


@case("a whole transfer with every third own datagram lost, doubled or late")
def faulty_client():
    content = make("faulty.bin", 1024 * 40 + 1)
    faults = Faults(drop=range(4, 99, 6), duplicate=range(3, 99, 6), delay={number: 0.05 for number in range(5, 99, 6)})
    for window in (1, 4):
        client = Client(faults=faults)
        result = fetch(client, "faulty.bin", "blksize", 1024, "windowsize", window, "utimeout", 60000, repeat=0.3)
        equal(result.content, content, "the file with windowsize %d" % window)


@case("a whole upload with every third own datagram lost, doubled or late")
def faulty_upload():
    content = noise("faulty-up", 1024 * 40 + 1)
    faults = Faults(drop=range(4, 99, 6), duplicate=range(3, 99, 6), delay={number: 0.05 for number in range(5, 99, 6)})
    for window in (1, 4):
        name = "faulty-up%d.bin" % window
        options = ("blksize", 1024, "windowsize", window, "utimeout", 60000)
        store(Client(faults=faults), name, content, *options, repeat=0.3)
        equal(content_of(name), content, "the stored file with windowsize %d" % window)


if __name__ == "__main__":
    cases.main()
