"""One lab for all the holes: a real Berth over an engine in memory that has two GPUs, a MATLAB token, and stubs in the PATH
for what Berth must never run."""

import os
import pathlib
import time

import pytest

from harness.berth import ROOT
from harness.fake_lab import TOKEN, start_on_fake
from harness.gpu_engine import write_stub
from harness.poll import eventually

NEVER_RUN = ("ssh", "docker", "sudo", "kubectl")
LEAVES_A_MARK = '#!/bin/sh\necho "$0 $*" >> "{mark}"\n'


class Lab:
    def __init__(self, folder):
        self.run_mark = folder / "was-run"
        self.temporary = folder / "tmp"
        self.victim = folder / "victim"
        self._furnish(folder)
        self.docker, self.berth = start_on_fake(
            folder, TMPDIR=str(self.temporary), BERTH_MATLAB_TOKENS=TOKEN, BERTH_MATLAB_CPU="1", BERTH_MATLAB_MEMORY_MB="64",
        )
        self.iid = self.berth.public_image()
        self.owner, self.other = self.berth.new_user("owner"), self.berth.new_user("other")
        self.matlab = self.berth.matlab

    def _furnish(self, folder):
        for name in NEVER_RUN:
            write_stub(folder / "bin" / name, LEAVES_A_MARK.format(mark=self.run_mark))
        self.temporary.mkdir()
        self.victim.write_text("untouched")
        (self.temporary / "berth.pid").symlink_to(self.victim)

    def close(self):
        self.berth.close()
        self.docker.close()

    # Containers

    def wish(self, **wanted):
        return {"iid": self.iid, "name": "n", "cpu": 1, "mem": 64, **wanted}

    def container(self, **wanted):
        """A container of the owner, gone at the end."""
        return self.berth.container(self.owner, wanted.pop("iid", self.iid), **wanted)

    def inspect(self, cid):
        name = self.berth.engine_name(cid)
        return self.docker.do(lambda machine: machine.inspect(name))

    def clear(self, *people):
        """Takes away what a test's own people have, also what they should not have got."""
        for person in people:
            for cid in person.get("/containers").json["cid"]:
                person.delete(f"/containers/{cid}")

    def look_again(self):
        """Cuts the line to the engine, and waits until Berth has looked at everything anew."""
        before = len(self.docker.calls())
        self.docker.cut_events()

        def has_looked():
            calls = self.docker.calls()[before:]
            return "GET /containers/json" in calls and "GET /images/json" in calls[calls.index("GET /containers/json"):]

        eventually(has_looked, 10, message="everything is looked at anew")
        eventually(self._is_quiet, 10, message="what was seen is dealt with")

    def _is_quiet(self):
        calls = len(self.docker.calls())
        time.sleep(0.2)
        return len(self.docker.calls()) == calls

    # MATLAB

    def keyed(self, method, path, **options):
        return self.matlab(method, path, headers={"Authorization": f"Bearer {TOKEN}"}, **options)

    def session(self, user):
        """A session that runs. Asked for twice, as a class does: whoever has one keeps it."""
        for _ in range(2):
            answer = self.keyed("POST", "/create", json={"user_id": user})
            assert answer.status in (200, 201), answer
        return f"matlab-user-{user}"

    def end_sessions(self):
        for session in self.keyed("GET", "/list").json["containers"]:
            self.keyed("POST", f"/destroy/{session['container_id']}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture
def private_image(lab):
    """An image that the owner has saved for himself."""
    with lab.container() as source:
        iid = lab.owner.post("/images", {"cid": source["cid"], "name": "private"}).json["iid"]
        yield iid
        lab.owner.delete(f"/images/{iid}")


@pytest.fixture
def sessions(lab):
    """Ends whatever MATLAB sessions a test leaves."""
    yield
    lab.end_sessions()


@pytest.fixture
def trap(lab):
    """(words for a shell, the file that they make if a shell gets them)"""
    mark = pathlib.Path(f"/tmp/berth-hole-{os.getpid()}")
    mark.unlink(missing_ok=True)
    yield f"$(touch {mark})", mark
    mark.unlink(missing_ok=True)


@pytest.fixture
def tree():
    """The repository, or a copy of its scripts that has a hole."""
    return pathlib.Path(os.environ.get("PLANTED_TREE", ROOT))
