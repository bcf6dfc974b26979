"""/api/v1 with `Authorization: Bearer`: what scripts have in place of a log-in."""

import sqlite3

import pytest

from harness.berth import PASSWORD
from harness.poll import eventually
from harness.v1 import V1, log_in

WANTED = {"name": "backup", "scopes": ["read"], "expires_days": 30}


@pytest.fixture
def person(berth):
    return V1.newcomer(berth)


class TestMaking:
    def test_it_is_shown_once_and_only_its_hash_is_kept(self, berth, person):
        made = person.make_token("read", "write", name="备份")
        token, entry = made["token"], made["entry"]
        assert token.startswith("berth_") and token.startswith(entry["prefix"])
        assert (entry["name"], entry["scopes"], entry["last_used_at"]) == ("备份", ["read", "write"], None)
        listed = person.get("/tokens")
        assert listed.json["items"] == [entry] and token not in listed.body.decode()
        secret = token.removeprefix(entry["prefix"]).encode()
        with sqlite3.connect(berth.state_dir / "berth.db") as database:
            rows = database.execute("select * from api_tokens").fetchall()
        assert any(entry["prefix"] in row for row in rows)
        for file in berth.state_dir.glob("berth.db*"):
            assert secret not in file.read_bytes()
        assert secret.decode() not in berth.log_path.read_text(errors="replace")

    @pytest.mark.parametrize("change, field", [
        ({"name": ""}, "name"), ({"name": "a\nb"}, "name"), ({"name": None}, "name"), ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "read"]}, "scopes"), ({"scopes": ["root"]}, "scopes"), ({"scopes": "read"}, "scopes"),
        ({"expires_days": 0}, "expires_days"), ({"expires_days": 366}, "expires_days"), ({"uid": 1}, "uid"),
    ])
    def test_a_wrong_field_is_named(self, person, change, field):
        assert person.refused("POST", "/tokens", "invalid", {**WANTED, **change})["field"] == field

    def test_the_scope_admin_is_for_admins(self, person, admin):
        person.refused("POST", "/tokens", "forbidden", {**WANTED, "scopes": ["admin"]})
        assert V1(admin).script("admin").get("/admin/users").status == 200

    def test_there_are_so_many_and_no_more(self, person):
        for _ in range(50):
            person.make_token("read")
        person.refused("POST", "/tokens", "limit_reached", WANTED)
        assert person.delete(f"/tokens/{person.items('/tokens')[0]['tid']}").status == 204
        person.make_token("read")

    def test_it_is_written_down(self, person, admin):
        tid = person.make_token("read")["entry"]["tid"]
        assert person.delete(f"/tokens/{tid}").status == 204
        entries = V1(admin).get("/admin/audit?limit=2").json["items"]
        assert [(e["action"], e["by"], e["subject"]) for e in entries] == [
            ("token.revoke", person.name, f"tid {tid}"), ("token.add", person.name, f"tid {tid}"),
        ]


