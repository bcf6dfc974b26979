"""GPUs, on a real dockerd with stubs for the driver: who has which, exactly one owner each, and files that move along."""

import concurrent.futures
import http.client

import pytest

from contract.spec_tables import CREATED, DONE, gpu_not_available
from harness.gpu_engine import GPUS
from harness.poll import eventually
from harness.shapes import assert_shape
from harness.v1 import V1

MIB = 1024 * 1024
KEPT = ("passwd", "portssh", "portjupyter", "porttsb")


@pytest.fixture(scope="module")
def server(start_gpu_berth):
    return start_gpu_berth(with_gate=True)


@pytest.fixture(scope="module")
def iid(server):
    return server.public_image()


@pytest.fixture
def person(server):
    return server.new_user()


def visible(server, cid):
    """What the container itself sees of the driver's variable."""
    code, output = server.engine.run(server.engine_name(cid), "cat", "/proc/1/environ")
    assert code == 0
    variables = dict(variable.partition("=")[::2] for variable in output.split("\0"))
    return variables.get("NVIDIA_VISIBLE_DEVICES")


def test_the_device_has_them(person):
    device = person.get("/devices/property/1").json
    assert [gpu["gid"] for gpu in device["gpus"]] == [1, 2]
    for gpu, known in zip(device["gpus"], GPUS):
        assert known["name"].removeprefix("NVIDIA ").split()[0] in gpu["gpu_type"]
    assert device["gpu_used"] == []


@pytest.mark.parametrize("gid", [1, [2], [1, 2]])
def test_create_with_gpus(server, person, iid, gid):
    gids = gid if isinstance(gid, list) else [gid]
    answer = person.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": gid})
    assert answer.status == 200, answer
    assert_shape(answer.json, CREATED)
    cid = answer.json["cid"]
    try:
        requests = server.engine.inspect(server.engine_name(cid))["HostConfig"]["DeviceRequests"]
        uuids = [GPUS[g - 1]["uuid"] for g in gids]
        assert [request["DeviceIDs"] for request in requests] == [uuids], "by UUID, and only these"
        assert all(request["Count"] == 0 for request in requests)
        assert server.engine.inspect(server.engine_name(cid))["HostConfig"]["Privileged"] is False
        assert visible(server, cid) == ",".join(uuids)
        assert person.get("/devices/property/1").json["gpu_used"] == [[g] for g in gids]
        types = [gpu["gpu_type"] for gpu in person.get("/devices/property/1").json["gpus"]]
        assert person.get(f"/containers/property/{cid}").json["gpu_type"] == ", ".join(types[g - 1] for g in gids)
    finally:
        server.remove(person, cid)
    assert person.get("/devices/property/1").json["gpu_used"] == []


def test_without_one_there_is_none(server, person, iid):
    with server.container(person, iid) as created:
        assert visible(server, created["cid"]) in (None, "void", "")
        assert not server.engine.inspect(server.engine_name(created["cid"]))["HostConfig"]["DeviceRequests"]


def test_one_that_is_taken(server, person, iid):
    other = server.new_user()
    with server.container(person, iid, gid=1) as first:
        for gid in (1, [1], [1, 2], [2, 1]):
            answer = other.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": gid})
            assert (answer.status, answer.json) == (409, gpu_not_available(1))
        with server.container(other, iid, gid=2):
            answer = other.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": 3})
            assert (answer.status, answer.json) == (409, gpu_not_available(3))
        assert person.put(f"/containers/{first['cid']}", {"cmd": "stop"}).json == DONE
        with server.container(other, iid, gid=1) as second:
            answer = person.put(f"/containers/{first['cid']}", {"cmd": "start"})
            assert (answer.status, answer.json) == (409, gpu_not_available(1)), "stopping gave it away"
            assert person.get(f"/containers/status/{first['cid']}").json["result"] == "stopped"
            assert visible(server, second["cid"]) == GPUS[0]["uuid"]


def test_64_creates_for_one_gpu(server, iid):
    people = [server.new_user() for _ in range(8)]
    before = len(server.gate.changes())
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(
            lambda i: people[i % 8].copy().post(
                "/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": 2}
            ),
            range(64),
        ))
    winners = [answer for answer in answers if answer.status == 200]
    try:
        assert len(winners) == 1
        assert {str(answer.json) for answer in answers if answer.status != 200} == {str(gpu_not_available(2))}
        creates = [call for call in server.gate.changes()[before:] if call.startswith("POST /containers/create")]
        assert len(creates) == 1, "losers never reach the engine"
    finally:
        for one in people:
            for cid in one.get("/containers").json["cid"]:
                server.remove(one, cid)
    server.assert_in_agreement()


