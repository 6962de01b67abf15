#!/usr/bin/env python3
"""package.py RELEASE VERSION   judges what make release left in the folder RELEASE: the tables of the package by the rules
of Windows Installer that Wine's does not look at (msi.py), the winget manifests, the bill of materials and the sums.
package.py --self-test MSI   builds mistakes into the tables of the package; each has to be found."""
import hashlib
import json
import os
import re
import sys

import msi

UPGRADE_CODE = "{7DF0CDCD-3E1E-460A-B312-F02D617A1E14}"
IS_64_BIT = 256
EXE_IN_FILE_TABLE, CONTINUE, ROLLBACK, DEFERRED, NO_IMPERSONATE = 18, 64, 256, 1024, 2048
SET_PROPERTY = 51
START_ON_INSTALL, STOP_ON_INSTALL, STOP_ON_UNINSTALL, DELETE_ON_UNINSTALL = 1, 2, 32, 128
GIVEN = {"TFTPROOT", "MASTERS", "START", "ACCOUNT", "FIREWALL"}

failures = []


def expect(is_so, what):
    if not is_so:
        failures.append(what)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Package:
    def __init__(self, path):
        self.path = path
        self.tables = msi.read_tables(os.path.abspath(path))

    def rows(self, table):
        return self.tables.get(table, [])

    def by(self, table):
        rows = self.rows(table)
        return {next(iter(row.values())): row for row in rows}


# -- the package ------------------------------------------------------------------------------------------------------


def judge_product(package, version):
    properties = {name: row["Value"] for name, row in package.by("Property").items()}
    expect(properties["UpgradeCode"] == UPGRADE_CODE, "the UpgradeCode has changed: older versions are no longer found")
    expect(properties["ProductVersion"] == version, "ProductVersion is not VERSION")
    expect(properties["ALLUSERS"] == "1", "it is not for the whole machine")
    expect(properties["ARPPRODUCTICON"] in package.by("Icon"), "the icon is not in the package")
    for name in ("ARPURLINFOABOUT", "Manufacturer", "ProductName", "ARPCOMMENTS"):
        expect(properties.get(name), f"the list of programs shows no {name}")
    expect(properties["REBOOT"] == "ReallySuppress", "it may restart the machine")
    secure = set(properties["SecureCustomProperties"].split(";"))
    searched = {row["Property"] for row in package.rows("AppSearch")}
    expect(GIVEN | searched <= secure, f"not secure: {sorted((GIVEN | searched) - secure)}")
    expect(not package.rows("Shortcut"), "it has shortcuts")
    expect(not package.rows("Binary"), "it has binaries of custom actions")


def judge_components(package):
    components = package.by("Component")
    for name, row in components.items():
        expect(int(row["Attributes"]) & IS_64_BIT, f"component {name} is not 64-bit")
    for name, exe in (("Program", "tftpd.exe"), ("Client", "tftp.exe")):
        expect(components[name]["KeyPath"] == exe, f"the component {name} is another file than {exe}")
        expect(components[name]["Directory_"] == "ProgramFolder", f"{exe} is not in the program's folder")
    expect(len({row["ComponentId"] for row in components.values()}) == len(components), "two components are one")
    expect(not package.rows("Environment"), "the PATH is touched")
    for row in package.rows("Registry"):
        expect(r"Services\tftpd" not in row["Key"], f"{row['Key']} is the service's, and the program's to write")
    folder = package.by("Directory")["ProgramFolder"]
    expect(folder["Directory_Parent"] == "ProgramFiles64Folder", "the exe is not in Program Files")


def judge_files(package, version, folder):
    rows = package.by("File")
    expect(set(rows) == {"tftpd.exe", "tftp.exe"}, "it carries other files than the programs")
    for name, row in rows.items():
        expect(row["Version"] == f"{version}.0", f"without the version of {name} Windows keeps the old one")
        expect(int(row["FileSize"]) == os.path.getsize(f"{folder}/{name}"), f"{name} has another size")
    expect(not package.rows("MsiFileHash"), "a file with a version has a hash too")


