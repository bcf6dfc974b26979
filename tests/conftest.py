"""Fixtures: `engine` and `tiny` (an engine and the small image on it), `start_berth` (one call starts a whole server), and
`berth`, one server that most tests share."""

import os
import weakref

import pytest

from harness.berth import Berth
from harness.engine import Engine
from harness.gpu_engine import GpuEngine
from harness.matlab_ports import matlab_ports as hold_matlab_ports
from harness.other_machine import OtherMachine
from harness.tiny_image import ensure_tiny_images

_servers = weakref.WeakSet()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what servers logged meanwhile."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in list(_servers):
            if server.log_path.exists() and server.log_path.stat().st_mtime >= call.start:
                report.sections.append((f"log of {server.folder}", server.log_tail()))


def need(reason):
    """A test that cannot run fails in CI, and is skipped with the reason elsewhere."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def engine():
    engine = Engine()
    need(engine.why_not())
    return engine


@pytest.fixture(scope="session")
def tiny_images(engine):
    return ensure_tiny_images(engine)


@pytest.fixture(scope="session")
def tiny(tiny_images):
    return tiny_images[0]


@pytest.fixture(scope="session")
def matlab_ports():
    with hold_matlab_ports():
        yield


def _make_starter(tmp_path_factory, engine, images):
    started = []

    def start(connected=True, launch=True, **options):
        options.setdefault("engine", engine)
        options.setdefault("images", images)
        server = Berth(tmp_path_factory.mktemp("berth"), **options)
        _servers.add(server)
        started.append(server)
        return server.start(connected) if launch else server

    return start, started


@pytest.fixture(scope="module")
def start_berth(tmp_path_factory, engine, tiny_images):
    """start_berth(settings={...}, with_gate=True, ...): a server of this module's own."""
    start, started = _make_starter(tmp_path_factory, engine, tiny_images)
    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def berth(tmp_path_factory, engine, tiny_images):
    """The server that tests share. Whoever makes a container on it removes it again: the device is small."""
    start, started = _make_starter(tmp_path_factory, engine, tiny_images)
    yield start(with_gate=True)
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def iid(berth):
    """The tiny image, public, on the shared server."""
    return berth.public_image()


@pytest.fixture
def user(berth):
    return berth.new_user()


@pytest.fixture(scope="session")
def admin(berth):
    return berth.new_admin()


@pytest.fixture
def container(berth, user, iid):
    """A running container of `user`."""
    with berth.container(user, iid) as created:
        yield created


@pytest.fixture
def matlab(berth, matlab_ports):
    """The MATLAB face of the shared server; every session that a test made is destroyed after it."""
    yield berth.matlab
    for session in berth.matlab.get("/list").json["containers"]:
        berth.matlab.post(f"/destroy/{session['container_id']}")


@pytest.fixture(scope="session")
def gpu_engine():
    """An engine of the tests' own that has two GPUs."""
    need(GpuEngine.why_not())
    engine = GpuEngine()
    try:
        yield engine.start()
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def other_machine(tiny):
    """Another machine of the lab, with two GPUs and a workspace image of its own."""
    need(GpuEngine.why_not())
    machine = OtherMachine()
    try:
        machine.start()
        machine.import_workspace(tiny)
        yield machine
    finally:
        machine.stop()


@pytest.fixture(scope="session")
def gpu_tiny_images(gpu_engine):
    return ensure_tiny_images(gpu_engine.engine)


@pytest.fixture(scope="module")
def start_gpu_berth(tmp_path_factory, gpu_engine, gpu_tiny_images):
    """start_gpu_berth(...): a server on that engine, with an `nvidia-smi` that names its cards."""
    start, started = _make_starter(tmp_path_factory, gpu_engine.engine, gpu_tiny_images)

    def start_with_gpus(**options):
        settings = {"PATH": gpu_engine.path_with_stubs, **options.pop("settings", {})}
        return start(settings=settings, **options)

    yield start_with_gpus
    for server in started:
        server.close()
