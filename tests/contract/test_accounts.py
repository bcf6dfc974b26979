"""Accounts and sessions: spec/platform-api.md, prefix /api."""

import concurrent.futures

import pytest

from contract.spec_tables import NOT_LOGGED_IN, TAKEN, WRONG_LOGIN
from harness.berth import PASSWORD
from harness.http_client import Client
from harness.shapes import assert_shape


def register(berth, name, password=PASSWORD, email=None, **more):
    body = {"username": name, "password": password, "email": email or f"{name}@lab.test", **more}
    return berth.anyone.post("/api/register", body)


def assert_session_cookies(answer, name):
    cookies = answer.set_cookies
    assert set(cookies) == {"username", "user_token"}
    assert cookies["username"][0] == name
    assert len(cookies["user_token"][0]) >= 43, "256 random bits take at least 43 characters"
    for _, attributes in cookies.values():
        assert attributes == {"httponly": True, "samesite": "Lax", "path": "/", "max-age": "604800"}


def test_register_logs_the_new_user_in(berth):
    name = berth.new_name()
    answer = register(berth, name)
    assert answer.status == 200
    assert answer.json == {"status": 0, "message": f"User {name} registered successfully"}
    assert answer.header("Content-Type").startswith("application/json")
    assert_session_cookies(answer, name)
    token = answer.set_cookies["user_token"][0]
    person = Client(berth.platform_url, cookies={"username": name, "user_token": token})
    assert person.get("/containers").json == {"status": 0, "cid": []}


def test_login_sets_both_cookies(berth, user):
    answer = berth.anyone.post("/api/login", {"username": user.name, "password": PASSWORD})
    assert answer.status == 200
    assert answer.json == {"status": 0, "message": f"{user.name} logged in successfully"}
    assert_session_cookies(answer, user.name)


def test_the_documented_account_needs_no_special_treatment(start_berth):
    """The seed registers `admin` with 114514: no such account exists beforehand, and it becomes an ordinary user."""
    server = start_berth()
    assert register(server, "admin", "114514", "admic@matrix.com").status == 200
    assert server.log_in("admin", "114514").post("/api/verify").json == {"status": 0, "username": "admin"}
    assert server.cli("user", "list")["users"][0]["role"] == "user"


@pytest.mark.parametrize("change", ["same name", "same e-mail", "name in capitals", "e-mail in capitals"])
def test_name_and_email_are_unique(berth, user, change):
    name, email = {
        "same name": (user.name, "other@lab.test"),
        "same e-mail": (berth.new_name(), f"{user.name}@lab.test"),
        "name in capitals": (user.name.upper(), "other2@lab.test"),
        "e-mail in capitals": (berth.new_name(), f"{user.name}@LAB.test".upper()),
    }[change]
    answer = register(berth, name, email=email)
    assert (answer.status, answer.json) == (409, TAKEN)
    assert not answer.set_cookies


def test_one_of_many_registers_of_one_name_wins(berth):
    name = berth.new_name()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: register(berth, name, email=f"{name}-{i}@lab.test"), range(16)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 15


def test_wrong_password_and_unknown_user_look_the_same(berth, user):
    wrong = berth.anyone.post("/api/login", {"username": user.name, "password": "not it"})
    unknown = berth.anyone.post("/api/login", {"username": "nobody-here", "password": "not it"})
    assert (wrong.status, wrong.json) == (401, WRONG_LOGIN)
    assert (unknown.status, unknown.body) == (401, wrong.body)
    assert not wrong.set_cookies and not unknown.set_cookies


def test_verify_and_token_login_know_who_it_is(user):
    assert user.post("/api/verify").json == {"status": 0, "username": user.name}
    assert user.post("/api/token_login").json == {"status": 0, "message": f"{user.name} logged in successfully"}


@pytest.mark.parametrize("call", ["/api/logout", "/api/verify", "/api/token_login"])
def test_without_a_session_these_are_refused(berth, call):
    answer = berth.anyone.post(call)
    assert (answer.status, answer.json) == (401, NOT_LOGGED_IN)


