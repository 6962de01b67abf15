"""The policy template, installer/tftpd.admx with installer/en-US/tftpd.adml, against the rules of its schema, against
itself and against docs/parameters.md and docs/policy.md.

    admx.py              says what is wrong with it
    admx.py --self-test  shows that each rule bites
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
KEY = r"SOFTWARE\Policies\tftpd"
FILES = {
    "admx": "installer/tftpd.admx",
    "adml": "installer/en-US/tftpd.adml",
    "parameters": "docs/parameters.md",
    "policy": "docs/policy.md",
}

# -- the schema, as far as a template may use it: attributes (! must be there), the order of children, words -----------

VERSION = r"\d{1,5}\.\d{1,5}"
NAME = r"[A-Za-z][A-Za-z0-9_]*"
STRING = r"\$\(string\.%s\)" % NAME
PRESENTATION = r"\$\(presentation\.%s\)" % NAME
VALUE_NAME = r"[^\\]{1,255}"
BOOLEAN = r"true|false"
UNSIGNED = r"\d+"
ELEMENT = {"id!": NAME, "valueName!": VALUE_NAME, "required": BOOLEAN}
RANGE = {"minValue": UNSIGNED, "maxValue": UNSIGNED, "storeAsText": BOOLEAN, "soft": BOOLEAN}
LENGTH = {"maxLength": UNSIGNED, "soft": BOOLEAN}
CONTROL = {"refId!": NAME}
WORDS = "words"  # in place of children

SCHEMA = {
    "policyDefinitions": ({"revision!": VERSION, "schemaVersion!": VERSION},
                          "policyNamespaces resources (supportedOn )?(categories )?(policies )?"),
    "policyNamespaces": ({}, "target (using )*"),
    "target": ({"prefix!": NAME, "namespace!": r"[A-Za-z][A-Za-z0-9_.]*"}, ""),
    "policyDefinitions/resources": ({"minRequiredRevision!": VERSION, "fallbackCulture": r"[a-z]+-[A-Z]+"}, ""),
    "policyDefinitions/supportedOn": ({}, "(products )?(definitions )?"),
    "definitions": ({}, "(definition )+"),
    "definition": ({"name!": NAME, "displayName!": STRING}, ""),
    "categories": ({}, "(category )+"),
    "category": ({"name!": NAME, "displayName!": STRING, "explainText": STRING}, "(parentCategory )?"),
    "parentCategory": ({"ref!": NAME}, ""),
    "policies": ({}, "(policy )+"),
    "policy": ({"name!": NAME, "class!": "Machine|User|Both", "displayName!": STRING, "explainText": STRING,
                "presentation": PRESENTATION, "key!": r".{1,255}", "valueName": VALUE_NAME},
               "parentCategory supportedOn (enabledValue )?(disabledValue )?(enabledList )?(disabledList )?(elements )?"),
    "policy/supportedOn": ({"ref!": NAME}, ""),
    "elements": ({}, "((boolean|decimal|text|enum|list|longDecimal|multiText) )+"),
    "elements/decimal": ({**ELEMENT, **RANGE}, ""),
    "elements/longDecimal": ({**ELEMENT, **RANGE}, ""),
    "elements/text": ({**ELEMENT, **LENGTH, "expandable": BOOLEAN}, ""),
    "elements/multiText": ({**ELEMENT, **LENGTH, "maxStrings": UNSIGNED}, ""),
    "elements/enum": (ELEMENT, "(item )+"),
    "item": ({"displayName!": STRING}, "value (valueList )?"),
    "value": ({}, "(decimal|string) "),
    "value/decimal": ({"value!": UNSIGNED}, ""),
    "value/string": ({}, WORDS),
    "policyDefinitionResources": ({"revision!": VERSION, "schemaVersion!": VERSION}, "displayName description resources "),
    "displayName": ({}, WORDS),
    "description": ({}, WORDS),
    "policyDefinitionResources/resources": ({}, "(stringTable )?(presentationTable )?"),
    "stringTable": ({}, "(string )+"),
    "stringTable/string": ({"id!": NAME}, WORDS),
    "presentationTable": ({}, "(presentation )+"),
    "presentation": ({"id!": NAME}, "((text|textBox|decimalTextBox|longDecimalTextBox|multiTextBox|dropdownList) )+"),
    "textBox": (CONTROL, "label (defaultValue )?"),
    "label": ({}, WORDS),
    "defaultValue": ({}, WORDS),
    "decimalTextBox": ({**CONTROL, "defaultValue": UNSIGNED, "spin": BOOLEAN, "spinStep": UNSIGNED}, WORDS),
    "longDecimalTextBox": ({**CONTROL, "defaultValue": UNSIGNED, "spin": BOOLEAN, "spinStep": UNSIGNED}, WORDS),
    "multiTextBox": ({**CONTROL, "showAsDialog": BOOLEAN, "defaultHeight": UNSIGNED}, WORDS),
    "dropdownList": ({**CONTROL, "noSort": BOOLEAN, "defaultItem": UNSIGNED}, WORDS),
}

CONTROLS = {"decimal": "decimalTextBox", "longDecimal": "longDecimalTextBox", "text": "textBox", "enum": "dropdownList",
            "multiText": "multiTextBox"}
LARGEST = {"decimal": 2**32 - 1, "longDecimal": 2**64 - 1}


def tag_of(node):
    return node.tag.rpartition("}")[2]


def shape(node, parent, wrong):
    """Names, attributes and the order of children, of the node and all below it."""
    tag = tag_of(node)
    where = "%s/%s" % (parent, tag) if parent else tag
    if node.tag != "{%s}%s" % (NAMESPACE, tag):
        wrong.append("%s is not in the namespace" % where)
    rule = SCHEMA.get(where) or SCHEMA.get(tag)
    if rule is None:
        wrong.append("%s does not belong there" % where)
        return
    attributes, children = rule
    known = {name.rstrip("!"): pattern for name, pattern in attributes.items()}
    for name, value in node.attrib.items():
        if name not in known:
            wrong.append("%s: there is no attribute %s" % (where, name))
        elif not re.fullmatch(known[name], value):
            wrong.append("%s: %s=%r has not the form of one" % (where, name, value))
    for name in attributes:
        if name.endswith("!") and name[:-1] not in node.attrib:
            wrong.append("%s: the attribute %s is missing" % (where, name[:-1]))
    order = "".join(tag_of(child) + " " for child in node)
    is_leaf = children is WORDS
    pattern = "" if is_leaf else re.sub(r"(\w+) ", r"(?:\1 )", children)
    if not re.fullmatch(pattern, order):
        wrong.append("%s: its children are %s" % (where, order or "missing"))
    if is_leaf != bool((node.text or "").strip()):
        wrong.append("%s: %s" % (where, "its words are missing" if is_leaf else "there are words in it"))
    for child in node:
        shape(child, tag, wrong)


# -- references ---------------------------------------------------------------------------------------------------------


def nodes(root, tag):
    return list(root.iter("{%s}%s" % (NAMESPACE, tag)))


def unique(what, names, wrong):
    for name in sorted({name for name in names if names.count(name) > 1}):
        wrong.append("%s %s is there twice" % (what, name))


def agree(what, defined, used, wrong):
    """Each name that is used is defined, each that is defined is used."""
    unique(what, defined, wrong)
    for name in sorted(set(used) - set(defined)):
        wrong.append("%s %s is not defined" % (what, name))
    for name in sorted(set(defined) - set(used)):
        wrong.append("%s %s is used by nobody" % (what, name))


def references(admx, adml, wrong):
    text = ElementTree.tostring(admx, encoding="unicode")
    strings = [node.get("id") for node in nodes(adml, "string") if node.get("id")]
    agree("the string", strings, re.findall(r"\$\(string\.(\w+)\)", text), wrong)
    agree("the presentation", [node.get("id") for node in nodes(adml, "presentation")],
          re.findall(r"\$\(presentation\.(\w+)\)", text), wrong)
    agree("the category", [node.get("name") for node in nodes(admx, "category")],
          [node.get("ref") for node in nodes(admx, "parentCategory")], wrong)
    agree("the supportedOn", [node.get("name") for node in nodes(admx, "definition")],
          [node.get("ref") for node in nodes(admx, "supportedOn") if node.get("ref")], wrong)
    parents = {node.get("name"): [child.get("ref") for child in node] for node in nodes(admx, "category")}
    for name in parents:
        seen, at = set(), name
        while at is not None and at not in seen:
            seen.add(at)
            at = (parents.get(at) or [None])[0]
        if at is not None:
            wrong.append("the category %s lies in itself" % name)
    for attribute in ("revision", "schemaVersion"):
        if admx.get(attribute) != adml.get(attribute):
            wrong.append("the two files have another %s" % attribute)


# -- each policy ----------------------------------------------------------------------------------------------------------


def element_rules(element, control, wrong):
    name = element.get("id")
    kind = tag_of(element)
    if CONTROLS.get(kind) != tag_of(control):
        wrong.append("%s: a %s is shown as a %s" % (name, kind, tag_of(control)))
    if kind in LARGEST:
        low, high = int(element.get("minValue", 0)), int(element.get("maxValue", 9999))
        if not low <= int(control.get("defaultValue", 1)) <= high:
            wrong.append("%s: its default is out of its range" % name)
        if low > high or high > LARGEST[kind]:
            wrong.append("%s: its range is from %d to %d" % (name, low, high))
    if kind == "enum":
        values = [value[0].get("value") or value[0].text for value in nodes(element, "value")]
        unique("%s: the value" % name, values, wrong)
        if int(control.get("defaultItem", 0)) >= len(values):
            wrong.append("%s: its default is none of its items" % name)


def policy_rules(admx, adml, wrong):
    policies = nodes(admx, "policy")
    presentations = {node.get("id"): node for node in nodes(adml, "presentation")}
    unique("the policy", [policy.get("name") for policy in policies], wrong)
    value_names = []
    for policy in policies:
        name = policy.get("name")
        if policy.get("key") != KEY:
            wrong.append("%s: its key is %s" % (name, policy.get("key")))
        elements = [element for group in nodes(policy, "elements") for element in group]
        controls = [node for node in presentations.get("".join(re.findall(r"\.(\w+)\)", policy.get("presentation", ""))), [])
                    if node.get("refId")]
        value_names += [element.get("valueName") for element in elements]
        agree("%s: the element" % name, [element.get("id") for element in elements],
              [control.get("refId") for control in controls], wrong)
        for element in elements:
            for control in controls:
                if control.get("refId") == element.get("id"):
                    element_rules(element, control, wrong)
    unique("the value", value_names, wrong)


# -- the parameters, as docs/parameters.md has them -----------------------------------------------------------------------

TYPES = {"decimal": "REG_DWORD", "longDecimal": "REG_QWORD", "multiText": "REG_MULTI_SZ"}


def registry_type(element):
    kind = tag_of(element)
    if kind == "enum":
        return "REG_DWORD" if nodes(element, "decimal") else "REG_SZ"
    if kind == "text":
        return "REG_EXPAND_SZ" if element.get("expandable") == "true" else "REG_SZ"
    return TYPES.get(kind, kind)


def numbers(element):
    """The smallest and the largest that can be chosen, or None where it takes no numbers."""
    if tag_of(element) in LARGEST:
        return (int(element.get("minValue", 0)), int(element.get("maxValue", 9999)))
    values = [int(node.get("value")) for node in nodes(element, "decimal")]
    return (min(values), max(values)) if values else None


def parameter_rules(admx, adml, texts, wrong):
    sections = {section.split("\n", 1)[0]: section for section in texts["parameters"].split("\n## ")[1:]}
    helps = {node.get("id"): node.text or "" for node in nodes(adml, "string")}
    policies = {policy.get("name"): policy for policy in nodes(admx, "policy")}
    excused = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", texts["policy"], re.MULTILINE))
    for name in sorted(set(policies) - set(sections)):
        wrong.append("%s: there is no such parameter" % name)
    for name, section in sections.items():
        if (name in policies) == (name in excused):
            wrong.append("%s: has %s policy and %s reason in docs/policy.md for having none" % (
                name, "a" if name in policies else "no", "a" if name in excused else "no"))
        if name not in policies:
            continue
        for element in [element for group in nodes(policies[name], "elements") for element in group]:
            if element.get("valueName") != name:
                wrong.append("%s: sets the value %s" % (name, element.get("valueName")))
            kinds = re.search(r"^- Type: (.*)", section, re.MULTILINE).group(1)
            if registry_type(element) not in re.findall(r"REG_\w+", kinds):
                wrong.append("%s: is a %s, which the parameter does not take" % (name, registry_type(element)))
            ends = re.search(r"^- Range: (\d+) to (\d+)", section, re.MULTILINE)
            if numbers(element) != (ends and tuple(int(end) for end in ends.groups())):
                wrong.append("%s: has another range than the parameter" % name)
        for fact in re.findall(r"^- (?:Range|Takes|Default|A change takes effect): (.*)", section, re.MULTILINE):
            if fact.strip("`") not in helps.get(name + "_Help", ""):
                wrong.append("%s: its help does not say %r" % (name, fact))
        if section.split("\n")[2].replace("\\*", "*") not in helps.get(name + "_Help", ""):
            wrong.append("%s: its help does not say what it means" % name)


def problems(texts):
    wrong = []
    try:
        admx, adml = (ElementTree.fromstring(texts[half].encode()) for half in ("admx", "adml"))
    except ElementTree.ParseError as error:
        return ["it is no XML: %s" % error]
    for root, name in ((admx, "policyDefinitions"), (adml, "policyDefinitionResources")):
        if tag_of(root) != name:
            return ["%s is not %s" % (tag_of(root), name)]
        shape(root, "", wrong)
    if not wrong:  # the rest relies on it
        references(admx, adml, wrong)
        policy_rules(admx, adml, wrong)
        parameter_rules(admx, adml, texts, wrong)
    return wrong


# -- each rule bites: a file, what is changed in it (the first match), and what is then said -------------------------------

PLANTED = [
    ("admx", r"</policies>", "", "it is no XML"),
    ("admx", r"2006/07", "2006/08", "is not in the namespace"),
    ("adml", r' revision="1.0"', "", "revision is missing"),
    ("adml", r' revision="1.0"', ' revision="1.1"', "another revision"),
    ("admx", r' schemaVersion="1.0"', ' schemaVersion="1"', "has not the form"),
    ("admx", r' minRequiredRevision="1.0"', "", "minRequiredRevision is missing"),
    ("admx", r"(?s)(  <supportedOn>.*?</supportedOn>\n)(  <categories>.*?</categories>\n)", r"\2\1", "its children are"),
    ("admx", r'(<parentCategory ref="Files" />)\s*(<supportedOn ref="Supported" />)', r"\2\1", "its children are"),
    ("admx", r'<supportedOn ref="Supported" />', "", "its children are"),
    ("admx", r"(?s)<elements>.*?</elements>", "<elements />", "its children are missing"),
    ("admx", r"<elements>", "<elements>words", "there are words in it"),
    ("admx", r"<elements>", "<elements><number />", "does not belong there"),
    ("admx", r' class="Machine"', ' class="Computer"', "has not the form"),
    ("admx", r' class="Machine"', "", "class is missing"),
    ("admx", r' class="Machine"', ' class="Machine" clas="x"', "there is no attribute clas"),
    ("admx", r'key="SOFTWARE\\Policies\\tftpd"', r'key="SOFTWARE\\tftpd"', "its key is"),
    ("admx", r'key="SOFTWARE\\Policies\\tftpd"', r'key="HKLM\\SOFTWARE\\Policies\\tftpd"', "its key is"),
    ("admx", r"string\.Timeout_Help", "string.Timeout_Hlp", "the string Timeout_Hlp is not defined"),
    ("adml", r'<string id="Timeout">', '<string id="Timeout2">t</string><string id="Timeout">', "Timeout2 is used by nobody"),
    ("adml", r'<string id="Timeout">', '<string id="Timeout">t</string><string id="Timeout">', "Timeout is there twice"),
    ("adml", r'(?s)(<string id="Timeout">).*?<', r"\1<", "its words are missing"),
    ("admx", r"presentation\.Timeout", "presentation.Tmeout", "the presentation Tmeout is not defined"),
    ("admx", r' presentation="\$\(presentation.Timeout\)"', "", "the presentation Timeout is used by nobody"),
    ("admx", r'<parentCategory ref="Files" />', '<parentCategory ref="Fils" />', "the category Fils is not defined"),
    ("admx", r"<categories>", r'<categories><category name="Empty" displayName="$(string.Top)" />', "Empty is used by nobody"),
    ("admx", r'(displayName="\$\(string.Top\)"[^/]*) />', r'\1><parentCategory ref="Files" /></category>', "lies in itself"),
    ("admx", r'ref="Supported"', 'ref="Windows"', "the supportedOn Windows is not defined"),
    ("admx", r'<policy name="Timeout"', '<policy name="Mtu"', "the policy Mtu is there twice"),
    ("admx", r'valueName="Timeout"', 'valueName="Mtu"', "the value Mtu is there twice"),
    ("admx", r'valueName="Timeout"', 'valueName="timeout"', "sets the value timeout"),
    ("adml", r'refId="Timeout"', 'refId="Tmeout"', "Timeout: the element Tmeout is not defined"),
    ("adml", r'refId="Timeout"', 'refid="Timeout"', "refId is missing"),
    ("adml", r"(<|</)decimalTextBox\b(.*)</decimalTextBox>", r"<multiTextBox refId='Port'>p</multiTextBox>", "is shown as a"),
    ("admx", r'minValue="1" maxValue="255"', 'minValue="256" maxValue="255"', "its range is from 256 to 255"),
    ("admx", r'minValue="1" maxValue="255"', 'minValue="1" maxValue="254"', "another range than the parameter"),
    ("admx", r'maxValue="255"', 'maxValue="4294967296"', "its range is from 1 to 4294967296"),
    ("adml", r'refId="Timeout" defaultValue="1"', 'refId="Timeout" defaultValue="0"', "its default is out of its range"),
    ("adml", r'defaultItem="0"', 'defaultItem="9"', "its default is none of its items"),
    ("admx", r"<string>keep-both</string>", "<string>refuse</string>", "the value refuse is there twice"),
    ("admx", r"longDecimal", "decimal", "its range is from"),
    ("admx", r'<text id="PortRange" (.*?) />', r'<text id="PortRange" \1 expandable="true" />', "which the parameter does not take"),
    ("adml", r"Range: 1 to 255", "Range: 1 to 25", "its help does not say"),
    ("adml", r"Seconds before something unanswered", "Seconds", "its help does not say what it means"),
    ("parameters", r"## Timeout", "## Tmeout", "Timeout: there is no such parameter"),
    ("parameters", r"## Timeout", "## Tmeout", "Tmeout: has no policy and no reason"),
    ("policy", r"\| `Addresses` \|", "| `Timeout` |", "Timeout: has a policy and a reason"),
    ("policy", r"\| `Addresses` \|.*\|", "| `Addresses` |", "Addresses: has no policy and no reason"),
]


def self_test(texts):
    wrong = []
    for name, what, instead, said in PLANTED:
        planted, count = re.subn(what, instead, texts[name], count=1)
        found = problems({**texts, name: planted})
        if count != 1:
            wrong.append("there is no %s in %s" % (what, FILES[name]))
        elif not any(said in problem for problem in found):
            wrong.append("%s in place of %s in %s is not found: %s" % (instead, what, FILES[name], found[:3]))
    return wrong


def main():
    texts = {}
    for name, path in FILES.items():
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    wrong = self_test(texts) if "--self-test" in sys.argv else problems(texts)
    for problem in wrong:
        print(problem)
    sys.exit(1 if wrong else 0)


main()
