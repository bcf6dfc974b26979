"""/api/v1: devices, images and containers, seen and changed."""

import pytest

from harness.poll import eventually
from harness.v1 import V1

DOORS = ["reachable", "jupyter", "tensorboard"]  # watched at once
STEPS_OF_CREATE = ["reserved", "creating", "starting", *DOORS]


@pytest.fixture
def person(berth):
    return V1.newcomer(berth)


@pytest.fixture
def other(berth):
    return V1.newcomer(berth)


@pytest.fixture
def cid(person, iid):
    with person.container(iid) as cid:
        yield cid


def names_of(operation):
    return [step["name"] for step in operation["steps"]]


class TestCreating:
    def test_goes_through_its_steps_to_a_container_that_answers(self, person, iid):
        answer = person.post("/containers", {"iid": iid, "name": "the first", "cpu": 1, "memory_mb": 64})
        operation = answer.json
        assert (operation["kind"], operation["state"], operation["subject"]) == ("container.create", "running", "the first")
        ended = person.done(answer)
        assert names_of(ended) == STEPS_OF_CREATE
        assert all(step["state"] == "done" for step in ended["steps"])
        before, doors = ended["steps"][:3], ended["steps"][3:]
        times = [time for step in before for time in (step["started_at"], step["ended_at"])]
        assert times == sorted(times) and all(times[-1] <= door["started_at"] <= door["ended_at"] for door in doors)
        cid = ended["cid"]
        try:
            found = person.get(f"/containers/{cid}").json
            assert (found["state"], found["live"], found["mine"], found["reason"]) == ("running", True, True, None)
            assert found["ports"]["ssh"] and found["operation"] is None
            assert found in person.items("/containers")
        finally:
            person.client.delete(f"/containers/{cid}")

    def test_is_refused_at_once_where_there_is_no_room_and_says_what_would_fit(self, person, iid):
        problem = person.refused("POST", "/containers", "cpu_or_memory_not_enough",
                                 {"iid": iid, "name": "big", "cpu": 4096, "memory_mb": 64})
        device = person.items("/devices")[0]
        assert problem["fits"]["did"] == device["did"]
        assert problem["fits"]["cpu"] <= device["total"]["cpu"]
        assert person.items("/operations") == []

    def test_is_refused_where_there_is_no_such_gpu(self, person, iid):
        problem = person.refused("POST", "/containers", "gpu_not_available",
                                 {"iid": iid, "name": "g", "cpu": 1, "memory_mb": 64, "gpus": [77]})
        assert "77" in problem["detail"]

    @pytest.mark.parametrize("change, field", [
        ({"cpu": 0}, "cpu"), ({"memory_mb": 63}, "memory_mb"), ({"name": ""}, "name"), ({"gpus": 1}, "gpus"),
        ({"gpus": [1, 1]}, "gpus"), ({"mem": 64}, "mem"), ({"iid": "1"}, "iid"),
    ])
    def test_names_the_wrong_field(self, person, iid, change, field):
        body = {"iid": iid, "name": "c", "cpu": 1, "memory_mb": 64, **change}
        assert person.refused("POST", "/containers", "invalid", body)["field"] == field


