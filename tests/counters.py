"""The manifests of the performance counters, installer/tftpd-counters.man and tftpd-counters-1.1.man, against the rules of
their schema as it is today and as it was up to Windows 8.1 (counterman.xsd), and against each other.

    counters.py              says what is wrong with them
    counters.py --self-test  shows that each rule bites
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

EVENTS = "{http://schemas.microsoft.com/win/2004/08/events}"
COUNTERS = "{http://schemas.microsoft.com/win/2005/12/counters}"
FILES = {"2.0": "installer/tftpd-counters.man", "1.1": "installer/tftpd-counters-1.1.man"}

# -- the schema, as far as our manifests use it: attributes (! must be there) and children ------------------------------

GUID = r"\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
SYMBOL = r"([_a-zA-Z][_0-9a-zA-Z]*)?"
NUMBER = r"\d{1,9}|0[xX][0-9A-Fa-f]{1,8}"
TEXT = r"(?s).{1,1023}"
TEXTS = {"name!": TEXT, "description!": TEXT}
NUMBERS = {"2.0": {"nameID!": NUMBER, "descriptionID!": NUMBER}, "1.1": {}}


def schema(version):
    return {
        EVENTS + "instrumentationManifest": ({}, [EVENTS + "instrumentation"]),
        EVENTS + "instrumentation": ({}, [COUNTERS + "counters"]),
        COUNTERS + "counters": ({"schemaVersion!": re.escape(version)}, [COUNTERS + "provider"]),
        COUNTERS + "provider": ({"providerGuid!": GUID, "applicationIdentity!": r"[^\\/]+", "providerName": TEXT,
                                 "providerType": "userMode", "callback": "custom|default", "symbol!": SYMBOL,
                                 **({"resourceBase!": NUMBER} if version == "1.1" else {})}, [COUNTERS + "counterSet"]),
        COUNTERS + "counterSet": ({"guid!": GUID, "uri!": r"\S+", "symbol!": SYMBOL, "instances": "single|multiple", **TEXTS,
                                   **NUMBERS[version]}, [COUNTERS + "counter"]),
        COUNTERS + "counter": ({"id!": NUMBER, "uri!": r"\S+", "symbol": SYMBOL, "detailLevel!": "standard|advanced",
                                "type!": "perf_counter_(large_rawcount|bulk_count)", "defaultScale": r"-?\d|-?10", **TEXTS,
                                **NUMBERS[version]}, [COUNTERS + "counterAttributes"]),
        COUNTERS + "counterAttributes": ({}, [COUNTERS + "counterAttribute"]),
        COUNTERS + "counterAttribute": ({"name!": "reference|noDisplay|noDigitGrouping"}, []),
    }


def shape(node, rules, wrong):
    """Names, attributes and children, of the node and all below it."""
    tag = node.tag.rpartition("}")[2]
    if node.tag not in rules:
        wrong.append(f"{tag} does not belong there")
        return
    attributes, children = rules[node.tag]
    known = {name.rstrip("!"): pattern for name, pattern in attributes.items()}
    for name, value in node.attrib.items():
        if name not in known:
            wrong.append(f"{tag}: there is no attribute {name}")
        elif not re.fullmatch(known[name], value):
            wrong.append(f"{tag}: {name}={value!r} has not the form of one")
    for name in attributes:
        if name.endswith("!") and name[:-1] not in node.attrib:
            wrong.append(f"{tag}: the attribute {name[:-1]} is missing")
    if sorted({child.tag for child in node}) != children:
        wrong.append(f"{tag}: its children are {sorted({child.tag for child in node})}")
    for child in node:
        shape(child, rules, wrong)


# -- the two against each other ---------------------------------------------------------------------------------------


def named(root):
    """The set and its counters: whatever has a name and a meaning, in this order."""
    return [*root.iter(COUNTERS + "counterSet"), *root.iter(COUNTERS + "counter")]


def unique(root, wrong):
    for attribute in ("id", "name", "uri", "symbol", "nameID", "descriptionID"):
        values = [node.get(attribute) for node in named(root) if node.get(attribute) is not None]
        if len(set(values)) != len(values):
            wrong.append(f"a {attribute} is there twice")


def agree(newer, older, wrong):
    """The same but for their numbers of texts, which ctrpp and lodctr count from resourceBase in steps of two."""
    number = int(next(older.iter(COUNTERS + "provider")).get("resourceBase"), 0)
    for node in named(newer):
        for attribute in ("nameID", "descriptionID"):
            if int(node.get(attribute), 0) != number:
                wrong.append(f"{node.get('name')}: {attribute} is {node.get(attribute)}, and {number} where it is counted")
            number += 2
    of_one_version = ("schemaVersion", "resourceBase", "nameID", "descriptionID")
    texts = [[(node.tag, sorted((name, value) for name, value in node.attrib.items() if name not in of_one_version))
              for node in root.iter()] for root in (newer, older)]
    if texts[0] != texts[1]:
        wrong.append("the two manifests say different things")


def problems(texts):
    wrong = []
    roots = {version: ElementTree.fromstring(text.encode()) for version, text in texts.items()}
    for version, root in roots.items():
        shape(root, schema(version), wrong)
        unique(root, wrong)
        for provider in root.iter(COUNTERS + "provider"):
            if provider.get("applicationIdentity") != "tftpd.exe":
                wrong.append(f"the texts are looked for in {provider.get('applicationIdentity')}")
    if not wrong:  # the rest relies on it
        agree(roots["2.0"], roots["1.1"], wrong)
    return wrong


# -- each rule bites: a file, what is changed in it (the first match), and what is then said ----------------------------

PLANTED = [
    ("1.1", r'schemaVersion="1.1"', 'schemaVersion="2.0"', "has not the form"),
    ("2.0", r' nameID="1000"', "", "nameID is missing"),
    ("1.1", r'name="TFTP Server"', 'name="TFTP Server" nameID="1000"', "there is no attribute nameID"),
    ("1.1", r' resourceBase="1000"', "", "resourceBase is missing"),
    ("2.0", r' symbol="tftpd"', ' symbol="tftpd" resourceBase="1000"', "there is no attribute resourceBase"),
    ("1.1", r'resourceBase="1000"', 'resourceBase="1002"', "where it is counted"),
    ("2.0", r'nameID="1004"', 'nameID="1001"', "nameID is 1001"),
    ("2.0", r'nameID="1004"', 'nameID="1000"', "a nameID is there twice"),
    ("2.0", r'<counter id="2"', '<counter id="1"', "a id is there twice"),
    ("1.1", r"Transfers Running", "Transfers", "say different things"),
    ("1.1", r"tftpd.exe", "other.dll", "looked for in other.dll"),
    ("2.0", r"win/2005/12/counters", "win/2004/08/events", "does not belong there"),
    ("2.0", r"perf_counter_bulk_count", "perf_counter", "has not the form"),
    ("1.1", r' type="perf_counter_bulk_count"', "", "type is missing"),
    ("2.0", r'<counterAttribute name="reference" />', "", "its children are"),
    ("2.0", r"\{a74c", "a74c", "has not the form"),
]


def self_test(texts):
    wrong = []
    for version, what, instead, said in PLANTED:
        planted, count = re.subn(what, instead, texts[version], count=1)
        if count != 1:
            wrong.append(f"{what!r} is not in {FILES[version]}")
        elif not any(said in problem for problem in problems({**texts, version: planted})):
            wrong.append(f"nobody says {said!r} of {instead!r} in {FILES[version]}")
    return wrong


def main():
    texts = {version: open(path, encoding="utf-8").read() for version, path in FILES.items()}
    wrong = self_test(texts) if sys.argv[1:] == ["--self-test"] else problems(texts)
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
