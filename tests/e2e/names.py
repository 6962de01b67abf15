"""Names on the wire against the file system below: see names.sh for what lies where."""

import os
import re
import stat

import cases
from cases import case, content_of, equal, exists, in_root, make, make_content, true
from replay import SLOW, still_serves
from tftp import (ACCESS, ACK, ERROR, EXISTS, NOT_DEFINED, NOT_FOUND, Client, Failure, ack, data, error, fetch,
                  noise, rrq, store, wrq)

DRIVE_C = os.path.join(os.environ.get("PREFIX", ""), "drive_c")
REFUSED = (NOT_FOUND, ACCESS)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def refused(name, *codes, request=rrq):
    Client().ask_error(request(name, "octet"), *(codes or REFUSED))


def all_refused(names, *codes):
    """Every name, for reading and for writing; one that is not refused is told, with the bytes that came."""
    wrong = []
    for name in names:
        for request in (rrq, wrq):
            client = Client()
            client.request(request(name, "octet"))
            packet = client.receive()
            if packet is None or packet.opcode != ERROR or packet.code not in (codes or REFUSED):
                wrong.append("%s %r drew %s %r" % (request.__name__, name[:60], packet, packet and packet.raw[:40]))
                if client.tid:
                    client.send(error(NOT_DEFINED, "enough"))
            client.socket.close()
    equal(wrong, [], "names that were not refused")


def link(name, to):
    """A Unix link in the start directory, which Wine follows and shows as a plain file or a junction."""
    path = in_root(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path):
        os.symlink(to, path)
    return name


def outside(name):
    return os.path.join(DRIVE_C, name)


# -- nothing outside --------------------------------------------------------------------------------------------------

CANARIES = ("canary.bin", "tftpdroot2\\canary.bin", "tftpdroot2\\deep\\canary.bin", "outside\\canary.bin",
            "windows\\canary.bin")


def ways_to(target):
    """Spellings under which some server or Windows itself would find a file below C:\\."""
    slashed = target.replace("\\", "/")
    ups = ["..\\", "../", "..//", ".\\..\\", "a/../../", "public\\..\\..\\", "public/../../", "nowhere\\..\\..\\",
           ".. \\", "...\\", "..\\..\\", "../../../../../", "/../", "\\..\\", "//../", "\\/..\\", "public/./../../",
           "secret folder\\..\\..\\", "SECRET~1\\..\\..\\", "..::$INDEX_ALLOCATION\\", "..:x/../", "%2e%2e/",
           "%2e%2e%5c", "..%2f", "..%5c", b"\xc0\xae\xc0\xae/", b"..\xc0\xaf", b"..\xc1\x9c", b"..\xe0\x80\xaf",
           "..\uff0f", "\uff0e\uff0e/", "\u2025/", "..\t/", "..\x01\\", "~/../", "..;/", "..|\\", "..*\\", "..?/"]
    drives = ["C:\\", "C:/", "c:", "c:..\\", "/C:/", "\\C:\\", "\\\\?\\C:\\", "//?/C:/", "\\\\.\\C:\\", "//./c:/",
              "\\??\\C:\\", "/??/C:/", "\\\\localhost\\C$\\", "//127.0.0.1/c$/", "\\\\?\\UNC\\localhost\\C$\\",
              "\\\\?\\GLOBALROOT\\??\\C:\\", "file:///C:/", "%SystemDrive%\\", "${SystemDrive}/",
              "\\Device\\HarddiskVolume1\\", "\\\\?\\unix" + DRIVE_C + "/", "\\\\.\\unix" + DRIVE_C + "/",
              "\\??\\unix" + DRIVE_C + "/", "Z:" + DRIVE_C + "/", "\\\\?\\Z:" + DRIVE_C + "/", DRIVE_C + "/",
              "/" + DRIVE_C + "/", "\\tftpdroot\\..\\", "C:\\tftpdroot\\..\\",
              "C:\\tftpdroot/../", "X:\\", "\\\\?\\X:\\", "dosdevices/c:/", "\\DosDevices\\C:\\"]
    for before in ups + drives:
        end = target if isinstance(before, str) and before.endswith("\\") else slashed
        for behind in ("", ".", " ", "::$DATA", "\\", "/."):
            name = (before if isinstance(before, bytes) else before.encode()) + (end + behind).encode()
            yield name


