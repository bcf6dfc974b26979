"""kill -9 of Berth at exact points of an operation, and a new start: engine, rows and ledger agree, and work goes on.

A gate stands between Berth and the engine. It kills Berth either before the engine gets a call (which it then never gets)
or after the engine has done it and before Berth hears of it.
"""

import contextlib
import http.client
import threading

import pytest

from contract.spec_tables import DONE
from harness.poll import eventually

WHENS = ["before", "after"]


@pytest.fixture(scope="module")
def server(start_berth):
    return start_berth(with_gate=True)


@pytest.fixture(scope="module")
def iid(server):
    return server.public_image()


@pytest.fixture
def person(server):
    if not server.is_running():
        server.process = None
        server.start()
    return server.new_user()


def crash_during(server, pattern, when, call):
    """Runs `call`, during which Berth is killed at the given point; then starts it again and waits for agreement."""
    server.gate.on(pattern, when, server.kill)
    with pytest.raises((OSError, http.client.HTTPException)):
        call()
    assert not server.gate.armed, f"{pattern} was never called"
    assert not server.is_running()
    server.start()
    server.await_agreement()


def assert_still_works(server, person, iid):
    """Nothing is held by nobody: the whole device can be had again."""
    person = server.again(person)
    for cid in person.get("/containers").json["cid"]:
        assert person.delete(f"/containers/{cid}").json == DONE
    server.await_agreement()
    assert server.engine_containers() == []
    device = server.device()
    assert (device["used_cpu"], device["used_memory_mb"]) == (0, 0)
    with server.container(person, iid, cpu=device["cpu"]):
        server.assert_in_agreement()


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("point", ["POST /containers/create", "PUT /containers/.*/archive", "POST /containers/.*/start"])
def test_during_create(server, person, iid, point, when):
    wanted = {"iid": iid, "name": "n", "cpu": 1, "mem": 64}
    crash_during(server, point, when, lambda: person.post("/containers", wanted))
    person = server.again(person)
    for cid in person.get("/containers").json["cid"]:
        # What survived is whole: its owner can see its password and use it.
        assert len(person.get(f"/containers/property/{cid}").json["passwd"]) == 16
        assert person.get(f"/containers/status/{cid}").json["result"] == "running"
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
def test_during_start(server, person, iid, when):
    cid = server.create(person, iid)["cid"]
    assert person.put(f"/containers/{cid}", {"cmd": "stop"}).json == DONE
    crash_during(server, "POST /containers/.*/start", when, lambda: person.put(f"/containers/{cid}", {"cmd": "start"}))
    assert server.again(person).get("/containers").json["cid"] == [cid]
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
def test_during_stop(server, person, iid, when):
    cid = server.create(person, iid)["cid"]
    crash_during(server, "POST /containers/.*/(stop|kill)", when, lambda: person.put(f"/containers/{cid}", {"cmd": "stop"}))
    person = server.again(person)
    eventually(lambda: person.get(f"/containers/status/{cid}").json["result"] == "stopped", 15)
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("point", ["POST /containers/.*/(stop|kill)", "DELETE /containers/"])
def test_during_delete(server, person, iid, point, when):
    cid = server.create(person, iid)["cid"]
    crash_during(server, point, when, lambda: person.delete(f"/containers/{cid}"))
    person = server.again(person)
    assert person.get("/containers").json["cid"] == [], "for its owner it is gone"
    eventually(lambda: server.container_of(cid) is None, 15, message="a delete that was taken up is done")
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
def test_during_commit(server, person, iid, engine, when):
    cid = server.create(person, iid)["cid"]
    server.engine_containers()  # learns the installation's name
    before = set(engine.image_tags(f"berth/saved-{server.installation}:"))
    crash_during(server, "POST /commit", when, lambda: person.post("/images", {"cid": cid, "name": "n"}))
    person = server.again(person)

    def is_settled():
        rows = {i["reference"] for i in server.cli("image", "list")["images"]}
        tags = set(engine.image_tags(f"berth/saved-{server.installation}:"))
        return tags == {r for r in rows if r.startswith("berth/saved-")}

    eventually(is_settled, 15, every=0.2, message="every image has a row, and every row its image")
    for saved in person.get("/images").json["iid"]:
        with server.container(person, saved):
            server.assert_in_agreement()
        assert person.delete(f"/images/{saved}").json == DONE
    assert set(engine.image_tags(f"berth/saved-{server.installation}:")) == before
    assert server.engine_state(cid) == "running"
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
def test_during_the_removal_of_an_image(server, person, iid, engine, when):
    cid = server.create(person, iid)["cid"]
    saved = person.post("/images", {"cid": cid, "name": "n"}).json["iid"]
    crash_during(server, "DELETE /images/", when, lambda: person.delete(f"/images/{saved}"))
    person = server.again(person)
    eventually(lambda: person.get("/images").json["iid"] == [], 15)
    eventually(lambda: not engine.image_tags(f"berth/saved-{server.installation}:"), 15)
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize(
    "point, path",
    [("POST /containers/create", "/create"), ("POST /containers/.*/start", "/create"),
     ("POST /containers/.*/restart", "/restart/matlab-user-70"), ("DELETE /containers/", "/destroy/matlab-user-70")],
)
def test_during_a_matlab_call(server, person, matlab_ports, engine, point, path, when):
    if path != "/create":
        assert server.matlab.post("/create", {"user_id": 70}).status == 201
    body = {"user_id": 70} if path == "/create" else None
    crash_during(server, point, when, lambda: server.matlab.post(path, body))
    listed = {s["container_id"] for s in server.matlab.get("/list").json["containers"]}
    eventually(lambda: engine.exists("matlab-user-70") == bool(server.matlab.get("/list").json["total"]), 15)
    if path.startswith("/destroy"):
        eventually(lambda: server.matlab.get("/list").json["total"] == 0, 15)
    elif "restart" in point:
        assert listed == {"matlab-user-70"}
    assert server.matlab.post("/create", {"user_id": 70}).status in (200, 201)
    assert server.matlab.get("/health/matlab-user-70").json["status"] == "running"
    assert server.matlab.post("/destroy/matlab-user-70").status == 200
    assert not engine.exists("matlab-user-70")


