"""Those beside whom somebody else wants a file: arguments for the load generator; see fairness.py and tests/e2e/fair.py."""

SIZE = 1 << 20  # of what he fetches
WINDOW = 8
HIS_ADDRESS = "127.81.0.1"
REQUESTS_A_SECOND = 15000
FLUSH_MS = 50  # beside "uploads": how long the disk takes


def proof(name):
    """What the crowd of downloads fetches first: an address that has finished nothing is granted small windows only."""
    return ["get", "127.0.0.1", name, "--windowsize", "8", "--from", "127.82.0.1"]


def downloads(name):
    return ["get", "127.0.0.1", name, "--clients", "256", "--windowsize", "64", "--repeat", "1000", "--from",
            "127.82.0.1", "--limit-s", "600"]


def requests(_, a_second=REQUESTS_A_SECOND):
    return ["flood", "127.0.0.1", "-", "--kind", "missing", "--clients", "64", "--rate", str(a_second), "--seconds", "600",
            "--from", "127.83.0.1"]


def uploads(_):
    return ["put", "127.0.0.1", "up-%d", "--clients", "256", "--size", "16384", "--repeat", "1000", "--from",
            "127.84.0.1", "--limit-s", "600"]


CROWDS = {  # what they do, the arguments by the name of a file of 8 MiB
    "256 downloads with window 64 from one address": downloads,
    "15,000 requests a second for missing names from one address": requests,
    "256 uploads of one master, 50 ms a flush": uploads,
}


def fetch(name, content, limit_s):
    return ["get", "127.0.0.1", name, "--windowsize", str(WINDOW), "--from", HIS_ADDRESS, "--limit-s", str(limit_s),
            "--compare", content]


def did(result):
    """What a crowd's own result says about it, in words."""
    if result["mode"] == "flood":
        return "%.0f packets a second, %d ERRORs" % (result["per_second"], result["errors"])
    blocks = result["blocks_received"] + result["blocks_sent"]
    return "%.1f transfers and %.0f blocks a second, %d blocks came twice" % (
        result["ok"] / result["seconds"], blocks / result["seconds"], result["duplicate_blocks"])