def test_logout_kills_the_token_on_the_server(user):
    stolen = user.copy()
    answer = user.post("/api/logout")
    assert answer.status == 200
    assert answer.json == {"status": 0, "message": f"{user.name} logged out successfully"}
    for value, attributes in answer.set_cookies.values():
        assert value == "" and attributes["max-age"] == "0" and attributes["path"] == "/"
    assert set(answer.set_cookies) == {"username", "user_token"}
    refused = stolen.get("/containers")
    assert (refused.status, refused.json) == (401, NOT_LOGGED_IN)
    assert stolen.post("/api/logout").status == 401


def test_several_sessions_live_side_by_side(berth, user):
    second = berth.log_in(user.name)
    assert second.cookies["user_token"] != user.cookies["user_token"]
    assert user.post("/api/logout").status == 200
    assert second.post("/api/verify").status == 200


def test_a_session_survives_a_restart_of_berth(start_berth):
    server = start_berth()
    person = server.new_user()
    assert server.stop() == 0
    server.start()
    assert server.again(person).post("/api/verify").json == {"status": 0, "username": person.name}


def test_password_rule(berth):
    short = register(berth, berth.new_name(), "12345")
    assert short.status == 400
    assert_shape(short.json, {"status": -1, "error": "password: must be at least 6 characters"})
    assert register(berth, berth.new_name(), "123456").status == 200
    assert register(berth, berth.new_name(), "密码密码密码").status == 200, "six characters of any script"
    assert register(berth, berth.new_name(), "密码").status == 400, "two characters are not six bytes' worth"
    assert register(berth, berth.new_name(), "x" * 257).status == 400


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 32])
def test_good_user_names(berth, name):
    assert register(berth, name, email=f"good-{len(name)}-{name[0]}@lab.test").status in (200, 409)


@pytest.mark.parametrize(
    "name",
    ["", "x" * 33, "a b", "名字", "a/b", "a;b", "a'--", "$(id)", "a\r\nSet-Cookie: x=y", "a\u202eb", "１", "a@b"],
)
def test_bad_user_names(berth, name):
    answer = register(berth, name, email="bad-name@lab.test")
    assert answer.status == 400, answer
    assert answer.json["error"] == "username: must be 1 to 32 of ASCII letters, digits and _ . -"
    assert not answer.set_cookies


@pytest.mark.parametrize("email", ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "x" * 250 + "@b.cd", "a\n@b", "名@字"])
def test_bad_email(berth, email):
    answer = register(berth, berth.new_name(), email=email or "")
    if email == "":
        answer = berth.anyone.post(
            "/api/register", {"username": berth.new_name(), "password": PASSWORD, "email": ""}
        )
    assert answer.status == 400, answer
    assert answer.json["error"].startswith("email: ")


def test_email_of_254_characters_is_fine(berth):
    name = berth.new_name()
    local = "x" * (254 - len("@lab.test") - len(name)) + name
    assert register(berth, name, email=local + "@lab.test").status == 200


@pytest.mark.parametrize("field", ["username", "password", "email"])
def test_a_missing_field_is_named(berth, field):
    body = {"username": berth.new_name(), "password": PASSWORD, "email": "missing@lab.test"}
    del body[field]
    answer = berth.anyone.post("/api/register", body)
    assert (answer.status, answer.json) == (400, {"status": -1, "error": f"{field}: is missing"})


