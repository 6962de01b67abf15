"""What Windows Installer makes of a package's tables: conditions, properties, and the order of the actions. It changes nothing but
a machine of its own, which has one service. Rules: "Conditional Statement Syntax", "Formatted", "InstallServices Action",
"ServiceControl Table", "RemoveExistingProducts Action" of the Windows Installer documentation."""
import copy
import re
import subprocess
import tempfile

SERVICES = "SYSTEM\\CurrentControlSet\\Services\\tftpd"
PROGRAM_FILES = "C:\\Program Files\\"
EXE_IN_FILE_TABLE, SET_PROPERTY, KIND, ROLLBACK = 18, 51, 63, 256
START_ON_INSTALL, STOP_ON_INSTALL, STOP_ON_UNINSTALL, DELETE_ON_UNINSTALL = 1, 2, 32, 128


def read_tables(path):
    """Each table as a list of rows, each row a dictionary by column."""
    def export(table):
        with tempfile.TemporaryDirectory() as scratch:  # what a table holds in streams becomes files in the current folder
            text = subprocess.run(["msiinfo", "export", path, table], check=True, capture_output=True, text=True,
                                  cwd=scratch).stdout
        lines = [line.rstrip("\r").split("\t") for line in text.split("\n") if line.strip("\r")]
        return [dict(zip(lines[0], row)) for row in lines[3:]]

    names = subprocess.run(["msiinfo", "tables", path], check=True, capture_output=True, text=True).stdout.split()
    return {name: export(name) for name in names if not name.startswith("_")}


# -- conditions -------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r'\s*(\(|\)|"[^"]*"|~?(?:<>|>=|<=|><|<<|>>|=|<|>)|-?\d+|%?[A-Za-z_][\w.]*|\S)')
LOGIC = [("IMP", lambda a, b: not a or b), ("EQV", lambda a, b: a == b), ("XOR", lambda a, b: a != b),
         ("OR", lambda a, b: a or b), ("AND", lambda a, b: a and b)]  # what binds less comes first
OF_TEXTS = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
            "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "><": lambda a, b: b in a,
            "<<": lambda a, b: a.startswith(b), ">>": lambda a, b: a.endswith(b)}


def compare(left, operator, right):
    ignores_case, operator = operator.startswith("~"), operator.lstrip("~")
    try:
        left, right = int(left), int(right)
        if operator in ("><", "<<", ">>"):
            raise NotImplementedError("these compare the bits of numbers")
    except ValueError:
        if isinstance(left, int) or isinstance(right, int):
            return operator == "<>"  # a number and a text
        if ignores_case:
            left, right = left.lower(), right.lower()
    return OF_TEXTS[operator](left, right)


class Condition:
    def __init__(self, text, properties):
        self.text, self.properties = text, properties
        self.tokens = TOKEN.findall(text)

    def next_is(self, word):
        return bool(self.tokens) and self.tokens[0].upper() == word

    def value(self):
        token = self.tokens.pop(0) if self.tokens else ""
        if re.fullmatch(r"-?\d+", token):
            return int(token)
        if token.startswith('"'):
            return token[1:-1]
        if not re.fullmatch(r"[A-Za-z_][\w.]*", token):
            raise ValueError(f"{self.text}: {token!r} is no value that is known here")
        return self.properties.get(token, "")

    def term(self):
        if self.next_is("NOT"):
            self.tokens.pop(0)
            return not self.term()
        if self.next_is("("):
            self.tokens.pop(0)
            inner = self.level(0)
            if not self.next_is(")"):
                raise ValueError(f"{self.text}: a bracket is not closed")
            self.tokens.pop(0)
            return inner
        left = self.value()
        if self.tokens and self.tokens[0].lstrip("~") in OF_TEXTS:
            return compare(left, self.tokens.pop(0), self.value())
        return left not in ("", 0)

    def level(self, number):
        if number == len(LOGIC):
            return self.term()
        word, join = LOGIC[number]
        left = self.level(number + 1)
        while self.next_is(word):
            self.tokens.pop(0)
            right = self.level(number + 1)
            left = join(left, right)
        return left

    def holds(self):
        holds = not self.tokens or self.level(0)
        if self.tokens:
            raise ValueError(f"{self.text}: {self.tokens[0]!r} is too much")
        return holds