def judge_service(package):
    events = {int(row["Event"]): row["Wait"] for row in package.rows("ServiceControl")}
    expect(events == {START_ON_INSTALL: "0", STOP_ON_INSTALL | STOP_ON_UNINSTALL | DELETE_ON_UNINSTALL: "1"},
           f"the service is started, stopped and deleted otherwise: {events}")
    with open("src/core/events/event.h", encoding="utf-8") as file:
        categories = len(re.findall(r"^ +CATEGORY_\w+", file.read(), re.M)) - 1
    counted = [row["Value"] for row in package.rows("Registry") if row["Name"] == "CategoryCount"]
    expect(counted == [f"#{categories}"], f"core/events/event.h has {categories} categories, the package {counted}")


def judge_actions(package):
    sequence = package.by("InstallExecuteSequence")
    deferred = EXE_IN_FILE_TABLE | DEFERRED | NO_IMPERSONATE
    expected = {"StopVerb": deferred | CONTINUE, "InstallVerb": deferred, "UninstallVerb": deferred | CONTINUE,
                "UndoInstallVerb": deferred | CONTINUE | ROLLBACK}
    for name, row in package.by("CustomAction").items():
        expect(int(row["Type"]) == expected.get(name, SET_PROPERTY), f"custom action {name} has type {row['Type']}")
        expect(name in sequence, f"custom action {name} never runs")
    expect(package.by("Property")["QUOTE"]["Value"] == '"', "QUOTE is no quotation mark")
    names = ("AppSearch", "CostInitialize", "CostFinalize", "InstallInitialize", "StopVerb", "StopServices", "UninstallVerb",
             "DeleteServices", "RemoveFiles", "InstallFiles", "WriteRegistryValues", "UndoInstallVerb", "InstallVerb",
             "InstallExecute", "RemoveExistingProducts", "StartServices", "InstallFinalize")
    numbers = [int(sequence[name]["Sequence"]) for name in names]
    expect(numbers == sorted(set(numbers)), f"not in this order: {names}")
    expect(any(row["Condition"] == "NOT WIX_DOWNGRADE_DETECTED" for row in package.rows("LaunchCondition")),
           "a downgrade is not refused")
    for row in package.rows("LaunchCondition"):
        expect(row["Description"].endswith((".", "sc delete tftpd", "(reg export them).")), f"no sentence: {row['Description']}")


# -- what an installation does ----------------------------------------------------------------------------------------

PROGRAM = r"C:\Program Files\tftpd\tftpd.exe"
ARGUMENTS = rf'"{PROGRAM}" -dD:\images -f'
INSTALLED, REPAIR, REMOVAL = {"Installed": "1"}, {"Installed": "1", "REINSTALL": "ALL"}, {"Installed": "1", "REMOVE": "ALL"}


def expect_run(installation, what, ran, not_run):
    """These actions ran in this order, and those did not."""
    done = [name for name in installation.ran if name in ran or name in not_run]
    expect(done == list(ran), f"{what}: {done} ran, not {list(ran)}")


def install(package, machine, what, given=(), ran=(), not_run=(), upgrades=False):
    installation = msi.Installation(package.tables, machine, given, upgrades)
    try:
        installation.run()
    except msi.Refused as refusal:
        expect(False, f"{what} is refused: {refusal}")
    expect_run(installation, what, ran, not_run)
    return installation


def told(installation):
    """What the verb was told, without what was left open."""
    words = msi.words_of(installation.commands["InstallVerb"])
    expect(words[:3] == ["install", "--no-start", "--lenient"] and len(words) == 13, f"the verb gets {words}")
    return {name: value for name, value in zip(words[3::2], words[4::2]) if value}


def judge_first(package):
    machine = msi.Machine()
    done = install(package, machine, "a first installation",
                   ran=("StopServices", "InstallFiles", "UndoInstallVerb", "InstallVerb", "StartServices"),
                   not_run=("StopVerb", "UninstallVerb"))
    expect(told(done) == {"--firewall": "on"}, f"a first installation names {told(done)}")
    expect(machine.runs and machine.service == {"image": f'"{PROGRAM}"', "account": r"NT AUTHORITY\LocalService",
                                                "has_password": False, "start": 2}, f"it makes {machine.service}")


