"""What is done to a container by hand shows within a second; what the engine cannot do is said as it is."""

import json

import pytest

from contract.spec_tables import ALREADY_RUNNING, DONE
from harness.poll import eventually, seconds_until

SEEN_WITHIN_S = 1.0


@pytest.fixture
def status(berth, user, container):
    return lambda: user.get(f"/containers/status/{container['cid']}").json["result"]


def row(berth, container):
    return berth.cli("container", "show", container["cid"])["container"]


def test_killed(berth, user, container, status, engine):
    engine.kill(berth.engine_name(container["cid"]))
    took = seconds_until(lambda: status() == "stopped", 3)
    assert took < SEEN_WITHIN_S
    assert berth.device()["used_cpu"] == 0, "it gives back what it had"
    assert row(berth, container)["reason"] == "ended by itself, exit code 137"
    assert user.put(f"/containers/{container['cid']}", {"cmd": "start"}).json == DONE
    assert status() == "running"
    berth.assert_in_agreement()


def test_stopped_by_hand(berth, user, container, status, engine):
    engine.stop(berth.engine_name(container["cid"]))
    assert seconds_until(lambda: status() == "stopped", 3) < SEEN_WITHIN_S


def test_started_by_hand(berth, user, container, status, engine):
    """What we stopped stays stopped: a start by hand is undone, and the books agree."""
    user.put(f"/containers/{container['cid']}", {"cmd": "stop"})
    engine.start(berth.engine_name(container["cid"]))
    berth.await_agreement()
    eventually(lambda: status() == ("running" if berth.engine_state(container["cid"]) == "running" else "stopped"))


def test_removed(berth, user, container, status, engine):
    engine.remove(berth.engine_name(container["cid"]))
    assert seconds_until(lambda: status() == "stopped", 3) < SEEN_WITHIN_S
    assert berth.device()["used_cpu"] == 0
    assert "/workspace are kept" in row(berth, container)["reason"]
    answer = user.put(f"/containers/{container['cid']}", {"cmd": "start"})
    assert answer.status == 502 and "removed outside" in answer.json["details"], answer
    assert user.delete(f"/containers/{container['cid']}").json == DONE


def test_paused_and_unpaused(berth, user, container, status, engine):
    name = berth.engine_name(container["cid"])
    engine.pause(name)
    assert seconds_until(lambda: row(berth, container)["state"] == "paused", 3) < SEEN_WITHIN_S + 0.2
    assert status() == "stopped"
    assert berth.device()["used_cpu"] == 1, "it still has its memory"
    engine.unpause(name)
    assert seconds_until(lambda: status() == "running", 3) < SEEN_WITHIN_S


def test_start_wakes_a_paused_one(berth, user, container, status, engine):
    engine.pause(berth.engine_name(container["cid"]))
    eventually(lambda: status() == "stopped", 3)
    assert user.put(f"/containers/{container['cid']}", {"cmd": "start"}).json == DONE
    assert berth.engine_state(container["cid"]) == "running"
    again = user.put(f"/containers/{container['cid']}", {"cmd": "start"})
    assert (again.status, again.json) == (409, ALREADY_RUNNING)


def test_stop_and_delete_of_a_paused_one(berth, user, iid, engine):
    for call in ("stop", "delete"):
        created = berth.create(user, iid)
        engine.pause(berth.engine_name(created["cid"]))
        if call == "stop":
            assert user.put(f"/containers/{created['cid']}", {"cmd": "stop"}).json == DONE
            assert berth.engine_state(created["cid"]) == "exited"
        assert user.delete(f"/containers/{created['cid']}").json == DONE
        assert berth.container_of(created["cid"]) is None


def test_one_that_ends_at_once(berth, user, engine, tiny):
    """Started, and over: it is not started again and again."""
    reference = "berth-test/brief:1"
    made = engine.create("berth-test-brief", tiny)
    engine.raw(
        "POST", f"/commit?container={made}&repo=berth-test/brief&tag=1", '{"Entrypoint":["/bin/sh","-c","exit 3"]}'
    )
    engine.remove(made)
    iid = berth.add_image(reference, "brief")
    try:
        answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
        assert answer.status == 200, answer
        cid = answer.json["cid"]
        eventually(lambda: user.get(f"/containers/status/{cid}").json["result"] == "stopped")
        assert "exit code 3" in row(berth, {"cid": cid})["reason"]
        assert berth.device()["used_cpu"] == 0
        assert user.delete(f"/containers/{cid}").json == DONE
    finally:
        engine.remove_image(reference)


def test_out_of_memory(berth, user, tiny, engine):
    """Its first process takes more than its share: killed by the kernel, said so, and given back."""
    reference = "berth-test/greedy:1"
    made = engine.create("berth-test-greedy", tiny)
    engine.raw(
        "POST", f"/commit?container={made}&repo=berth-test/greedy&tag=1",
        json.dumps({"Entrypoint": ["/bin/busybox", "awk", 'BEGIN { s = "x"; while (1) s = s s }']}),
    )
    engine.remove(made)
    try:
        with berth.container(user, berth.add_image(reference, "greedy"), mem=64) as created:
            eventually(lambda: user.get(f"/containers/status/{created['cid']}").json["result"] == "stopped", 20)
            assert row(berth, created)["reason"] == "out of memory"
            assert berth.device()["used_cpu"] == 0
    finally:
        engine.remove_image(reference)


def test_a_matlab_session_killed_by_hand(matlab, engine):
    matlab.post("/create", {"user_id": 60})
    engine.kill("matlab-user-60")
    assert seconds_until(lambda: matlab.get("/health/matlab-user-60").json["status"] == "stopped", 3) < SEEN_WITHIN_S
    assert matlab.get("/list").json["containers"][0]["status"] == "exited"


def test_a_matlab_session_removed_by_hand(matlab, engine):
    matlab.post("/create", {"user_id": 61})
    engine.remove("matlab-user-61")
    assert seconds_until(lambda: matlab.get("/health/matlab-user-61").status == 404, 3) < SEEN_WITHIN_S
    assert matlab.post("/create", {"user_id": 61}).status == 201


class TestNoEngine:
    def test_reads_work_and_changes_say_so(self, start_berth):
        """The engine goes away: 503 for what needs it, answers for what does not, and back to work when it returns."""
        server = start_berth(with_gate=True)
        iid, person = server.public_image(), server.new_user()
        with server.container(person, iid) as created:
            server.gate.close()
            eventually(lambda: not server.is_connected(), 5)
            assert person.get("/containers").json["cid"] == [created["cid"]]
            answer = person.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
            assert (answer.status, answer.json["status"]) == (503, -1)
            assert person.put(f"/containers/{created['cid']}", {"cmd": "stop"}).status == 503
            assert person.get("/containers").json["cid"] == [created["cid"]], "nothing is left of the attempt"
            server.gate.open()
            eventually(server.is_connected, 15, message="connected again")
            assert person.put(f"/containers/{created['cid']}", {"cmd": "stop"}).json == DONE
            server.await_agreement()
