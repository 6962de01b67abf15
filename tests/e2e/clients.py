"""The clients of CLIENTS.md section 1, replayed byte for byte, one case each or more.

Groups are runs of the server: plain, limited and bare; see clients.sh.
"""

import time

import cases
from cases import case, content_of, equal, exists, make, make_content, true
from replay import BOOTMGR, finish_in_windows, offer, still_serves
from tftp import (ACCESS, ACK, DATA, NOT_DEFINED, NOT_FOUND, OACK, OPTIONS, QUIET, Client, ack, blocks_of, data,
                  error, fetch, noise, oack, rrq, store, wrq)

MIB = 1024 * 1024


# -- Windows Boot Manager ---------------------------------------------------------------------------------------------

def bootmgr_offer(client, name, size):
    offer(client, rrq(name, "octet", *BOOTMGR),
          "tsize", size, "blksize", 1456, "windowsize", 4, "msftwindow", 27182)


def fetch_with_windows(client, content, windows):
    """Each ACK has a fifth byte, the window to use next: exactly so many blocks must follow."""
    payloads = blocks_of(content, 1456)
    acked = 0
    for window in windows:
        client.send(ack(acked, bytes([window])))
        burst = payloads[acked:acked + window]
        client.expect_data(acked + 1, burst)
        beyond = [str(packet) for packet in client.collect(0.1) if packet.block > acked + window]
        equal(beyond, [], "blocks beyond the window of %d" % window)
        acked += len(burst)
    return acked


@case("Windows Boot Manager: \\Boot\\BCD with msftwindow granted, every ACK names the next window")
def bootmgr_window():
    windows = [4, 8, 1, 16, 2, 64, 3]
    content = make("Boot/BCD", 1456 * sum(windows) - 700)
    client = Client()
    bootmgr_offer(client, "\\Boot\\BCD", len(content))
    acked = fetch_with_windows(client, content, windows)
    client.send(ack(acked, b"\xff"))
    client.expect_silence(after="the last ACK, whose extra byte means nothing")


@case("Windows Boot Manager: the last ACK's extra byte may be 0")
def bootmgr_zero():
    content = make("Boot/zero.bin", 1456 * 3)
    client = Client()
    bootmgr_offer(client, "\\boot\\zero.bin", len(content))
    acked = fetch_with_windows(client, content, [4])
    client.send(ack(acked, b"\0"))
    client.expect_silence(after="the last ACK")


@case("Windows Boot Manager: \\boot\\fonts\\wgl4_boot.ttf in another case than the file's")
def bootmgr_case():
    content = make("Boot/Fonts/WGL4_boot.TTF", 5000)
    client = Client()
    bootmgr_offer(client, "\\boot\\fonts\\wgl4_boot.ttf", len(content))
    fetch_with_windows(client, content, [4])


@case("Windows Boot Manager: a probe for an absent file draws ERROR 1 at once")
def bootmgr_absent():
    client = Client()
    client.ask_error(rrq("\\Boot\\Fonts\\segmono_boot.ttf", "octet", *BOOTMGR), NOT_FOUND)
    client.expect_silence(after="the ERROR")


@case("wdsnbp.com: /Boot\\x64\\wdsnbp.com with mixed slashes")
def wdsnbp():
    content = make("Boot/x64/wdsnbp.com", 30832)
    client = Client()
    bootmgr_offer(client, "/Boot\\x64\\wdsnbp.com", len(content))
    fetch_with_windows(client, content, [4] * 6)


@case("Windows Boot Manager: MsftWindow=0 leaves msftwindow out of the OACK, ACKs stay 4 bytes", "limited")
def bootmgr_refused():
    content = make("Boot/BCD", 1456 * 9 + 1)
    client = Client()
    offer(client, rrq("\\Boot\\BCD", "octet", *BOOTMGR), "tsize", len(content), "blksize", 1456, "windowsize", 4)
    finish_in_windows(client, content, 1456, 4)


# -- EDK2 / UEFI PXE --------------------------------------------------------------------------------------------------


@case("EDK2: the probe ends with ERROR 8 after the OACK; the same name follows without tsize")
def edk2():
    content = make("EFI/Boot/bootx64.efi", 1468 * 10 + 5)
    probe = Client()
    offer(probe, rrq("EFI/Boot/bootx64.efi", "octet", "tsize", 0, "blksize", 1468, "windowsize", 4),
          "tsize", len(content), "blksize", 1468, "windowsize", 4)
    probe.send(error(OPTIONS, "User aborted the transfer"))
    client = Client()
    offer(client, rrq("EFI/Boot/bootx64.efi", "octet", "blksize", 1468, "windowsize", 4),
          "blksize", 1468, "windowsize", 4)
    finish_in_windows(client, content, 1468, 4)
    probe.expect_silence(1.5, after="the probe's ERROR 8")