def test_killed_right_after_the_answer(server, person, iid):
    """What was answered with success is there after a crash in the next instant."""
    cid = server.create(person, iid)["cid"]
    server.kill()
    server.start()
    person = server.again(person)
    assert person.get("/containers").json["cid"] == [cid]
    assert person.get(f"/containers/status/{cid}").json["result"] == "running"
    assert person.delete(f"/containers/{cid}").json == DONE
    server.kill()
    server.start()
    assert server.again(person).get("/containers").json["cid"] == []
    assert_still_works(server, person, iid)


def test_containers_live_on_while_berth_is_away(server, person, iid, engine):
    """...and what happened to them meanwhile is known as soon as it is back."""
    mine = [server.create(person, iid)["cid"] for _ in range(2)]
    names = [server.engine_name(cid) for cid in mine]
    server.kill()
    assert engine.state(names[0]) == "running"
    engine.kill(names[1])
    server.start()
    person = server.again(person)
    eventually(lambda: person.get(f"/containers/status/{mine[1]}").json["result"] == "stopped", 5)
    assert person.get(f"/containers/status/{mine[0]}").json["result"] == "running"
    assert_still_works(server, person, iid)


def test_crashes_during_recovery_itself(server, person, iid):
    """Killed again and again while it takes up what was left: it still converges."""
    cid = server.create(person, iid)["cid"]
    crash_before = "POST /containers/.*/(stop|kill)"
    server.gate.on(crash_before, "before", server.kill)
    with pytest.raises((OSError, http.client.HTTPException)):
        person.delete(f"/containers/{cid}")
    for point, when in ((crash_before, "after"), ("DELETE /containers/", "before"), ("DELETE /containers/", "after")):
        server.gate.on(point, when, server.kill)
        server.start(connected=False)
        eventually(lambda: not server.is_running(), 20, message=f"killed {when} {point}")
    server.start()
    server.await_agreement()
    assert server.again(person).get("/containers").json["cid"] == []
    assert_still_works(server, person, iid)


@pytest.mark.parametrize("when", ["seen", "after"])
def test_sigterm_lets_what_is_in_flight_finish(server, person, iid, when):
    """Ctrl-C during a create: the answer still comes, the exit code is 0, and the container is there."""
    answers = []
    wanted = {"iid": iid, "name": "n", "cpu": 1, "mem": 64}
    thread = threading.Thread(target=lambda: answers.append(person.post("/containers", wanted)))
    in_flight = threading.Event()
    server.gate.on("POST /containers/create", when, in_flight.set)
    thread.start()
    assert in_flight.wait(10)
    code = server.stop()
    thread.join(30)
    assert code == 0
    assert [answer.status for answer in answers] == [200], answers
    server.start()
    server.await_agreement()
    assert server.again(person).get("/containers").json["cid"] == [answers[0].json["cid"]]
    assert_still_works(server, person, iid)


def test_sigterm_during_many_kinds_of_work(server, person, iid, matlab_ports):
    """Whatever is going on, it ends with 0 and leaves nothing that the next start does not take up."""
    for _ in range(3):
        cid = server.create(person, iid)["cid"]
        calls = [
            lambda: person.copy().post("/images", {"cid": cid, "name": "n"}),
            lambda: person.copy().put(f"/containers/{cid}", {"cmd": "stop"}),
            lambda: person.copy().delete(f"/containers/{cid}"),
            lambda: server.matlab.post("/create", {"user_id": 76}),
            lambda: server.anyone.post("/api/login", {"username": "x", "password": "guess12"}),
        ]
        in_flight = threading.Event()
        server.gate.on("POST /", "seen", in_flight.set)
        threads = [threading.Thread(target=ignoring_a_cut_line, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        assert in_flight.wait(10)
        code = server.stop()
        for thread in threads:
            thread.join(30)
        assert code == 0
        server.start()
        server.await_agreement()
        person = server.again(person)
        server.matlab.post("/destroy/matlab-user-76")
        for image in person.get("/images").json["iid"]:
            for left in person.get("/containers").json["cid"]:
                person.delete(f"/containers/{left}")
            assert person.delete(f"/images/{image}").json == DONE
        for left in person.get("/containers").json["cid"]:
            assert person.delete(f"/containers/{left}").json == DONE
    assert_still_works(server, person, iid)


def ignoring_a_cut_line(call):
    with contextlib.suppress(OSError, http.client.HTTPException):
        call()
