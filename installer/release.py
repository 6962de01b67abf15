#!/usr/bin/env python3
"""release.py FROM MAPS TO VERSION HOMEPAGE DOWNLOAD

Collects what is published into the folder TO: tftpd.exe, tftp.exe and the package from the folder FROM, acceptance.cmd, the
winget manifests, the bill of materials (CycloneDX 1.5, from the linker's maps of the programs, in the folder MAPS) and
SHA256SUMS. The same input gives the same bytes;
SOURCE_DATE_EPOCH is the time that is written into them.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from datetime import datetime, timezone

PUBLISHER = "tftpd for Windows contributors"
NAME = "tftpd for Windows"
PROGRAMS = ("tftpd", "tftp")
WINGET_ID = "TftpdForWindows.tftpd"
WINGET_SCHEMA = "1.6.0"
SUMMARY = "A TFTP server that runs as a service of Windows."
DESCRIPTION = (
    "Boots machines over PXE, provisions phones, takes the backups of switches. It is set up in the registry or by Group "
    "Policy, refuses every upload until told otherwise, and never overwrites a file. With a client for the command line.")

# What may be linked into the programs, by Debian package: what it is, and its licence (LicenseRef: by the name that the
# package's own copyright file gives it).
LINKED = {
    r"mingw-w64-x86-64-dev": (
        "MinGW-w64 runtime: start-up code, C library additions, import libraries",
        "ZPL-2.1 AND LicenseRef-David-Gay AND LicenseRef-Lucent AND LicenseRef-Keith-Marshall AND LicenseRef-public-domain"),
    r"gcc-mingw-w64-x86-64-(win32|posix)(-runtime)?": (
        "GCC support libraries: libgcc, libssp", "GPL-3.0-or-later WITH GCC-exception-3.1"),
}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def properties_of(msi):
    """The Property table: ProductCode, UpgradeCode and the like."""
    lines = output_of("msiinfo", "export", msi, "Property").splitlines()[3:]
    return dict(line.rstrip("\r").split("\t", 1) for line in lines)


# -- winget -----------------------------------------------------------------------------------------------------------


def yaml(value, indent=0):
    """Mappings, lists of either, and text, which is always quoted: JSON strings are YAML."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(
            f"{pad}{key}:\n{yaml(item, indent + (0 if isinstance(item, list) else 1))}"
            if isinstance(item, (dict, list)) else f"{pad}{key}: {json.dumps(item)}\n" for key, item in value.items())
    return "".join(
        pad + "- " + yaml(item, indent + 1).removeprefix("  " * (indent + 1)) if isinstance(item, dict)
        else f"{pad}- {json.dumps(item)}\n" for item in value)


def write_winget(folder, msi, version, homepage, download):
    codes = properties_of(msi)
    head = {"PackageIdentifier": WINGET_ID, "PackageVersion": version}
    installer = {
        "MinimumOSVersion": "6.3.9600.0",
        "InstallerType": "wix",
        "Scope": "machine",
        "InstallModes": ["interactive", "silent", "silentWithProgress"],
        "InstallerSwitches": {"Silent": "/quiet", "SilentWithProgress": "/passive"},
        "UpgradeBehavior": "install",
        "ElevationRequirement": "elevatesSelf",
        "Installers": [{
            "Architecture": "x64",
            "InstallerUrl": f"{download}/{os.path.basename(msi)}",
            "InstallerSha256": sha256(msi).upper(),
            "ProductCode": codes["ProductCode"],
            "AppsAndFeaturesEntries": [{
                "DisplayName": codes["ProductName"],
                "Publisher": codes["Manufacturer"],
                "DisplayVersion": codes["ProductVersion"],
                "ProductCode": codes["ProductCode"],
                "UpgradeCode": codes["UpgradeCode"],
                "InstallerType": "wix",
            }],
        }],
    }
    locale = {
        "PackageLocale": "en-US",
        "Publisher": PUBLISHER,
        "PublisherUrl": homepage,
        "PackageName": NAME,
        "PackageUrl": homepage,
        "License": "MIT",
        "ShortDescription": SUMMARY,
        "Description": DESCRIPTION,
        "Moniker": "tftpd",
        "Tags": ["network-boot", "pxe", "server", "service", "tftp"],
    }
    manifests = {
        "": ("version", {"DefaultLocale": "en-US"}),
        ".installer": ("installer", installer),
        ".locale.en-US": ("defaultLocale", locale),
    }
    os.makedirs(folder)
    for suffix, (kind, body) in manifests.items():
        tail = {"ManifestType": kind, "ManifestVersion": WINGET_SCHEMA}
        with open(f"{folder}/{WINGET_ID}{suffix}.yaml", "w", encoding="utf-8", newline="\n") as file:
            file.write(f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{WINGET_SCHEMA}"
                       ".schema.json\n\n" + yaml(head | body | tail))


