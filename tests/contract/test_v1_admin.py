"""/api/v1: what admins see and do, and the board of MATLAB sessions."""

import pytest

from harness.berth import PASSWORD
from harness.poll import eventually
from harness.tiny_image import ensure_broken_image
from harness.v1 import V1, log_in


@pytest.fixture
def boss(admin):
    return V1(admin)


@pytest.fixture
def person(berth):
    return V1.newcomer(berth)


class TestUsers:
    def test_adding_promoting_resetting_and_disabling(self, berth, boss):
        name = berth.new_name()
        body = {"username": name, "password": PASSWORD, "email": f"{name}@lab.test", "role": "user"}
        added = boss.post("/admin/users", body)
        assert added.status == 201 and (added.json["role"], added.json["containers"]) == ("user", 0)
        boss.refused("POST", "/admin/users", "name_taken", body)
        assert boss.put(f"/admin/users/{name}/role", {"role": "admin"}).json["role"] == "admin"
        somebody = log_in(berth, name)
        assert somebody.get("/admin/users").status == 200
        assert boss.put(f"/admin/users/{name}/role", {"role": "user"}).json["role"] == "user"
        somebody.refused("GET", "/admin/users", "forbidden")
        assert boss.put(f"/admin/users/{name}/password", {"password": "another one"}).status == 204
        somebody.refused("GET", "/containers", "not_logged_in")
        somebody = log_in(berth, name, "another one")
        assert boss.put(f"/admin/users/{name}/disabled", {"disabled": True}).json["disabled"] is True
        somebody.refused("GET", "/containers", "not_logged_in")
        assert boss.put(f"/admin/users/{name}/disabled", {"disabled": False}).json["disabled"] is False

    def test_nobody_takes_away_his_own_rights(self, boss):
        boss.refused("PUT", f"/admin/users/{boss.name}/role", "forbidden", {"role": "user"})
        boss.refused("PUT", f"/admin/users/{boss.name}/disabled", "forbidden", {"disabled": True})

    def test_who_is_not_there(self, boss):
        boss.refused("PUT", "/admin/users/nobody-here/role", "not_found", {"role": "user"})

    def test_all_of_them(self, boss, person):
        names = {user["name"]: user for user in boss.items("/admin/users")}
        assert names[person.name]["role"] == "user" and names[boss.name]["role"] == "admin"

    def test_a_list_that_stays_open_hears_of_every_account(self, berth, boss, person):
        with boss.events() as all_of_them, person.events() as own:
            name = berth.new_name()
            added = boss.post("/admin/users", {"username": name, "password": PASSWORD, "email": f"{name}@lab.test", "role": "user"})
            all_of_them.until("account.changed", uid=added.json["uid"])
            person.post("/tokens", {"name": "script", "scopes": ["read"], "expires_days": 1})
            assert "account.changed" not in own.until("account.changed", uid=person.get("/session").json["user"]["uid"])

    def test_a_rule_is_told_in_both_languages(self, berth, boss):
        body = {"username": berth.new_name(), "password": "short", "email": "a@lab.test", "role": "user"}
        problem = boss.refused("POST", "/admin/users", "invalid", body)
        assert (problem["detail"], problem["detail_zh"]) == ("must be at least 6 characters", "至少 6 个字符")

    def test_a_role_that_ends_takes_its_events_along(self, berth, boss):
        name = berth.new_name()
        boss.post("/admin/users", {"username": name, "password": PASSWORD, "email": f"{name}@lab.test", "role": "admin"})
        with log_in(berth, name).events() as stream:
            assert stream.next()[0] == "hello"
            boss.put(f"/admin/users/{name}/role", {"role": "user"})
            while event := stream.next():
                assert event[0] != "ping"


