"""/api/v1: logging in and out."""

import pytest

from harness.berth import PASSWORD
from harness.http_client import Client
from harness.v1 import V1, log_in


@pytest.fixture
def person(berth):
    return V1.newcomer(berth)


@pytest.fixture
def anyone(berth):
    return V1(berth.anyone)


def test_a_stranger_learns_what_a_page_must_know(anyone):
    session = anyone.get("/session").json
    assert session["user"] is None
    assert session["server"]["registration"] == "open" and session["server"]["demo"] is False


def test_registering_logs_in(berth, anyone):
    name = berth.new_name()
    answer = anyone.post("/register", {"username": name, "password": PASSWORD, "email": f"{name}@lab.test"})
    assert answer.status == 201 and answer.json["user"]["name"] == name
    assert answer.json["user"]["role"] == "user"
    for value, attributes in answer.set_cookies.values():
        assert value and attributes["httponly"] and attributes["samesite"] == "Lax"
    assert anyone.get("/session").json["user"]["email"] == f"{name}@lab.test"


def test_the_contracts_cookies_and_these_are_the_same(berth, person):
    assert person.get("/session").json["user"]["name"] == person.name
    again = log_in(berth, person.name)
    assert again.client.post("/api/verify").json["username"] == person.name


@pytest.mark.parametrize("body, field", [
    ({"username": "a b", "password": PASSWORD, "email": "a@b"}, "username"),
    ({"username": "ab", "password": "short", "email": "a@b"}, "password"),
    ({"username": "ab", "password": PASSWORD, "email": "nobody"}, "email"),
    ({"username": "ab", "password": PASSWORD}, "email"),
    ({"username": "ab", "password": PASSWORD, "email": "a@b", "role": "admin"}, "role"),
])
def test_a_wrong_field_is_named(anyone, body, field):
    problem = anyone.refused("POST", "/register", "invalid", body)
    assert problem["field"] == field


def test_a_name_is_taken_once(anyone, person):
    body = {"username": person.name, "password": PASSWORD, "email": "other@lab.test"}
    anyone.refused("POST", "/register", "name_taken", body)


def test_a_wrong_code_is_named(anyone, berth):
    name = berth.new_name()
    body = {"username": name, "password": PASSWORD, "email": f"{name}@lab.test", "code": "guess"}
    assert anyone.refused("POST", "/register", "wrong_code", body)["field"] == "code"


def test_a_wrong_password_and_an_unknown_name_are_the_same(anyone, person):
    wrong = anyone.refused("POST", "/session", "wrong_credentials", {"username": person.name, "password": "guess!"})
    unknown = anyone.refused("POST", "/session", "wrong_credentials", {"username": "nobody-here", "password": "guess!"})
    wrong.pop("request_id"), unknown.pop("request_id")
    assert wrong == unknown


def test_guessing_is_slowed_down(berth, person):
    guesser = V1(berth.anyone)
    codes = [guesser.post("/session", {"username": person.name, "password": "guess!"}).json["code"] for _ in range(7)]
    assert codes[0] == "wrong_credentials" and codes[-1] == "too_many_attempts"


def test_logging_out_kills_the_token(person):
    kept = V1(person.client.copy())
    answer = person.delete("/session")
    assert answer.status == 204
    assert person.client.cookies == {}
    kept.refused("GET", "/containers", "not_logged_in")


def test_logging_out_everywhere(berth, person):
    other = log_in(berth, person.name)
    assert person.delete("/sessions").status == 204
    other.refused("GET", "/containers", "not_logged_in")


def test_changing_the_password_keeps_this_session_and_ends_the_others(berth, person):
    other = log_in(berth, person.name)
    assert person.put("/password", {"current": PASSWORD, "new": "another one"}).status == 204
    assert person.get("/containers").status == 200
    other.refused("GET", "/containers", "not_logged_in")
    assert log_in(berth, person.name, "another one").get("/containers").status == 200


def test_a_password_is_changed_only_by_whoever_knows_it(person):
    person.refused("PUT", "/password", "wrong_credentials", {"current": "a guess", "new": "another one"})
    assert person.refused("PUT", "/password", "invalid", {"current": PASSWORD, "new": "x"})["field"] == "new"


class TestBadRequests:
    def test_another_sites_page_is_refused(self, person):
        person.refused("POST", "/session", "cross_site", {"username": "a", "password": "b"},
                       headers={"Origin": "http://evil.test"})

    def test_a_form_is_refused(self, person):
        person.refused("POST", "/session", "unsupported_media_type", body=b"a=b",
                       headers={"Content-Type": "application/x-www-form-urlencoded"})

    def test_what_is_no_json_is_refused(self, person):
        person.refused("POST", "/session", "invalid", body=b"{")

    def test_unknown_paths_and_methods_are_problems_too(self, berth):
        anyone = berth.anyone
        answer = anyone.get("/api/v1/nothing")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
        answer = anyone.put("/api/v1/session", {})
        assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
        assert answer.header("allow")

    def test_the_contracts_paths_keep_their_own_form(self, berth):
        assert berth.anyone.get("/nothing").json["status"] == -1


def test_a_closed_berth_says_so(start_berth):
    berth = start_berth(settings={"BERTH_PLATFORM_REGISTRATION": "closed"})
    anyone = V1(Client(berth.platform_url))
    assert anyone.get("/session").json["server"]["registration"] == "closed"
    body = {"username": "ann", "password": PASSWORD, "email": "ann@lab.test"}
    anyone.refused("POST", "/register", "registration_closed", body)