@case("EDK2: a lost block, then the last good ACK for every stray packet: one return, no burst a packet")
def edk2_gap():
    content = make("edk2-gap.efi", 1468 * 20)
    payloads = blocks_of(content, 1468)
    client = Client()
    offer(client, rrq("edk2-gap.efi", "octet", "blksize", 1468, "windowsize", 4), "blksize", 1468, "windowsize", 4)
    client.send(ack(0))
    client.expect_data(1, payloads[0:4])
    client.send(ack(4))
    client.expect_data(5, payloads[4:8])  # 6 counts as lost
    client.send(ack(5))
    client.send(ack(5))
    client.expect_data(6, payloads[5:9])
    client.expect_silence(after="the return to block 6")
    finish_in_windows(client, content, 1468, 4, start=9)


# -- iPXE -------------------------------------------------------------------------------------------------------------

IPXE = ("blksize", 1432, "tsize", 0)


@case("iPXE: multicast with an empty value is ignored")
def ipxe_multicast():
    content = make("undionly.kpxe", 1432 * 7 + 3)
    client = Client()
    offer(client, rrq("undionly.kpxe", "octet", *IPXE, "multicast", ""), "blksize", 1432, "tsize", len(content))
    finish_in_windows(client, content, 1432)


@case("iPXE: the RRQ repeated after 0.4 s and 0.8 s draws the same OACK from the same TID, then the file")
def ipxe_repeats():
    content = make("ipxe-repeats.kpxe", 1432 * 3)
    request = rrq("ipxe-repeats.kpxe", "octet", *IPXE)
    wanted = oack("blksize", 1432, "tsize", len(content))
    client = Client()
    first = client.ask(request)
    tid = client.tid
    equal(first.raw, wanted, "the first answer")
    answers = []
    for pause in (0.4, 0.8):
        answers += client.collect(pause)
        client.send(request, client.server)
        again = client.expect(OACK, what="the answer to the repeated RRQ") if not answers else None
        answers += [again] if again else []
    answers += client.collect(QUIET)
    equal({packet.raw for packet in answers}, {wanted}, "the answers to the repeated RRQ")
    equal({packet.source for packet in answers}, {tid}, "their TID")
    true(len(answers) <= 2, "more than three OACKs were sent to a client that never answered")
    finish_in_windows(client, content, 1432)


@case('iPXE: ERROR 0 "TFTP Aborted" in the middle ends the transfer, nothing is sent any more')
def ipxe_abort():
    content = make("ipxe-abort.kpxe", 1432 * 9)
    client = Client()
    offer(client, rrq("ipxe-abort.kpxe", "octet", *IPXE), "blksize", 1432, "tsize", len(content))
    client.send(ack(0))
    client.expect_data(1, blocks_of(content, 1432)[:1])
    client.send(error(NOT_DEFINED, "TFTP Aborted"))
    client.expect_silence(1.5, after="ERROR 0")


# -- PXELINUX ---------------------------------------------------------------------------------------------------------

PXELINUX = ("tsize", 0, "blksize", 1408)


@case("PXELINUX: the OACK has exactly the two options asked for, in their order")
def pxelinux():
    content = make("pxelinux.0", 1408 * 19)
    client = Client()
    offer(client, rrq("pxelinux.0", "octet", *PXELINUX), "tsize", len(content), "blksize", 1408)
    finish_in_windows(client, content, 1408)


@case("PXELINUX: ten misses, each ERROR 1 at once, then pxelinux.cfg/default")
def pxelinux_search():
    content = make("pxelinux.cfg/default", 700)
    names = ["b8945908-d6a6-41a9-611d-74a6ab80b83d", "01-88-99-aa-bb-cc-dd"]
    names += ["C0A8025B"[:digits] for digits in range(8, 0, -1)]
    for name in names:
        miss = Client()
        miss.ask_error(rrq("pxelinux.cfg/" + name, "octet", *PXELINUX), NOT_FOUND)
    client = Client()
    offer(client, rrq("pxelinux.cfg/default", "octet", *PXELINUX), "tsize", 700, "blksize", 1408)
    finish_in_windows(client, content, 1408)


