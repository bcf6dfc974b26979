"""A real Berth whose disk cannot keep what it is told to: it says so, ends, and begins again with all that it had promised."""

import subprocess

import pytest

from harness.fake_lab import start_on_fake
from harness.poll import eventually

SYNC_FAILS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) { return access(getenv("DISK_FAILS_WHEN"), F_OK) == 0; }

int fdatasync(int file) {
  if (fails()) return errno = EIO, -1;
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}

int fsync(int file) {
  if (fails()) return errno = EIO, -1;
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
"""


@pytest.fixture
def lab(tmp_path):
    """(engine, Berth, the file at whose appearance no sync succeeds any more)"""
    shim, switch = tmp_path / "sync_fails.so", tmp_path / "disk-fails"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", shim, "-ldl"], input=SYNC_FAILS, text=True, check=True, timeout=60
    )
    docker, berth = start_on_fake(tmp_path, LD_PRELOAD=str(shim), DISK_FAILS_WHEN=str(switch))
    yield docker, berth, switch
    berth.close()
    docker.close()


def test_a_disk_that_fails_ends_berth_and_nothing_promised_is_lost(lab):
    docker, berth, switch = lab
    user, iid = berth.new_user(), berth.public_image()
    kept = berth.create(user, iid)["cid"]

    switch.touch()
    refused = user.post("/containers", {"iid": iid, "name": "late", "cpu": 1, "mem": 64})
    assert refused.status == 504
    assert "disk" in refused.json["error"]
    assert berth.process.wait(10) == 1  # for whoever starts it again: systemd, script/server
    assert "the database's disk failed" in berth.log_tail()

    switch.unlink()
    berth.kill()
    berth.start()
    user = berth.again(user)
    assert kept in user.get("/containers").json["cid"]
    # Whether the late one was saved nobody can say; on the engine is what the list says.
    eventually(lambda: docker.do(lambda machine: len(machine.containers)) == len(user.get("/containers").json["cid"]), 10)