def judge_kept(package):
    """Whatever a service has stays, through an upgrade, an upgrade of what was made by hand elsewhere, and a repair."""
    here = ("StopVerb", "StopServices", "InstallFiles", "InstallVerb", "StartServices")
    elsewhere = here[1:]
    never = ("StopVerb", "UndoInstallVerb", "UninstallVerb")
    parameter = {(msi.SERVICES + r"\Parameters", "Directory"): r"E:\other"}
    for kind, given, ran, upgrades in (("an upgrade", {}, here, True), ("a repair", REPAIR, here, False)):
        for what, service in (("with arguments in ImagePath", {"image": ARGUMENTS}),
                              ("of an account with a password", {"image": ARGUMENTS, "account": r"CORP\boot", "has_password": True}),
                              ("of a gMSA", {"image": f'"{PROGRAM}"', "account": r"CORP\boot$"})):
            machine = msi.Machine(values=parameter, **service)
            before = dict(machine.service)
            done = install(package, machine, f"{kind} {what}", given, ran, never, upgrades)
            expect(machine.service == before, f"{kind} {what}: {before} becomes {machine.service}")
            expect(machine.was_started_as == before, f"{kind} {what}: it was started as {machine.was_started_as}")
            expect(machine.runs, f"{kind} {what}: it does not run afterwards")
            expect(machine.folders == set(), f"{kind} {what} makes {machine.folders}")
            expect(told(done) == {"--firewall": "on"}, f"{kind} {what} names {told(done)}")
            if upgrades:
                expect_run(done.older, f"{kind}, the older version", ("StopVerb", "StopServices"), never[1:] + ("InstallVerb",))
    machine = msi.Machine(image=r"C:\old\tftpd.exe -f")
    install(package, machine, "over a service made by hand", {}, elsewhere, never)
    expect(machine.service["image"] == f'"{PROGRAM}" -f' and machine.runs, f"over one made by hand: {machine.service}")
    for start in (3, 4):
        machine = msi.Machine(image=ARGUMENTS, start=start)
        install(package, machine, f"an upgrade with start type {start}", {}, here[:-1], here[-1:], True)
        expect(machine.service["start"] == start and not machine.runs, f"start type {start} becomes {machine.service}")


def judge_removal(package):
    machine = msi.Machine(image=ARGUMENTS)
    install(package, machine, "a removal", REMOVAL,
            ("StopVerb", "StopServices", "UninstallVerb", "DeleteServices", "RemoveFiles"),
            ("UndoInstallVerb", "InstallVerb"))
    expect(machine.service is None and not machine.runs, "a removal leaves the service")


def judge_properties(package):
    """What is given arrives at the verb as it is, or is refused."""
    given = {"TFTPROOT": "D:\\my images\\", "MASTERS": "10.1.2.3;10.2.0.0/16", "START": "demand", "FIREWALL": "off",
             "ACCOUNT": r"NT AUTHORITY\NetworkService"}
    done = install(package, msi.Machine(), "an installation with properties", given, (), ("StartServices",))
    wanted = {"--root": "D:\\my images\\\\.", "--masters": given["MASTERS"], "--start": "demand", "--firewall": "off",
              "--account": given["ACCOUNT"]}
    expect(told(done) == wanted, f"the verb is told {told(done)}, not {wanted}")
    done = install(package, msi.Machine(image=ARGUMENTS, values={("SOFTWARE\\tftpd", "Firewall"): "off"}), "one without")
    expect(told(done) == {"--firewall": "off"}, f"FIREWALL=off is forgotten: {told(done)}")
    for name, value, is_taken in (("ACCOUNT", r"CORP\boot$", True), ("ACCOUNT", r"nt service\tftpd", True),
                                  ("ACCOUNT", "networkservice", True), ("ACCOUNT", r"CORP\boot", False),
                                  ("ACCOUNT", r".\tftp", False), ("ACCOUNT", "boot@corp.example", False),
                                  ("START", "sometimes", False), ("FIREWALL", "perhaps", False), ("TFTPROOT", "images", False),
                                  ("TFTPROOT", r"\\server\images", True)):
        try:
            done = msi.Installation(package.tables, msi.Machine(), {name: value}).run()
            expect(is_taken and value in done.commands["InstallVerb"], f"{name}={value} is taken")
        except msi.Refused as refusal:
            expect(not is_taken and value in str(refusal), f"{name}={value} is refused: {refusal}")
    for name in sorted(GIVEN):
        for value in ('x" --firewall "off', "D:\\x\"", "\\\\x\\"):
            try:
                done = msi.Installation(package.tables, msi.Machine(), {name: value}).run()
            except msi.Refused:
                continue
            words = told(done)
            expect(words.pop("--" + name.lower().replace("tftproot", "root"), "").startswith(value) and
                   words == {"--firewall": "on"}, f"{name}={value} breaks out of the command: {words}")


