"""Our own client as a program of its own, and the files that it fetched or stored."""

import os
import subprocess

TFTP = os.environ["TFTP"]
SECONDS = 120  # for what hangs only


def run(*arguments, folder=None):
    return subprocess.run(["wine", TFTP, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=SECONDS, check=False)


def read(*path):
    """None where there is no file."""
    try:
        with open(os.path.join(*path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