class TestUsing:
    def test_a_script_does_what_its_owner_would(self, person, iid):
        script = person.script("write")
        assert script.get("/session").json["user"]["name"] == person.name
        cid = script.create(iid, name="by a script")
        try:
            assert [c["cid"] for c in person.items("/containers")] == [cid]
            script.done(script.post(f"/containers/{cid}/stop"))
        finally:
            script.done(script.delete(f"/containers/{cid}"))

    def test_its_use_is_seen(self, person):
        script = person.script("read")
        assert script.get("/containers").status == 200
        assert person.items("/tokens")[0]["last_used_at"]

    def test_a_page_of_any_origin_may_send_it_but_not_with_cookies(self, person):
        token = person.make_token("write")["token"]
        foreign = {"Origin": "http://elsewhere.test", "Sec-Fetch-Site": "cross-site"}
        script = V1(person.client.with_token(token))
        script.refused("DELETE", "/containers/987654321", "not_found", headers=foreign)
        for headers in ({}, foreign):
            both = V1(person.client).refused("GET", "/containers", "invalid", headers={
                "Authorization": f"Bearer {token}", **headers,
            })
            assert "not both" in both["detail"]
        one = person.client.with_cookies(username=person.name)
        V1(one).refused("GET", "/containers", "invalid", headers={"Authorization": f"Bearer {token}"})

    def test_a_body_must_be_json_all_the_same(self, person):
        person.script("write").refused("POST", "/containers", "unsupported_media_type", body=b"a=b",
                                       headers={"Content-Type": "text/plain"})

    def test_it_counts_in_its_header_only(self, berth, person):
        token = person.make_token("read")["token"]
        anyone = V1(berth.anyone)
        for query in (f"access_token={token}", f"authorization=Bearer%20{token}", f"token={token}"):
            anyone.refused("GET", f"/containers?{query}", "not_logged_in")
        anyone.refused("GET", "/containers", "not_logged_in", headers={"Authorization": f"Token {token}"})
        cookies = V1(person.client.with_cookies(username=person.name, user_token=token))
        cookies.refused("GET", "/containers", "not_logged_in")

    def test_a_log_in_is_no_token(self, person):
        session = person.client.cookies["user_token"]
        V1(person.client.with_token(session, source="127.8.0.1")).refused("GET", "/containers", "not_logged_in")

    def test_the_contracts_calls_know_no_tokens(self, person):
        client = person.client.with_token(person.make_token("write")["token"])
        for method, path in [("GET", "/containers"), ("GET", "/devices"), ("POST", "/api/verify")]:
            assert client(method, path).status == 401

    def test_whoever_asks_who_he_is_hears_that_his_token_does_not_count(self, berth):
        client = berth.anyone.with_token("berth_guess", source="127.8.0.2")
        V1(client).refused("GET", "/session", "not_logged_in")

    def test_guesses_are_counted_and_lock_nobody_out(self, person):
        here = "127.8.0.3"
        guesser = V1(person.client.with_token("berth_guess", source=here))
        codes = [guesser.get("/containers").json["code"] for _ in range(7)]
        assert codes == ["not_logged_in"] * 5 + ["too_many_attempts"] * 2
        token = person.make_token("read")["token"]
        assert person.client.with_token(token, source=here).get("/api/v1/containers").status == 200
        body = {"username": person.name, "password": PASSWORD}
        login = person.client.with_cookies()
        login.source = here
        assert login.post("/api/v1/session", body).status == 200, "nor from logging in"


class TestEnding:
    def test_revoking_is_for_its_owner(self, berth, person):
        made = person.make_token("read")
        V1.newcomer(berth).refused("DELETE", f"/tokens/{made['entry']['tid']}", "not_found")
        assert V1(person.client.with_token(made["token"])).get("/containers").status == 200

    def test_one_that_is_revoked_takes_its_events_along(self, person):
        made = person.make_token("read")
        with V1(person.client.with_token(made["token"])).events() as stream:
            assert stream.next()[0] == "hello"
            assert person.delete(f"/tokens/{made['entry']['tid']}").status == 204
            while event := stream.next():
                assert event[0] != "ping"

    def test_it_outlives_the_log_in_it_was_made_with(self, berth, person):
        script = person.script("read")
        assert person.put("/password", {"current": PASSWORD, "new": "another one"}).status == 204
        assert person.delete("/sessions").status == 204
        assert script.get("/containers").status == 200
        assert log_in(berth, person.name, "another one").items("/tokens")

    def test_it_outlives_the_server(self, start_berth):
        berth = start_berth()
        person = V1.newcomer(berth)
        token = person.make_token("read")["token"]
        berth.stop()
        berth.start()
        script = V1(berth.anyone.with_token(token))
        assert eventually(lambda: script.get("/session").json["user"]["name"] == person.name)

    def test_it_expires(self, start_berth):
        berth = start_berth()
        person = V1.newcomer(berth)
        token = person.make_token("read")["token"]
        berth.stop()
        with sqlite3.connect(berth.state_dir / "berth.db") as database:
            database.execute("update api_tokens set expires_at = created_at + 1")
        database.close()
        berth.start()
        V1(berth.anyone.with_token(token)).refused("GET", "/containers", "not_logged_in")
