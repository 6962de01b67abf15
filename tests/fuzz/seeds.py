#!/usr/bin/env python3
"""seeds.py TARGET FOLDER: writes the seeds of a fuzz target, named seed-WHAT: the requests of every client that
CLIENTS.md knows, and an example of each kind of input."""

import os
import sys


def texts(*words):
    return b"".join(word if isinstance(word, bytes) else str(word).encode() for word in
                    (part for word in words for part in (word, b"\0")))


def request(opcode, name, *options, mode="octet"):
    return bytes([0, opcode]) + texts(name, mode, *options)


def rrq(name, *options, **mode):
    return request(1, name, *options, **mode)


def wrq(name, *options, **mode):
    return request(2, name, *options, **mode)


# The rows of CLIENTS.md, section 1.
CLIENTS = {
    "bootmgr": rrq("\\Boot\\BCD", "tsize", 0, "blksize", 1456, "windowsize", 4, "msftwindow", 31416),
    "wdsnbp": rrq("/Boot\\x64\\wdsnbp.com", "tsize", 0, "blksize", 1456, "windowsize", 4, "msftwindow", 31416),
    "edk2-probe": rrq("EFI/Boot/bootx64.efi", "tsize", 0, "blksize", 1468, "windowsize", 4),
    "edk2": rrq("EFI/Boot/bootx64.efi", "blksize", 1468, "windowsize", 4),
    "ipxe": rrq("/undionly.kpxe", "blksize", 1432, "tsize", 0),
    "ipxe-multicast": rrq("undionly.kpxe", "blksize", 1432, "tsize", 0, "multicast", ""),
    "pxelinux": rrq("pxelinux.cfg/01-00-11-22-33-44-55", "tsize", 0, "blksize", 1408),
    "grub": rrq("//boot//grub/grub.cfg", "blksize", 1024, "tsize", 0),
    "u-boot": rrq("uImage", "timeout", 5, "tsize", 0, "blksize", 1468, "windowsize", 8),
    "intel": rrq("pxeboot.n12", "tsize", 0),
    "raspberry": rrq("1234abcd/start4.elf", "tsize", 0, "blksize", 1024),
    "shim": rrq("grubx64.efi", "tsize", 0, "blksize", 512),
    "curl": rrq("file", "tsize", 0, "blksize", 512, "timeout", 6),
    "curl-upload": wrq("backup/a.cfg", "tsize", 12345, "blksize", 512, "timeout", 6),
    "busybox": rrq("file", "blksize", 1428),
    "tftp-hpa": rrq("file", "blksize", 8192, "windowsize", 16, mode="netascii"),
    "tftp-hpa-mail": rrq("root", mode="mail"),
    "atftp": rrq("file", "tsize", 0, "blksize", 1428, "timeout", 3, "multicast", ""),
    "windows": rrq("hosts.txt", mode="netascii"),
    "windows-octet": wrq("hosts.txt"),
    "cisco-ios": wrq("router-confg"),
    "cisco-phone": rrq("SEP001122334455.cnf.xml"),
    "polycom": wrq("001122334455-boot.log"),
    "openfirmware": rrq("mach_kernel", "blksize", 512) + b"\x12\x34garbage",
    "padded": rrq("file") + bytes(64),
    "dgx": rrq("dgx/vmlinuz", "tsize", 0, "blksize", 1468),
    "u-root": rrq("bzImage", "blksize", 1450, "windowsize", 64),
    "lenovo": rrq(b"pxe\\boot.efi\xff", "tsize", 0),
    "broadcast": rrq("C0A80101.SUN4M"),
    "every-option": rrq("f", "blksize2", 1428, "utimeout", 250000, "rollover", 1, "windowsize", 65535, "tsize", 0,
                        "msftwindow", 31416, "timeout", 255, "blksize", 65464),
    "error": b"\0\5\0\x08User aborted the transfer\0",
    "error-bare": b"\0\5\0\0stop",
    "ack": b"\0\4\0\1",
    "ack-window": b"\0\4\xff\xff\x08",
    "data": b"\0\3\0\1payload",
    "oack": b"\0\6" + texts("blksize", 1468),
    "opcode": b"\0\x63??",
}

# Flags, MTU, what MaxBlockSize and MaxWindowSize lack, the client's address, the file's size.
OPEN = bytes([1, 1500 >> 8, 1500 & 255, 0, 0, 0, 5, 100])

