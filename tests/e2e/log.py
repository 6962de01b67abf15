"""What the log tells: one line a transfer with all its facts, and why, where it failed. Groups are runs; see log.sh."""

import glob
import os
import re
import time

import cases
from cases import case, equal, eventually, make, make_content, true
from replay import SLOW, offer, read_to
from tftp import (ACCESS, DATA, EXISTS, ILLEGAL, NOT_DEFINED, NOT_FOUND, OPTIONS, Client, Faults, ack, data, error,
                  fetch, noise, rrq, store, wrq)

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  "
DURATION = r"\d+\.\d{3} s"


def lines_with(text):
    try:
        with open(os.environ["LOG"], encoding="utf-8", newline="") as log:
            return [line for line in log.read().split("\r\n") if text in line]
    except FileNotFoundError:  # the full log has its new name already, and the next one is not there yet
        return []


def expect_line(text, pattern, client=None):
    """Exactly one line has the text; it must be a stamp and the pattern. CLIENT there means address and port."""
    eventually(lambda: lines_with(text), 'a line with "%s"' % text)
    time.sleep(0.05)  # a second line would come at once
    found = lines_with(text)
    equal(len(found), 1, 'lines with "%s": %s' % (text, found))
    if client is not None:
        pattern = pattern.replace("CLIENT", re.escape("%s:%d" % client.socket.getsockname()[:2]))
    true(re.fullmatch(STAMP + pattern, found[0]), "the line is: %s\n# wanted: %s" % (found[0], pattern))
    return found[0]


# -- what went well ---------------------------------------------------------------------------------------------------


@case("a download: client, file, mode, options, bytes, duration, blocks resent")
def download():
    make("log-download.bin", 5000)
    client = Client()
    fetch(client, "log-download.bin", "blksize", 1024, "tsize", 0, "windowsize", 2, *SLOW)
    expect_line("log-download.bin", r'sent "log-download\.bin" to CLIENT: octet, blksize=1024 tsize=5000 windowsize=2 '
                r"timeout=5, 5000 bytes in " + DURATION + ", 0 blocks resent", client)


@case("a download without options, in netascii")
def download_netascii():
    make_content("log-text.txt", b"a\nb\n")
    client = Client()
    fetch(client, "log-text.txt", mode="netascii")
    expect_line("log-text.txt", r'sent "log-text\.txt" to CLIENT: netascii, no options, 6 bytes in ' + DURATION +
                r", \d+ blocks resent", client)


@case("an upload")
def upload():
    client = Client()
    store(client, "log-upload.bin", noise("log-upload", 3000), "tsize", 3000, *SLOW)
    expect_line("log-upload.bin", r'stored "log-upload\.bin" from CLIENT: octet, tsize=3000 timeout=5, 3000 bytes in ' +
                DURATION + ", 0 blocks resent", client)


@case("a name in a sub-folder and not in ASCII is told in UTF-8")
def name():
    make("Log/Gerät.bin", 100)
    fetch(Client(), "Log/Gerät.bin")
    expect_line("Gerät.bin", r'sent "[Ll]og[\\/]Gerät\.bin" to .*')


@case("a client over IPv6 is told in brackets")
def ipv6():
    make("log-ipv6.bin", 100)
    client = Client(server="fd77::2")
    fetch(client, "log-ipv6.bin")
    expect_line("log-ipv6.bin", r'sent "log-ipv6\.bin" to \[fd77::2\]:%d: .*' % client.port)


@case("blocks sent again are counted")
def resent():
    make("log-resent.bin", 512 * 3)
    fetch(Client(faults=Faults(lose={2, 4})), "log-resent.bin", "utimeout", 100000, repeat=3)
    expect_line("log-resent.bin", r".*1536 bytes in " + DURATION + ", 2 blocks resent")


@case("a size probe is normal: told as such, not as a failure, whether it ends with ERROR 0 or 8")
def probe():
    for code in (NOT_DEFINED, OPTIONS):
        make("log-probe%d.bin" % code, 5000)
        client = Client()
        offer(client, rrq("log-probe%d.bin" % code, "octet", "tsize", 0, "blksize", 1468),
              "tsize", 5000, "blksize", 1468)
        client.send(error(code, "User aborted the transfer"))
        expect_line("log-probe%d.bin" % code,
                    r'told CLIENT the size of "log-probe%d\.bin": octet, tsize=5000 blksize=1468' % code, client)


@case("a download whose last ACK never comes is told as normal")
def unconfirmed():
    make("log-unconfirmed.bin", 600)
    client = Client()
    offer(client, rrq("log-unconfirmed.bin", "octet", "utimeout", 150000), "utimeout", 150000)
    read_to(client, 2)
    expect_line("log-unconfirmed.bin", r'sent "log-unconfirmed\.bin" to CLIENT without a last acknowledgment: .*',
                client)


# -- what did not -----------------------------------------------------------------------------------------------------


@case("not found: client and name, and not as a failure of the service")
def not_found():
    client = Client()
    client.ask_error(rrq("log-missing.bin", "octet"), NOT_FOUND)
    expect_line("log-missing.bin", r'CLIENT asked for "log-missing\.bin": no such file', client)


@case("a write into a folder that is not there: a refused write, and the folder that is missing")
def no_folder():
    client = Client()
    client.ask_error(wrq("log-none/deep/new.bin", "octet"), NOT_FOUND)
    expect_line("log-none", r'CLIENT was refused to write "log-none/deep/new\.bin": There is no such folder, and none is '
                r'made: "log-none"', client)


@case("a request never followed up: the words name the likely reason")
def never_answered():
    make("log-never.bin", 5000)
    client = Client()
    client.ask(rrq("log-never.bin", "octet", "utimeout", 150000))
    expect_line("log-never.bin", r'sending "log-never\.bin" to CLIENT failed: the client never answered; a firewall .*'
                r"; octet, utimeout=150000, 0 bytes acknowledged in " + DURATION + r", \d+ blocks resent", client)