@case("PXELINUX: a wrong block is re-ACKed with the last good number, which sends nothing")
def pxelinux_wrong_block():
    content = make("pxelinux-wrong.0", 1408 * 5)
    payloads = blocks_of(content, 1408)
    client = Client()
    offer(client, rrq("pxelinux-wrong.0", "octet", *PXELINUX), "tsize", len(content), "blksize", 1408)
    client.send(ack(0))
    client.expect_data(1, payloads[:1])
    client.send(ack(1))
    client.expect_data(2, payloads[1:2])
    client.send(ack(1))  # as if something else than block 2 had come
    client.expect_silence(after="the repeated ACK 1")
    finish_in_windows(client, content, 1408, start=2)


@case("PXELINUX: ERROR 0 in the middle ends the transfer")
def pxelinux_abort():
    content = make("pxelinux-abort.0", 1408 * 5)
    client = Client()
    offer(client, rrq("pxelinux-abort.0", "octet", *PXELINUX), "tsize", len(content), "blksize", 1408)
    client.send(error(NOT_DEFINED, ""))
    client.expect_silence(1.5, after="ERROR 0")


# -- GRUB -------------------------------------------------------------------------------------------------------------

GRUB = ("blksize", 1024, "tsize", 0)


@case("GRUB: OACK numbers are decimal without a leading zero; ERROR 0 \"closed\" ends the transfer")
def grub():
    content = make("boot/grub/grub.cfg", 1024 * 8 + 1)  # 8193: no digit of it is read as octal by mistake
    client = Client()
    offer(client, rrq("/boot/grub/grub.cfg", "octet", *GRUB), "blksize", 1024, "tsize", 8193)
    client.send(ack(0))
    client.expect_data(1, blocks_of(content, 1024)[:1])
    client.send(error(NOT_DEFINED, "closed"))
    client.expect_silence(1.5, after="ERROR 0")


@case("GRUB: a whole module at blksize 1024")
def grub_whole():
    content = make("boot/grub/x86_64-efi/normal.mod", 1024 * 64)
    client = Client()
    offer(client, rrq("/boot/grub/x86_64-efi/normal.mod", "octet", *GRUB), "blksize", 1024, "tsize", len(content))
    finish_in_windows(client, content, 1024)


@case("GRUB: no blksize in the OACK means blocks of 512", "bare")
def grub_without_blksize():
    content = make("boot/grub/grub.cfg", 512 * 4 + 100)
    client = Client()
    offer(client, rrq("/boot/grub/grub.cfg", "octet", *GRUB), "tsize", len(content))
    finish_in_windows(client, content, 512)


# -- U-Boot -----------------------------------------------------------------------------------------------------------


@case("U-Boot: timeout comes back equal, blksize not larger")
def uboot():
    content = make("uImage", 1468 * 11 + 1467)
    client = Client()
    offer(client, rrq("uImage", "octet", "timeout", 5, "tsize", 0, "blksize", 1468),
          "timeout", 5, "tsize", len(content), "blksize", 1468)
    finish_in_windows(client, content, 1468)


@case("U-Boot: with windowsize 16")
def uboot_window():
    content = make("zImage", 1468 * 50)
    client = Client()
    offer(client, rrq("zImage", "octet", "timeout", 5, "tsize", 0, "blksize", 1468, "windowsize", 16),
          "timeout", 5, "tsize", len(content), "blksize", 1468, "windowsize", 16)
    finish_in_windows(client, content, 1468, 16)


@case('U-Boot: ERROR 3 "File too large" after the OACK ends the transfer silently')
def uboot_too_large():
    make("large.itb", 1468 * 50)
    client = Client()
    client.ask(rrq("large.itb", "octet", "timeout", 1, "tsize", 0, "blksize", 1468))
    client.send(error(3, "File too large"))
    client.expect_silence(1.5, after="ERROR 3")


@case("U-Boot: a missing file is ERROR 1, a refused name ERROR 2, so the attempt ends instead of starting over")
def uboot_errors():
    options = ("timeout", 5, "tsize", 0, "blksize", 1468)
    Client().ask_error(rrq("no.dtb", "octet", *options), NOT_FOUND)
    Client().ask_error(rrq("../no.dtb", "octet", *options), NOT_FOUND, ACCESS)


