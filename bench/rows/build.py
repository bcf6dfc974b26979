"""How long whoever changes Berth waits."""

import os
import shutil
import subprocess
import time

from harness.berth import ROOT

from bench.figure import Figure, below

TOUCHED = "src/control/containers.cpp"


def build(bed):
    folder = ROOT / "build" / "bench" / "cold"
    shutil.rmtree(folder, ignore_errors=True)
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    configure = ["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O2",
                 "-DBERTH_TESTS=OFF"]

    def run(*commands):
        begun = time.monotonic()
        for command in commands:
            subprocess.run([str(word) for word in command], env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begun

    ninja = ["ninja", "-C", folder, "berth"]
    cold = run(configure, ninja)
    os.utime(ROOT / TOUCHED)
    again = run(ninja)
    shutil.rmtree(folder)
    yield Figure("cold build of the program", "", cold / 60, None, "min", below(6, "min"), "configure and compile, no compiler cache, no tests")
    yield Figure("rebuild after touching one file", "", again, None, "s", below(20, "s"), TOUCHED)


ROWS = {"build": build}
FAST = set()
