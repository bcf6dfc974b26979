"""Runs shell commands of a document as they stand, with curl's status codes told apart from what the commands print."""

import os
import re
import subprocess
from dataclasses import dataclass

CURLRC = 'silent\nmax-time = 100\nwrite-out = "%{{stderr}}%{{http_code}}\\n"\n{extra}'


@dataclass
class Ran:
    statuses: list
    output: str


class Shell:
    """A folder with a .curlrc: the commands themselves stay untouched."""

    def __init__(self, folder, cookie_jar=None):
        self._folder = str(folder)
        extra = f'cookie-jar = "{cookie_jar}"\n' if cookie_jar else ""
        with open(os.path.join(self._folder, ".curlrc"), "w", encoding="ascii") as file:
            file.write(CURLRC.format(extra=extra))

    def run(self, command):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self._folder,
            env={"HOME": self._folder, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            capture_output=True, text=True, timeout=110, stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{command}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Ran([int(code) for code in re.findall(r"^\d{3}$", done.stderr, re.M)], done.stdout)


def curl_commands(text):
    """Every command of a plain text that starts with curl, continued over lines that end with a backslash."""
    commands, current = [], None
    for line in text.splitlines():
        if current is None and line.startswith("curl "):
            current = []
        if current is not None:
            current.append(line)
            if not line.endswith("\\"):
                commands.append("\n".join(current))
                current = None
    return commands


def fenced_blocks(text, language):
    return [block.strip("\n") for block in re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)]
