"""What the replays of clients share: the OACK to the byte, and the rest of a file window by window."""

from cases import equal, make
from tftp import DATA, Client, ack, blocks_of, fetch, oack

SLOW = ("timeout", 5)  # the server repeats nothing for five seconds, so whatever comes before was triggered

BOOTMGR = ("tsize", 0, "blksize", 1456, "windowsize", 4, "msftwindow", 31416)  # Windows Boot Manager's options


def offer(client, datagram, *options):
    """Sends a request; the answer must be exactly this OACK, at once."""
    equal(client.ask(datagram).raw, oack(*options), "the OACK")


def finish_in_windows(client, content, blksize, window=1, start=0):
    """Takes the whole file from block start + 1 on, with one ACK a window, and checks every byte."""
    payloads = blocks_of(content, blksize)
    client.send(ack(start & 0xFFFF))
    for first in range(start, len(payloads), window):
        burst = payloads[first:first + window]
        client.expect_data(first + 1, burst)
        client.send(ack((first + len(burst)) & 0xFFFF))
    client.expect_silence(after="the last ACK")


def read_to(client, last):
    """Takes DATA 1 to last, whatever a server with a short timeout says twice while this test is held up."""
    for number in range(1, last + 1):
        client.send(ack(number - 1))
        packet = client.expect()
        while (packet.opcode, packet.block) != (DATA, number):
            packet = client.expect()


def still_serves():
    content = make("still.bin", 1300)
    equal(fetch(Client(), "still.bin").content, content, "a file asked for afterwards")
