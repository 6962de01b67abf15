"""readme.py README FOLDER: the commands of the README for Windows as files for cmd, in FOLDER.

Each block of commands before "## Develop" becomes SECTION-N.cmd. Behind each command its exit code is told, so that readme.sh
can say which one failed. What one section sets with `set`, the later ones find set.
"""
import re
import sys

# Wine's `net stop` returns while the service is still stopping, Windows' does not.
AWAIT_STOP = [":stopping", r"sc query tftpd >C:\state.txt", r'find "STOPPED" C:\state.txt >nul',
              "if errorlevel 1 goto stopping"]

readme, folder = sys.argv[1:]
windows = open(readme, encoding="utf-8").read().split("\n## Develop")[0]
variables = []
for section in windows.split("\n## ")[1:]:
    name = re.match(r"\w+", section).group(0).lower()
    blocks = [block for block in re.findall(r"\n```\n(.*?)\n```\n", section, re.S) if not re.match(r"\d{4}-", block)]
    for number, block in enumerate(blocks, 1):
        lines = ["@echo off", *variables]
        for command in block.split("\n"):
            lines += ["echo ^> " + re.sub(r'([&|<>^])', r"^\1", command.replace("%", "%%")), command, "echo RC %ERRORLEVEL%"]
            if command.startswith("net stop "):
                lines += AWAIT_STOP
            if command.startswith("set "):
                variables.append(command)
        with open(f"{folder}/{name}-{number}.cmd", "w", encoding="utf-8", newline="\r\n") as file:
            file.write("\n".join(lines) + "\n")
