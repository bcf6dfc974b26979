"""The images against a real Docker Engine. Without an engine these tests skip with the reason; in CI they fail."""

import os
import subprocess

import pytest

from support.docker import ROOT, RUN_ID, docker
from support.workspace import Workspace


def pytest_sessionstart(session):
    done = subprocess.run([ROOT / "script" / "engine"], capture_output=True, text=True, timeout=300)
    if done.returncode == 0:
        os.environ["DOCKER_HOST"] = done.stdout.strip()
        done = subprocess.run([ROOT / "script" / "images"], capture_output=True, text=True, timeout=1800)
    session.config.berth_engine_problem = None if done.returncode == 0 else done.stderr.strip()[-600:]


def pytest_collection_modifyitems(config, items):
    problem = config.berth_engine_problem
    if problem and not os.environ.get("CI"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"no Docker Engine with Berth's images: {problem}"))


def pytest_sessionfinish(session):
    """Whatever a test left behind, an aborted one too."""
    left = docker("ps", "-aq", f"--filter=label=berth.test={RUN_ID}", check=False).split()
    if left:
        docker("rm", "-f", "-v", *left, check=False)


@pytest.fixture(autouse=True)
def engine(request):
    problem = request.config.berth_engine_problem
    if problem:
        pytest.fail(f"no Docker Engine with Berth's images: {problem}")


@pytest.fixture
def new_workspace():
    made = []

    def make(*arguments, **named):
        made.append(Workspace(*arguments, **named))
        return made[-1]

    yield make
    for workspace in made:
        workspace.__exit__()


@pytest.fixture(scope="session")
def workspace(request, tmp_path_factory):
    """One that all tests share which leave it as it was."""
    if request.config.berth_engine_problem:
        pytest.fail(request.config.berth_engine_problem)
    data = tmp_path_factory.mktemp("workspace")
    public = tmp_path_factory.mktemp("pub_data")
    (public / "set.txt").write_text("shared\n")
    options = [f"--volume={data}:/workspace", f"--volume={public}:/pub_data:ro", "--env=CUDA_VISIBLE_DEVICES=3"]
    with Workspace("rightPassword01", options=options) as made:
        made.start().await_ssh()
        yield made


@pytest.fixture(scope="session")
def extra_ca():
    """The certificates that pip needs on this host, if it needs any."""
    for name in ("BERTH_EXTRA_CA", "PIP_CERT", "SSL_CERT_FILE"):
        if os.environ.get(name):
            return os.environ[name]
    return None