class TestLab:
    def test_everybodys_containers_and_images(self, boss, person, iid):
        with person.container(iid) as cid:
            found = next(c for c in boss.items("/admin/containers") if c["cid"] == cid)
            assert found["owner"] == person.name and not found["mine"]
            assert cid not in [c["cid"] for c in boss.items("/containers")]
            assert iid in [image["iid"] for image in boss.items("/admin/images")]
            boss.done(boss.post(f"/containers/{cid}/stop"))
            assert person.items(f"/containers/{cid}/events")[0]["by"] == boss.name

    def test_a_device_in_full(self, boss, person):
        device = boss.items("/devices")[0]
        assert device["admin"]["endpoint"].startswith("unix://") and device["admin"]["engine_id"]
        assert boss.post(f"/admin/devices/{device['did']}/trust").status == 204
        boss.refused("POST", "/admin/devices/77/trust", "not_found")

    def test_draining_a_device(self, boss, person, iid):
        """Nothing new is placed there, whichever way one asks; what runs goes on."""
        running, stopped = person.create(iid), person.create(iid)
        person.done(person.post(f"/containers/{stopped}/stop"))
        wanted = {"iid": iid, "name": "n", "cpu": 1, "memory_mb": 64}
        assert boss.put("/admin/devices/1/draining", {"draining": True}).status == 204
        try:
            device = person.items("/devices")[0]
            assert (device["state"], device["admin"]) == ("draining", None)
            assert boss.items("/devices")[0]["admin"]["draining"] is True
            person.refused("POST", "/containers", "device_draining", wanted)
            person.refused("POST", f"/containers/{stopped}/start", "device_draining")
            contract = person.client.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
            assert (contract.status, contract.json["status"]) == (503, -1)
            assert person.get(f"/containers/{running}").json["state"] == "running"
            person.done(person.post(f"/containers/{running}/restart"))
        finally:
            assert boss.put("/admin/devices/1/draining", {"draining": False}).status == 204
            for cid in (running, stopped):
                person.client.delete(f"/containers/{cid}")
        assert person.items("/devices")[0]["state"] == "ready"
        with person.container(iid):
            pass
        actions = [e["action"] for e in boss.get("/admin/audit?limit=50").json["items"] if e["subject"] == "did 1"]
        assert actions[:2] == ["device.resume", "device.drain"]
        boss.refused("PUT", "/admin/devices/77/draining", "not_found", {"draining": True})

    def test_a_device_drains_until_it_is_resumed(self, start_berth):
        berth = start_berth()
        assert berth.cli("device", "drain", 1)
        berth.stop()
        berth.start()
        assert berth.device()["draining"] is True
        assert berth.cli("device", "resume", 1)
        assert berth.device()["draining"] is False

    def test_publishing_an_image(self, boss, person, engine):
        reference = ensure_broken_image(engine)
        added = boss.post("/admin/images", {"did": 1, "reference": reference, "name": "published"})
        assert added.status == 201 and added.json["public"] and added.json["owner"] is None
        assert added.json["iid"] in [image["iid"] for image in person.items("/images?scope=public")]
        boss.refused("POST", "/admin/images", "not_found", {"did": 1, "reference": "berth-test/none:1", "name": "n"})

    def test_settings_without_secrets(self, start_berth):
        berth = start_berth(settings={"BERTH_MATLAB_TOKENS": "a-secret-of-many-letters"})
        boss = V1(berth.new_admin())
        settings = {setting["key"]: setting for setting in boss.items("/admin/settings")}
        assert settings["platform.listen"]["default"] == "127.0.0.1:5000"
        assert "a-secret" not in str(settings) and settings["matlab.tokens"]["value"]

    def test_the_audit(self, boss, person, iid):
        with person.container(iid) as cid:
            page = boss.get("/admin/audit?limit=5").json
            assert len(page["items"]) == 5 and page["next"]
            entry = next(e for e in page["items"] if e["action"] == "container.create")
            assert (entry["by"], entry["subject"], entry["outcome"]) == (person.name, f"cid {cid}", "ok")
            older = boss.get(f"/admin/audit?limit=5&after={page['next']}").json["items"]
            assert older[0]["at"] <= page["items"][-1]["at"]


class TestMatlab:
    def test_a_class_is_made_watched_restarted_and_ended(self, boss, matlab):
        with boss.events() as stream:
            answer = boss.post("/matlab", {"first": 3, "last": 4, "session_id": "lesson"})
            assert answer.json["progress"] == {"done": 0, "failed": 0, "total": 2}
            made = boss.done(answer)
            assert made["progress"] == {"done": 2, "failed": 0, "total": 2}
            stream.until("matlab.changed", user_id=4)
        board = boss.items("/matlab")
        assert [(s["user_id"], s["state"], s["session_id"]) for s in board] == [(3, "running", "lesson"), (4, "running", "lesson")]
        assert eventually(lambda: boss.items("/matlab")[0]["web"], 10, message="its web page answers")
        assert board[0]["url"].endswith(f":{board[0]['http_port']}/")
        assert boss.done(boss.post("/matlab/3/restart"))["kind"] == "matlab.restart"
        boss.done(boss.delete("/matlab/3"))
        assert [s["user_id"] for s in boss.items("/matlab")] == [4]
        boss.refused("DELETE", "/matlab/3", "not_found")
        boss.refused("DELETE", "/matlab/101", "not_found")

    def test_a_class_the_wrong_way_round(self, boss):
        assert boss.refused("POST", "/matlab", "invalid", {"first": 4, "last": 3})["field"] == "last"
        assert boss.refused("POST", "/matlab", "invalid", {"first": 1, "last": 101})["field"] == "last"
