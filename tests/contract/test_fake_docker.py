"""The engine of harness/fake_docker.py answers as a real one does: the engines' contract suite runs on it over HTTP. It has no
terminals."""

import os
import re
import subprocess

from harness.berth import ROOT
from harness.fake_docker import FakeDocker

SUITE = ROOT / "build/release/tests/engine_contract_test"


def test_it_keeps_the_engines_contract(tmp_path):
    assert SUITE.exists(), f"{SUITE} is not built: run script/test"
    engine = FakeDocker(tmp_path / "engine.sock", sees_strangers=True)
    engine.do(lambda machine: machine.add_image("debian:bookworm-slim"))
    try:
        done = subprocess.run(
            [SUITE, "--gtest_brief=1", "--gtest_filter=*EngineContract*/Docker:*EngineEvents*/Docker:*EngineHardening*/Docker"],
            capture_output=True, text=True, timeout=100,
            env={**os.environ, "BERTH_DOCKER_HOST": engine.endpoint, "CI": "true"},
        )
    finally:
        engine.close()
    assert done.returncode == 0, done.stdout + done.stderr
    ran = re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)
    assert ran and int(ran[1]) > 20, done.stdout
