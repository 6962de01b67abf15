"""Test cases in Python: @case registers one, main runs those of a group and prints TAP.

A failing case never stops the others. Cases of a group run side by side, because most of them only wait; those marked
`alone` run afterwards, one by one. Each case has a client address of its own (127.9.x.y).
"""

import concurrent.futures
import os
import sys
import threading
import time
import traceback

import tftp
from tftp import Failure

ROOT = os.environ.get("ROOT", "")  # the start directory, as Linux sees it
SIDE_BY_SIDE = 12
SECONDS_TOGETHER = 180  # for all that run side by side; a machine may stall
EVENTUALLY = 60.0  # seconds; for what must come

_registered = []
_print_lock = threading.Lock()


class _Case:
    def __init__(self, name, group, alone, function):
        self.name = name
        self.group = group
        self.alone = alone
        self.function = function
        number = len(_registered) + 1
        self.address = "127.9.%d.%d" % (number // 200, number % 200 + 1)


def case(name, group="plain", alone=False):
    def register(function):
        _registered.append(_Case(name, group, alone, function))
        return function

    return register


# -- what cases say ---------------------------------------------------------------------------------------------------


def equal(got, wanted, what):
    if got != wanted:
        raise Failure("%s: got %s, wanted %s" % (what, _short(got), _short(wanted)))


def true(condition, what):
    if not condition:
        raise Failure(what)


def _short(value):
    if isinstance(value, bytes) and len(value) > 200:
        return "%d bytes %r..." % (len(value), value[:60])
    return repr(value)


def eventually(condition, what):
    """Asks again and again until the condition holds."""
    until = time.monotonic() + EVENTUALLY
    while not condition():
        if time.monotonic() > until:
            raise Failure("%s: not so within %.1f s" % (what, EVENTUALLY))
        time.sleep(0.02)


def told(line):
    """A figure that nobody judges, for whoever reads the log of a run."""
    with _print_lock:
        print("ok - (figures) " + line, flush=True)


# -- files in the start directory -------------------------------------------------------------------------------------


def in_root(name):
    return os.path.join(ROOT, *name.split("/"))


def make(name, size):
    """Makes a file of noise in the start directory and returns its content."""
    return make_content(name, tftp.noise(name, size))


def make_content(name, content):
    """Whole at once: cases run side by side, and may make the same file."""
    path = in_root(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    unfinished = f"{path}.{threading.get_ident()}"
    with open(unfinished, "wb") as file:
        file.write(content)
    os.replace(unfinished, path)
    return content


def make_sparse(name, size):
    path = in_root(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.truncate(size)


def content_of(name):
    with open(in_root(name), "rb") as file:
        return file.read()


def exists(name):
    return os.path.exists(in_root(name))


# -- running ----------------------------------------------------------------------------------------------------------


def _run(one):
    tftp.home.address = one.address
    began = time.monotonic()
    try:
        one.function()
        why = []
    except Failure as failure:
        why = [str(failure)]
    except Exception:  # a mistake in the case itself is a failure too
        why = traceback.format_exc().splitlines()[-4:]
    if os.environ.get("CASE_TIMES"):
        print("# %.2f s %s" % (time.monotonic() - began, one.name), flush=True)
    _report(one.name, why)


def _report(name, why):
    with _print_lock:
        print("%s - %s" % ("not ok" if why else "ok", name))
        for line in why:
            print("# " + line)
        sys.stdout.flush()


def main():
    """main.py GROUP [TEXT]: runs the cases of the group, with TEXT only those that have it in their names."""
    group = sys.argv[1] if len(sys.argv) > 1 else "plain"
    text = sys.argv[2] if len(sys.argv) > 2 else ""
    chosen = [one for one in _registered if one.group == group and text in one.name]
    _run_side_by_side([one for one in chosen if not one.alone])
    for one in chosen:
        if one.alone:
            _run_side_by_side([one])
    print("# ran %d cases" % len(chosen), flush=True)
    os._exit(0)  # not held up by a case that hangs


def _run_side_by_side(chosen):
    pool = concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE)
    running = {pool.submit(_run, one): one for one in chosen}
    _, hanging = concurrent.futures.wait(running, SECONDS_TOGETHER)
    for future in hanging:
        _report(running[future].name, ["did not end within %d s" % SECONDS_TOGETHER])
    pool.shutdown(wait=False, cancel_futures=True)