def judge_installations(package):
    judge_first(package)
    judge_kept(package)
    judge_removal(package)
    judge_properties(package)


# -- what goes with it ------------------------------------------------------------------------------------------------


def read_yaml(path):
    """The subset that release.py writes: mappings, lists, quoted text."""
    lines = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith("#"):
                match = re.fullmatch(r'( *)((?:- )?)(?:([A-Za-z0-9]+):)?(?: ?("(?:[^"\\]|\\.)*"))?\n', line)
                expect(match, f"{path}:{number} is not the YAML that is written here")
                lines.append(match.groups() if match else ("", "", "", None))

    def block(index, indent):
        value = None
        while index < len(lines) and len(lines[index][0]) >= indent:
            pad, dash, key, text = lines[index]
            if len(pad) < indent:
                break
            if dash and key is None:
                value = (value or []) + [json.loads(text)]
                index += 1
            elif dash:
                lines[index] = (pad + "  ", "", key, text)
                item, index = block(index, len(pad) + 2)
                value = (value or []) + [item]
            else:
                value = value or {}
                if text is not None:
                    value[key] = json.loads(text)
                    index += 1
                else:
                    child = lines[index + 1]
                    value[key], index = block(index + 1, len(child[0]))
            if index < len(lines) and len(lines[index][0]) == indent and isinstance(value, list) and not lines[index][1]:
                break
        return value, index

    return block(0, 0)[0]


def judge_winget(folder, package, version):
    manifests = {kind: read_yaml(f"{folder}/winget/TftpdForWindows.tftpd{suffix}.yaml")
                 for kind, suffix in (("version", ""), ("installer", ".installer"), ("defaultLocale", ".locale.en-US"))}
    required = {"version": {"DefaultLocale"}, "installer": {"Installers", "InstallerType", "Scope"},
                "defaultLocale": {"PackageLocale", "Publisher", "PackageName", "License", "ShortDescription"}}
    for kind, manifest in manifests.items():
        expect(manifest["ManifestType"] == kind and manifest["ManifestVersion"] == "1.6.0", f"{kind}: wrong type")
        expect(manifest["PackageVersion"] == version, f"{kind}: wrong version")
        expect(manifest["PackageIdentifier"] == "TftpdForWindows.tftpd", f"{kind}: wrong identifier")
        expect(required[kind] <= set(manifest), f"{kind}: lacks {required[kind] - set(manifest)}")
    [installer] = manifests["installer"]["Installers"]
    properties = package.by("Property")
    expect(installer["InstallerSha256"] == sha256(package.path).upper(), "winget: the sum is not the package's")
    expect(re.fullmatch(r"https://\S+/" + os.path.basename(package.path), installer["InstallerUrl"]), "winget: no such URL")
    expect(installer["Architecture"] == "x64", "winget: not for x64")
    for entry in (installer, *installer["AppsAndFeaturesEntries"]):
        expect(entry["ProductCode"] == properties["ProductCode"]["Value"], "winget: another ProductCode")
    expect(manifests["defaultLocale"]["PackageLocale"] == manifests["version"]["DefaultLocale"], "winget: no such locale")
    expect(len(manifests["defaultLocale"]["ShortDescription"]) <= 256, "winget: the short description is long")


