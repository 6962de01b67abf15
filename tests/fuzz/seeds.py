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

# -- the boot companion: PXE.md, sections 1, 2 and 4 -------------------------------------------------------------------

MAC = bytes.fromhex("525400123456")
GUID = bytes.fromhex("44454c4c420010358052b4c04f4e3332")
BOOT, HOSTS, MENU, PROMPT, RELAYS, INTERFACES, BOOTP = range(7)
ON_4011, STYLE_BINL, STYLE_MENU = 16, 32, 64


def scene(*lines, flags=0, files=0):
    return bytes([flags, files, len(lines)]) + b"".join(bytes([at]) + line.encode() + b"\0" for at, line in lines)


def option(tag, data):
    data = data if isinstance(data, bytes) else data.encode()
    return bytes([tag, len(data)]) + data


def dhcp(*options, mac=MAC, flags=0x8000, ciaddr=bytes(4), giaddr=bytes(4), sname=b"", file=b"", cookie=True, size=300):
    fixed = bytes([1, 1, 6, 0, 13, 28, 43, 58, 0, 4]) + flags.to_bytes(2, "big") + ciaddr + bytes(8) + giaddr + \
        mac.ljust(16, b"\0") + sname.ljust(64, b"\0") + file.ljust(128, b"\0")
    area = (bytes.fromhex("63825363") if cookie else b"") + b"".join(options) + b"\xff"
    return (fixed + area).ljust(size, b"\0")


def pxe(message, arch, *more, kind="PXEClient", **fixed):
    return dhcp(option(53, bytes([message])), option(57, b"\x05\xc0"), option(97, b"\0" + GUID), option(94, b"\1\3\0"),
                option(93, arch.to_bytes(2, "big")), option(60, "%s:Arch:%05d:UNDI:003000" % (kind, arch)), *more, **fixed)


IPXE = (option(77, "iPXE"), option(175, b"\xb1\5\1\x10\x22\x20\0\x13\1\1"))
ITEM = option(43, b"\x47\4\x80\0\0\0\xff")
PORT_68, PORT_4011 = b"\0\x44", b"\x0f\xab"
CIADDR = bytes([10, 77, 0, 100])
RELAY = dict(giaddr=bytes([10, 88, 0, 1]), size=0)
RULES = ((BOOT, "x64 = x64.efi"), (BOOT, "bios,arm64 = a.0 style binl"), (BOOT, "ipxe = http://a/b.ipxe"))
MENUS = ((BOOT, "x64 = m.efi option 252=\\Boot\\BCD"), (MENU, "Net = answer"), (MENU, "Disk = local"),
         (MENU, "Test = t.efi for x64"), (PROMPT, "5 Press F8"))