@case("no spelling of a way out opens a canary, to read or to write", "out")
def ways_out():
    known = {read(outside(name.replace("\\", "/"))): name for name in CANARIES}
    known[read(os.environ["CANARY_X"])] = "X:\\canary.bin"
    equal(len(known), len(CANARIES) + 1, "canaries with a content of their own")
    names = [name for target in CANARIES for name in ways_to(target)]
    true(len(names) > 1500, "only %d names" % len(names))
    client = Client()
    wrong = []
    for name in names:
        for request in (rrq, wrq):
            client.request(request(name, "octet"))
            packet = client.receive()
            is_literal = b"%" in name or b"\xef\xbc\x8f" in name
            if request is wrq and is_literal and packet and packet.raw == ack(0):
                client.send(error(NOT_DEFINED, "enough"))  # a harmless name inside; see ways_in
            elif packet is None or packet.opcode != ERROR or packet.code not in REFUSED:
                mark = [known[content] for content in known if packet and content[:512] == packet.payload]
                wrong.append("%s %r drew %s, bytes of %s" % (request.__name__, name, packet, mark))
    equal(wrong[:5], [], "names that were not refused, %d of %d" % (len(wrong), 2 * len(names)))


@case("the same spellings that are harmless get the file inside that they then name, byte by byte", "hostile")
def ways_in():
    for name, inside in (("//localhost/C$/canary.bin", "localhost/C$/canary.bin"),
                         ("//server/share/canary.bin", "server/share/canary.bin"),
                         ("%2e%2e/canary.bin", "%2e%2e/canary.bin"),
                         ("..%5ccanary.bin", "..%5ccanary.bin"), ("a..b/..c", "a..b/..c"), ("COM10", "COM10"),
                         ("CONSOLE.txt", "CONSOLE.txt"), (".htaccess", ".htaccess"), ("nullx", "nullx"),
                         ("aux-files\\x", "aux-files/x"), ("\uff0e\uff0e/canary.bin", "\uff0e\uff0e/canary.bin"),
                         ("tftpdroot2/canary.bin", "tftpdroot2/canary.bin"), ("~/x", "~/x")):
        content = make(inside, 1700)
        equal(fetch(Client(), name).content, content, "what %s brought" % name)
        store(Client(), name + "-up", content)
        equal(content_of(inside + "-up"), content, "what %s stored" % name)


@case("a folder beside the root whose name begins like the root's is outside: by name and through a link", "hostile")
def sibling():
    link("sibling", outside("tftpdroot2"))
    link("sibling.bin", outside("tftpdroot2/canary.bin"))
    all_refused(["sibling/canary.bin", "sibling\\deep\\canary.bin", "sibling.bin", "sibling/new.bin", "..2/canary.bin",
                 "../tftpdroot2/canary.bin"], *REFUSED, EXISTS)
    refused("sibling.bin", ACCESS)
    refused("sibling/deep/canary.bin", ACCESS)
    true(not os.path.exists(outside("tftpdroot2/new.bin")), "a file was made in the sibling")


# -- links ------------------------------------------------------------------------------------------------------------


@case("a link to a file outside is refused, however long the way", "hostile")
def link_to_file():
    link("links/file.bin", outside("canary.bin"))
    link("links/absolute", os.environ["CANARY_X"])
    link("links/relative", "../../canary.bin")
    link("links/chain1", "chain2")
    link("links/chain2", "file.bin")
    link("links/loop", "loop")
    for name in ("file.bin", "absolute", "relative", "chain1", "chain2", "FILE.BIN", "Chain1"):
        refused("links/" + name, ACCESS)
    refused("links/loop", NOT_DEFINED, NOT_FOUND, ACCESS)
    before = read(outside("canary.bin"))
    for name in ("file.bin", "absolute", "relative", "chain1"):
        Client().ask_error(wrq("links/" + name, "octet"), ACCESS, EXISTS)
    equal(read(outside("canary.bin")), before, "the file outside")


@case("a link to a folder outside is refused for what lies in it, and nothing is made there", "hostile")
def link_to_folder():
    link("links/folder", outside("outside"))
    link("links/drive", DRIVE_C)
    link("links/slash", "/")
    link("links/parent", "../..")
    for name in ("folder/canary.bin", "folder\\CANARY.bin", "drive/canary.bin", "drive/windows/win.ini",
                 "slash" + os.environ["CANARY_X"], "parent/canary.bin", "drive/tftpdroot2/canary.bin"):
        refused("links/" + name, ACCESS)
    for name in ("folder/new.bin", "drive/new.bin", "parent/new.bin", "folder/canary.bin"):
        Client().ask_error(wrq("links/" + name, "octet"), ACCESS, EXISTS)
    equal(os.listdir(outside("outside")), ["canary.bin"], "what is outside")
    true(not os.path.exists(outside("new.bin")), "a file was made outside")


