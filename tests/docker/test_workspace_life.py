"""A whole life in the real workspace image: ssh, Jupyter, TensorBoard, files, ports, password, and what must never leak."""

import json
import socket
import time

import pytest

from conftest import need
from harness.http_client import Client
from harness.jupyter import Jupyter
from harness.poll import eventually
from harness.shapes import assert_shape
from harness.ssh import ssh

IMAGE = "berth/workspace:latest"
KEPT = ("passwd", "portssh", "portjupyter", "porttsb")


@pytest.fixture(scope="module")
def lab(start_berth, engine):
    """A server whose image 1 is the real workspace image."""
    need(None if engine.has_image(IMAGE) else f"the engine has no {IMAGE}: run script/images")
    server = start_berth(images=None)
    (server.pub_dir / "data.csv").write_text("1,2,3\n")
    server.iid = server.public_image()
    return server


@pytest.fixture(scope="module")
def person(lab):
    return lab.new_user()


@pytest.fixture(scope="module")
def space(lab, person):
    """One workspace that the tests of this file go through, in their order."""
    since = int(time.time()) - 1
    created = lab.create(person, lab.iid, name="thesis", cpu=1, mem=1024)
    created["since"] = since
    yield created
    lab.remove(person, created["cid"])


def run(space, *command, password=None):
    return ssh("127.0.0.1", space["portssh"], password or space["passwd"], *command)


def is_refused(space, password):
    """Asked for the password, and said no to it: not merely unreachable."""
    code, _, error = run(space, "true", password=password)
    return code != 0 and "Permission denied" in error


def await_ssh(space, password=None):
    return eventually(lambda: run(space, "true", password=password)[0] == 0, 30, every=0.2, message="ssh")


def test_ssh_with_the_password(space):
    await_ssh(space)
    assert run(space, "id -un && hostname && pwd") [:2] == (0, f"root\nberth-{space['cid']}\n/root\n")
    assert is_refused(space, "x" * 16)
    code, _, error = run(space, "apt-get --version >/dev/null && git --version && python3 -c 'print(6*7)' && pip --version")
    assert code == 0, error


def test_jupyter(space):
    jupyter = Jupyter("127.0.0.1", space["portjupyter"])
    eventually(jupyter.is_up, 30, every=0.2, message="Jupyter")
    assert jupyter.log_in("not the password") == 401
    assert jupyter.api("GET", "/api/contents").status == 403, "nobody gets in without"
    assert jupyter.log_in(space["passwd"]) == 302
    assert "term-42" in jupyter.run_in_terminal("echo term-$((6*7))", until="term-42")
    assert jupyter.run_in_kernel("print(6*7)") == "42\n"


def test_tensorboard(space):
    board = Client(f"http://127.0.0.1:{space['porttsb']}")

    def answers():
        try:
            return board.get("/").status == 200
        except OSError:
            return False

    eventually(answers, 40, every=0.2, message="TensorBoard")


def test_the_data_folder_is_on_the_host(lab, space, engine):
    assert run(space, "echo mine > /workspace/notes.txt && cat /workspace/notes.txt")[:2] == (0, "mine\n")
    mounts = {m["Destination"]: m for m in engine.inspect(lab.engine_name(space["cid"]))["Mounts"]}
    assert set(mounts) == {"/workspace", "/pub_data"}
    folder = lab.state_dir / "data"
    assert mounts["/workspace"]["Source"].startswith(f"{folder}/")
    with open(mounts["/workspace"]["Source"] + "/notes.txt", encoding="ascii") as file:
        assert file.read() == "mine\n"


def test_shared_data_is_read_only(lab, space):
    assert run(space, "cat /pub_data/data.csv")[:2] == (0, "1,2,3\n")
    code, _, error = run(space, "echo x > /pub_data/data.csv")
    assert code != 0 and "Read-only file system" in error
    assert (lab.pub_dir / "data.csv").read_text() == "1,2,3\n"


def test_limits_are_seen_in_the_cgroup(space):
    script = (
        "if [ -f /sys/fs/cgroup/memory.max ]; then cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max;"
        " else cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us; fi"
    )
    code, output, error = run(space, script)
    assert code == 0, error
    figures = output.split()
    assert figures[0] == str(1024 * 2**20)
    assert "1024" in figures[1:3], "pids"
    quota, period = figures[-2:]
    assert quota == period, "one core"


