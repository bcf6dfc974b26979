"""`berth demo` as a child process, in a place of its own where it must leave nothing."""

import os
import pathlib
import queue
import re
import signal
import subprocess
import threading

from harness.berth import binary
from harness.http_client import Client
from harness.v1 import V1

READY = re.compile(r"^(platform|matlab) (https?://\S+)$")
LOG_IN = re.compile(r"^log in as (.+), password (\S+)$")


class Demo:
    def __init__(self, folder, *words):
        self.folder = pathlib.Path(folder)
        self.words = words or ("--listen", "127.0.0.1:0", "--matlab-listen", "127.0.0.1:0")
        self.lines = []
        self.process = None

    def environment(self):
        """Nothing to be found anywhere: no engine, no home but an empty one."""
        here = str(self.folder)
        return {"PATH": "/nonexistent", "HOME": here, "TMPDIR": here, "XDG_STATE_HOME": here}

    def run(self, *words, env=None):
        """`berth demo WORDS` that is expected to end at once."""
        return subprocess.run(
            [binary(), "demo", *words], cwd=self.folder, env={**self.environment(), **(env or {})},
            capture_output=True, text=True, timeout=30,
        )

    def start(self):
        self.process = subprocess.Popen(
            [binary(), "demo", *self.words], cwd=self.folder, env=self.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while not self.lines or not LOG_IN.match(self.lines[-1]):
            line = lines.get(timeout=60)
            assert line is not None, f"it ended: {self.process.stderr.read()}"
            self.lines.append(line)
        addresses = dict(m.groups() for m in map(READY.match, self.lines) if m)
        self.platform_url, self.matlab_url = addresses["platform"], addresses["matlab"]
        self.matlab = Client(self.matlab_url)
        return self

    def _read(self, lines):
        for line in self.process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    @property
    def accounts(self):
        """{name: (password, is admin)} as it prints them."""
        names, password = LOG_IN.match(self.lines[-1]).groups()
        return {name.removesuffix(" (admin)"): (password, name.endswith(" (admin)")) for name in names.split(", ")}

    @property
    def anyone(self):
        return Client(self.platform_url)

    def log_in(self, name):
        person = V1(Client(self.platform_url, name))
        answer = person.post("/session", {"username": name, "password": self.accounts[name][0]})
        assert answer.status == 200, answer
        return person

    def stop(self):
        """SIGTERM; gives the exit code and what it wrote to standard error."""
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(signal.SIGTERM)
        return process.wait(20), process.stderr.read()

    def left_on_disk(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def open_files(self):
        """Regular files and deleted ones that the process has open."""
        found = []
        for fd in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            target = os.readlink(fd)
            if target.startswith("/") and not target.startswith(("/dev/", "/proc/")):
                found.append(target)
        return found