class TestOtherGpu:
    def test_start_with_another_gpu_keeps_all_else(self, server, person, iid):
        with server.container(person, iid, gid=1) as created:
            path, cid = f"/containers/{created['cid']}", created["cid"]
            name = server.engine_name(cid)
            assert server.engine.run(name, "sh", "-c", "echo system > /root/kept; echo data > /workspace/kept")[0] == 0
            assert person.put(path, {"cmd": "stop"}).json == DONE
            assert person.put(path, {"cmd": "start", "gid": 2}).json == DONE
            now = person.get(f"/containers/property/{cid}").json
            assert {key: now[key] for key in KEPT} == {key: created[key] for key in KEPT}
            assert visible(server, cid) == GPUS[1]["uuid"]
            assert server.engine.run(server.engine_name(cid), "cat", "/root/kept", "/workspace/kept") == (0, "system\ndata\n")
            assert person.get("/devices/property/1").json["gpu_used"] == [[2]]
            assert len(server.engine_containers()) == 1, "the old one is gone"
            server.assert_in_agreement()

    def test_back_and_forth_and_without(self, server, person, iid):
        with server.container(person, iid) as created:
            path, cid = f"/containers/{created['cid']}", created["cid"]
            for gid, uuids in (([1, 2], [g["uuid"] for g in GPUS]), (1, [GPUS[0]["uuid"]]), ([], [])):
                assert person.put(path, {"cmd": "stop"}).json == DONE
                assert person.put(path, {"cmd": "start", "gid": gid}).json == DONE
                assert (visible(server, cid) or "") == ",".join(uuids)
            starts = server.engine.run(server.engine_name(cid), "cat", "/workspace/starts")[1]
            assert starts.count("started") == 4
            hidden = server.engine.image_tags(f"berth/rebuild-{server.installation}:{cid}-")
            assert len(hidden) == 1, "the one it stands on"
            server.assert_in_agreement()
        assert not server.engine.image_tags(f"berth/rebuild-{server.installation}:"), "and that goes with it"

    def test_without_a_word_it_has_those_it_had(self, server, person, iid):
        with server.container(person, iid, gid=2) as created:
            path = f"/containers/{created['cid']}"
            person.put(path, {"cmd": "stop"})
            assert person.put(path, {"cmd": "start"}).json == DONE
            assert visible(server, created["cid"]) == GPUS[1]["uuid"]
            person.put(path, {"cmd": "stop"})
            assert person.put(path, {"cmd": "start", "gid": None}).json == DONE
            assert visible(server, created["cid"]) == GPUS[1]["uuid"]

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize(
        "point", ["POST /commit", "POST /containers/create", "POST /containers/.*/start", "DELETE /containers/"]
    )
    def test_a_crash_on_the_way(self, server, person, iid, point, when):
        """The files are never lost, and the GPU is held by this container or by nobody."""
        created = server.create(person, iid, gid=1)
        path, cid = f"/containers/{created['cid']}", created["cid"]
        assert server.engine.run(server.engine_name(cid), "sh", "-c", "echo precious > /root/kept")[0] == 0
        assert person.put(path, {"cmd": "stop"}).json == DONE
        server.gate.on(point, when, server.kill)
        with pytest.raises((OSError, http.client.HTTPException)):
            person.put(path, {"cmd": "start", "gid": 2})
        server.start()
        server.await_agreement()
        person = server.again(person)
        if person.get(f"/containers/status/{cid}").json["result"] == "stopped":
            assert person.put(path, {"cmd": "start", "gid": 2}).json == DONE
        assert visible(server, cid) == GPUS[1]["uuid"]
        assert server.engine.run(server.engine_name(cid), "cat", "/root/kept") == (0, "precious\n")
        now = person.get(f"/containers/property/{cid}").json
        assert {key: now[key] for key in KEPT} == {key: created[key] for key in KEPT}
        server.remove(person, cid)
        server.await_agreement()
        assert server.engine_containers() == []
        assert not server.engine.image_tags(f"berth/rebuild-{server.installation}:")
        assert person.get("/devices/property/1").json["gpu_used"] == []


def test_what_they_do_is_known(server, person, iid):
    """Through /api/v1: what nvidia-smi tells, and null for what it does not."""
    page = V1(person)

    def loads():
        found = [gpu["load"] for gpu in page.items("/devices")[0]["gpus"]]
        return found if all(found) else None

    first, second = eventually(loads, 20, every=0.2, message="figures of both cards")
    assert (first["busy_percent"], first["memory_bytes"], first["memory_total_bytes"]) == (87, 10240 * MIB, 16380 * MIB)
    assert (second["busy_percent"], second["memory_bytes"]) == (None, 1 * MIB), "not told is not zero"
    with server.container(person, iid, gid=1) as created:
        path = f"/containers/{created['cid']}"
        assert page.get(path).json["gpus"][0]["load"]["busy_percent"] == 87

        def curve():
            (gpu,) = page.get(f"{path}/usage").json["gpus"]
            assert gpu["gid"] == 1
            return gpu["samples"]

        sample = eventually(curve, 30, every=0.5, message="its curve")[0]
        assert (sample["busy_percent"], sample["memory_bytes"]) == (87, 10240 * MIB)
        assert person.put(path, {"cmd": "stop"}).json == DONE
        assert page.get(path).json["gpus"][0]["load"] is None, "what it does now is another's business"


def test_a_card_that_is_gone_cannot_be_had(server, person, iid, gpu_engine):
    """Berth starts without its second card: known ids stay, the missing one is not available."""
    smi = gpu_engine.stubs / "nvidia-smi"
    whole = smi.read_text()
    server.stop()
    try:
        smi.write_text(whole.replace(f"GPUS = {GPUS!r}", f"GPUS = {GPUS[:1]!r}"))
        server.start()
        person = server.again(person)
        assert [gpu["gid"] for gpu in person.get("/devices/property/1").json["gpus"]] == [1]
        answer = person.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": 2})
        assert (answer.status, answer.json) == (409, gpu_not_available(2))
    finally:
        server.stop()
        smi.write_text(whole)
        server.start()
    assert [gpu["gid"] for gpu in server.again(person).get("/devices/property/1").json["gpus"]] == [1, 2]
