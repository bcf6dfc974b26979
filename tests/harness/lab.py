"""A real Berth for tests in another language: each line of JSON on the standard input is one thing to do, and is answered with one line.

    python3 -m harness.lab [--workspace] [--gpus] [--matlab]      in tests/; the first line says where Berth serves

{"do": "stop"}, {"do": "start"} on the same port, {"do": "cli", "words": [...], "stdin": "..."}. When the input ends, Berth does, and
nothing of it stays on the engine.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

from harness.berth import Berth
from harness.engine import Engine
from harness.gpu_engine import GpuEngine
from harness.matlab_ports import matlab_ports
from harness.tiny_image import ensure_broken_image, ensure_tiny_images

WORKSPACE = "berth/workspace:latest"


class Lab:
    def __init__(self, server):
        self.server = server

    def start(self):
        self.server.start()
        self.server.public_image()
        # The page that is open looks for Berth where it was.
        self.server.settings["BERTH_PLATFORM_LISTEN"] = self.server.platform_url.partition("//")[2]
        return self.server.platform_url

    def stop(self):
        return self.server.stop()

    def cli(self, words, stdin=None):
        return self.server.cli(*words, stdin=stdin)

    def broken_image(self):
        """An image whose containers cannot be started, for everybody."""
        return self.server.add_image(ensure_broken_image(self.server.engine), "broken")


def answer(lab, asked):
    do = asked.pop("do")
    try:
        return {"answer": getattr(lab, do)(**asked)}
    except Exception as error:  # whoever asked is to see what went wrong, whatever it was
        traceback.print_exc()
        return {"error": f"{do}: {error}"}


def say(value):
    print(json.dumps(value), flush=True)


@contextlib.contextmanager
def gpu_engine():
    own = GpuEngine()
    try:
        yield own.start()
    finally:
        own.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", action="store_true", help="the real workspace image, in place of a tiny one")
    parser.add_argument("--gpus", action="store_true", help="an engine with two GPUs, which are stubs")
    parser.add_argument("--matlab", action="store_true", help="MATLAB sessions will be made")
    wanted = parser.parse_args()

    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-browser-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if wanted.matlab:
            stack.enter_context(matlab_ports())
        gpus = stack.enter_context(gpu_engine()) if wanted.gpus else None
        engine = gpus.engine if gpus else Engine()
        if wanted.workspace and not engine.has_image(WORKSPACE):
            sys.exit(f"the engine has no {WORKSPACE}: run script/images")
        server = Berth(
            folder,
            engine=engine,
            images=None if wanted.workspace else ensure_tiny_images(engine),
            settings={"PATH": gpus.path_with_stubs if gpus else os.environ["PATH"]},
        )
        stack.callback(server.close)
        lab = Lab(server)
        say({"answer": lab.start()})
        for line in sys.stdin:
            say(answer(lab, json.loads(line)))


if __name__ == "__main__":
    main()