@case("a way out through a link and back in ends at the file inside", "hostile")
def link_out_and_in():
    content = make("back.bin", 900)
    link("links/out", DRIVE_C)
    equal(fetch(Client(), "links/out/tftpdroot/back.bin").content, content, "the file inside")


@case("an upload to a link that leads nowhere makes nothing where the link points", "hostile")
def dangling():
    link("links/dangling", outside("made-by-link.bin"))
    client = Client()
    try:
        store(client, "links/dangling", b"x" * 100)
    except Failure:
        pass
    true(not os.path.lexists(outside("made-by-link.bin")), "the file was made outside")


@case("links inside are followed: to a file, to a folder, for an upload")
def link_inside():
    content = make("inside/real.bin", 1100)
    link("inside-file", "inside/real.bin")
    link("inside-folder", in_root("inside"))
    equal(fetch(Client(), "inside-file").content, content, "the file behind a link")
    equal(fetch(Client(), "inside-folder/real.bin").content, content, "a file in the folder behind a link")
    store(Client(), "inside-folder/new.bin", b"new")
    equal(content_of("inside/new.bin"), b"new", "the file stored behind a link")


@case("a hard link is a name of the file like any other: served, as documented")
def hard_link():
    if not exists("hard.bin"):
        os.link(outside("outside/canary.bin"), in_root("hard.bin"))
    equal(fetch(Client(), "hard.bin").content, read(outside("outside/canary.bin")), "the file")
    Client().ask_error(wrq("hard.bin", "octet"), EXISTS)


# -- what is no file --------------------------------------------------------------------------------------------------


@case("a FIFO, a socket and a device node are refused and hold nobody up")
def fifo():
    os.makedirs(in_root("special"), exist_ok=True)
    for name, kind in (("fifo", stat.S_IFIFO), ("fifo.bin", stat.S_IFIFO), ("socket", stat.S_IFSOCK)):
        if not exists("special/" + name):
            os.mknod(in_root("special/" + name), kind | 0o666)
    if not exists("special/zero"):
        os.mknod(in_root("special/zero"), stat.S_IFCHR | 0o666, os.makedev(1, 5))
    link("special/link", "fifo")
    clients = [Client() for _ in range(12)]  # three times the listeners
    for client in clients:
        client.request(rrq("special/fifo", "octet"))
    for client in clients:
        packet = client.expect(ERROR, what="the ERROR for a FIFO")
        true(packet.code in (NOT_DEFINED, NOT_FOUND, ACCESS), "a FIFO drew %s" % packet)
    for name in ("fifo.bin", "socket", "zero", "link", "FIFO"):
        refused("special/" + name, NOT_DEFINED, NOT_FOUND, ACCESS)
        Client().ask_error(wrq("special/" + name, "octet"), ACCESS, EXISTS, NOT_DEFINED)
    still_serves()


DEVICES = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$", "com1", "com9", "com0", "lpt1", "lpt9",
           "com\u00b9", "com\u00b2", "COM\u00b3", "lpt\u00b9"]


@case("devices are refused in every folder and spelling, also where files of that name lie")
def devices():
    names = []
    for device in DEVICES:
        for name in (device, device.upper(), device + ".txt", device + " .txt", "public/" + device,
                     "public\\" + device + ".x", device + "/x", device + ".", device + " ", device + ":",
                     "\\\\.\\" + device, "//./" + device):
            names.append(name)
    for name in ("nul", "aux.txt", "com1", "con.bin"):
        make_content("real/" + name, b"a file named like a device")
        names.append("real/" + name)
    all_refused(names)
    still_serves()


@case("a folder is not served, by any spelling")
def folders():
    for name in ("public", "public/", "\\public\\", "PUBLIC", "public/.", "secret folder", "./public"):
        refused(name)


# -- the service's own ------------------------------------------------------------------------------------------------


