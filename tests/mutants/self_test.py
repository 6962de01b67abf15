"""Tries the tool on a core of two files, whose tests are programs of a few lines: what it finds and what it must not hide."""
import contextlib
import io
import os
import subprocess
import tempfile

import equivalents
import mutants
import sites

ROOM = r'''
#include <stdbool.h>
#define ASSERT(condition) ((void)(condition))
#define LIMIT (3 + 4) /* 1 < 2 */
_Static_assert(LIMIT == 7, "1 + 1");

/* 5 > 4 */
int twice(int x) // x == 2
{
    int doubled = x + x;
    return doubled;
}

bool is_open(const char *text, bool is_known)
{
    ASSERT(text != 0);
    if (is_known)
        return true;
    return text[0] == '-';
}
'''

LOOP = '''int steps(int n)
{
    long count = 0;
    while (n > count)
        count++;
    return (int)count;
}
'''

# One change is no C (the same case twice), one makes the same code, one is found.
IDLE = '''int twice(int x)
{
    int unused = x;
    unused++;
    switch (x) {
    case 0:
    case sizeof(char): break;
    }
    return x + x;
}
'''

TEST_TWICE = "int twice(int); int main(void) { return twice(2) != 4; }"
TEST_STEPS = "int steps(int); int main(void) { return steps(3) != 3; }"

ENTRY = """room.c twice
- int doubled = x + x;
+ int doubled = x - x;
a made-up reason
"""


def check(is_true, what):
    print("%s - %s" % ("ok" if is_true else "not ok", what))
    return is_true


class Toy:
    def __init__(self, folder):
        self.folder = folder
        self.core, self.build = folder + "/core", folder + "/build"
        os.makedirs(self.core)
        os.makedirs(self.build)
        self.write("core/loop.c", LOOP)
        self.build_with(ROOM)
        for name, text in (("test_room", TEST_TWICE), ("test_steps", TEST_STEPS)):
            self.write(name + ".c", text)
            self.make("-o", name, name + ".c", "-Lbuild", "-lcore")

    def write(self, name, text):
        with open(self.folder + "/" + name, "w", encoding="utf-8") as file:
            file.write(text)

    def make(self, *arguments):
        subprocess.run(("gcc",) + arguments, cwd=self.folder, check=True)

    def build_with(self, room):
        self.write("core/room.c", room)
        for stem in ("room", "loop"):
            self.make("-fPIC", "-c", "-o", "build/%s.o" % stem, "core/%s.c" % stem)
        self.make("-shared", "-o", "build/libcore.so", "build/room.o", "build/loop.o")

    def run(self, entries="", sample=1000, only="room.c"):
        """Returns (verdict, report)."""
        self.write("equivalents.txt", entries)
        with contextlib.redirect_stdout(io.StringIO()):
            verdict = mutants.run(mutants.options_of([
                "--sample", str(sample), "--core", self.core, "--build", self.build, "--jobs", "2",
                "--equivalents", self.folder + "/equivalents.txt", "--objects", "%s/room.o %s/loop.o" % (self.build, self.build), "--only", only,
                "--tests", "%s/test_room;%s/test_steps;" % (self.folder, self.folder)]))
        with open(self.build + "/report.txt", encoding="utf-8") as file:
            return verdict, file.read()


def check_sites():
    """Every change of the room, and of nothing that is no code."""
    found = [(site[0].before, [mutation.after for mutation in site]) for site in sites.sites_of("room.c", ROOM)]
    expected = [("+", ["-"]), ("is_known", ["!(is_known)"]), ("true", ["false"]), ("0", ["1"]), ("==", ["!="]),
                ("'-'", ["('-' + 1)", "('-' - 1)"])]
    return check(found == expected, "what can be changed%s" % ("" if found == expected else ": %s" % found))


def check_keys():
    source = "int f(int x)\n{\n    x++;\n    x++;\n}\n"
    keys, shifted = ([equivalents.key_of(site[0]) for site in sites.sites_of("f.c", text)]
                     for text in (source, "\n\n" + source))
    return check(keys == shifted and keys[0] != keys[1], "an entry outlives other lines, and means one place")


def check_run(toy):
    verdict, report = toy.run(only="*")
    good = check(not verdict, "survivors make it fail")
    good &= check("room.c:10 twice: + -> -: found by test_room: exit code 1" in report, "a change is found")
    good &= check("steps: ++ -> --: found by test_steps: it does not end" in report, "who runs in circles is found")
    good &= check("is_open: true -> false: survived\nroom.c is_open\n- return true;\n+ return false;\n" in report,
                  "what no test looks at survives, and is shown")
    return good & check(report.endswith("9 drawn, 3 found, 0 change nothing, 6 survived\n"), "the closing line")


def check_equivalents(toy):
    shown = toy.run()[1].split("room.c is_open\n")[1:]
    entries = "".join("room.c is_open\n%s\n%s\nnobody calls it\n\n" % tuple(each.split("\n")[:2]) for each in shown)
    verdict, report = toy.run(entries)
    good = check(verdict and report.endswith("6 drawn, 1 found, 5 change nothing, 0 survived\n"), "what is listed is left out")
    verdict, report = toy.run(entries + ENTRY)
    good &= check(not verdict and "and test_room: exit code 1 finds it" in report, "what is listed and found is told")
    verdict, report = toy.run(entries + ENTRY.replace("x + x;", "x + y;"))
    good &= check(not verdict and "stale" in report, "a stale entry is told")
    verdict, report = toy.run(entries + ENTRY.replace("a made-up reason\n", ""))
    return good & check(not verdict and "not an entry" in report, "an entry without a reason is told")


def check_compiler(toy):
    toy.build_with(IDLE)
    verdict, report = toy.run(sample=2)
    return check(verdict and report.endswith("2 drawn, 1 found, 1 change nothing, 0 survived\n"),
                 "what is no C is drawn again, and the same code changes nothing")


def run_all():
    mutants.CPU_SPARE_S = 1
    with tempfile.TemporaryDirectory() as folder:
        toy = Toy(folder)
        return all([check_sites(), check_keys(), check_run(toy), check_equivalents(toy), check_compiler(toy)])
