"""A real Berth over an engine in memory that has two GPUs: for tests that need a thousand rounds, or an engine that misbehaves."""

import os

from harness.berth import Berth
from harness.engine import Engine
from harness.fake_docker import FakeDocker
from harness.gpu_engine import write_nvidia_smi

TOKEN = "a-token-of-these-tests"  # for those who set one
IMAGES = ("tiny:1", "tiny-matlab:1")


def start_on_fake(folder, **settings):
    """(engine, Berth); programs in `folder`/bin come first in Berth's PATH."""
    docker = FakeDocker(folder / "docker.sock", has_gpus=True)
    for tag in IMAGES:
        docker.do(lambda machine, tag=tag: machine.add_image(tag))
    write_nvidia_smi(folder / "bin")
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    berth = Berth(folder / "berth", engine=Engine(docker.endpoint), images=IMAGES, settings={"PATH": path, **settings})
    return docker, berth.start()