class TestContainer:
    def test_stop_start_restart_and_delete(self, berth, person, iid):
        cid = person.create(iid)
        assert names_of(person.done(person.post(f"/containers/{cid}/stop"))) == ["stopping"]
        stopped = person.get(f"/containers/{cid}").json
        assert (stopped["state"], stopped["reason"]) == ("stopped", None)
        person.refused("POST", f"/containers/{cid}/stop", "already_stopped")
        person.refused("POST", f"/containers/{cid}/restart", "already_stopped")
        assert names_of(person.done(person.post(f"/containers/{cid}/start", {}))) == ["starting", *DOORS]
        person.refused("POST", f"/containers/{cid}/start", "already_running")
        before = person.get(f"/containers/{cid}").json
        assert names_of(person.done(person.post(f"/containers/{cid}/restart"))) == ["stopping", "starting", *DOORS]
        after = person.get(f"/containers/{cid}").json
        assert after["state"] == "running" and after["started_at"] > before["started_at"]
        assert after["ports"] == before["ports"]
        assert names_of(person.done(person.delete(f"/containers/{cid}"))) == ["stopping", "removing"]
        person.refused("GET", f"/containers/{cid}", "not_found")
        assert berth.await_agreement()

    def test_its_password_is_its_owners_alone(self, person, admin, cid):
        assert len(person.get(f"/containers/{cid}/password").json["password"]) == 16
        assert "password" not in person.get(f"/containers/{cid}").json
        V1(admin).refused("GET", f"/containers/{cid}/password", "not_found")

    def test_what_happened_to_it(self, person, cid):
        person.done(person.post(f"/containers/{cid}/stop"))
        page = person.get(f"/containers/{cid}/events?limit=1").json
        assert [(e["action"], e["by"]) for e in page["items"]] == [("container.stop", person.name)]
        rest = person.get(f"/containers/{cid}/events?after={page['next']}").json
        assert [e["action"] for e in rest["items"]] == ["container.create"] and rest["next"] is None

    def test_one_that_ends_by_itself_says_why(self, berth, person, cid):
        berth.engine.kill(berth.engine_name(cid))
        found = eventually(
            lambda: next((c for c in person.items("/containers") if c["cid"] == cid and c["reason"]), None),
            message="the reason")
        assert found["reason"]["code"] == "exited" and "137" in found["reason"]["text_zh"]
        assert person.items(f"/containers/{cid}/events")[0]["action"] == "container.ended"

    def test_its_usage_of_the_last_hour(self, person, cid):
        eventually(lambda: person.get(f"/containers/{cid}").json["load"], 10, message="a figure")
        usage = person.get(f"/containers/{cid}/usage").json
        assert (usage["interval_s"], usage["memory_limit_bytes"]) == (10, 64 * 1024 * 1024)
        assert usage["gpus_measured"] and usage["gpus"] == []
        samples = eventually(lambda: person.get(f"/containers/{cid}/usage").json["samples"], 25, every=0.5)
        assert samples[0]["memory_bytes"] > 0
        assert person.get(f"/containers/{cid}/usage?since={samples[-1]['at']}").json["samples"] in ([], samples[-1:])
        person.refused("GET", f"/containers/{cid}/usage?since=yesterday", "invalid")


    def test_the_end_of_its_log(self, person, cid):
        def whole_log():
            logs = person.get(f"/containers/{cid}/logs").json
            return logs if len(logs["items"]) == 2 else None

        logs = eventually(whole_log, message="its log")
        assert {line["text"] for line in logs["items"]} == {"tiny is up", "and complains"} and not logs["truncated"]
        assert {line["text"]: line["stream"] for line in logs["items"]}["and complains"] == "stderr"
        last = person.get(f"/containers/{cid}/logs?tail=1").json
        assert len(last["items"]) == 1 and last["truncated"]
        person.refused("GET", f"/containers/{cid}/logs?tail=5001", "invalid")

    def test_what_it_has_changed_since_its_image(self, berth, person, cid):
        berth.engine.run(berth.engine_name(cid), "touch", "/root/new file")
        berth.engine.run(berth.engine_name(cid), "touch", "/workspace/not part of it")
        changes = person.get(f"/containers/{cid}/changes").json
        assert {"path": "/root/new file", "kind": "added"} in changes["items"]
        assert not any("not part" in change["path"] for change in changes["items"])
        assert changes["size_bytes"] >= 0 and not changes["truncated"]


class TestImages:
    def test_saving_sharing_and_deleting(self, person, other, cid):
        saved = person.done(person.post(f"/containers/{cid}/image", {"name": "mine 我的"}))
        assert names_of(saved) == ["saving", "measuring"]
        iid = saved["iid"]
        mine = [image for image in person.items("/images?scope=mine")]
        assert [(i["iid"], i["name"], i["mine"], i["public"]) for i in mine] == [(iid, "mine 我的", True, False)]
        assert mine[0]["source"] == {"cid": cid, "name": "c"} and mine[0]["size_bytes"] > 0
        assert iid not in [image["iid"] for image in other.items("/images")]
        other.refused("PUT", f"/images/{iid}/public", "not_found", {"public": True})
        assert person.put(f"/images/{iid}/public", {"public": True}).json["public"] is True
        shared = next(image for image in other.items("/images?scope=public") if image["iid"] == iid)
        assert shared["owner"] == person.name and not shared["mine"] and shared["source"]["name"] is None
        other.refused("DELETE", f"/images/{iid}", "not_found")
        with other.container(iid):
            person.refused("DELETE", f"/images/{iid}", "image_in_use")
        assert person.delete(f"/images/{iid}").status == 204
        assert person.items("/images?scope=mine") == []

    def test_filters(self, person, iid):
        assert iid in [image["iid"] for image in person.items("/images?did=1")]
        assert person.items("/images?did=77") == []
        person.refused("GET", "/images?scope=theirs", "invalid")


class TestPages:
    def test_a_list_is_read_in_pieces(self, person, iid):
        with person.container(iid) as first:
            person.done(person.post(f"/containers/{first}/stop"))
            with person.container(iid) as second:
                page = person.get("/containers?limit=1").json
                assert ([c["cid"] for c in page["items"]], page["next"]) == ([first], first)
                rest = person.get(f"/containers?limit=1&after={first}").json
                assert ([c["cid"] for c in rest["items"]], rest["next"]) == ([second], None)

    @pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=0", "limit=1&limit=2", "offset=3"])
    def test_a_wrong_query_is_refused(self, person, query):
        person.refused("GET", f"/containers?{query}", "invalid")


def test_a_device_shows_what_is_left_and_its_load(berth, person, cid):
    device = person.items("/devices")[0]
    assert device["state"] == "ready" and device["used"]["cpu"] >= 1 and device["containers"] >= 1
    assert device["admin"] is None, "where it lies is for admins"
    load = eventually(lambda: person.items("/devices")[0]["load"], 5, message="its load")
    assert 0 <= load["cpu_percent"] <= 100 and load["memory_bytes"] > 0