PATH = {
    "name": b"n/Boot\\x64/wdsnbp.com",
    "name-device": b"nboot/con .txt",
    "name-server": b"n\\\\server\\share\\file",
    "name-device-space": b"n\\\\.\\PhysicalDrive0",
    "name-parent": b"na/../../b",
    "name-stream": b"na.txt::$DATA",
    "name-log": b"ntftpd.log.1",
    "name-upload": b"na/~tftpd-1.part",
    "name-c1": b"na\xc2\x85b",
    "name-utf8": "nÄpfel/日本.cfg".encode(),
    "name-long": b"n" + b"abcdefgh/" * 56,
    "name-long-component": b"n" + b"x" * 256,
    "pattern": b"p*.c?g\0backup/a.cfg\0",
    "pattern-utf8": "p*Ä?\0xäß\0".encode(),
    "pattern-stars": b"p" + b"a*" * 20 + b"b\0" + b"a" * 60 + b"\0",
    "address-ipv4": b"a\x08\x1610.1.2.3\0",
    "address-ipv6": b"a\0\x45fe80::1%3\0",
    "address-mapped": b"a\0\x45::ffff:10.1.2.3\0",
    "address-two-gaps": b"a\0\x451:0:0:2:0:0:3:4\0",
    "address-full": b"a\0\x451:2:3:4:5:6:7:8\0",
    "prefix-ipv4": b"c\x0410.0.0.0/8\0",
    "prefix-last-bit": b"c\x6c10.8.0.0/13\0",
    "prefix-next-bit": b"c\x6d10.8.0.0/13\0",
    "prefix-ipv6": b"c\x40fd00::/8\0",
    "access": b"r\x01\x05" + texts("10.1.*.*;fd00::/8", "10.1.1.5", "boot\\*;*.cfg", "backup\\*.cfg",
                                   "allow:/boot;deny:/boot/private", "boot/a.cfg"),
    "access-upload": b"r\x01\x05" + texts("*", "10.1.0.0/16", "*", "/backup/*", "-", "backup/a.cfg"),
    "access-denied": b"r\x00\x05" + texts("*", "", "*", "*", "allow:/;deny:/Boot//Private", "boot/private/key"),
    "access-as-long": b"r\x00\x05" + texts("*", "", "*", "*", "allow:/boot;deny:/BOOT", "boot/key"),
    "utf8": "uäö€😀".encode(),
    "utf8-surrogate": b"u\xed\xa0\x80",
    "utf8-overlong": b"u\xc0\xaf",
    "utf8-beyond": b"u\xf4\x90\x80\x80",
}

DOWNLOAD, UPLOAD, NETASCII, OPTIONS, ROLLOVER = 0, 1, 2, 4, 8


def patience(silence=0, unproven=0, unproven_bytes=0, request_bytes=0):
    return silence | unproven << 2 | unproven_bytes << 4 | request_bytes << 6


def transfer(flags, blksize=0, window=0, extra=0, size=1000, shift=0, believed=0, events=b""):
    shape = blksize | window << 3
    extras = bytes([extra]) if flags & OPTIONS else b""
    return bytes([flags | shift << 4, shape]) + extras + bytes([size >> 8, size & 255, 5, 2, believed]) + events


NEXT, PART, SAME, AHEAD, DUE, EARLY, PASS, REPEAT, RAW, ERROR, ABORT, DISK, ABANDON, OWNER, BURST = (
    0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)


def events(*pairs):
    return b"".join(bytes(pair) for pair in pairs)


MANY = [(BURST, 31)] * 8