# -- bill of materials ------------------------------------------------------------------------------------------------


def linked_files(maps):
    """The archives and objects of the system that a member was taken from."""
    found = []
    for program in PROGRAMS:
        with open(f"{maps}/{program}.map", encoding="utf-8") as file:
            text = file.read()
        members = text.split("Archive member included", 1)[1].split("\n\n", 2)[1]
        found += re.findall(r"^(/\S+\.a)\(", members, re.M) + re.findall(r"^LOAD (/\S+\.o)$", text, re.M)
    return sorted({os.path.realpath(path) for path in found})


def component_of(package, paths):
    known = [facts for pattern, facts in LINKED.items() if re.fullmatch(pattern, package)]
    if not known:
        sys.exit(f"release.py: {package} is linked into a program ({paths[0]}); say in LINKED what it is and its licence.")
    version = output_of("dpkg-query", "-W", "-f", "${Version}", package)
    purl = f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package,
        "version": version,
        "description": known[0][0],
        "licenses": [{"expression": known[0][1]}],
        "purl": purl,
        "components": [{"type": "file", "bom-ref": f"{purl}#{path}", "name": path,
                        "hashes": [{"alg": "SHA-256", "content": sha256(path)}]} for path in paths],
    }


def write_sbom(path, files, maps, version, homepage):
    packages = {}
    for file in linked_files(maps):
        package = output_of("dpkg", "-S", file).split(":", 1)[0]
        packages.setdefault(package, []).append(file)
    libraries = [component_of(package, paths) for package, paths in sorted(packages.items())]
    product = f"tftpd@{version}"
    time = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, product + ''.join(map(sha256, files)))}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": NAME,
                "version": version,
                "publisher": PUBLISHER,
                "description": SUMMARY,
                "licenses": [{"license": {"id": "MIT"}}],
                "externalReferences": [{"type": "website", "url": homepage}],
                "components": [{"type": "file", "bom-ref": os.path.basename(file), "name": os.path.basename(file),
                                "hashes": [{"alg": "SHA-256", "content": sha256(file)}]} for file in files],
            },
        },
        "components": libraries,
        "dependencies": [{"ref": product, "dependsOn": [library["bom-ref"] for library in libraries]}] +
                        [{"ref": library["bom-ref"]} for library in libraries],
    }
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(document, file, indent=2)
        file.write("\n")


def write_sums(folder):
    paths = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)
    lines = [f"{sha256(os.path.join(folder, path))}  {path}\n" for path in paths]
    with open(f"{folder}/SHA256SUMS", "w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def main():
    source, maps, folder, version, homepage, download = sys.argv[1:]
    msi_name = f"tftpd-{version}-x64.msi"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    programs = [f"{program}.exe" for program in PROGRAMS]
    for name in (*programs, msi_name):
        shutil.copyfile(f"{source}/{name}", f"{folder}/{name}")
    shutil.copyfile(f"{os.path.dirname(__file__)}/acceptance.cmd", f"{folder}/acceptance.cmd")
    os.makedirs(f"{folder}/PolicyDefinitions/en-US")
    for name in ("tftpd.admx", "en-US/tftpd.adml"):
        shutil.copyfile(f"{os.path.dirname(__file__)}/{name}", f"{folder}/PolicyDefinitions/{name}")
    msi = f"{folder}/{msi_name}"
    write_winget(f"{folder}/winget", msi, version, homepage, download)
    published = [*(f"{folder}/{name}" for name in programs), msi]
    write_sbom(f"{folder}/tftpd-{version}.cdx.json", published, maps, version, homepage)
    write_sums(folder)
    for line in open(f"{folder}/SHA256SUMS", encoding="utf-8"):
        print("  " + line, end="")
    if homepage.endswith(".example"):
        print(f"The package and the manifests name {homepage}, which is nobody's: give HOMEPAGE and DOWNLOAD to publish.")


main()
