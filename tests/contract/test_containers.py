"""Containers: spec/platform-api.md, prefix /containers."""

import concurrent.futures

import pytest

from contract.spec_tables import (
    ALREADY_RUNNING, ALREADY_STOPPED, CONTAINER_PROPERTY, CREATED, DONE, NO_CONTAINER, NO_IMAGE, NOT_ENOUGH,
    gpu_not_available,
)
from harness.shapes import assert_shape


@pytest.mark.parametrize("path", ["/containers", "/containers/create"])
def test_create_and_its_alias(berth, user, iid, path):
    answer = user.post(path, {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
    assert answer.status == 200, answer
    assert_shape(answer.json, CREATED)
    ports = [answer.json[port] for port in ("portssh", "portjupyter", "porttsb")]
    assert len(set(ports)) == 3 and all(berth.port_first <= port <= berth.port_last for port in ports)
    assert berth.engine_state(answer.json["cid"]) == "running"
    berth.remove(user, answer.json["cid"])


def test_gid_may_be_null_or_an_empty_list(berth, user, iid):
    for gid in (None, []):
        with berth.container(user, iid, gid=gid) as created:
            assert user.get(f"/containers/property/{created['cid']}").json["gpu_type"] == "无GPU"


def test_property_says_what_create_said(berth, user, iid):
    with berth.container(user, iid, name="数据 β 🚢", cpu=2, mem=100) as created:
        answer = user.get(f"/containers/property/{created['cid']}")
        assert answer.status == 200
        assert_shape(answer.json, CONTAINER_PROPERTY)
        for key in ("passwd", "portssh", "portjupyter", "porttsb"):
            assert answer.json[key] == created[key]
        assert answer.json["name"] == "数据 β 🚢"
        assert (answer.json["cpu"], answer.json["memory"]) == (2, 100)
        assert answer.json["ip"] == "127.0.0.1" and answer.json["gpu_type"] == "无GPU"
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = {line.partition(":")[2].strip() for line in file if line.startswith("model name")}
        assert answer.json["cpu_name"] in models


def test_list_is_ascending_and_only_ones_own(berth, user, iid):
    other = berth.new_user()
    with berth.container(user, iid) as first:
        user.put(f"/containers/{first['cid']}", {"cmd": "stop"})
        with berth.container(other, iid), berth.container(user, iid) as second:
            assert user.get("/containers").json == {"status": 0, "cid": [first["cid"], second["cid"]]}


def test_stop_and_start(berth, user, container):
    path, cid = f"/containers/{container['cid']}", container["cid"]
    assert user.get(f"/containers/status/{cid}").json == {"status": 0, "result": "running"}
    again = user.put(path, {"cmd": "start"})
    assert (again.status, again.json) == (409, ALREADY_RUNNING)

    stopped = user.put(path, {"cmd": "stop"})
    assert (stopped.status, stopped.json) == (200, DONE)
    assert user.get(f"/containers/status/{cid}").json == {"status": 0, "result": "stopped"}
    assert berth.engine_state(cid) == "exited"
    assert berth.device()["used_cpu"] == 0, "a stopped one gives back what it had"
    again = user.put(path, {"cmd": "stop"})
    assert (again.status, again.json) == (409, ALREADY_STOPPED)

    started = user.put(path, {"cmd": "start"})
    assert (started.status, started.json) == (200, DONE)
    assert berth.engine_state(cid) == "running"
    now = user.get(f"/containers/property/{cid}").json
    assert {key: now[key] for key in ("passwd", "portssh", "portjupyter", "porttsb")} == {
        key: container[key] for key in ("passwd", "portssh", "portjupyter", "porttsb")
    }


def test_delete_takes_a_running_one_away(berth, user, iid):
    created = berth.create(user, iid)
    answer = user.delete(f"/containers/{created['cid']}")
    assert (answer.status, answer.json) == (200, DONE)
    assert user.get("/containers").json == {"status": 0, "cid": []}
    assert berth.container_of(created["cid"]) is None
    for gone in (
        user.get(f"/containers/status/{created['cid']}"),
        user.get(f"/containers/property/{created['cid']}"),
        user.put(f"/containers/{created['cid']}", {"cmd": "start"}),
        user.put(f"/containers/{created['cid']}", {"cmd": "stop"}),
        user.delete(f"/containers/{created['cid']}"),
    ):
        assert (gone.status, gone.json) == (404, NO_CONTAINER)


def test_ids_are_never_used_again(berth, user, iid):
    first = berth.create(user, iid)
    berth.remove(user, first["cid"])
    with berth.container(user, iid) as second:
        assert second["cid"] > first["cid"]
        assert second["passwd"] != first["passwd"]


def test_an_image_that_is_not_there(user):
    answer = user.post("/containers", {"iid": 999999, "name": "n", "cpu": 1, "mem": 64})
    assert (answer.status, answer.json) == (404, NO_IMAGE)


def test_more_than_the_device_has(berth, user, iid):
    device = berth.device()
    for cpu, mem in ((device["cpu"] + 1, 64), (1, device["memory_mb"] + 1)):
        answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": cpu, "mem": mem})
        assert (answer.status, answer.json) == (409, NOT_ENOUGH)
    assert user.get("/containers").json["cid"] == []


def test_more_than_is_left(berth, user, iid):
    device = berth.device()
    with berth.container(user, iid, cpu=device["cpu"]) as whole:
        answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
        assert (answer.status, answer.json) == (409, NOT_ENOUGH)
        user.put(f"/containers/{whole['cid']}", {"cmd": "stop"})
        with berth.container(user, iid, cpu=1):
            answer = user.put(f"/containers/{whole['cid']}", {"cmd": "start"})
            assert (answer.status, answer.json) == (409, NOT_ENOUGH)
            assert user.get(f"/containers/status/{whole['cid']}").json["result"] == "stopped"


def test_a_gpu_that_is_not_there(berth, user, iid):
    for gid, named in ((1, 1), ([1], 1), ([7, 8], 7)):
        answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, "gid": gid})
        assert (answer.status, answer.json) == (409, gpu_not_available(named))
    with berth.container(user, iid) as created:
        user.put(f"/containers/{created['cid']}", {"cmd": "stop"})
        answer = user.put(f"/containers/{created['cid']}", {"cmd": "start", "gid": 3})
        assert (answer.status, answer.json) == (409, gpu_not_available(3))
        assert user.put(f"/containers/{created['cid']}", {"cmd": "start"}).json == DONE


def test_an_image_gone_from_the_engine(berth, user, tiny, engine):
    """Create says what the engine says, and nothing is left of the attempt."""
    engine.raw("POST", f"/images/{tiny}/tag?repo=berth-test/vanishing&tag=1")
    iid = berth.add_image("berth-test/vanishing:1", "vanishing")
    engine.remove_image("berth-test/vanishing:1")
    answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
    assert answer.status == 502, answer
    assert_shape(answer.json, {"status": -1, "error": "docker run failed", "details": str})
    assert "vanishing" in answer.json["details"]
    assert user.get("/containers").json["cid"] == []
    assert berth.device()["used_cpu"] == 0


def test_starts_and_stops_at_once_leave_a_legal_state(berth, user, container):
    path = f"/containers/{container['cid']}"
    words = ["stop", "start"] * 6
    with concurrent.futures.ThreadPoolExecutor(len(words)) as pool:
        answers = list(pool.map(lambda word: user.copy().put(path, {"cmd": word}), words))
    assert {answer.status for answer in answers} <= {200, 409}
    for answer, word in zip(answers, words):
        if answer.status == 409:
            assert answer.json == (ALREADY_RUNNING if word == "start" else ALREADY_STOPPED)
    assert berth.await_agreement()
