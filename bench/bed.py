"""What rows stand on: a folder, an engine, servers of ours. Everything is made when a row first asks for it, shared by the
rows after it, and taken down at the end."""

import contextlib
import functools
import itertools
import os
import pathlib
import shutil
import tempfile

from harness.berth import ROOT, Berth
from harness.engine import Engine
from harness.matlab_ports import matlab_ports
from harness.tiny_image import ensure_tiny_images

from bench.crowd import Crowd


class Bed:
    def __init__(self, is_fast, shrink=1.0):
        self.is_fast = is_fast
        self._shrink = shrink
        self._stack = contextlib.ExitStack()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-bench-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._numbers = itertools.count(1)
        self.curves = []

    def close(self):
        self._stack.close()

    def count(self, full, fast=None, least=1):
        """How often: `fast` in the fast part, and fewer of either while somebody develops a row (--shrink)."""
        wanted = fast if self.is_fast and fast is not None else full
        return max(least, round(wanted * self._shrink))

    def keep(self, context):
        """Enters something that is taken down with the bed."""
        return self._stack.enter_context(context)

    def subfolder(self, name):
        path = self.folder / f"{name}{next(self._numbers)}"
        path.mkdir()
        return path

    def program(self, name):
        """A program of bench/, built by script/bench."""
        return ROOT / "build" / "release" / "bench" / name

    @functools.cached_property
    def engine(self):
        engine = Engine()
        if reason := engine.why_not():
            raise RuntimeError(reason)
        return engine

    @functools.cached_property
    def dockerd_pid(self):
        return int(pathlib.Path("/var/run/docker.pid").read_text())

    @functools.cached_property
    def tiny_images(self):
        return ensure_tiny_images(self.engine)

    def new_berth(self, **options):
        """A server of a row's own; the caller starts it (`.start()`)."""
        options.setdefault("engine", self.engine)
        options.setdefault("images", self.tiny_images if options["engine"] is self.engine else None)
        server = Berth(self.subfolder("berth"), **options)
        server.close = functools.cache(server.close)  # once: by its row, whose engine may be gone by then, or with the bed
        self._stack.callback(server.close)
        return server

    @functools.cached_property
    def berth(self):
        """The server that rows share, with nothing running unless a row says otherwise."""
        self.keep(matlab_ports())
        return self.new_berth().start()

    @functools.cached_property
    def crowd(self):
        """MATLAB sessions that run on the shared server: 100 of them, fewer in the fast part."""
        return self.keep(Crowd(self.berth, self.count(100, 30, least=4)))

    @property
    def machine(self):
        model = next(
            line.partition(":")[2].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")
        )
        memory_kb = int(open("/proc/meminfo", encoding="utf-8").readline().split()[1])
        return {
            "cores": os.cpu_count(), "cpu": model, "memory_gib": round(memory_kb / 1024 / 1024),
            "kernel": os.uname().release, "load_average": os.getloadavg()[0],
        }