@case("U-Boot: the block number wraps to 0 with windowsize 32", alone=True)
def uboot_wrap():
    content = make("uboot-wrap.img", 512 * 65600 + 17)
    client = Client()
    offer(client, rrq("uboot-wrap.img", "octet", "timeout", 5, "tsize", 0, "windowsize", 32),
          "timeout", 5, "tsize", len(content), "windowsize", 32)
    finish_in_windows(client, content, 512, 32)


# -- ROMs -------------------------------------------------------------------------------------------------------------


@case("Intel PXE ROM: ERROR 0 and at once the second RRQ from the same port, never dropped, 40 times")
def intel():
    content = make("intel.0", 1000)
    for _ in range(40):
        client = Client()
        offer(client, rrq("intel.0", "octet", "tsize", 0), "tsize", 1000)
        client.send(error(NOT_DEFINED, "TFTP Aborted"))
        offer(client, rrq("intel.0", "octet", "blksize", 1456), "blksize", 1456)
        client.send(ack(0))
        client.expect_data(1, [content])
        client.send(ack(1))
        client.socket.close()


@case("Intel PXE ROM: the second RRQ equals the first, from the same port at once, 40 times")
def intel_equal():
    content = make("intel-equal.0", 1000)
    for _ in range(40):
        client = Client()
        offer(client, rrq("intel-equal.0", "octet", "tsize", 0), "tsize", 1000)
        client.send(error(NOT_DEFINED, "TFTP Aborted"))
        offer(client, rrq("intel-equal.0", "octet", "tsize", 0), "tsize", 1000)
        finish_in_windows(client, content, 512)


@case("Intel PXE ROM: the second RRQ equals the first, from the next port")
def intel_next_port():
    content = make("intel-next.0", 512 * 4)
    probe = Client(source_port=2070)
    offer(probe, rrq("intel-next.0", "octet", "tsize", 0), "tsize", len(content))
    probe.send(error(NOT_DEFINED, "TFTP Aborted"))
    client = Client(source_port=2071)
    offer(client, rrq("intel-next.0", "octet", "tsize", 0), "tsize", len(content))
    finish_in_windows(client, content, 512)
    probe.expect_silence(after="the probe")


@case("Intel PXE ROM: every datagram comes from the address that was asked")
def intel_source():
    content = make("intel-source.0", 512 * 4)
    client = Client(server="127.0.0.2")
    offer(client, rrq("intel-source.0", "octet", "tsize", 0), "tsize", len(content))
    equal(client.tid[0], "127.0.0.2", "the address of the answer")
    finish_in_windows(client, content, 512)


@case("Raspberry Pi ROM: 36 probes under <serial>/ in a row, each ERROR 1 at once, then the file")
def raspberry():
    content = make("bootcode.bin", 52476)
    for number in range(36):
        Client().ask_error(rrq("9ffefdef/file%d.elf" % number, "octet", "tsize", 0), NOT_FOUND)
    client = Client()
    offer(client, rrq("bootcode.bin", "octet", "tsize", 0), "tsize", 52476)
    finish_in_windows(client, content, 512)


@case("Raspberry Pi ROM: the RRQ repeated from a new port is a transfer of its own")
def raspberry_new_port():
    content = make("9ffefdee/start4.elf", 1024 * 30 + 9)
    request = rrq("9ffefdee/start4.elf", "octet", "tsize", 0, "blksize", 1024)
    first, second = Client(), Client()
    offer(first, request, "tsize", len(content), "blksize", 1024)
    offer(second, request, "tsize", len(content), "blksize", 1024)
    finish_in_windows(second, content, 1024)
    first.send(error(NOT_DEFINED, "Early terminate"))
    first.expect_silence(1.2, after='ERROR 0 "Early terminate"')


@case("shim: a megabyte in lock-step at blksize 512 is never held up by a timer", alone=True)
def shim():
    content = make("grubx64.efi", MIB)
    client = Client()
    offer(client, rrq("/grubx64.efi", "octet", "blksize", 512), "blksize", 512)
    began = time.monotonic()
    finish_in_windows(client, content, 512)
    took = time.monotonic() - began
    true(took < 20, "2,049 blocks took %.1f s" % took)


@case("Apple OpenFirmware: garbage behind the options does not matter")
def openfirmware():
    content = make("mach_kernel", 3000)
    for garbage in (b"\xde\xad\xbe\xef", b"\0\0\0\0\0", b"\xff\0\xfe\0\x01", b"tsize", b"\0tsize\x000\0",
                    b"\x90" * 400):
        client = Client()
        offer(client, rrq("mach_kernel", "octet", "blksize", 1024) + garbage, "blksize", 1024)
        finish_in_windows(client, content, 1024)