@case("the log, old logs and unfinished uploads do not exist to a client, by the long name and the short one")
def invisible():
    names = ["tftpd.log", "TFTPD.LOG", "tftpd.log.1", "Tftpd.Log.1", os.environ["SHORT_LOG"], os.environ["SHORT_PART"],
             "~tftpd-000000200000000100000000deadbeef.part", "~TFTPD-000000200000000100000000DEADBEEF.PART",
             "TFTPD~1.LOG", "TFTPD~1.1", "~TFTPD~1.PAR"]
    true(os.environ["SHORT_LOG"] != "tftpd.log.1", "Wine told no short name")
    for name in names:
        for spelling in (name, "/" + name, "\\" + name, "./" + name, "public/../" + name):
            code = ACCESS if ".." in spelling else NOT_FOUND
            refused(spelling, code)
    for name in names[:4] + names[6:8]:
        refused(name, NOT_FOUND, request=wrq)
    link("log-link", "tftpd.log")
    link("part-link", "~tftpd-000000200000000100000000deadbeef.part")
    refused("log-link", NOT_FOUND)
    refused("part-link", NOT_FOUND)
    equal(content_of("tftpd.log.1"), noise_of("tftpd.log.1", 900), "the old log")


def noise_of(name, size):
    """What make_file of lib.sh writes: the same generator, by the name's last part."""
    return noise(name.split("/")[-1], size)


@case("an upload under way does not exist to a client either, by the short name of its file")
def running_upload():
    os.makedirs(in_root("running"), exist_ok=True)
    client = Client()
    equal(client.ask(wrq("running/new.bin", "octet", "timeout", 20)).opcode, 6, "the OACK")
    client.send(data(1, b"x" * 512))
    client.expect(ACK, 1)
    parts = os.listdir(in_root("running"))
    equal([name[:7] for name in parts], ["~tftpd-"], "what is there")
    link("running-link", os.path.join("running", parts[0]))
    for name in ("running/" + parts[0], "running/" + parts[0].upper(), "running/new.bin", "running-link"):
        refused(name, NOT_FOUND)
    client.send(error(NOT_DEFINED, "enough"))


# -- rules ------------------------------------------------------------------------------------------------------------


@case("a short name passes no rule that the long name fails, and every rule that it meets", "rules")
def short_names():
    short = {key: os.environ["SHORT_" + key] for key in ("FOLDER", "INNER", "CONFIG", "CFGX", "OPEN")}
    true(re.search(r"\.CFG$", short["CFGX"]) and "~" in short["FOLDER"], "no such short names: %s" % short)
    inner = "secret folder/inner file.bin"
    for name in (inner, short["FOLDER"] + "/inner file.bin", "secret folder/" + short["INNER"],
                 short["FOLDER"] + "\\" + short["INNER"], short["FOLDER"].lower() + "/" + short["INNER"].lower(),
                 "private.config", short["CONFIG"], "public/welcome file.cfgx", "public/" + short["CFGX"]):
        refused(name, ACCESS)
    equal(fetch(Client(), "public/open file.cfg").content, content_of("public/open file.cfg"), "an allowed file")
    equal(fetch(Client(), "public/" + short["OPEN"]).content, content_of("public/open file.cfg"), "by its short name")
    refused(short["FOLDER"] + "/new.cfg", ACCESS, request=wrq)
    true(not exists("secret folder/new.cfg"), "an upload went past the rule by a short name")
    for name in ("TFTPD~1.LOG", os.environ["SHORT_LOG"], os.environ["SHORT_PART"]):
        refused(name, NOT_FOUND, ACCESS)


@case("another case passes no rule", "rules")
def other_case():
    make("CaseSecret/File.cfg", 600)
    make("CasePublic/File.cfg", 600)
    for name in ("CaseSecret/File.cfg", "casesecret/file.cfg", "CASESECRET\\FILE.CFG", "cAsEsEcReT/File.cfg",
                 "./CASESECRET//File.cfg"):
        refused(name, ACCESS)
        refused(name + "-new.cfg", ACCESS, request=wrq)
    for name in ("CasePublic/File.cfg", "CASEPUBLIC/FILE.CFG", "casepublic\\file.cfg"):
        equal(fetch(Client(), name).content, content_of("CasePublic/File.cfg"), name)


@case("a link inside passes no rule that its target fails", "rules")
def link_past_rule():
    link("tolink-file.cfg", "secret folder/inner file.bin")
    link("tolink-folder", "CaseSecret")
    link("alias", "public")
    make("CaseSecret/File.cfg", 600)
    refused("tolink-file.cfg", ACCESS)
    refused("tolink-folder/File.cfg", ACCESS)
    refused("tolink-folder/new.cfg", ACCESS, request=wrq)
    true(not exists("CaseSecret/new.cfg"), "an upload went past the rule by a link")
    equal(fetch(Client(), "alias/open file.cfg").content, content_of("public/open file.cfg"), "what no rule forbids")


