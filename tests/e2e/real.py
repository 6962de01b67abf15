"""The TFTP clients of Debian as commands, and what one of them made of a transfer."""

import os
import subprocess
import time

CLIENTS = ("curl", "hpa", "atftp", "busybox")
ENDED_BY_TIMEOUT = (124, -9)  # the latter after its own SIGKILL


def get_command(client, address, port, remote, local, options=()):
    """options: pairs of atftp's --option; blksize counts for curl and busybox too."""
    blksize = dict(options).get("blksize")
    if client == "curl":
        return ["curl", "--silent", "--show-error", "--output", local,
                *(["--tftp-blksize", str(blksize)] if blksize else []), "tftp://%s:%d/%s" % (address, port, remote)]
    if client == "hpa":
        return ["tftp", "-m", "octet", address, str(port), "-c", "get", remote, local]
    if client == "atftp":
        return ["atftp", *atftp_options(options), "--get", "--remote-file", remote, "--local-file", local, address,
                str(port)]
    return ["busybox", "tftp", "-g", *(["-b", str(blksize)] if blksize else []), "-r", remote, "-l", local, address,
            str(port)]


def put_command(client, address, port, local, remote, options=()):
    blksize = dict(options).get("blksize")
    if client == "curl":
        return ["curl", "--silent", "--show-error", "--upload-file", local,
                *(["--tftp-blksize", str(blksize)] if blksize else []), "tftp://%s:%d/%s" % (address, port, remote)]
    if client == "hpa":
        return ["tftp", "-m", "octet", address, str(port), "-c", "put", local, remote]
    if client == "atftp":
        return ["atftp", *atftp_options(options), "--put", "--local-file", local, "--remote-file", remote, address,
                str(port)]
    return ["busybox", "tftp", "-p", *(["-b", str(blksize)] if blksize else []), "-l", local, "-r", remote, address,
            str(port)]


def atftp_options(options):
    return [word for name, value in options for word in ("--option", "%s %s" % (name, value))]


class Outcome:
    def __init__(self, command, code, text, seconds):
        self.command = command
        self.code = code  # None: it had to be ended
        self.text = text
        self.seconds = seconds

    @property
    def is_success(self):
        """What the client claims. Some exit with 0 after a failure, but all of them complain."""
        complaint = self.text.lower()
        return self.code == 0 and not any(word in complaint for word in ("error", "timed out", "timeout", "fail", "abort"))

    def __str__(self):
        return "%s: exit code %s after %.3f s, ...%r" % (
            " ".join(self.command), self.code, self.seconds, self.text[-300:])


def run(command, seconds):
    """Runs a client to its end or for that long. It is timeout that ends it, so no client outlives a test that was killed."""
    began = time.monotonic()
    done = subprocess.run(["timeout", "--kill-after=2", str(seconds), *command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    code = None if done.returncode in ENDED_BY_TIMEOUT else done.returncode
    return Outcome(command, code, done.stdout.decode("utf-8", "replace"), time.monotonic() - began)


def read(path):
    """The file's bytes, or None when it is not there."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()