@case("an OACK acknowledged, but no data: the words tell of fragments and MaxBlockSize")
def never_took_data():
    make("log-fragments.bin", 50000)
    client = Client()
    client.ask(rrq("log-fragments.bin", "octet", "blksize", 8192, "utimeout", 150000))
    client.send(ack(0))
    expect_line("log-fragments.bin", r".*never acknowledged a data packet of 8192 bytes.*MaxBlockSize.*")


@case("a client that stops answering in the middle")
def silent():
    make("log-silent.bin", 5000)
    client = Client()
    offer(client, rrq("log-silent.bin", "octet", "utimeout", 150000), "utimeout", 150000)
    read_to(client, 3)
    expect_line("log-silent.bin", r'sending "log-silent\.bin" to CLIENT failed: the client stopped answering; '
                r"octet, utimeout=150000, 1024 bytes acknowledged in " + DURATION + r", \d+ blocks resent", client)


@case("a client that ends it with an ERROR: its code and text")
def client_error():
    make("log-error.bin", 5000)
    client = Client()
    offer(client, rrq("log-error.bin", "octet", *SLOW), *SLOW)
    client.send(ack(0))
    client.expect(DATA, 1)
    client.send(error(3, "File too large\r\nforged line"))
    expect_line("log-error.bin", r".*failed: the client ended it with ERROR 3 \"File too large\?\?forged line\"; .*")


@case("an upload of another size than announced, and that nothing was kept")
def wrong_size():
    client = Client()
    client.ask(wrq("log-wrong.bin", "octet", "tsize", 1000))
    client.send(data(1, b"short"))
    expect_line("log-wrong.bin", r'storing "log-wrong\.bin" from CLIENT failed, nothing was kept: .*size.*announced.*',
                client)


@case("a refused upload names the parameter that refuses it", "refusals")
def upload_refused():
    client = Client()
    client.ask_error(wrq("log-refused.bin", "octet"), ACCESS)
    expect_line("log-refused.bin", r'CLIENT was refused to write "log-refused\.bin": .*Masters.*', client)


@case("a refused download names the parameter that refuses it", "refusals")
def download_refused():
    make("log-secret.bin", 100)
    client = Client()
    client.ask_error(rrq("log-secret.bin", "octet"), ACCESS)
    expect_line("log-secret.bin", r'CLIENT was refused to read "log-secret\.bin": .*Readable.*', client)


@case("an upload of a file that exists")
def existing():
    make("log-there.bin", 100)
    client = Client()
    client.ask_error(wrq("log-there.bin", "octet"), EXISTS)
    expect_line("log-there.bin", r'CLIENT .*"log-there\.bin".*exists.*', client)


@case("a hostile name is told with the reason, its control characters made harmless")
def hostile():
    client = Client()
    client.ask_error(rrq("log-hostile\r\n2099-01-01 forged\x1b[2J", "octet"), NOT_FOUND, ACCESS)
    line = expect_line("log-hostile", r'CLIENT was refused to read "log-hostile.*forged.*', client)
    true("\x1b" not in line and "\n" not in line, "control characters in %r" % line)


@case("a path that leads outside is told with the reason")
def outside():
    client = Client()
    client.ask_error(rrq("..\\log-outside.bin", "octet"), NOT_FOUND, ACCESS)
    expect_line("log-outside.bin", r'CLIENT was refused to read .*log-outside\.bin.*\.\..*', client)


@case("an illegal request: a mode that is not known")
def illegal():
    client = Client()
    client.ask_error(rrq("log-illegal.bin", "mail"), ILLEGAL)
    text = "%s:%d" % client.socket.getsockname()[:2]
    expect_line(text, r"CLIENT sent an illegal request: .*mode.*", client)


@case("no line has anything but a stamp before its text, and none is cut", alone=True)
def all_lines():
    with open(os.environ["LOG"], "rb") as log:
        content = log.read()
    true(content.endswith(b"\r\n"), "the log ends in the middle of a line")
    for line in content.decode("utf-8").split("\r\n")[:-1]:
        true(re.match(STAMP + r"\S", line), "a line without a stamp: %r" % line)


# -- rotation ---------------------------------------------------------------------------------------------------------


@case("LogMaxBytes=65536: the log is rotated by size, LogFiles=2 old ones are kept, no line is lost", "rotation")
def rotation():
    log = os.environ["LOG"]
    clients = [Client(source="127.44.%d.%d" % (n // 250, n % 250 + 1)) for n in range(4)]
    for number in range(2600):  # about 110 bytes each
        clients[number % 4].ask_error(rrq("rotation-%06d-%s.bin" % (number, "x" * 20), "octet"), NOT_FOUND)
        if number % 200 == 199:  # the ring holds 512 for a writer that is held up
            eventually(lambda: lines_with("rotation-%06d" % number), "line %d is written" % number)
    equal(sorted(os.path.basename(name) for name in glob.glob(log + "*")), ["tftpd.log", "tftpd.log.1", "tftpd.log.2"],
          "the log files")
    numbers = []
    for name in (log + ".2", log + ".1", log):
        true(os.path.getsize(name) <= 65536, "%s has %d bytes" % (name, os.path.getsize(name)))
        with open(name, encoding="utf-8") as file:
            numbers += [int(number) for number in re.findall(r"rotation-(\d{6})", file.read())]
    missing = sorted(set(range(numbers[0], 2600)) - set(numbers))
    true(numbers == list(range(numbers[0], 2600)), "in the files, oldest first, these lines are missing: %s" % missing)


if __name__ == "__main__":
    cases.main()