@case("a rule counts by whole components", "rules")
def whole_components():
    for name in ("secret folder2/x.cfg", "public/private2.cfg", "public/privat/x.cfg", "CaseSecrets/x.cfg"):
        content = make(name, 500)
        equal(fetch(Client(), name).content, content, name)
    make("public/private/x.cfg", 500)
    refused("public/private/x.cfg", ACCESS)


# -- keep-both, client directories ------------------------------------------------------------------------------------

@case("keep-both: nightly backups of one name, all within a second: each is kept, the old one unchanged", "both")
def keep_both():
    os.makedirs(in_root("backup"), exist_ok=True)
    contents = [b"night %d" % number * 100 for number in range(6)]
    make_content("backup/running-config.cfg", contents[0])
    before = os.stat(in_root("backup/running-config.cfg"))
    for content in contents[1:]:
        store(Client(), "backup/RUNNING-config.cfg", content)
    names = sorted(os.listdir(in_root("backup")))
    equal(len(names), 6, "files in the folder: %s" % names)
    equal(content_of("backup/running-config.cfg"), contents[0], "the old file")
    after = os.stat(in_root("backup/running-config.cfg"))
    equal((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns), "the old file's inode and time")
    equal(sorted(content_of("backup/" + name) for name in names), sorted(contents), "what is kept")
    odd = [name for name in names if not re.match(r"(?i)running-config(\.\d{8}-\d{6}(-\d+)?)?\.cfg$", name)]
    equal(odd, [], "names of another form")


@case("keep-both: two at the same time for one name are both kept whole", "both")
def keep_both_race():
    os.makedirs(in_root("race"), exist_ok=True)
    contents = [noise("race%d" % number, 1500) for number in range(4)]
    clients = [Client(source="127.9.201.%d" % (number + 1)) for number in range(4)]
    for client in clients:
        client.ask(wrq("race/config", "octet", *SLOW))
    for block in range(3):
        for client, content in zip(clients, contents):
            client.send(data(block + 1, content[block * 512:(block + 1) * 512]))
            client.expect(ACK, block + 1)
    names = os.listdir(in_root("race"))
    equal(sorted(content_of("race/" + name) for name in names), sorted(contents), "what is kept in %s" % names)


@case("keep-both: the log and unfinished uploads stay out of reach, and a folder's name is no file's", "both")
def keep_both_reserved():
    make("folder-name/x", 10)
    for name in ("tftpd.log", "~tftpd-x.part"):
        refused(name, NOT_FOUND, request=wrq)
    refused("../canary.bin", ACCESS, request=wrq)


@case("keep-both: the longest name gets its time, too, with its stem cut", "both")
def keep_both_long():
    os.makedirs(in_root("long"), exist_ok=True)
    name = "n" * 246 + ".cfg"
    for content in (b"first", b"second"):
        store(Client(), "long/" + name, content)
    names = sorted(os.listdir(in_root("long")), key=len)
    equal([content_of("long/" + each) for each in names], [b"first", b"second"], "what is kept in %s" % names)
    true(re.fullmatch(r"n{235}\.\d{8}-\d{6}\.cfg", names[1]), "its name is %s" % names[1])
    refused("long/" + "n" * 256, ACCESS, request=wrq)


@case("rename-old: a telephone reads back what it stored last, and nothing that it stored before is lost", "newest")
def rename_old():
    make_content("0004f2aabbcc-phone.cfg", b"from the administrator")
    for content in (b"first", b"second"):
        store(Client(), "0004F2AABBCC-phone.cfg", content)
        equal(fetch(Client(), "0004f2aabbcc-phone.cfg").content, content, "what it reads back")
    kept = [name for name in os.listdir(in_root("")) if re.match(r"(?i)0004f2aabbcc-phone(\.\d{8}-\d{6}(-\d+)?)?\.cfg$", name)]
    equal(sorted(content_of(name) for name in kept), [b"first", b"from the administrator", b"second"], "in %s" % kept)
    make("folder-name/x", 10)
    store(Client(), "new-phone.cfg", b"new")
    refused("tftpd.log", NOT_FOUND, request=wrq)


def own_client(last):
    return Client(source="127.77.0.%d" % last)