def test_memory_has_no_way_out(lab, space, engine):
    """More than its share gets the process killed, not swapped."""
    code, output, error = run(space, "python3 -c 'x = bytearray(1200 * 2**20); print(len(x))'")
    assert code != 0, (output, error)
    assert run(space, "echo alive")[:2] == (0, "alive\n")


def test_hardening(lab, space, engine):
    seen = engine.inspect(lab.engine_name(space["cid"]))
    host, config = seen["HostConfig"], seen["Config"]
    assert host["Privileged"] is False
    assert host["CapDrop"] == ["ALL"]
    assert {cap.removeprefix("CAP_") for cap in host["CapAdd"]} <= {
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "SETPCAP", "SETFCAP", "SYS_CHROOT", "KILL",
        "NET_BIND_SERVICE", "AUDIT_WRITE",
    }
    assert host["PidsLimit"] == 1024
    assert host["Memory"] == host["MemorySwap"] == 1024 * 2**20
    assert host["NanoCpus"] == 10**9
    assert host["NetworkMode"] in ("default", "bridge")
    for namespace in ("PidMode", "UTSMode", "UsernsMode"):
        assert host[namespace] == "", namespace
    assert host["IpcMode"] in ("private", "")
    assert not host["Devices"] and not host["DeviceRequests"] and not host["VolumesFrom"]
    assert not host["PublishAllPorts"]
    assert not any("unconfined" in option or "disable" in option for option in host["SecurityOpt"] or [])
    assert host["RestartPolicy"]["Name"] in ("", "no"), "Berth starts it, not the engine"
    assert host["LogConfig"]["Config"].get("max-size"), "logs are bounded"
    for bindings in host["PortBindings"].values():
        assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]
    assert set(host["PortBindings"]) == {"22/tcp", "8888/tcp", "6006/tcp"}
    assert "docker.sock" not in json.dumps(seen["Mounts"])
    assert config["User"] in ("", "root", "0")
    assert config["Labels"]["berth.cid"] == str(space["cid"])


def test_the_password_is_nowhere_to_be_found(lab, space, engine):
    passwd = space["passwd"]
    name = lab.engine_name(space["cid"])
    looked_at = {
        "inspect": json.dumps(engine.inspect(name)),
        "processes": json.dumps(engine.processes(name)),
        "container log": engine.logs(name).decode(errors="replace"),
        "events": engine.events(space["since"], int(time.time())).decode(errors="replace"),
        "Berth's log": lab.log_path.read_text(errors="replace"),
        "Berth's words": "\n".join(lab.lines),
        "admin's view": json.dumps(lab.cli("container", "show", space["cid"])),
        "environment of PID 1": run(space, "tr '\\0' '\\n' < /proc/1/environ")[1],
        "files of the container": run(space, f"grep -rlsF {passwd[:8]}''{passwd[8:]} /etc /opt/berth /run /root /var || true")[1],
    }
    for place, text in looked_at.items():
        assert passwd not in text, place
    assert looked_at["files of the container"] == "", "not in a file of it either"
    for file in lab.state_dir.rglob("berth.db*"):
        assert passwd.encode() not in file.read_bytes(), file
    assert "BERTH_INSTANCE" in looked_at["environment of PID 1"], "the search itself works"


def test_stop_and_start_keep_everything(lab, person, space):
    path = f"/containers/{space['cid']}"
    assert run(space, "echo system > /root/kept && echo again > /workspace/kept")[0] == 0
    start = time.monotonic()
    assert person.put(path, {"cmd": "stop"}).status == 200
    assert time.monotonic() - start < 6, "its PID 1 honours TERM"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", space["portssh"]), 2)
    assert person.put(path, {"cmd": "start"}).status == 200
    now = person.get(f"/containers/property/{space['cid']}").json
    assert {key: now[key] for key in KEPT} == {key: space[key] for key in KEPT}
    await_ssh(space)
    assert run(space, "cat /root/kept /workspace/kept /workspace/notes.txt")[:2] == (0, "system\nagain\nmine\n")


