"""uboot.py SOCKET SERVER FILE: types on the console of U-Boot that it boots the file, and prints what it says."""
import socket
import sys
import time

ADDRESS = "0x42000000"
DIALOGUE = (("Hit any key", "\r"), ("=> ", "setenv autoload no; dhcp\r"),
            ("=> ", "setenv serverip {server}; tftpboot {address} {file}\r"), ("=> ", "source {address}\r"))


def connected(path):
    console = socket.socket(socket.AF_UNIX)
    until = time.monotonic() + 60
    while True:
        try:
            console.connect(path)
            return console
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def heard(console):
    data = console.recv(4096)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return data


def main():
    console = connected(sys.argv[1])
    said = b""
    for prompt, answer in DIALOGUE:
        while prompt.encode() not in said:
            data = heard(console)
            if not data:
                return
            said += data
        said = said.split(prompt.encode(), 1)[1]
        console.sendall(answer.format(address=ADDRESS, server=sys.argv[2], file=sys.argv[3]).encode())
    while heard(console):
        pass


main()