@case("ClientDirectories=ip: the client's own folder comes first, then the common one; no client sees another's", "own")
def own_folder():
    mine, common = make("127.77.0.1/boot.cfg", 800), make("boot.cfg", 700)
    equal(fetch(own_client(1), "boot.cfg").content, mine, "in its own folder")
    equal(fetch(own_client(2), "boot.cfg").content, common, "of a client without a folder")
    make("127.77.0.3/other.cfg", 10)
    equal(fetch(own_client(3), "boot.cfg").content, common, "not in its own folder")
    own_client(2).ask_error(rrq("other.cfg", "octet"), NOT_FOUND)


@case("ClientDirectories=ip: nobody reaches another's folder by its name, there or not; its own by that name, too", "own")
def own_isolated():
    secret = make("127.77.0.9/secret.cfg", 600)
    equal(fetch(own_client(9), "127.77.0.9/secret.cfg").content, secret, "by the name of its own folder")
    for name in ("127.77.0.9/secret.cfg", "./127.77.0.9\\SECRET.CFG", "127.77.0.9/none", "127.77.0.200/x", "127.77.0.9"):
        own_client(10).ask_error(rrq(name, "octet"), ACCESS)
        own_client(10).ask_error(wrq(name, "octet"), ACCESS)
    equal(os.listdir(in_root("127.77.0.9")), ["secret.cfg"], "what is in the folder")


@case("ClientDirectories=ip: an upload goes into the client's own folder if that exists", "own")
def own_upload():
    os.makedirs(in_root("127.77.0.4"), exist_ok=True)
    store(own_client(4), "up.cfg", b"mine")
    equal(content_of("127.77.0.4/up.cfg"), b"mine", "the stored file")
    true(not exists("up.cfg"), "it went into the common folder too")
    store(own_client(5), "up.cfg", b"common")
    equal(content_of("up.cfg"), b"common", "the file of a client without a folder")


@case("ClientDirectories=ip: an own folder that leads outside is refused, and no name leads out of it", "own")
def own_outside():
    link("127.77.0.6", outside("outside"))
    link("127.77.0.7/out.bin", outside("canary.bin"))
    own_client(6).ask_error(rrq("canary.bin", "octet"), ACCESS)
    own_client(6).ask_error(wrq("new.bin", "octet"), ACCESS)
    own_client(7).ask_error(rrq("out.bin", "octet"), ACCESS)
    own_client(1).ask_error(rrq("../boot.cfg", "octet"), ACCESS)
    equal(os.listdir(outside("outside")), ["canary.bin"], "what is outside")


@case("ClientDirectories=ip: reserved names stay reserved, devices stay refused", "own")
def own_reserved():
    make_content("127.77.0.8/~tftpd-left.part", b"left")
    own_client(8).ask_error(rrq("~tftpd-left.part", "octet"), NOT_FOUND)
    own_client(8).ask_error(rrq("nul", "octet"), ACCESS)


# -- Access -----------------------------------------------------------------------------------------------------------


def reaches(*names):
    """Of the four files and of a new one beside each, exactly these names may be read and written."""
    wrong = []
    for name in ("a/b/file", "a/bb/file", "a/file", "top"):
        for spelling in (name, name.upper().replace("/", "\\")):
            client = Client()
            packet = client.ask(rrq(spelling, "octet"))
            is_read = packet.raw[4:] == content_of(name)[:512]
            if packet.opcode == ERROR and packet.code != ACCESS or is_read != (name in names):
                wrong.append("reading %s drew %s" % (spelling, packet))
            client.send(error(NOT_DEFINED, "enough"))
            client = Client()
            packet = client.ask(wrq(spelling + "-new", "octet"))
            if packet.opcode == ERROR and packet.code != ACCESS or (packet.raw == ack(0)) != (name in names):
                wrong.append("writing %s-new drew %s" % (spelling, packet))
            client.send(error(NOT_DEFINED, "enough"))
    equal(wrong, [], "what is reached")


@case("without Access every file is reached", "access-none")
def access_none():
    reaches("a/b/file", "a/bb/file", "a/file", "top")


@case("allow:/a/b and deny:/a: only /a/b is reached (the AIX manual's first example)", "access-inner")
def access_inner():
    reaches("a/b/file")


@case("allow:/a and deny:/a/b: /a without /a/b (the AIX manual's second example)", "access-outer")
def access_outer():
    reaches("a/bb/file", "a/file")


@case("nothing is reached", "access-nothing")
def access_nothing():
    reaches()


if __name__ == "__main__":
    cases.main()