BOOT4 = {
    "edk2": scene(*RULES) + PORT_68 + pxe(1, 7),
    "edk2-binl": scene(*RULES, flags=STYLE_BINL) + PORT_68 + pxe(1, 7),
    "edk2-4011": scene(*RULES, flags=ON_4011) + PORT_4011 + pxe(3, 7, ciaddr=CIADDR, flags=0),
    "edk2-request": scene(*RULES) + PORT_68 + pxe(3, 7, option(54, b"\x0a\x4d\0\1"), option(50, CIADDR)),
    "http": scene((BOOT, "x64-http = http://a/x.efi")) + PORT_68 + pxe(1, 16, kind="HTTPClient"),
    "http-long": scene((BOOT, "x64-http = http://a/" + "x" * 200)) + PORT_68 + pxe(1, 16, kind="HTTPClient"),
    "ipxe": scene(*RULES) + PORT_68 + pxe(1, 7, *IPXE, flags=0),
    "ipxe-loop": scene((BOOT, "any = ipxe.efi")) + PORT_68 + pxe(1, 7, *IPXE),
    "ipxe-4011": scene(*RULES, flags=ON_4011) + PORT_68 + pxe(3, 7, *IPXE, option(54, b"\x0a\x4d\0\2"), ciaddr=CIADDR),
    "intel": scene((BOOT, "bios = p.0")) + PORT_68 + pxe(1, 0, size=548),
    "raspberry": scene((BOOT, "rpi = bootcode.bin")) + PORT_68 + pxe(1, 0, mac=bytes.fromhex("dca632010203")),
    "u-boot": scene((BOOT, "any = a")) + PORT_68 + dhcp(option(53, b"\1"), option(60, "U-Boot.armv8"), option(93, b"\0\x16"),
                                                       file=b"boot.scr.uimg"),
    "menu": scene(*MENUS, flags=STYLE_MENU) + PORT_68 + pxe(1, 7),
    "menu-item": scene(*MENUS, flags=STYLE_MENU | ON_4011) + PORT_4011 + pxe(3, 7, ITEM, ciaddr=CIADDR),
    "menu-item-67": scene(*MENUS, flags=STYLE_MENU) + PORT_68 + pxe(3, 7, ITEM, ciaddr=CIADDR),
    "relay": scene(*RULES, (RELAYS, "10.88.0.0/16")) + PORT_68 + pxe(1, 7, option(82, b"\1\4eth1\2\3abc"), **RELAY),
    "relay-refused": scene(*RULES) + PORT_68 + pxe(1, 7, option(82, b"\1\4eth1"), **RELAY),
    "hosts": scene((BOOT, "x64 = c.efi"), (HOSTS, "4c4c4544-0042-3510-8052-b4c04f4e3332 = once s.efi on 10.77.0.0/16"),
                   (HOSTS, "525400* ipxe = wait"), (HOSTS, "525400* = shared")) + PORT_68 + pxe(1, 7),
    "server": scene((BOOT, "x64 = c.efi server 10.0.0.9 option 209=a option 211=5 option 150=10.0.0.8")) + PORT_68 + pxe(1, 7),
    "local": scene((BOOT, "any = local"), (INTERFACES, "10.77.0.2")) + PORT_68 + pxe(1, 7),
    "overload": scene(*RULES) + PORT_68 + dhcp(option(52, b"\3"), option(53, b"\1"), file=option(60, "PXEClient"),
                                               sname=option(93, b"\0\7")),
    "split": scene(*RULES) + PORT_68 + pxe(1, 7, option(77, "iP"), option(77, "XE")),
    "broken": scene(*RULES) + PORT_68 + dhcp(option(53, b"\1"), b"\x3c\xff", size=0),
    "bootp": scene((BOOTP, "525400123456 = 10.77.0.50/24 file b name n router 10.77.0.1 dns 10.77.0.3 root /e domain a.b"))
    + PORT_68 + dhcp(),
    "bootp-old": scene((BOOTP, "525400123456 = 10.77.0.50 server 10.0.0.9"), (BOOTP, "file unix = boot/vmunix"))
    + PORT_68 + dhcp(cookie=False, sname=b"boothost", file=b"unix"),
    "bootp-relay": scene((BOOTP, "525400123456 = 10.88.0.50/24"), (RELAYS, "10.88.0.1")) + PORT_68 + dhcp(**RELAY),
    "bootp-ciaddr": scene((BOOTP, "525400123456 = 10.77.0.50")) + PORT_68 + dhcp(ciaddr=bytes([10, 77, 0, 50])),
    "lines": scene((BOOT, "x46 = a"), (BOOT, "x64 = \"a b\" style fast"), (HOSTS, "x = y"), (MENU, "a = http://b"),
                   (PROMPT, "wait x"), (RELAYS, "10.0.0.0/33"), (BOOTP, "file a = b c")) + PORT_68,
}


def option6(code, data):
    return code.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def dhcp6(message, arch, *more, kind="PXEClient"):
    text = ("%s:Arch:%05d:UNDI:003000" % (kind, arch)).encode()
    return bytes([message, 10, 11, 12]) + option6(1, b"\0\4" + GUID) + b"".join(more) + \
        option6(16, b"\0\0\1\x57" + len(text).to_bytes(2, "big") + text) + option6(61, arch.to_bytes(2, "big"))


def relay6(inner, *more, hops=0):
    return bytes([12, hops]) + bytes([0xfd, 0x88]) + bytes(14) + bytes([0xfe, 0x80]) + bytes(14) + b"".join(more) + \
        option6(9, inner)


