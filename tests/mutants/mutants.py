#!/usr/bin/python3
"""
mutants.py draws changes of src/core at random, one at a time, and asks the tests to find each: the unit tests, the corpora of
tests/fuzz and the simulated worlds, all with sanitizers, up to the first that fails.
`make -f Makefile.mingw mutants SAMPLE=n SEED=n` builds what it needs and runs it; `mutants.py --self-test` tries it on a core of
its own. What it found is in build/mutants/report.txt. It fails where less than 97 of 100 changes that change something are found.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import itertools
import os
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True # the sources' folder stays as it is

import equivalents
import sites

FOUND_PERCENT_MIN = 97
# A program that runs in circles is one that found the change: more processor time than a healthy core ever took.
CPU_FACTOR, CPU_SPARE_S, BASELINE_CPU_S, WALL_FACTOR = 5, 2, 120, 60
OUTPUT_BYTES_MAX = 16 << 20

NOT_C, FOUND, SAME_CODE, LISTED, SURVIVED = "is no C", "found", "same code", "listed", "survived"
Result = collections.namedtuple("Result", "kind by")


class Program:
    """One test: its command, and the processor time that it may take."""

    def __init__(self, command):
        self.command = shlex.split(command)
        self.name = os.path.basename(self.command[0])
        self.folder = os.path.basename(os.path.dirname(self.command[0]))
        self.cpu_s = BASELINE_CPU_S
        self.cost = 0.0

    def run(self, library, log):
        """None if it passes, else what it says."""
        environment = dict(os.environ, LD_LIBRARY_PATH=os.path.abspath(library), CMOCKA_MESSAGE_OUTPUT="TAP",
                           ASAN_OPTIONS="symbolize=0")
        limits = ["prlimit", "--cpu=%d:%d" % (self.cpu_s, self.cpu_s + 1), "--core=0", "--fsize=%d" % OUTPUT_BYTES_MAX]
        with open(log, "wb") as output:
            try:
                code = subprocess.run(limits + self.command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                      stderr=subprocess.STDOUT, timeout=self.cpu_s * WALL_FACTOR).returncode
            except subprocess.TimeoutExpired:
                return "it does not end"
        return None if code == 0 else self.failure(code, log)

    def failure(self, code, log):
        with open(log, encoding="utf-8", errors="replace") as file:
            said = file.read(OUTPUT_BYTES_MAX)
        for pattern in (r"^not ok \d+ - (.*)", r"runtime error: (.*)", r"AddressSanitizer: (\S+)", r"LeakSanitizer: (.*)",
                        r"^# (Seed .*)", r"(.*does not hold.*)"):
            match = re.search(pattern, said, re.M)
            if match:
                return match.group(1).strip()[:100]
        return {-24: "it does not end"}.get(code, "exit code %d" % code)

    def measure(self, library, log):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        failure = self.run(library, log)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if failure is not None:
            sys.exit("%s fails in the core as it is: %s" % (self.name, failure))
        self.cost = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.cpu_s = int(self.cost * CPU_FACTOR) + CPU_SPARE_S


def first_failure(programs, folder):
    """What the first of them that fails with the library there says; None if none does."""
    for program in programs:
        failure = program.run(folder, os.path.join(folder, "log"))
        if failure is not None:
            return "%s: %s" % (program.name, failure)
    return None


class Bench:
    """The core, whose files are changed, and the programs that test it."""

    def __init__(self, options):
        self.core, self.build = options.core, options.build
        self.compile, self.link = shlex.split(options.compile), shlex.split(options.link)
        self.includes = shlex.split(options.includes)
        self.objects = {os.path.basename(name)[:-2]: name for name in options.objects.split()}
        self.programs = [Program(command) for command in options.tests.split(";") if command.strip()]
        self.sources, self.folders, self.codes = {}, {}, {}
        for folder, _, names in sorted(os.walk(self.core)):
            for name in sorted(name for name in names if name.endswith(".c")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    self.sources[name] = file.read()
                self.folders[name] = os.path.basename(folder)

    def order(self, file):
        """(near, far): the room's own programs, then those of its folder; and all others. The cheapest first."""
        def is_near(program):
            return program.folder == self.folders[file]

        ordered = sorted(self.programs, key=lambda program: (program.name != "test_" + file[:-2], program.cost))
        return list(filter(is_near, ordered)), list(itertools.filterfalse(is_near, ordered))

    def measure(self):
        for program in self.programs:
            program.measure(self.build, os.path.join(self.build, "baseline.log"))

    def code_of(self, source):
        """What the compiler makes of it, optimized and without line numbers."""
        return subprocess.run(["gcc", "-std=c11", "-O2", "-w", "-S", "-x", "c", "-o", "-", "-"] + self.includes,
                              input=source, capture_output=True, text=True, check=True).stdout

    def is_same_code(self, file, changed):
        if file not in self.codes:
            self.codes[file] = self.code_of(self.sources[file])
        return self.code_of(changed) == self.codes[file]

    def build_library(self, folder, file, changed):
        source, made = os.path.join(folder, file), os.path.join(folder, file[:-2] + ".o")
        with open(source, "w", encoding="utf-8") as output:
            output.write(changed)
        others = [made if stem == file[:-2] else name for stem, name in self.objects.items()]
        for command in (self.compile + ["-w", "-c", "-o", made, source],
                        self.link + ["-shared", "-o", os.path.join(folder, "libcore.so")] + others):
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return False
        return True

    def judge(self, number, mutation, known):
        folder = os.path.join(self.build, "work", str(number))
        os.makedirs(folder, exist_ok=True)
        try:
            changed = sites.apply(self.sources[mutation.file], mutation)
            if not self.build_library(folder, mutation.file, changed):
                return Result(NOT_C, None)
            near, far = self.order(mutation.file)
            failure = first_failure(near, folder)
            if failure is None and self.is_same_code(mutation.file, changed):
                return Result(SAME_CODE, "the compiler makes the same code of it")
            failure = failure or first_failure(far, folder)
            if failure is not None:
                return Result(FOUND, failure)
            return Result(SURVIVED, None) if known is None else Result(LISTED, known.reason)
        finally:
            shutil.rmtree(folder)


