"""How much longer a fetch of one takes beside a crowd of another's: medians, alone and beside."""
import contextlib
import json
import os
import shutil
import signal
import statistics
import time

import crowds
import servers

LIMIT_S = 60  # of a fetch; it is over then, and counts as so long
WARM_UP_S = 2


def fetch(server, number):
    """Milliseconds; each is of a file that nobody asked for before."""
    content = os.path.join(servers.FILES, "1m.bin")
    name = "turn-%d.bin" % number
    shutil.copy2(content, server.path("tftpdroot", name))
    run = server.load(crowds.fetch(name, content, LIMIT_S))
    return run["completion_ms"]["p50"] if run["ok"] == 1 else LIMIT_S * 1000


@contextlib.contextmanager
def beside(server, arguments, results):
    process = server.begin_load(arguments)
    try:
        time.sleep(WARM_UP_S)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        results["crowd"] = crowds.did(json.loads(process.communicate()[0]))


def one(server, arguments, repeats):
    """Alone is measured before and after, as the machine may change meanwhile."""
    results = {}
    numbers = iter(range(3 * repeats))
    alone = [fetch(server, next(numbers)) for _ in range(repeats)]
    with beside(server, arguments, results):
        among = [fetch(server, next(numbers)) for _ in range(repeats)]
    time.sleep(5)  # until the last of it is done
    alone += [fetch(server, next(numbers)) for _ in range(repeats)]
    results.update(alone_ms=statistics.median(alone), beside_ms=statistics.median(among))
    return results


def measure(start, repeats, say):
    """{crowd: times and what the crowd did}; start makes a server that answers, as bench.py does."""
    results = {}
    for what, crowd in crowds.CROWDS.items():
        with contextlib.ExitStack() as started:
            server = start(started, "slow disk" if crowd is crowds.uploads else "ours")
            server.load(crowds.proof("8m.bin"))
            results[what] = one(server, crowd("8m.bin"), repeats)
        say("  1 MiB beside %s: %.0f ms, alone %.0f; the crowd: %s" % (
            what, results[what]["beside_ms"], results[what]["alone_ms"], results[what]["crowd"]))
    return results