class TestCookies:
    """Identity comes from the token alone, and every doubt is a no."""

    def assert_refused(self, answer):
        assert (answer.status, answer.json) == (401, NOT_LOGGED_IN)

    def test_username_must_match_the_token(self, berth, user):
        other = berth.new_user()
        mixed = user.with_cookies(username=user.name, user_token=other.cookies["user_token"])
        self.assert_refused(mixed.get("/containers"))

    def test_garbage_and_empty_tokens(self, user):
        for token in ("", "x", "x" * 43, "' OR 1=1 --", user.cookies["user_token"][:-1], user.cookies["user_token"] + "x"):
            self.assert_refused(user.with_cookies(username=user.name, user_token=token).get("/containers"))

    def test_sql_in_cookies(self, berth, user):
        self.assert_refused(user.with_cookies(username="' OR '1'='1", user_token="' OR '1'='1").get("/containers"))

    def test_one_cookie_alone(self, user):
        self.assert_refused(user.with_cookies(user_token=user.cookies["user_token"]).get("/containers"))
        self.assert_refused(user.with_cookies(username=user.name).get("/containers"))

    def test_a_cookie_that_comes_twice(self, user):
        good = "; ".join(f"{k}={v}" for k, v in user.cookies.items())
        for extra in ("user_token=x", "username=x", f"user_token={user.cookies['user_token']}"):
            for line in (f"{good}; {extra}", f"{extra}; {good}"):
                answer = user.with_cookies().get("/containers", headers={"Cookie": line})
                assert answer.status == 401, line

    def test_too_many_or_too_long_cookies(self, user):
        for line in ("; ".join(f"c{i}=1" for i in range(1000)), "a=" + "x" * 20000):
            assert user.with_cookies().get("/containers", headers={"Cookie": line}).status in (400, 413, 431)

    def test_credentials_in_the_query_count_for_nothing(self, user):
        query = "&".join(f"{k}={v}" for k, v in user.cookies.items())
        self.assert_refused(user.with_cookies().get(f"/containers?{query}"))


class TestOtherSites:
    """A page of another site must not act for whoever is logged in."""

    @pytest.mark.parametrize(
        "headers, status",
        [
            ({"Origin": "http://evil.test"}, 403),
            ({"Origin": "null"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ],
    )
    def test_refused_without_effect(self, berth, user, iid, headers, status):
        calls = len(berth.gate.changes())
        answer = user.post("/containers", {"iid": iid, "name": "c", "cpu": 1, "mem": 64}, headers=headers)
        assert answer.status == status, answer
        assert user.get("/containers").json["cid"] == []
        assert len(berth.gate.changes()) == calls

    def test_this_site_itself_is_fine(self, berth, user):
        host = berth.platform_url
        assert user.post("/api/verify", headers={"Origin": host, "Sec-Fetch-Site": "same-origin"}).status == 200

    @pytest.mark.parametrize("path", ["/api/logout", "/api/login", "/containers/create", "/images/delete/1"])
    def test_a_link_changes_nothing(self, user, path):
        assert user.get(path).status == 405
        assert user.post("/api/verify").status == 200


class TestGuessing:
    def test_guesses_at_one_account_are_limited(self, start_berth):
        server = start_berth()
        victim = server.new_user()
        statuses = [
            server.anyone.post("/api/login", {"username": victim.name, "password": f"guess{i}"}).status for i in range(8)
        ]
        assert statuses == [401] * 5 + [429] * 3
        assert victim.post("/api/verify").status == 200, "whoever is logged in stays so"
        elsewhere = Client(server.platform_url, source="127.0.0.2")
        answer = elsewhere.post("/api/login", {"username": victim.name, "password": PASSWORD})
        assert answer.status == 200, "and whoever comes from another address gets in"
        other = server.new_user()
        assert server.log_in(other.name), "others log in as ever"

    def test_spraying_many_accounts_is_limited(self, start_berth):
        server = start_berth()
        statuses = [
            server.anyone.post("/api/login", {"username": f"n{i}", "password": "guess12"}).status for i in range(34)
        ]
        assert statuses == [401] * 30 + [429] * 4


class TestFirstAdmin:
    def test_the_printed_code_is_good_once(self, start_berth):
        server = start_berth()
        code = server.first_admin_code
        wrong = register(server, "mallory", code="nope")
        assert wrong.status == 403 and not wrong.set_cookies
        assert register(server, "root1", code=code).status == 200
        assert register(server, "root2", code=code).status == 403
        roles = {user["name"]: user["role"] for user in server.cli("user", "list")["users"]}
        assert roles == {"root1": "admin"}
        server.stop()
        server.start()
        assert not any(line.startswith("first admin code") for line in server.lines)
