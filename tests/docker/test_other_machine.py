"""A container's life on another machine, whose engine is reached over TLS or ssh: all that a person and an admin see of it."""

import asyncio
import json
import os
import shutil
import socket
import stat
import subprocess

import pytest

from conftest import need
from harness.berth import binary
from harness.gpu_engine import GPUS
from harness.other_machine import Authority, free_port
from harness.poll import eventually
from harness.terminal import terminal
from harness.v1 import V1

DEVICE = """
[[devices]]
name = "gpu2"
docker_host = "{docker_host}"
certificates = "{certificates}"
ip = "127.0.0.1"
data_dir = "{data_dir}"
port_first = {first}
port_last = {last}
"""


class Lab:
    """A Berth with another machine in its settings."""

    def __init__(self, start_berth, machine, folder):
        self.machine = machine
        self.file = folder / "berth.toml"
        self.server = start_berth(launch=False, settings={"BERTH_CONFIG": str(self.file)})
        self.write()

    def write(self, docker_host=None, certificates=None):
        first = self.server.port_first + 20
        self.file.write_text(DEVICE.format(
            docker_host=docker_host or self.machine.docker_host,
            certificates=self.machine.client if certificates is None else certificates,
            data_dir=self.machine.data_dir, first=first, last=first + 19,
        ))

    def start(self):
        self.server.settings["BERTH_DEVICE_PORT_LAST"] = str(self.server.port_first + 19)
        self.server.start()
        return self

    def restart(self):
        self.server.stop()
        return self.start()

    def device(self):
        return self.server.cli("device", "show", 2)["device"]

    def ready(self):
        eventually(lambda: self.device()["reachable"] and self.device()["gpus"], 30, message="the other machine is known")
        return self

    def iid(self):
        return eventually(
            lambda: next((i["iid"] for i in self.server.cli("image", "list")["images"] if i["did"] == 2), None), 15,
            message="its workspace image",
        )

    def on_engine(self, cid):
        """The container of `cid` as the other machine's engine has it, or None."""
        found = [c for c in self.machine.engine.containers("berth.installation") if c["Labels"].get("berth.cid") == str(cid)]
        assert len(found) <= 1
        return self.machine.engine.inspect(found[0]["Id"]) if found else None

    def command(self, *words):
        return subprocess.run([binary(), "--config", self.file, *words], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def lab(start_berth, other_machine, tmp_path_factory):
    return Lab(start_berth, other_machine, tmp_path_factory.mktemp("lab")).start().ready()


@pytest.fixture
def person(lab):
    return lab.server.new_user()


def banner(port):
    """What a service says first; nothing while nobody is there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(64)
    except OSError:
        return b""


def test_what_its_engine_knows_of_it(lab):
    info = lab.machine.engine.info()
    known = lab.device()
    assert (known["cpu"], known["memory_mb"]) == (info["NCPU"], info["MemTotal"] // 2**20)
    assert [gpu["uuid"] for gpu in known["gpus"]] == [gpu["uuid"] for gpu in GPUS]
    assert not [c for c in lab.machine.engine.call("GET", "/containers/json?all=1") if "gpus" in c["Names"][0]]


def test_a_life_over_there(lab, person):
    iid = lab.iid()
    gid = lab.device()["gpus"][0]["gid"]
    created = lab.server.create(person, iid, gid=gid)
    cid, path = created["cid"], f"/containers/{created['cid']}"
    there = lab.on_engine(cid)
    assert there["State"]["Running"] and lab.server.container_of(cid) is None, "there, and not on this machine"
    assert there["HostConfig"]["DeviceRequests"][0]["DeviceIDs"] == [GPUS[0]["uuid"]]
    assert eventually(lambda: banner(created["portssh"]), 10) == b"SSH-2.0-tiny\n"
    folder = next(m["Source"] for m in there["Mounts"] if m["Destination"] == "/workspace")
    assert folder.startswith(f"{lab.machine.data_dir}/")
    held = os.stat(folder)
    assert (held.st_uid, stat.S_IMODE(held.st_mode)) == (0, 0o700), "nobody else on that machine looks in"
    assert not (lab.server.state_dir / "data").exists(), "and none was made here"

    assert lab.machine.engine.run(there["Id"], "sh", "-c", "echo mine > /workspace/kept")[0] == 0
    assert person.put(path, {"cmd": "stop"}).json == {"status": 0}
    assert not lab.on_engine(cid)["State"]["Running"]
    assert person.put(path, {"cmd": "start"}).json == {"status": 0}
    assert lab.machine.engine.run(lab.on_engine(cid)["Id"], "cat", "/workspace/kept") == (0, "mine\n")

    answer = person.delete(path)
    assert answer.status == 200, answer
    assert lab.on_engine(cid) is None
    with open(f"{folder}/kept", encoding="utf-8") as kept:
        assert kept.read() == "mine\n"


def test_the_page_s_way_a_terminal_and_figures(lab, person):
    someone = V1(person)
    made = someone.done(someone.post("/containers", {
        "iid": lab.iid(), "name": "far", "cpu": 1, "memory_mb": 64, "gpus": []}))
    cid = made["cid"]
    try:
        assert {step["name"]: step["state"] for step in made["steps"]}["reachable"] == "done", "its ssh was asked, over there"
        lab.machine.engine.run(lab.on_engine(cid)["Id"], "ln", "-s", "/bin/sh", "/bin/bash")

        async def work():
            async with terminal(someone.client, cid, "?cols=100&rows=30") as shell:
                assert await shell.run("echo $((6 * 7))") == "42"

        asyncio.run(work())
        samples = eventually(lambda: someone.get(f"/containers/{cid}/usage").json["samples"], 25, every=0.5)
        assert 0 < samples[0]["memory_bytes"] < 64 * 2**20
    finally:
        lab.server.remove(person, cid)


def test_an_end_behind_our_back_is_seen(lab, person):
    with lab.server.container(person, lab.iid()) as created:
        lab.machine.engine.kill(lab.on_engine(created["cid"])["Id"])
        eventually(lambda: person.get(f"/containers/status/{created['cid']}").json["result"] == "stopped", 10)


def test_a_certificate_of_another_authority_is_refused_and_said_so(lab, person, tmp_path):
    iid = lab.iid()
    stranger = Authority(tmp_path / "authority").issue("stranger")
    (stranger / "ca.pem").write_bytes((lab.machine.client / "ca.pem").read_bytes())
    lab.write(certificates=stranger)
    lab.restart()
    try:
        said = f"our certificate {stranger}/cert.pem"  # refused, or the connection reset before the word of it arrives
        eventually(lambda: said in lab.server.log_tail(), 10)
        again = lab.server.again(person)
        answer = again.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
        assert answer.status == 503, answer
        assert not lab.device()["reachable"] and lab.server.device()["reachable"], "the rest goes on"
        doctor = {f["subject"]: f["text"] for f in json.loads(lab.command("--json", "doctor").stdout)["findings"]}
        assert said in doctor["gpu2 engine"]
        assert lab.command("config", "check").returncode == 0
        (stranger / "key.pem").chmod(0o644)
        done = lab.command("config", "check")
        assert done.returncode != 0 and "devices.gpu2: " in done.stderr and "chmod 0600" in done.stderr
    finally:
        lab.write()
        lab.restart().ready()


def test_taken_out_of_the_settings_it_says_so(lab, person):
    iid = lab.iid()
    created = lab.server.create(person, iid)
    lab.file.write_text("")
    lab.restart()
    try:
        assert lab.device()["retired"] and not lab.device()["reachable"]
        someone = V1(lab.server.again(person))
        assert [d["state"] for d in someone.items("/devices")] == ["ready", "retired"]
        someone.refused("POST", "/containers", "device_retired",
                        {"iid": iid, "name": "n", "cpu": 1, "memory_mb": 64, "gpus": []})
        someone.refused("POST", f"/containers/{created['cid']}/stop", "device_retired")
    finally:
        lab.write()
        lab.restart().ready()
    assert lab.on_engine(created["cid"])["State"]["Running"], "it went on meanwhile"
    lab.server.remove(person, created["cid"])
    assert lab.on_engine(created["cid"]) is None


@pytest.fixture
def sshd(other_machine, tmp_path):
    """A real sshd whose users find the other machine's engine; gives its port and a PATH with an `ssh` that knows it."""
    need(None if shutil.which("docker") and os.path.exists("/usr/sbin/sshd") else "needs sshd and the docker command")
    port = free_port()
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/user.pub\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        f"SetEnv DOCKER_HOST={other_machine.engine.endpoint}\n"
    )
    host_key = (tmp_path / "host.pub").read_text().split()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key[0]} {host_key[1]}\n")
    (tmp_path / "ssh_config").write_text(
        f"IdentityFile {tmp_path}/user\nIdentitiesOnly yes\nUserKnownHostsFile {tmp_path}/known_hosts\n"
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {tmp_path}/ssh_config "$@"\n')
    (programs / "ssh").chmod(0o755)
    os.makedirs("/run/sshd", exist_ok=True)
    process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", tmp_path / "sshd_config"],
                               stderr=open(tmp_path / "sshd.log", "wb"))
    try:
        eventually(lambda: banner(port), 10, message="sshd listens")
        yield port, f"{programs}:{os.environ['PATH']}", tmp_path / "known_hosts"
    finally:
        process.terminate()
        process.wait(10)


def test_over_ssh(lab, person, sshd):
    port, path, known_hosts = sshd
    user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    lab.write(docker_host=f"ssh://{user}@127.0.0.1:{port}", certificates="")
    lab.server.settings["PATH"] = path
    lab.restart().ready()
    try:
        again = lab.server.again(person)
        with lab.server.container(again, lab.iid()) as created:
            assert lab.on_engine(created["cid"])["State"]["Running"]
            assert again.put(f"/containers/{created['cid']}", {"cmd": "stop"}).json == {"status": 0}
        known_hosts.write_text("")
        lab.restart()
        eventually(lambda: "Host key verification failed" in lab.server.log_tail(), 15)
        assert not lab.device()["reachable"]
    finally:
        del lab.server.settings["PATH"]
        lab.write()
        lab.restart().ready()