TRANSFER = {
    "download": transfer(DOWNLOAD, events=events((BURST, 4))),
    "download-window": transfer(OPTIONS, 3, 3, events=events((NEXT, 0), (NEXT, 0), (PART, 1), (SAME, 0), (BURST, 31))),
    "download-msftwindow": transfer(OPTIONS, 3, 3, 4, 4000, events=events((NEXT, 0), (AHEAD, 8), (AHEAD, 1), (4, 9))),
    "download-wrap": transfer(OPTIONS, 0, 6, size=60000, shift=5, events=events(*MANY)),
    "download-wrap-to-1": transfer(OPTIONS | ROLLOVER, 0, 6, size=60000, shift=5, events=events(*MANY)),
    "download-lost": transfer(OPTIONS, 4, 2, size=6000, events=events((DUE, 0), (NEXT, 0), (DUE, 0), (DUE, 9), (PART, 0))),
    "download-silence": transfer(OPTIONS, 3, 3, size=1000, events=events((NEXT, 0), (NEXT, 0), (DUE, 0), (DUE, 0), (DUE, 0),
                                                                        (NEXT, 0), (BURST, 31))),
    "download-impatient": transfer(OPTIONS, 3, 3, 5, believed=patience(1, 2), events=events((NEXT, 0), (NEXT, 0), (PASS, 90),
                                                                                           (SAME, 0), (DUE, 0))),
    "download-purse": transfer(OPTIONS, 4, 4, 4, 60000, believed=patience(0, 3, 1), events=events(
        (AHEAD, 200), (SAME, 0), (DUE, 0), (SAME, 0), (DUE, 0), (DUE, 0), (PART, 1), (BURST, 31))),
    "download-purse-netascii": transfer(NETASCII | OPTIONS, 2, 4, 0, 900, believed=patience(0, 3, 1),
                                        events=events((NEXT, 0), (SAME, 0), (DUE, 0), (DUE, 0), (BURST, 31))),
    "offer-not-paid": transfer(OPTIONS, 5, 0, 7, believed=patience(request_bytes=1), events=events(
        (REPEAT, 0), (DUE, 0), (REPEAT, 0), (DUE, 0), (ABORT, 0))),
    "bare-paid": transfer(DOWNLOAD, believed=patience(request_bytes=1), events=events((REPEAT, 0), (DUE, 0), (REPEAT, 0))),
    "upload-impatient": transfer(UPLOAD | OPTIONS, 0, 3, 5, believed=patience(1, 1), events=events((NEXT, 0), (PASS, 60),
                                                                                                  (DUE, 0))),
    "evict": transfer(OPTIONS, events=events((NEXT, 0), (ABORT, 3))),
    "download-netascii": transfer(NETASCII | OPTIONS, 3, 2, size=900, events=events((NEXT, 0), (PART, 1), (BURST, 31))),
    "download-netascii-pieces": transfer(NETASCII, size=900, events=events((OWNER, 140), (BURST, 31))),
    "download-changed": transfer(DOWNLOAD, size=5000, events=events((NEXT, 0), (DISK, 8), (NEXT, 0))),
    "download-ack-ahead": transfer(DOWNLOAD, size=5000, events=events((NEXT, 0), (4, 10), (NEXT, 0))),
    "probe": transfer(OPTIONS, 5, 0, events=events((ERROR, 8))),
    "repeat": transfer(OPTIONS, 5, 0, 2, events=events((REPEAT, 0), (PASS, 50), (REPEAT, 0), (REPEAT, 0), (NEXT, 0))),
    "raw": transfer(DOWNLOAD, events=events((RAW, 4)) + b"\0\4\0\1"),
    "abort": transfer(OPTIONS, events=events((NEXT, 0), (ABORT, 0))),
    "supersede": transfer(OPTIONS, events=events((NEXT, 0), (ABORT, 2))),
    "abandon": transfer(OPTIONS, 3, 3, events=events((ABANDON, 2), (NEXT, 0), (NEXT, 0))),
    "upload": transfer(UPLOAD, events=events((BURST, 5), (PART, 9), (SAME, 0), (DUE, 0))),
    "upload-window": transfer(UPLOAD | OPTIONS, 6, 3, events=events((BURST, 31), (AHEAD, 3), (AHEAD, 3), (PART, 77))),
    "upload-full": transfer(UPLOAD | OPTIONS, 6, 3, events=events((DISK, 6), (BURST, 31))),
    "upload-exists": transfer(UPLOAD | OPTIONS, 3, 0, events=events((NEXT, 0), (DISK, 4), (PART, 3))),
    "upload-netascii": transfer(UPLOAD | NETASCII | OPTIONS, 6, 3, events=events((BURST, 31), (PART, 9))),
    "upload-announced": transfer(UPLOAD | OPTIONS, 0, 0, 6, events=events((BURST, 5), (PART, 0))),
    "upload-wrong-size": transfer(UPLOAD | OPTIONS, 0, 0, 6, events=events((BURST, 5), (PART, 1))),
    "upload-block-too-long": transfer(UPLOAD, events=events((NEXT, 0), (4, 0), (PART, 1))),
    "upload-empty": transfer(UPLOAD, events=events((PART, 0), (DUE, 0))),
    "upload-wrap": transfer(UPLOAD | OPTIONS, 0, 0, events=events(*MANY)),
}


