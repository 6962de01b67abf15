#!/usr/bin/env python3
"""package.py RELEASE VERSION   judges what make release left in the folder RELEASE: the tables of the package by the rules
of Windows Installer that Wine's does not look at, the winget manifests, the bill of materials and the sums."""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

UPGRADE_CODE = "{7DF0CDCD-3E1E-460A-B312-F02D617A1E14}"
REGISTRY_KEY_PATH, PERMANENT, NEVER_OVERWRITE, IS_64_BIT = 4, 16, 128, 256
EXE_IN_FILE_TABLE, CONTINUE, ROLLBACK, DEFERRED, NO_IMPERSONATE = 18, 64, 256, 1024, 2048
SET_PROPERTY = 51
START_ON_INSTALL, STOP_ON_INSTALL, STOP_ON_UNINSTALL, DELETE_ON_UNINSTALL = 1, 2, 32, 128
VITAL_OWN_PROCESS = 32768 + 1
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
        self.path = os.path.abspath(path)

    def rows(self, table):
        """Each row as a dictionary by column."""
        with tempfile.TemporaryDirectory() as scratch:  # what a table holds in streams becomes files in the current folder
            text = subprocess.run(["msiinfo", "export", self.path, table], check=True, capture_output=True, text=True,
                                  cwd=scratch).stdout
        lines = [line.rstrip("\r").split("\t") for line in text.split("\n") if line.strip("\r")]
        return [dict(zip(lines[0], row)) for row in lines[3:]]

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
    parameters = int(components["Parameters"]["Attributes"])
    expect(parameters & PERMANENT and parameters & NEVER_OVERWRITE and parameters & REGISTRY_KEY_PATH,
           "an upgrade overwrites or removes the parameters")
    expect(int(components["StartDirectory"]["Attributes"]) & PERMANENT, "the start directory is removed")
    for name in ("Parameters", "StartDirectory"):
        expect(components[name]["Condition"] == "NOT KEPTDIRECTORY", f"{name} is made although there is one")
    expect(components["Program"]["KeyPath"] == "tftpd.exe", "the service would run another file than the exe")
    for row in package.rows("Registry"):
        if r"\Parameters" in row["Key"]:
            expect(row["Component_"] == "Parameters", f"the parameter {row['Name']} can be overwritten")
    folder = package.by("Directory")["ProgramFolder"]
    expect(folder["Directory_Parent"] == "ProgramFiles64Folder", "the exe is not in Program Files")


def judge_file(package, version, exe):
    rows = package.rows("File")
    expect([row["File"] for row in rows] == ["tftpd.exe"], "it carries other files than the exe")
    expect(rows[0]["Version"] == f"{version}.0", "without the exe's version Windows keeps the old one")
    expect(int(rows[0]["FileSize"]) == os.path.getsize(exe), "the exe has another size")
    expect(not package.rows("MsiFileHash"), "a file with a version has a hash too")


def judge_service(package):
    service = package.rows("ServiceInstall")[0]
    expect(service["Name"] == "tftpd" and service["ServiceType"] == "16", "it is no service of its own process")
    expect(int(service["ErrorControl"]) == VITAL_OWN_PROCESS, "it is installed although its service is not")
    expect(service["StartName"] == "[ACCOUNT]", "the account is not ACCOUNT")
    events = {int(row["Event"]): row["Wait"] for row in package.rows("ServiceControl")}
    expect(events == {START_ON_INSTALL: "0", STOP_ON_INSTALL | STOP_ON_UNINSTALL | DELETE_ON_UNINSTALL: "1"},
           f"the service is started, stopped and deleted otherwise: {events}")
    with open("src/core/event.h", encoding="utf-8") as file:
        categories = len(re.findall(r"^ +CATEGORY_\w+", file.read(), re.M)) - 1
    counted = [row["Value"] for row in package.rows("Registry") if row["Name"] == "CategoryCount"]
    expect(counted == [f"#{categories}"], f"core/event.h has {categories} categories, the package {counted}")


def judge_actions(package):
    actions = package.by("CustomAction")
    sequence = {name: (int(row["Sequence"]), row["Condition"])
                for name, row in package.by("InstallExecuteSequence").items()}
    deferred = EXE_IN_FILE_TABLE | DEFERRED | NO_IMPERSONATE
    expected = {"InstallVerb": deferred, "UninstallVerb": deferred | CONTINUE,
                "UndoInstallVerb": deferred | CONTINUE | ROLLBACK}
    for name, row in actions.items():
        expect(int(row["Type"]) == expected.get(name, SET_PROPERTY), f"custom action {name} has type {row['Type']}")
        expect(name in sequence, f"custom action {name} never runs")
    command = actions["InstallVerb"]["Target"]
    for name in re.findall(r"\[(\w+)\]", command):
        conditions = [row["Condition"] for row in package.rows("LaunchCondition")]
        is_word = f"[{name}]" in command and f'"[{name}]"' not in command
        guard = f'{name}="' if is_word else f"{name} >< QUOTE"
        expect(any(guard in condition for condition in conditions), f"{name} can break out of the command line")
    expect(package.by("Property")["QUOTE"]["Value"] == '"', "QUOTE is no quotation mark")

    def in_order(*names):
        numbers = [sequence[name][0] for name in names]
        expect(numbers == sorted(numbers) and len(set(numbers)) == len(numbers), f"not in this order: {names}")

    in_order("AppSearch", "DefaultDirectory", "CostInitialize", "InstallInitialize", "StopServices", "UninstallVerb",
             "DeleteServices", "RemoveFiles", "InstallFiles", "WriteRegistryValues", "InstallServices", "UndoInstallVerb",
             "InstallVerb", "StartServices", "InstallExecute", "RemoveExistingProducts", "InstallFinalize")
    expect(sequence["UninstallVerb"][1] == 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE',
           "an upgrade takes firewall rule and event source away")
    expect(sequence["StartServices"][1] == 'START="auto" OR START="delayed"', "START does not decide on the start")
    expect(any(row["Condition"] == "NOT WIX_DOWNGRADE_DETECTED" for row in package.rows("LaunchCondition")),
           "a downgrade is not refused")
    for row in package.rows("LaunchCondition"):
        expect(row["Description"].endswith((".", "sc delete tftpd", "(reg export them).")), f"no sentence: {row['Description']}")


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
    references = [product["bom-ref"], *(library["bom-ref"] for library in bom["components"])]
    expect(len(set(references)) == len(references), "SBOM: a reference twice")
    expect({row["ref"] for row in bom["dependencies"]} == set(references), "SBOM: dependencies of other things")


def judge_sums(folder):
    with open(f"{folder}/SHA256SUMS", encoding="utf-8") as file:
        sums = dict(reversed(line.rstrip("\n").split("  ", 1)) for line in file)
    there = {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}
    expect(set(sums) == there - {"SHA256SUMS"}, "SHA256SUMS lists other files than are there")
    for name, value in sums.items():
        expect(value == sha256(f"{folder}/{name}"), f"SHA256SUMS: {name} has another sum")


def main():
    folder, version = sys.argv[1:]
    package = Package(f"{folder}/tftpd-{version}-x64.msi")
    judge_product(package, version)
    judge_components(package)
    judge_file(package, version, f"{folder}/tftpd.exe")
    judge_service(package)
    judge_actions(package)
    judge_winget(folder, package, version)
    judge_sbom(folder, version)
    judge_sums(folder)
    print("\n".join(failures))
    sys.exit(bool(failures))


main()
