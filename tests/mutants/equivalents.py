"""
equivalents.txt lists changes that no test can find, as they change nothing that anybody could notice:

    file.c definition
    - the line as it is
    + the line as it becomes; several such lines where one reason will do
    why nobody notices, in one or more lines

Entries are parted by an empty line. No line numbers, so an entry outlives changes elsewhere. One whose change is not possible any
more, or that gives no reason, is complained about.
"""
import collections

import sites

Entry = collections.namedtuple("Entry", "key reason line")


def key_of(mutation):
    return (mutation.file, mutation.where, mutation.old_line, mutation.new_line)


def text_of(mutation):
    """The entry that it would have, but for the reason."""
    return "%s %s\n- %s\n+ %s" % key_of(mutation)


def entries_of(text):
    """Yields (entry, None), and (None, complaint) for what is none."""
    number = 1
    for block in text.split("\n\n"):
        first = number
        number += block.count("\n") + 2
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if not lines:
            continue
        head = lines[0].split(" ")
        changes = [line[2:] for line in lines[2:] if line.startswith("+ ")]
        reason = lines[2 + len(changes):]
        if len(head) != 2 or lines[1:2] == [] or lines[1][:2] != "- " or not changes or not reason:
            yield None, "equivalents.txt, line %d: not an entry: \"file.c definition\", \"- line\", \"+ line\", a reason" % first
            continue
        for change in changes:
            yield Entry((head[0], head[1], lines[1][2:], change), " ".join(reason), first), None


def read(path, sources):
    """Returns (entries by key, complaints)."""
    possible = {key_of(mutation) for file, source in sources.items() for site in sites.sites_of(file, source)
                for mutation in site}
    known, complaints = {}, []
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for entry, complaint in entries_of(text):
        if entry is None:
            complaints.append(complaint)
        elif entry.key not in possible:
            complaints.append("equivalents.txt, line %d: stale, as src/core has no such line to change any more: %s %s: %s -> %s"
                              % ((entry.line,) + entry.key))
        else:
            known[entry.key] = entry
    return known, complaints