@case("Nvidia DGX: rejects the OACK with ERROR 8, then the bare RRQ from the same port is served")
def dgx():
    content = make("dgx.efi", 1500)
    client = Client()
    offer(client, rrq("dgx.efi", "octet", "tsize", 0, "blksize", 1456), "tsize", 1500, "blksize", 1456)
    client.send(error(OPTIONS, "Unsupported option(s) requested"))
    client.request(rrq("dgx.efi", "octet"))
    payloads = blocks_of(content)
    client.expect_data(1, payloads[:1])
    finish_in_windows(client, content, 512, start=1)


@case("Lenovo and Jetway ROMs: a name that ends in 0xFF is refused cleanly with ERROR 1 or 2")
def jetway():
    make("pxeboot.n12", 100)
    client = Client()
    client.ask_error(rrq(b"pxeboot.n12\xff", "octet", "tsize", 0), NOT_FOUND, ACCESS)
    client.ask_error(rrq(b"pxeboot.n12\xff", "octet"), NOT_FOUND, ACCESS)
    still_serves()


@case("broadcast requesters: an RRQ to 255.255.255.255 is answered from a unicast address")
def broadcast():
    content = make("sun4m", 512 * 3)
    client = Client(server="255.255.255.255", source="10.77.0.2")
    client.request(rrq("sun4m", "octet"))
    client.expect_data(1, blocks_of(content)[:1])
    true(client.tid[0] in ("10.77.0.2", "127.0.0.1"), "the answer came from %s" % client.tid[0])
    finish_in_windows(client, content, 512, start=1)


# -- other boot clients and tools -------------------------------------------------------------------------------------


@case("curl: tsize 0, blksize 512, timeout 6")
def curl_get():
    content = make("curl.bin", 1025)
    client = Client()
    offer(client, rrq("curl.bin", "octet", "tsize", 0, "blksize", 512, "timeout", 6),
          "tsize", 1025, "blksize", 512, "timeout", 6)
    finish_in_windows(client, content, 512)


@case("curl: takes tsize 0 for an error, so an empty file's OACK has no tsize")
def curl_empty():
    make("curl-empty.bin", 0)
    client = Client()
    offer(client, rrq("curl-empty.bin", "octet", "tsize", 0, "blksize", 512, "timeout", 6),
          "blksize", 512, "timeout", 6)
    finish_in_windows(client, b"", 512)


@case("curl: an upload announces its size in tsize")
def curl_put():
    content = noise("curl-put", 1024)
    client = Client()
    offer(client, wrq("curl-put.bin", "octet", "tsize", 1024, "blksize", 512, "timeout", 6),
          "tsize", 1024, "blksize", 512, "timeout", 6)
    for number, payload in enumerate(blocks_of(content), 1):
        client.send(data(number, payload))
        client.expect(ACK, number)
    equal(content_of("curl-put.bin"), content, "the stored file")


@case("busybox: a bare RRQ repeated from 100 ms on draws DATA 1 again, three times more at most, and never an ERROR")
def busybox():
    content = make("busybox.bin", 512 * 4)
    request = rrq("busybox.bin", "octet")
    client = Client()
    client.request(request)
    client.expect_data(1, blocks_of(content)[:1])
    tid, answers = client.tid, []
    for pause in (0.1, 0.15, 0.2, 0.2):
        answers += client.collect(pause)
        client.send(request, client.server)
    answers += client.collect(QUIET)
    answers = answers or [client.expect(DATA, 1, what="the answer to the repeated RRQ")]
    equal({(packet.opcode, packet.block, packet.source) for packet in answers}, {(DATA, 1, tid)},
          "the answers to the repeated RRQ")
    true(len(answers) <= 3, "more than four DATA 1 were sent to a client that never answered")
    finish_in_windows(client, content, 512, start=1)


@case("busybox: only blksize with -b")
def busybox_blksize():
    content = make("busybox-b.bin", 8192 * 2)
    client = Client()
    offer(client, rrq("busybox-b.bin", "octet", "blksize", 8192), "blksize", 8192)
    finish_in_windows(client, content, 8192)