NEAR, FAR = b"\0\x02\x22", b"\1\x02\x23"
OUR_DUID = option6(2, bytes([0, 3, 0, 1, 2, 0, 0, 0, 0, 1]))
BOOT6 = {
    "solicit": scene(*RULES) + NEAR + dhcp6(1, 7),
    "solicit-plain": scene(*RULES) + NEAR + bytes([1, 1, 2, 3]) + option6(1, b"\0\4" + GUID),
    "request": scene(*RULES, flags=ON_4011) + b"\0" + PORT_4011 + dhcp6(3, 7, OUR_DUID),
    "http": scene((BOOT, "x64-http = http://a/b")) + NEAR + dhcp6(1, 16, kind="HTTPClient"),
    "server": scene((BOOT, "x64 = a.efi server fd77::9")) + NEAR + dhcp6(1, 7),
    "ipxe": scene(*RULES) + NEAR + dhcp6(1, 7, option6(15, b"\0\4iPXE")),
    "information": scene(*RULES) + NEAR + dhcp6(11, 7),
    "relay": scene(*RULES, (RELAYS, "fd99::/16")) + FAR + relay6(dhcp6(1, 7), option6(18, b"eth1")),
    "relays": scene(*RULES, (RELAYS, "::/0")) + FAR + relay6(relay6(dhcp6(1, 7), option6(18, b"eth1")), hops=1),
    "broken": scene(*RULES) + NEAR + dhcp6(1, 7) + b"\0\x3d\0\x09",
}


def exchange(flags, shape, *what, size=3000):
    """Of our own client: flags and shape as fuzz_client.c reads them, then what happens."""
    return b"x" + bytes([flags, shape, size >> 8, size & 255]) + bytes(byte for event in what for byte in event)


PUT, TEXT, TSIZE, ONLY, BARE = 1, 2, 4, 16, 24
RATE = 7 << 13  # in the size
SPEAK, SHORT, OACK, TICK, LATE, ICMP, STOP, TROUBLE, FLOOD = 0, 1, 5, 6, 7, 9, 10, 11, 13

CLIENT = {
    "get": exchange(0, 0, (FLOOD, 5), (SHORT, 9), (SHORT, 9), (TICK, 0)),
    "get-options": exchange(TSIZE, 2 + 8 * 4, (OACK, 2), (FLOOD, 63), (SHORT, 7)),
    "get-tsize": exchange(TSIZE, 0, (OACK, 3), (SHORT, 20), (TICK, 0)),
    "get-window-gap": exchange(0, 1 + 8 * 3, (OACK, 5), (SPEAK, 0), (2, 10), (2, 10), (SPEAK, 0), (TICK, 0), (SHORT, 1)),
    "get-no-window": exchange(0, 1 + 8 * 3, (OACK, 5), (2, 10), (SPEAK, 0), (2, 10), (SPEAK, 0), (2, 10), (OACK, 5)),
    "get-no-blocks": exchange(0, 4, (OACK, 2), (TICK, 0), (TICK, 0), (OACK, 2), (TICK, 0), (TICK, 0), (FLOOD, 3)),
    "get-silent": exchange(TSIZE, 2 + 64, (TICK, 0), (TICK, 0), (TICK, 0)),
    "get-bad-oack": exchange(TSIZE, 2, (OACK, 7), (SPEAK, 0), (SHORT, 3)),
    "get-bad-oack-only": exchange(TSIZE | ONLY, 2, (OACK, 7)),
    "get-text": exchange(TEXT, 1 + 8 * 2, (OACK, 1), (FLOOD, 30), (SHORT, 3), (SHORT, 3)),
    "get-full-disk": exchange(0, 0, (SPEAK, 0), (TROUBLE, 8), (SPEAK, 0)),
    "get-too-large": exchange(128, 0, (FLOOD, 20)),
    "get-unreachable": exchange(0, 0, (ICMP, 0), (ICMP, 0), (ICMP, 0)),
    "get-stopped": exchange(0, 0, (SPEAK, 0), (STOP, 255)),
    "get-error": exchange(0, 0, (14, 8)) + b"\0\5\0\1no\0x",
    "get-refused": exchange(TSIZE, 2, (14, 8)) + b"\0\5\0\10no\0x" + bytes([SPEAK, 0, SHORT, 1]),
    "get-stranger": exchange(0, 0, (SPEAK, 0), (14, 9)) + b"\0\3\0\1other",
    "get-other-host": exchange(0, 0, (14, 10)) + b"\0\3\0\1others",
    "put": exchange(PUT, 0, (14, 8)) + b"\0\4\0\0more" + bytes([FLOOD, 63]),
    "get-rate": exchange(0, 8 * 3, (OACK, 5), (FLOOD, 5), (TICK, 0), (FLOOD, 3), (TICK, 0), (SHORT, 9), size=RATE),
    "put-rate": exchange(PUT, 8 * 3, (OACK, 5), *[(TICK, 0)] * 9, (FLOOD, 4), *[(TICK, 0)] * 9, size=RATE | 3000),
    "put-window": exchange(PUT, 1 + 8 * 3, (OACK, 5), (FLOOD, 63), (2, 6), (TICK, 0), (FLOOD, 63)),
    "put-text": exchange(PUT | TEXT, 1, (OACK, 1), (12, 3), (FLOOD, 63)),
    "put-unconfirmed": exchange(PUT, 64, (14, 8), size=3) + b"\0\4\0\0more" + bytes([TICK, 0] * 4),
    "put-pipe": exchange(PUT | 64, 0, (14, 8), size=600) + b"\0\4\0\0more" + bytes([FLOOD, 9]),
    **{"line-%d" % number: b"c" + texts(*line.split()) for number, line in enumerate((
        "-i 10.0.0.1 get boot\\x64\\wdsnbp.com", "host:6969 put a.bin folder/", "[fe80::1%12]:70 get a -",
        "get tftp://h/a/b;mode=netascii -o out\\", "put a b tftp://[::1]:7/in/ -b 512", "get tftp://h/%2Fa%3B tftp://h/c",
        "-b 1428 -w=3 --sha256 " + "0" * 64 + " h get f", "h get con", "h get ../..", "/?", "--local-port 4-9 h put - x"))},
}