def judge_sbom(folder, version):
    with open(f"{folder}/tftpd-{version}.cdx.json", encoding="utf-8") as file:
        bom = json.load(file)
    expect((bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.5", 1), "SBOM: not CycloneDX 1.5")
    expect(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom["serialNumber"]), "SBOM: serial number")
    product = bom["metadata"]["component"]
    expect(product["version"] == version and product["licenses"], "SBOM: not this product")
    for part in product["components"]:
        expect(part["hashes"] == [{"alg": "SHA-256", "content": sha256(f"{folder}/{part['name']}")}],
               f"SBOM: the hash of {part['name']} is another")
    names = {library["name"] for library in bom["components"]}
    expect("mingw-w64-x86-64-dev" in names and any(name.startswith("gcc-mingw") for name in names),
           f"SBOM: the runtime is missing: {names}")
    for library in bom["components"]:
        expect(library["version"] and library["licenses"] and library["purl"].startswith("pkg:deb/debian/"),
               f"SBOM: {library['name']} lacks version, licence or purl")
        for part in library["components"]:
            expect(part["hashes"][0]["content"] == sha256(part["name"]), f"SBOM: {part['name']} has another hash")
    files = [part["name"] for library in bom["components"] for part in library["components"]]
    for needed in ("libmingwex.a", "libgcc.a", "crt2u.o"):
        expect(any(name.endswith("/" + needed) for name in files), f"SBOM: {needed} is missing")
    expect({part["name"] for part in product["components"]} == {"tftpd.exe", "tftp.exe", f"tftpd-{version}-x64.msi"},
           "SBOM: not the files of the release")
    references = [product["bom-ref"], *(library["bom-ref"] for library in bom["components"])]
    expect(len(set(references)) == len(references), "SBOM: a reference twice")
    expect({row["ref"] for row in bom["dependencies"]} == set(references), "SBOM: dependencies of other things")


def judge_acceptance(folder):
    """cmd finds labels only where lines end in CR LF; no test under Wine jumps to all of them."""
    with open(f"{folder}/acceptance.cmd", "rb") as file:
        text = file.read()
    expect(text.count(b"\r\n") == text.count(b"\n") == text.count(b"\r"), "acceptance.cmd: a line does not end in CR LF")
    expect(text.isascii(), "acceptance.cmd: not all of it is ASCII")
    lines = [line for line in text.decode("ascii", "replace").split("\r\n") if not line.startswith("rem ")]
    labels = [line[1:] for line in lines if re.fullmatch(r":\w+", line)]
    steps = [line.split()[2] for line in lines if line.startswith("call :step ")]
    called = set(re.findall(r"(?:call :|goto )(\w+)", "\n".join(lines))) | set(steps)
    expect(called == set(labels) and len(called) == len(labels), f"acceptance.cmd: labels {called ^ set(labels)}")
    with open("installer/tftpd-counters.man", encoding="utf-8") as file:
        provider = re.search(r'providerGuid="({[-0-9a-f]+})"', file.read()).group(1)
    expect(any(line.endswith(f'_V2Providers\\{provider}"') for line in lines), "acceptance.cmd: another provider of counters")
    with open("docs/testing.md", encoding="utf-8") as file:
        told = re.findall(r"`(\w+)`", file.read().split("## On a real Windows")[1].split("\n## ")[0])
    expect(set(steps) <= set(told), f"docs/testing.md does not say what these steps decide: {set(steps) - set(told)}")


def judge_sums(folder):
    with open(f"{folder}/SHA256SUMS", encoding="utf-8") as file:
        sums = dict(reversed(line.rstrip("\n").split("  ", 1)) for line in file)
    there = {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}
    expect(set(sums) == there - {"SHA256SUMS"}, "SHA256SUMS lists other files than are there")
    for name, value in sums.items():
        expect(value == sha256(f"{folder}/{name}"), f"SHA256SUMS: {name} has another sum")


# -- mistakes that have to be found -----------------------------------------------------------------------------------


def change(package, table, key, column, value):
    row = package.by(table)[key]
    assert row[column] != value, f"{table}.{key} says {value} already"
    row[column] = value


def add_service_row(package):
    package.tables["ServiceInstall"] = [{"ServiceInstall": "Service", "Name": "tftpd", "StartType": "2", "Arguments": "",
                                         "StartName": "[ACCOUNT]", "Component_": "Program"}]
    package.tables["InstallExecuteSequence"].append({"Action": "InstallServices", "Condition": "", "Sequence": "5800"})


def add_folder(package):
    package.tables["Directory"].append({"Directory": "TFTPROOT", "Directory_Parent": "TARGETDIR", "DefaultDir": "tftpdroot"})
    package.tables["CreateFolder"] = [{"Directory_": "TFTPROOT", "Component_": "Program"}]
    package.tables["InstallExecuteSequence"].append({"Action": "CreateFolders", "Condition": "", "Sequence": "3700"})


def in_command(name, text, value):
    return lambda package: change(package, "CustomAction", name, "Target",
                                  package.by("CustomAction")[name]["Target"].replace(text, value))


def in_sequence(name, column, value):
    return lambda package: change(package, "InstallExecuteSequence", name, column, value)


MISTAKES = {
    "nothing": None,
    "a row of ServiceInstall": add_service_row,
    "a folder that is made": add_folder,
    "an account that is named": in_command("InstallVerb", "[ACCOUNT]", r"NT AUTHORITY\LocalService"),
    "a start type that is named": in_command("InstallVerb", "[START]", "delayed"),
    "a directory that ends in a backslash": in_command("GivenRoot", "\\.", ""),
    "a verb for installations when it is removed": in_sequence("InstallVerb", "Condition", ""),
    "an older version that takes away": in_sequence("UninstallVerb", "Condition", 'REMOVE="ALL"'),
    "an older version that stops the newer one": in_sequence("RemoveExistingProducts", "Sequence", "5960"),
    "a program that is not there": in_sequence("StopVerb", "Condition", ""),
    "a stop that comes too late": in_sequence("StopVerb", "Sequence", "1901"),
    "a service that is always started": in_sequence("StartServices", "Condition", ""),
    "an upgrade that is undone": in_sequence("UndoInstallVerb", "Condition", ""),
}


def self_test(path):
    for what, build_in in MISTAKES.items():
        package = Package(path)
        failures.clear()
        if build_in:
            build_in(package)
        judge_installations(package)
        if bool(failures) != bool(build_in):
            print("\n".join([f"built in: {what}; found:", *failures]))
            sys.exit(1)
    values = {"A": "1", "B": "text", "KEPT": "#2"}
    for text, wanted in (("", True), ("A", True), ("C", False), ("NOT C", True), ("A=1 AND B", True), ("B=1", False),
                         ('B<>1', True), ('KEPT="#2"', True), ('B~="TEXT"', True), ('B="TEXT"', False), ('B><"ex"', True),
                         ('B~>>"XT" AND B<<"te"', True), ("C OR A AND C", False), ("(C OR A) AND B", True),
                         ("NOT (A AND C) XOR A", False), ("C IMP A", True), ("A>=2", False), ('NOT C="x"', True)):
        if msi.Condition(text, values).holds() != wanted:
            print(f"the condition {text} is not {wanted}")
            sys.exit(1)


def main():
    if sys.argv[1] == "--self-test":
        self_test(sys.argv[2])
        return
    folder, version = sys.argv[1:]
    package = Package(f"{folder}/tftpd-{version}-x64.msi")
    judge_product(package, version)
    judge_components(package)
    judge_files(package, version, folder)
    judge_service(package)
    judge_actions(package)
    judge_installations(package)
    judge_winget(folder, package, version)
    judge_sbom(folder, version)
    judge_acceptance(folder)
    judge_sums(folder)
    print("\n".join(failures))
    sys.exit(bool(failures))


main()