@case("tftp-hpa 6: -B 1428 -W 8")
def hpa6():
    content = make("hpa6.bin", 1428 * 20)
    client = Client()
    offer(client, rrq("hpa6.bin", "octet", "blksize", 1428, "windowsize", 8), "blksize", 1428, "windowsize", 8)
    finish_in_windows(client, content, 1428, 8)


@case("atftp: tsize, blksize, timeout and windowsize together")
def atftp():
    content = make("atftp.bin", 65464 * 3 + 1)
    client = Client()
    offer(client, rrq("atftp.bin", "octet", "tsize", 0, "blksize", 65464, "timeout", 2, "windowsize", 2),
          "tsize", len(content), "blksize", 65464, "timeout", 2, "windowsize", 2)
    finish_in_windows(client, content, 65464, 2)


@case("Windows tftp.exe: netascii is its default, without options")
def windows_tftp():
    make_content("windows.txt", b"one\r\ntwo\r\n")
    client = Client()
    client.request(rrq("windows.txt", "netascii"))
    client.expect_data(1, [b"one\r\ntwo\r\n"])
    client.send(ack(1))
    client.expect_silence(after="the last ACK")


@case("Windows tftp.exe: -i is octet, without options, up and down")
def windows_tftp_binary():
    content = noise("windows.bin", 1100)
    store(Client(), "windows.bin", content)
    equal(fetch(Client(), "windows.bin").content, content, "the file that came back")


@case("Cisco IOS: the WRQ repeated after 4 s is acknowledged again, then the upload is stored")
def cisco():
    content = noise("router-confg", 512 * 3 + 7)
    client = Client()
    equal(client.ask(wrq("router-confg", "octet")).raw, ack(0), "the answer to the WRQ")
    client.collect(4.0 - (time.time() - client.last_event))
    cisco_again(client, "router-confg", content)


@case("Cisco IOS: the WRQ repeated in the middle of its own upload restarts it, never \"exists\"")
def cisco_middle():
    content = noise("switch-confg", 512 * 3 + 7)
    client = Client()
    equal(client.ask(wrq("switch-confg", "octet")).raw, ack(0), "the answer to the WRQ")
    client.send(data(1, content[:512]))
    client.expect(ACK, 1)
    cisco_again(client, "switch-confg", content)


def cisco_again(client, name, content):
    equal(client.ask(wrq(name, "octet")).raw, ack(0), "the answer to the repeated WRQ")
    for number, payload in enumerate(blocks_of(content), 1):
        client.send(data(number, payload))
        client.expect(ACK, number)
    equal(content_of(name), content, "the stored file")


@case("Cisco phones: ERROR 1 at once for each name until XMLDefault.cnf.xml")
def cisco_phones():
    content = make("XMLDefault.cnf.xml", 1200)
    client = Client()
    for name in ("CTLSEP001122AABBCC.tlv", "ITLSEP001122AABBCC.tlv", "SEP001122AABBCC.cnf.xml"):
        client.ask_error(rrq(name, "octet"), NOT_FOUND)
    client.request(rrq("XMLDefault.cnf.xml", "octet"))
    client.expect_data(1, blocks_of(content)[:1])
    finish_in_windows(client, content, 512, start=1)


@case("Polycom phones: <mac>.cfg goes down, <mac>-boot.log and <mac>-app.log go up, nothing else does", "limited")
def polycom():
    content = make("0004f2aabbcc.cfg", 800)
    equal(fetch(Client(), "0004f2aabbcc.cfg").content, content, "the configuration")
    for name in ("0004f2aabbcc-boot.log", "0004f2aabbcc-app.log"):
        store(Client(), name, noise(name, 700))
        equal(content_of(name), noise(name, 700), "the stored " + name)
    for name in ("0004f2ddeeff.cfg", "0004f2ddeeff-boot.txt"):
        Client().ask_error(wrq(name, "octet"), ACCESS)
        true(not exists(name), name + " was made all the same")


@case("u-root: blksize 1450, windowsize 64")
def uroot():
    content = make("u-root.cpio", 1450 * 300 + 5)
    client = Client()
    offer(client, rrq("u-root.cpio", "octet", "blksize", 1450, "windowsize", 64), "blksize", 1450, "windowsize", 64)
    finish_in_windows(client, content, 1450, 64)


@case("the server still serves after all of this", alone=True)
@case("the server still serves after all of this", "limited", alone=True)
@case("the server still serves after all of this", "bare", alone=True)
def serves_on():
    still_serves()


if __name__ == "__main__":
    cases.main()