def words_of(line):
    """As a program of Windows finds them in its command line (CommandLineToArgvW)."""
    words, word, is_quoted, at = [], None, False, 0
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        if slashes:
            at += slashes
            is_before_quote = line[at:at + 1] == '"'
            word = (word or "") + "\\" * (slashes // 2 if is_before_quote else slashes)
            if is_before_quote and slashes % 2:
                word, at = word + '"', at + 1
        elif line[at] == '"':
            word, is_quoted, at = word or "", not is_quoted, at + 1
        elif line[at] == " " and not is_quoted:
            words, word, at = words + ([word] if word is not None else []), None, at + 1
        else:
            word, at = (word or "") + line[at], at + 1
    return words + ([word] if word is not None else [])


# -- a machine, and an installation on it -----------------------------------------------------------------------------


class Machine:
    def __init__(self, image=None, account="NT AUTHORITY\\LocalService", has_password=False, start=2, values=()):
        self.service = image and {"image": image, "account": account, "has_password": has_password, "start": start}
        self.runs = bool(image) and start == 2
        self.values = dict(values)  # of the registry otherwise, by key and name
        self.folders = set()
        self.was_started_as = None

    def raw(self, key, name):
        """As AppSearch finds it: # before a number, #% before a text with variables."""
        if key == SERVICES and self.service:
            return {"ImagePath": "#%" + self.service["image"], "Start": f"#{self.service['start']}",
                    "ObjectName": self.service["account"]}.get(name, "")
        return self.values.get((key, name), "")


class Refused(Exception):
    pass


class Installation:
    """One run of msiexec: given are the properties of its command line, and those that say what is to be done (Installed,
    REMOVE, REINSTALL, UPGRADINGPRODUCTCODE). upgrades: an older version, with the same components, is there."""

    def __init__(self, tables, machine, given=(), upgrades=False):
        self.tables, self.machine, self.upgrades = tables, machine, upgrades
        self.properties = {row["Property"]: row["Value"] for row in tables["Property"]}
        self.properties.update({"VersionNT": "603", "WindowsVolume": "C:\\"}, **dict(given))
        self.removes = self.properties.get("REMOVE") == "ALL"
        self.is_shared = "UPGRADINGPRODUCTCODE" in self.properties  # the newer version has the components, too
        self.ran = []
        self.commands = {}

    def by(self, table, column):
        return {row[column]: row for row in self.tables.get(table, [])}

    def formatted(self, text):
        file = re.sub(r"\[#([\w.]+)\]", lambda match: self.program(match[1]), text)
        return re.sub(r"\[(\w+)\]", lambda match: self.properties.get(match[1], ""), file)

    def program(self, file):
        row = self.by("File", "File")[file]
        folder = self.by("Component", "Component")[row["Component_"]]["Directory_"]
        return self.properties[folder] + row["FileName"].split("|")[-1]

    def acts_on(self, component, on_removal):
        """Whether the component is installed, or where on_removal says so taken away."""
        row = self.by("Component", "Component")[component]
        # The condition counts when the component is installed for the first time ("Component Table").
        is_wanted = "Installed" in self.properties or Condition(row["Condition"], self.properties).holds()
        return self.removes == on_removal and not self.is_shared and is_wanted

    def run(self):
        for action in sorted(self.tables["InstallExecuteSequence"], key=lambda row: int(row["Sequence"])):
            if int(action["Sequence"]) > 0 and Condition(action["Condition"], self.properties).holds():
                self.ran.append(action["Action"])
                self.perform(action["Action"])
        return self

    def perform(self, name):
        custom = self.by("CustomAction", "Action").get(name)
        if custom and int(custom["Type"]) & KIND == SET_PROPERTY:
            self.properties[custom["Source"]] = self.formatted(custom["Target"])
        elif custom and int(custom["Type"]) & KIND == EXE_IN_FILE_TABLE:
            self.commands[name] = self.formatted(custom["Target"])
            if not int(custom["Type"]) & ROLLBACK:
                self.run_program(words_of(self.commands[name]), self.program(custom["Source"]))
        elif not custom:
            getattr(self, name, lambda: None)()

    def run_program(self, words, program):
        """What tests/service/install/test_install.c shows of the verbs: whatever is not named stays."""
        machine, verb = self.machine, words[0]
        named = dict(zip(words, words[1:] + [""]))
        if verb == "uninstall" and "--only-stop" in words:
            machine.runs = False
        if verb != "install":
            return
        start = {"auto": 2, "delayed": 2, "demand": 3, "disabled": 4}.get(named.get("--start"))
        if not machine.service:
            machine.service = {"image": f'"{program}"', "account": named.get("--account") or "NT AUTHORITY\\LocalService",
                               "has_password": False, "start": start or 2}
            return
        machine.service["start"] = start or machine.service["start"]
        machine.service["image"] = re.sub(r'^("[^"]*"|.*?\.exe)', lambda match: f'"{program}"', machine.service["image"])
        if named.get("--account"):
            machine.service.update({"account": named["--account"], "has_password": False})

    # Standard actions, as far as they matter here.

    def AppSearch(self):
        locators = self.by("RegLocator", "Signature_")
        for row in self.tables["AppSearch"]:
            found = self.machine.raw(locators[row["Signature_"]]["Key"], locators[row["Signature_"]]["Name"])
            if found:
                self.properties[row["Property"]] = found

    def LaunchConditions(self):
        for row in self.tables["LaunchCondition"]:
            if not Condition(row["Condition"], self.properties).holds():
                raise Refused(self.formatted(row["Description"]))

    def CostFinalize(self):
        rows = self.by("Directory", "Directory")

        def path(name):
            if name == "ProgramFiles64Folder":
                return PROGRAM_FILES
            if self.properties.get(name):
                return self.properties[name].rstrip("\\") + "\\"
            row = rows[name]
            return ("C:\\" if not row["Directory_Parent"] else path(row["Directory_Parent"])
                    + row["DefaultDir"].split("|")[-1] + "\\")
        self.properties.update({name: path(name) for name in rows})

    def CreateFolders(self):
        for row in self.tables.get("CreateFolder", []):
            if self.acts_on(row["Component_"], False):
                self.machine.folders.add(self.properties[row["Directory_"]])

    def controlled(self, event):
        on_removal = event in (STOP_ON_UNINSTALL, DELETE_ON_UNINSTALL)
        return [row for row in self.tables["ServiceControl"] if int(row["Event"]) & event and
                self.acts_on(row["Component_"], on_removal)]

    def StopServices(self):
        if self.controlled(STOP_ON_INSTALL) or self.controlled(STOP_ON_UNINSTALL):
            self.machine.runs = False

    def DeleteServices(self):
        if self.controlled(DELETE_ON_UNINSTALL):
            self.machine.service = None

    def InstallServices(self):
        """A service that is there is configured anew, as its row says."""
        for row in self.tables.get("ServiceInstall", []):
            if self.acts_on(row["Component_"], False):
                image = f'"{self.program("tftpd.exe")}" {row["Arguments"]}'.rstrip()
                self.machine.service = {"image": image, "account": self.formatted(row["StartName"]), "has_password": False,
                                        "start": int(row["StartType"])}

    def StartServices(self):
        if self.controlled(START_ON_INSTALL) and self.machine.service:
            self.machine.runs = True
            self.machine.was_started_as = dict(self.machine.service)

    def RemoveExistingProducts(self):
        """The older version: as far as it matters here, this very package."""
        if self.upgrades:
            given = {"Installed": "1", "REMOVE": "ALL", "UPGRADINGPRODUCTCODE": "{NEWER}"}
            self.older = Installation(copy.deepcopy(self.tables), self.machine, given).run()
