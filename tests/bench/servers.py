"""The servers under test, each in a network namespace of its own, and what their processes have used."""
import json
import os
import signal
import subprocess
import time

from crowds import FLUSH_MS

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
BENCH = os.path.join(BUILD, "bench")
PEERS = os.path.join(BUILD, "peers/usr/sbin")
FILES = os.path.join(BENCH, "files")
TICKS = os.sysconf("SC_CLK_TCK")
PUMP_PORT = 4000
SERVICE = r"HKLM\System\CurrentControlSet\Services\tftpd\Parameters"


def wait_until(what, is_true, seconds=30):
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise SystemExit("bench: waited %d s in vain until %s" % (seconds, what))
        time.sleep(0.02)


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


class Server:
    """Runs in the namespace of self.holder, pinned to a core or free."""

    port = 69

    def __init__(self, core=None):
        self.core = core
        self.holder = None
        self.process = None  # the server, where it is a child of this program

    def inside(self, *command):
        pinned = ["taskset", "-c", str(self.core)] if self.core is not None else []
        return pinned + ["nsenter", "-t", str(self.holder.pid), "-n"] + list(command)

    def spawn(self, command, log, stdin=subprocess.DEVNULL, **more):
        with open(os.path.join(BENCH, log), "a") as out:
            return subprocess.Popen(command, stdin=stdin, stdout=out, stderr=out, start_new_session=True, **more)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def end_process(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def hold(self, command, log):
        """The process that keeps the namespace: it ends by itself when its input does, that is with this program."""
        self.holder = self.spawn(command, log, stdin=subprocess.PIPE)

    def let_go(self):
        self.holder.stdin.close()
        self.holder.wait()

    def is_bound(self, port):
        # Sockets of Wine are the wineserver's, so the namespace tells.
        listing = subprocess.run(self.inside("ss", "-Hlun", "sport = :%d" % port), capture_output=True, check=False)
        return listing.stdout.strip() != b""

    def processes(self, name):
        """Ids of the processes of that name in this namespace."""
        mine = os.readlink("/proc/%d/ns/net" % self.holder.pid)
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if read("/proc/%s/comm" % pid).strip() == name and os.readlink("/proc/%s/ns/net" % pid) == mine:
                    found.append(int(pid))
            except OSError:
                pass
        return found

    def cpu_seconds(self, name):
        total = 0
        for pid in self.processes(name):
            fields = read("/proc/%d/stat" % pid).rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in fields[11:15])
        return total / TICKS

    def cpu(self):
        return {name: self.cpu_seconds(name) for name in self.counted}

    def start(self):
        """Returns when it answers. What __init__ has begun is ended by stop, whatever start did."""

    def begin_case(self, case):
        """Before the repeats of a case."""

    def revive(self):
        """True if it had ended by itself and was started again."""
        return False

    def begin_load(self, arguments):
        """The load generator in the background; its JSON is what it prints in the end, or when it is told to end."""
        return subprocess.Popen(self.inside(os.path.join(BENCH, "load"), *arguments), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def load(self, arguments):
        """One run of the load generator; its JSON, and the CPU seconds that the server used meanwhile."""
        before = self.cpu()
        generator = os.path.join(BENCH, "load")
        result = subprocess.run(self.inside(generator, *arguments), capture_output=True, check=False)
        if result.returncode == 2:
            raise SystemExit("bench: %s: %s" % (" ".join(arguments), result.stderr.decode()))
        run = json.loads(result.stdout)
        after = self.cpu()
        run["cpu_s"] = {name: round(after[name] - before[name], 3) for name in after}
        return run


class Native(Server):
    def __init__(self, name, core, command, counted):
        super().__init__(core)
        self.name = name
        self.counted = [counted]
        # tftpd-hpa looks for an address beside the loopback's.
        network = "ip link set lo up && ip addr add 10.77.0.2/24 dev lo && exec cat"
        self.hold(["unshare", "--net", "sh", "-c", network], "peers-output.txt")
        wait_until("the namespace is there", lambda: read("/proc/%d/comm" % self.holder.pid).strip() == "cat")
        self.command = command

    def start(self):
        self.revive()

    def revive(self):
        if self.is_running():
            return False
        self.process = self.spawn(self.inside(*self.command), "peers-output.txt")
        wait_until("%s listens (see %s/peers-output.txt)" % (self.name, BENCH), lambda: self.is_bound(self.port))
        return True

    def stop(self):
        self.end_process()
        self.let_go()


class Windows(Server):
    """A sandbox (tests/setup/sandbox.sh) with a prefix of its own."""

    def __init__(self, name, core):
        super().__init__(core)
        self.name = name
        self.dir = os.path.join(BENCH, "wine-%s" % name)
        subprocess.run(["rm", "-rf", self.dir], check=True)
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        sandbox = os.path.join(TOP, "tests/setup/sandbox.sh")
        self.hold(pinned + [sandbox, self.dir, "sh", "-c", 'touch "$WORK/ready" && exec cat'], "sandbox-output.txt")
        self.environment = dict(
            os.environ, WINEPREFIX=self.dir + "/prefix", WINEDEBUG="-all", DISPLAY="", LC_ALL="C.UTF-8"
        )
        self.environment["WINEDLLOVERRIDES"] = "mscoree,mshtml="

    def start(self):
        ready = os.path.join(self.dir, "work/ready")
        wait_until("the sandbox is up (see %s/sandbox-output.txt)" % BENCH, lambda: os.path.exists(ready), 120)

    def path(self, *names):
        return os.path.join(self.dir, "prefix/drive_c", *names)

    def take_files(self):
        for file in os.listdir(FILES):
            subprocess.run(["cp", "--preserve=timestamps", os.path.join(FILES, file), self.path("tftpdroot")], check=True)

    def wine(self, *command):
        """Never a pipe: Wine's long-lived processes would keep it open."""
        output = os.path.join(self.dir, "work/out.txt")
        with open(output, "w") as out:
            subprocess.run(
                self.inside("wine", *command), env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                timeout=60, check=False,
            )
        return read(output)

    def stop(self):
        self.let_go()


class Ours(Windows):
    counted = ["tftpd.exe", "wineserver64"]

    def __init__(self, name, core, program):
        super().__init__(name, core)
        self.program = program

    def start(self):
        super().start()
        os.makedirs(self.path("tftpd"), exist_ok=True)
        subprocess.run(["cp", self.program, self.path("tftpd/tftpd.exe")], check=True)
        self.take_files()
        self.launch()
        wait_until("our service listens", lambda: self.is_bound(self.port))

    def launch(self):
        self.wine("sc", "create", "tftpd", "binPath=", r"C:\tftpd\tftpd.exe")
        self.wine("sc", "start", "tftpd", "-f")

    def status(self):
        return json.loads(self.wine(r"C:\tftpd\tftpd.exe", "status", "--json"))

    def calls(self):
        """Of the counting build: name of a function, and how often it was called so far."""
        with open(self.path("calls.bin"), "rb") as file:
            data = file.read()
        records = (data[i : i + 40] for i in range(0, len(data), 40))
        return {r[:32].rstrip(b"\0").decode(): int.from_bytes(r[32:], "little") for r in records if r[0]}

    def resources(self):
        ours, = self.processes("tftpd.exe")
        wine, = self.processes("wineserver64")
        status = dict(line.split(":", 1) for line in read("/proc/%d/status" % ours).splitlines())
        smaps = dict(line.split(":", 1) for line in read("/proc/%d/smaps_rollup" % ours).splitlines()[1:])
        private = sum(int(smaps[key].split()[0]) for key in ("Private_Clean", "Private_Dirty"))
        return {
            "private_kib": private,
            "threads": int(status["Threads"]),
            "handles": len(os.listdir("/proc/%d/fd" % wine)),
        }


class OnSlowDisk(Ours):
    """Masters are everybody, and each flush takes its time (preload/slow_disk.c). A service inherits no LD_PRELOAD."""

    def launch(self):
        environment = dict(self.environment, LD_PRELOAD=os.path.join(BENCH, "slow_disk.so"), FLUSH_MS=str(FLUSH_MS))
        command = ["wine", r"C:\tftpd\tftpd.exe", "run", "-f", "--set", "Masters=*", "--set", "MinFreeBytes=0"]
        self.process = self.spawn(self.inside(*command), "slow-disk-output.txt", env=environment)

    def stop(self):
        super().stop()  # which ends all that runs in its Windows
        self.process.wait()


class Pump(Windows):
    """The floor: tests/bench/windows/pump.c, begun anew for each case with its window and block size."""

    counted = ["pump.exe", "wineserver64"]

    def __init__(self, name, core, threads):
        super().__init__(name, core)
        self.threads = threads
        self.port = PUMP_PORT

    def begin_case(self, case):
        self.end_process()
        self.port += self.threads  # a killed process may leave its ports bound
        threads = min(self.threads, case.clients)
        command = ["wine", os.path.join(BENCH, "pump.exe"), self.port, threads, case.window, case.blksize]
        self.process = self.spawn(self.inside(*map(str, command)), "pump-output.txt", env=self.environment)
        wait_until("the pump listens", lambda: self.is_bound(self.port + threads - 1))

    def stop(self):
        self.end_process()
        super().stop()


class Pin(Windows):
    """A server that one can pick on Windows: tests/bench/windows/pin.go, in the same Wine as ours, with the same files."""

    counted = ["pin.exe", "wineserver64"]

    def start(self):
        super().start()
        self.take_files()
        self.revive()

    def revive(self):
        if self.is_running():
            return False
        command = ["wine", os.path.join(BENCH, "pin.exe"), ":%d" % self.port, r"C:\tftpdroot"]
        self.process = self.spawn(self.inside(*command), "pin-output.txt", env=self.environment)
        wait_until("pin/tftp listens (see %s/pin-output.txt)" % BENCH, lambda: self.is_bound(self.port))
        return True

    def stop(self):
        self.end_process()
        super().stop()


def peer_command(name):
    """How each is started: in the foreground, for as many clients as come, with nothing logged."""
    program = {"tftpd-hpa": PEERS + "/in.tftpd", "atftpd": PEERS + "/atftpd", "dnsmasq": "/usr/sbin/dnsmasq"}[name]
    return {
        "tftpd-hpa": [program, "--foreground", "--ipv4", "--address", "127.0.0.1:69", "--user", "nobody", "--secure", FILES],
        "atftpd": [program, "--daemon", "--no-fork", "--user", "root.root", "--maxthread", "20000", "--verbose=0",
                   "--bind-address", "127.0.0.1", "--port", "69", FILES],
        "dnsmasq": [program, "--keep-in-foreground", "--port=0", "--enable-tftp", "--tftp-root=" + FILES,
                    "--tftp-max=20000", "--listen-address=127.0.0.1", "--bind-interfaces", "--user=root",
                    "--conf-file=/dev/null", "--log-facility=/dev/null", "--quiet-tftp", "--pid-file="],
    }[name]


def make(name, core, workers, program):
    """program: the tftpd.exe of "ours" and what is like it."""
    if name in ("ours", "base"):
        return Ours(name, core, program)
    if name == "slow disk":
        return OnSlowDisk("slow-disk", core, program)
    if name == "counted":
        return Ours(name, core, os.path.join(BENCH, "tftpd.exe"))
    if name == "echo":
        return Pump(name, core, workers)
    if name == "pin/tftp":
        return Pin("pin", core)
    return Native(name, core, peer_command(name), {"tftpd-hpa": "in.tftpd"}.get(name, name))
