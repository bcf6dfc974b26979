"""/api/v1: what takes longer than an answer, step by step, and the events that tell of it."""

import threading

import pytest

from harness.poll import eventually
from harness.tiny_image import ensure_broken_image
from harness.v1 import V1, EventStream


@pytest.fixture
def person(berth):
    return V1.newcomer(berth)


@pytest.fixture
def other(berth):
    return V1.newcomer(berth)


class TestOperations:
    def test_are_ones_own_newest_first(self, person, other, admin, iid):
        with person.container(iid) as cid:
            person.done(person.post(f"/containers/{cid}/stop"))
            kinds = [operation["kind"] for operation in person.items("/operations")]
            assert kinds == ["container.stop", "container.create"]
            oid = person.items("/operations")[0]["oid"]
            assert other.items("/operations") == []
            other.refused("GET", f"/operations/{oid}", "not_found")
            assert V1(admin).get(f"/operations/{oid}").json["subject"] == "c"
            page = person.get("/operations?limit=1").json
            rest = person.get(f"/operations?limit=1&after={page['next']}").json
            assert [o["kind"] for o in rest["items"]] == ["container.create"] and rest["next"] is None
            assert person.items("/operations?state=running") == []

    def test_what_the_engine_refuses_is_told_in_its_words_and_nothing_stays(self, berth, person, engine):
        broken = ensure_broken_image(engine)
        iid = berth.add_image(broken, "broken")
        operation = person.follow(person.post("/containers", {"iid": iid, "name": "c", "cpu": 1, "memory_mb": 64}))
        assert operation["state"] == "failed"
        assert operation["problem"]["code"] == "engine_refused"
        assert "/nothing-here" in operation["problem"]["detail"]
        states = {step["name"]: step["state"] for step in operation["steps"]}
        assert (states["creating"], states["starting"], states["reachable"]) == ("done", "failed", "pending")
        assert person.items("/containers") == []
        assert berth.await_agreement()

    def test_one_that_is_working_keeps_others_off(self, start_berth):
        berth = start_berth(with_gate=True)
        person, other = V1.newcomer(berth), V1.newcomer(berth)
        cid = person.create(berth.public_image())
        go_on = threading.Event()
        berth.gate.on("POST /containers/.*/stop", "after", lambda: go_on.wait(20))
        answer = person.post(f"/containers/{cid}/stop")
        assert answer.status == 202
        assert person.get(f"/containers/{cid}").json["operation"] == answer.json["oid"]
        assert person.get(f"/containers/{cid}").json["state"] == "stopping"
        person.refused("POST", f"/containers/{cid}/restart", "busy")
        other.refused("POST", f"/containers/{cid}/stop", "not_found")
        go_on.set()
        person.done(answer)
        assert person.get(f"/containers/{cid}").json["state"] == "stopped"


    def test_one_that_the_end_of_the_program_interrupts_is_finished_by_the_next(self, start_berth):
        berth = start_berth(with_gate=True)
        person = V1.newcomer(berth)
        iid = berth.public_image()
        go_on = threading.Event()
        berth.gate.on("POST /containers/.*/start", "after", lambda: go_on.wait(20))
        answer = person.post("/containers", {"iid": iid, "name": "c", "cpu": 1, "memory_mb": 64})
        assert answer.status == 202
        eventually(lambda: not berth.gate.armed, 10, message="it is being started")
        assert berth.stop() == 0
        go_on.set()
        berth.start()
        person = V1(berth.again(person.client))
        person.refused("GET", f"/operations/{answer.json['oid']}", "not_found")
        eventually(lambda: person.get(f"/containers/{answer.json['cid']}").json["state"] == "running", 15)
        assert berth.await_agreement()


class TestEvents:
    def test_need_a_login(self, berth):
        assert EventStream(berth.anyone).status == 401

    def test_begin_with_hello_and_tell_of_ones_own(self, person, other, iid):
        with person.events() as mine, other.events() as theirs:
            assert mine.next()[0] == "hello" and theirs.next()[0] == "hello"
            answer = person.post("/containers", {"iid": iid, "name": "c", "cpu": 1, "memory_mb": 64})
            cid, oid = answer.json["cid"], answer.json["oid"]
            mine.until("container.changed", cid=cid)
            mine.until("operation.changed", oid=oid)
            person.done(answer)
            person.done(person.delete(f"/containers/{cid}"))
            # What others hear of it: that the device has less room, and then more.
            assert set(theirs.until("device.changed", did=1)) <= {"device.changed"}

    def test_others_hear_of_an_image_when_it_is_shared_and_when_it_is_not_any_more(self, person, other, iid):
        with person.container(iid) as cid:
            saved = person.done(person.post(f"/containers/{cid}/image", {"name": "n"}))["iid"]
            with other.events() as theirs:
                person.put(f"/images/{saved}/public", {"public": True})
                theirs.until("image.changed", iid=saved)
                person.put(f"/images/{saved}/public", {"public": False})
                theirs.until("image.changed", iid=saved)
            person.delete(f"/images/{saved}")

    def test_end_with_the_login(self, person):
        with person.events() as stream:
            assert stream.next()[0] == "hello"
            person.delete("/sessions")
            assert eventually(lambda: stream.next() is None, 5)

    def test_the_oldest_of_too_many_ends(self, person):
        streams = [person.events() for _ in range(17)]
        try:
            assert streams[0].next()[0] == "hello"
            assert streams[0].next() is None
            assert streams[-1].next()[0] == "hello"
        finally:
            for stream in streams:
                stream.close()

    def test_do_not_hold_up_the_end_of_the_program(self, start_berth):
        berth = start_berth()
        with V1.newcomer(berth).events() as stream:
            assert stream.next()[0] == "hello"
            assert berth.stop() == 0
            assert stream.next() is None