def probe(flags, *what):
    """Of the probe: flags as fuzz_probe.c reads them, then what happens."""
    return bytes([flags]) + bytes(byte for event in what for byte in event)


GRANT, FAIL, FEW = 4, 11, 12
ABSENT = ((FAIL, 1),) * 3
NO_FILE, WITH_PUT, SIZE, QUICK, DEEP = 1, 2, 28, 96, 128

PROBE = {
    "alive": probe(NO_FILE, *ABSENT),
    "silent": probe(0, (TICK, 0), (TICK, 0), (TICK, 0)),
    "closed": probe(0, (ICMP, 0), (TICK, 0), (ICMP, 0), (TICK, 0), (ICMP, 0), (TICK, 0)),
    "quick": probe(QUICK, *ABSENT, *((GRANT, 100),) * 6),
    "windows": probe(0, *ABSENT, *((GRANT, 120),) * 4, *((GRANT, 9), (0, 0)) * 3, *((GRANT, 9),) + ((FEW, 79),) * 5),
    "ignores": probe(0, *ABSENT, *((0, 0),) * 8, *((FEW, 79),) * 5),
    "no-blocks": probe(0, *ABSENT, *((GRANT, 120),) * 4, *((GRANT, 9), (TICK, 0)) * 20),
    "gaps": probe(0, *ABSENT, *((GRANT, 120),) * 4, *((GRANT, 9), (0, 0)) * 3, (GRANT, 9), (2, 3), (0, 0), (TICK, 0), (0, 0)),
    "refused": probe(0, *ABSENT, (FAIL, 8), (0, 0), *((FAIL, 0),) * 6),
    "deep": probe(QUICK | DEEP, *ABSENT, *((GRANT, 100),) * 4, (0, 0), (0, 0), (0, 0), (2, 0), (TICK, 0), (0, 0), (FAIL, 5)),
    "put": probe(NO_FILE | WITH_PUT, *ABSENT, (GRANT, 1), (0, 1), (GRANT, 1), (0, 1), (TICK, 0)),
    "size": probe(SIZE, (GRANT, 77)),
    "size-bare": probe(SIZE, (FAIL, 8), (SHORT, 17)),
    "stopped": probe(0, *ABSENT, (GRANT, 100), (STOP, 255)),
    "stranger": probe(0, (3, 2), (FAIL, 129)),
}

TARGETS = {
    "client": CLIENT,
    "probe": PROBE,
    "packet": {name: OPEN + datagram for name, datagram in CLIENTS.items()},
    "path": PATH,
    "transfer": TRANSFER,
    "config": CONFIG,
    "ini": INI,
    "boot": BOOT4,
    "boot6": BOOT6,
}

if __name__ == "__main__":
    target, folder = sys.argv[1:]
    for name, content in TARGETS[target].items():
        with open(os.path.join(folder, "seed-" + name), "wb") as file:
            file.write(content)
