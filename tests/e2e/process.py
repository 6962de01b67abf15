"""The service as a Unix process: which one it is, what it holds, and how it is started again."""

import glob
import os
import subprocess
import time

from cases import true

START_WITHIN = 60.0
STOP_WITHIN = 60.0


def unix_pid(name):
    """The process of that name; the network namespace tells it from those of other sandboxes."""
    here = os.readlink("/proc/self/ns/net")
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                pid = int(path.split("/")[2])
                if file.read().strip() == name and os.readlink("/proc/%d/ns/net" % pid) == here:
                    with open("/proc/%d/stat" % pid, encoding="utf-8") as status:
                        if status.read().rsplit(") ", 1)[1][0] not in "ZX":
                            return pid
        except OSError:
            pass
    return None


def service_pid():
    return unix_pid("tftpd.exe")


def _status_number(pid, what):
    with open("/proc/%d/status" % pid, encoding="utf-8") as file:
        return int([line.split()[1] for line in file if line.startswith(what + ":")][0])


def memory_kib(pid):
    return _status_number(pid, "VmRSS")


def threads(pid):
    return _status_number(pid, "Threads")


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def is_listening():
    return bool(subprocess.run(["ss", "-Hlun", "sport = :69"], capture_output=True, check=False).stdout)


def wine(*words, seconds=60):
    """Runs a Windows command; its output goes to a file, never to a pipe. Returns its exit code and that output."""
    path = os.path.join(os.environ["WORK"], "wine.%d.%d.txt" % (os.getpid(), time.monotonic_ns()))
    try:
        with open(path, "wb") as out:
            done = subprocess.run(["wine", *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=seconds,
                                  check=False)
        with open(path, encoding="utf-8", errors="replace") as out:
            return done.returncode, out.read().replace("\r", "")
    finally:
        os.remove(path)


def start_service():
    until = time.monotonic() + START_WITHIN
    while True:
        wine("sc", "start", "tftpd", "-f")
        for _ in range(40):
            if is_listening() and service_pid():
                return
            time.sleep(0.025)
        true(time.monotonic() < until, "the service does not start again")


def stop_service():
    """Whoever still transfers is told an ERROR after the DrainSeconds."""
    pid = service_pid()
    wine("sc", "stop", "tftpd")
    until = time.monotonic() + STOP_WITHIN
    while service_pid() == pid:
        true(time.monotonic() < until, "the service does not stop")
        time.sleep(0.05)