def settings(*entries):
    """Each entry: what is done with a parameter, its number in the table, a text."""
    return b"".join(entry[0] + bytes([entry[1]]) + texts(entry[2]) for entry in entries)


def in_parts(name, entries, at_once=16):
    """An input has at most 16 entries."""
    return {"%s-%d" % (name, start): b"".join(entries[start:start + at_once])
            for start in range(0, len(entries), at_once)}


CONFIG = {
    "lists": settings((b"l", 1, "10.1.*.*|fd00::/8"), (b"t", 2, "10.1.2.3"), (b"y", 3, "boot\\*;*.cfg"),
                      (b"l", 5, "allow:/boot|deny:/boot/private")),
    "texts": settings((b"t", 0, "D:\\images"), (b"t", 6, "ip"), (b"t", 7, "keep-both"), (b"t", 10, "50000-50063"),
                      (b"t", 9, "69"), (b"f", 9, "")),
    "bad": settings((b"t", 1, "10.0.0.0/33"), (b"t", 8, "fe80::g"), (b"t", 10, "9-1"), (b"t", 9, "65536")),
    "options": settings(*[(b"y", number, "windowsize;msftwindow;blksize;tsize") for number in range(11, 19)]),
    "long": settings((b"t", 1, "xä" * 60), (b"t", 0, "D:\\" + "ä" * 60)),
    "stretched": settings((b"s", 3, "0123456789abcdef;"), (b"i", 4, "ab|"), (b"i", 4, "0123456789abcdef|"), (b"s", 4, "x")),
    "event": b"e\x00" + texts("Äpfel \"x\" \\y", "detail"),
    "json": b"j" + texts("\x01\x1f\"\\/ä"),
    **in_parts("numbers", [settings((b"#", number, "\x01")) for number in range(40)]),
    **in_parts("words", [settings((b"t", number, word)) for number in range(40) for word in ("0", "json")]),
    **in_parts("fall-back", [settings((b"f", number, word)) for number in range(40) for word in ("", "x")]),
    **in_parts("events", [b"e" + bytes([row]) + texts("name", "detail") for row in range(60)]),
    **in_parts("reports", [b"r" + bytes([outcome, outcome, 3]) + texts("name", "client's words")
                           for outcome in range(13)]),
}

INI = {
    "tftpd32": b"[TFTPD32]\r\nBaseDirectory=C:\\tftp\r\nTftpPort=69\r\nSecurityLevel=1\r\nLocalIP=\r\nTimeout=3\r\n",
    "utf8": b"\xef\xbb\xbf[tftpd64]\n; comment\nBaseDirectory = D:\\B\xc3\xa4der \nWinSize=0\n",
    "utf16": b"\xff\xfe" + "[TFTPD32]\r\nBaseDirectory=C:\\ä\r\n".encode("utf-16-le"),
    "ansi": b"[TFTPD32]\nBaseDirectory=C:\\\xe4\n",
    "twice": b"[TFTPD32]\nTimeout=3\nTimeout=4\n[Other]\nTimeout=5\n[TFTPD32]\nTimeout=6",
    "broken": b"[TFTPD32\nno equals\n=no name\n[]\n\0\n",
    "longest": b"[TFTPD32]\nBaseDirectory=" + b"x" * (4096 - 14) + b"\nTimeout=3\n",
    "too-long": b"[TFTPD32]\nBaseDirectory=" + b"x" * (4097 - 14) + b"\nTimeout=3\n",
}

TARGETS = {
    "packet": {name: OPEN + datagram for name, datagram in CLIENTS.items()},
    "path": PATH,
    "transfer": TRANSFER,
    "config": CONFIG,
    "ini": INI,
}

if __name__ == "__main__":
    target, folder = sys.argv[1:]
    for name, content in TARGETS[target].items():
        with open(os.path.join(folder, "seed-" + name), "wb") as file:
            file.write(content)