def draw(bench, seed, only):
    """All sites in an order by chance, with one of the changes that are possible at each."""
    chance = random.Random(seed)
    found = [site for file, source in bench.sources.items()
             if fnmatch.fnmatch(file, only) or fnmatch.fnmatch("%s/%s" % (bench.folders[file], file), only)
             for site in sites.sites_of(file, source)]
    chance.shuffle(found)
    return [chance.choice(site) for site in found]


class Report:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")
        self.counts = collections.Counter()
        self.contradictions = 0

    def say(self, text):
        print(text, flush=True)
        print(text, file=self.file, flush=True)

    def add(self, mutation, result, known):
        self.counts[result.kind] += 1
        what = "%s:%d %s: %s -> %s: " % (mutation.file, mutation.line, mutation.where, mutation.before,
                                                 mutation.after or "nothing")
        what = what.replace("\n", " ")
        if result.kind == SURVIVED:
            self.say(what + "survived\n" + equivalents.text_of(mutation))
        elif result.kind == FOUND:
            print(what + "found by " + result.by, file=self.file, flush=True)
        else:
            print(what + "changes nothing: " + result.by, file=self.file, flush=True)
        if result.kind == FOUND and known is not None:
            self.contradictions += 1
            self.say(what + "is listed as one that changes nothing, and %s finds it" % result.by)

    def close(self):
        """Those that change nothing count as if they had not been drawn."""
        nothing = self.counts[LISTED] + self.counts[SAME_CODE]
        drawn = nothing + self.counts[FOUND] + self.counts[SURVIVED]
        self.say("%d drawn, %d found, %d change nothing, %d survived" % (drawn, self.counts[FOUND], nothing,
                                                                        self.counts[SURVIVED]))
        self.file.close()
        is_enough = self.counts[FOUND] * 100 >= FOUND_PERCENT_MIN * (drawn - nothing)
        return drawn > 0 and is_enough and not self.contradictions


def try_all(bench, drawn, known, options, report):
    """Reports in the order of the draw. False where somebody interrupts it; then the report is of what was done before."""
    left = iter(enumerate(drawn))
    waiting = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        def submit():
            for number, mutation in left:
                entry = known.get(equivalents.key_of(mutation))
                waiting.append((mutation, entry, pool.submit(bench.judge, number, mutation, entry)))
                return

        for _ in range(options.sample):
            submit()
        try:
            while waiting:
                mutation, entry, job = waiting.popleft()
                result = job.result()
                if result.kind == NOT_C:
                    submit() # another in its place
                else:
                    report.add(mutation, result, entry)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            return False
    return True


def run(options):
    bench = Bench(options)
    known, stale = equivalents.read(options.equivalents, bench.sources)
    os.makedirs(bench.build, exist_ok=True)
    bench.measure()
    report = Report(os.path.join(bench.build, "report.txt"))
    for complaint in stale:
        report.say(complaint)
    start = time.monotonic()
    is_whole = try_all(bench, draw(bench, options.seed, options.only), known, options, report)
    report.say("%sseed %d, %.0f s, %d %s" % ("" if is_whole else "Interrupted. ", options.seed, time.monotonic() - start,
                                            options.jobs, "process" if options.jobs == 1 else "processes"))
    return report.close() and is_whole and not stale


def options_of(arguments):
    parser = argparse.ArgumentParser(description="How many changes of the core do the tests find?")
    parser.add_argument("--sample", type=int, default=100, help="how many changes are drawn")
    parser.add_argument("--seed", type=int, default=1, help="what draws them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many are tried at a time")
    parser.add_argument("--only", default="*", help="a shell pattern over the names of the core's files, or folder/name")
    parser.add_argument("--core", default="src/core", help="the folder of the core")
    parser.add_argument("--build", default="build/mutants", help="where libcore.so of the core as it is lies")
    parser.add_argument("--equivalents", default="tests/mutants/equivalents.txt", help="changes that change nothing")
    parser.add_argument("--compile", default="gcc -fPIC", help="the compiler with its flags")
    parser.add_argument("--link", default="gcc", help="the same for linking")
    parser.add_argument("--includes", default="-I. -Isrc", help="where headers are")
    parser.add_argument("--objects", default="", help="the objects of the core as it is")
    parser.add_argument("--tests", default="", help="commands of test programs, parted by ';'")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        import self_test
        sys.exit(0 if self_test.run_all() else 1)
    sys.exit(0 if run(options_of(sys.argv[1:])) else 1)