def test_apt_and_sudo_still_work_inside(space):
    """What people do every day survives the hardening."""
    script = "useradd -m ann && su ann -c 'id -un' && touch /tmp/x && chown ann /tmp/x && ping -c1 -W2 127.0.0.1 >/dev/null && echo fine"
    assert run(space, script)[:2] == (0, "ann\nfine\n")


class TestSavedImage:
    """A container made from somebody's image opens to its own password alone."""

    @pytest.fixture(scope="class")
    def saved(self, lab, person, space):
        assert run(space, "echo tool > /usr/local/bin/tool && mkdir -p /root/.ssh && echo key > /root/.ssh/authorized_keys")[0] == 0
        answer = person.post("/images", {"cid": space["cid"], "name": "with a tool"})
        assert answer.status == 200, answer
        assert run(space, "echo after")[0] == 0, "the container goes on running"
        yield answer.json["iid"]
        person.delete(f"/images/{answer.json['iid']}")

    @pytest.fixture(scope="class")
    def copy(self, lab, person, space, saved):
        assert person.put(f"/containers/{space['cid']}", {"cmd": "stop"}).status == 200
        with lab.container(person, saved, name="copy", mem=512) as created:
            yield created

    def test_the_image_holds_no_secret(self, lab, space, saved, engine):
        reference = next(i["reference"] for i in lab.cli("image", "list")["images"] if i["iid"] == saved)
        image = engine.inspect_image(reference)
        assert space["passwd"] not in json.dumps(image)
        labels = {k: v for k, v in (image["Config"]["Labels"] or {}).items() if k.startswith("berth.")}
        assert not any(labels.get(f"berth.{k}") for k in ("installation", "cid")), "and does not look like ours"

    def test_new_password_works_and_the_old_is_refused(self, space, copy):
        assert copy["passwd"] != space["passwd"]
        await_ssh(copy)
        assert is_refused(copy, space["passwd"])
        assert run(copy, "cat /usr/local/bin/tool; cat /root/.ssh/authorized_keys 2>&1; ls /workspace")[1].splitlines()[0] == "tool"

    def test_nothing_of_the_previous_owner_lets_him_in(self, copy):
        await_ssh(copy)
        code, output, _ = run(copy, "ls /root/.ssh; ls /etc/shadow- /root/.bash_history 2>/dev/null; ls /workspace")
        assert "authorized_keys" not in output.split(), output
        assert "/etc/shadow-" not in output and "notes.txt" not in output, output

    def test_jupyter_too(self, space, copy):
        jupyter = Jupyter("127.0.0.1", copy["portjupyter"])
        eventually(jupyter.is_up, 30, every=0.2)
        assert jupyter.log_in(space["passwd"]) == 401
        assert jupyter.log_in(copy["passwd"]) == 302

    def test_host_keys_differ(self, copy, lab, person, space):
        await_ssh(copy)
        mine = run(copy, "cat /etc/ssh/ssh_host_ed25519_key.pub")[1]
        assert person.put(f"/containers/{space['cid']}", {"cmd": "start"}).status in (200, 409)
        await_ssh(space)
        assert mine and run(space, "cat /etc/ssh/ssh_host_ed25519_key.pub")[1] != mine


def test_delete_keeps_the_data_folder(lab, person, engine):
    created = lab.create(person, lab.iid, mem=512)
    source = next(
        m["Source"] for m in engine.inspect(lab.engine_name(created["cid"]))["Mounts"] if m["Destination"] == "/workspace"
    )
    await_ssh(created)
    assert run(created, "echo forever > /workspace/kept")[0] == 0
    assert person.delete(f"/containers/{created['cid']}").status == 200
    assert not engine.exists(f"berth-{lab.installation}-{created['cid']}-g1")
    with open(source + "/kept", encoding="ascii") as file:
        assert file.read() == "forever\n"
    with lab.container(person, lab.iid, mem=512) as later:
        await_ssh(later)
        assert run(later, "ls -A /workspace")[:2] == (0, ""), "nobody else gets that folder"


def test_property_of_a_real_one(person, space):
    assert_shape(person.get(f"/containers/status/{space['cid']}").json, {"status": 0, "result": "running"})
