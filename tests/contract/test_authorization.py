"""Who may do what: the matrix over the routes that the server itself lists.

Every route must have a row here; one without a row fails. Principals: nobody (A), an unknown user (B), the right name with
a garbage token (C), somebody else's token with the owner's name (D), a logged-out token (E), a disabled user (G), the owner
(U), another user (V) and an admin (X). Objects: one's own, somebody else's, and one that is not there. A denied cell also
proves that the engine was not called, and that "not yours" and "not there" are the same bytes.
"""

import os
import stat
from dataclasses import dataclass

import pytest

from contract.spec_tables import NO_CONTAINER, NO_DEVICE, NO_IMAGE, NOT_LOGGED_IN, NOT_REMOVABLE
from harness.berth import PASSWORD
from harness.poll import eventually

ABSENT = 987654321


@dataclass(frozen=True)
class Row:
    """How a route is called, and what those get who may not touch its object."""

    access: str = "user"
    object: str = ""  # container, image, device: what the path or the body names
    body: tuple = ()  # JSON members; "@" stands for the object's id
    hidden: tuple = ()  # the 404 of one that is absent or somebody else's
    admin_sees: bool = True


def _hidden(refusal):
    return tuple(refusal.items())


CONTAINER = {"object": "container", "hidden": _hidden(NO_CONTAINER)}
CREATE_BODY = (("iid", "@"), ("name", "n"), ("cpu", 1), ("mem", 64))
SAVE_BODY = (("cid", "@"), ("name", "n"))

PLATFORM = {
    ("POST", "/api/register"): Row("public"),
    ("POST", "/api/login"): Row("public"),
    ("POST", "/api/logout"): Row(),
    ("POST", "/api/verify"): Row(),
    ("POST", "/api/token_login"): Row(),
    ("GET", "/devices"): Row(),
    ("GET", "/devices/property/{did}"): Row(object="device", hidden=_hidden(NO_DEVICE)),
    ("GET", "/containers"): Row(),
    ("GET", "/containers/status/{cid}"): Row(**CONTAINER),
    ("GET", "/containers/property/{cid}"): Row(**CONTAINER),
    ("PUT", "/containers/{cid}"): Row(**CONTAINER, body=(("cmd", "start"),)),
    ("DELETE", "/containers/{cid}"): Row(**CONTAINER),
    ("POST", "/containers"): Row(object="image", hidden=_hidden(NO_IMAGE), body=CREATE_BODY),
    ("POST", "/containers/create"): Row(object="image", hidden=_hidden(NO_IMAGE), body=CREATE_BODY),
    ("GET", "/images"): Row(),
    ("GET", "/images/public"): Row(),
    ("GET", "/images/on/{did}"): Row(object="device", hidden=_hidden(NO_DEVICE)),
    ("GET", "/images/property/{iid}"): Row(object="image", hidden=_hidden(NO_IMAGE)),
    ("POST", "/images"): Row(**CONTAINER, body=SAVE_BODY),
    ("POST", "/images/create"): Row(**CONTAINER, body=SAVE_BODY),
    ("DELETE", "/images/{iid}"): Row(object="image", hidden=_hidden(NOT_REMOVABLE)),
    ("POST", "/images/delete/{iid}"): Row(object="image", hidden=_hidden(NOT_REMOVABLE)),
}
# Whether a token is asked for: contract/test_matlab.py runs these five with and without one.
MATLAB = {
    ("GET", "/"): Row("public"),
    ("POST", "/create"): Row("key"),
    ("POST", "/destroy/{container_id}"): Row("key"),
    ("POST", "/restart/{container_id}"): Row("key"),
    ("GET", "/health/{container_id}"): Row("key"),
    ("GET", "/list"): Row("key"),
}
# Only whoever may open the socket in the state folder gets here.
ADMIN = {
    (method, path): Row("socket")
    for method, path in [
        ("GET", "/users"), ("POST", "/users"), ("PUT", "/users/{name}/password"), ("PUT", "/users/{name}/disabled"),
        ("GET", "/devices"), ("GET", "/devices/{did}"), ("POST", "/devices/{did}/trust"), ("GET", "/images"),
        ("POST", "/images"), ("PUT", "/images/{iid}/public"), ("GET", "/containers"), ("GET", "/containers/{cid}"),
        ("POST", "/containers/{cid}/stop"), ("DELETE", "/containers/{cid}"), ("GET", "/matlab"), ("GET", "/routes"),
    ]
}
V1_CREATE = (("iid", "@"), ("name", "n"), ("cpu", 1), ("memory_mb", 64))
ACCOUNT = (("username", "n"), ("password", PASSWORD), ("email", "n@lab.test"), ("role", "user"))
V1 = {
    (method, f"/api/v1{path}"): row
    for (method, path), row in {
        ("GET", "/session"): Row("public"),
        ("POST", "/session"): Row("public"),
        ("DELETE", "/session"): Row(),
        ("DELETE", "/sessions"): Row(),
        ("POST", "/register"): Row("public"),
        ("PUT", "/password"): Row(body=(("current", "guess"), ("new", "another one"))),
        ("GET", "/devices"): Row(),
        ("GET", "/images"): Row(),
        ("PUT", "/images/{iid}/public"): Row(object="image", body=(("public", True),)),
        ("DELETE", "/images/{iid}"): Row(object="image"),
        ("GET", "/containers"): Row(),
        ("POST", "/containers"): Row(object="image", body=V1_CREATE),
        ("GET", "/containers/{cid}"): Row(object="container"),
        ("DELETE", "/containers/{cid}"): Row(object="container"),
        ("POST", "/containers/{cid}/start"): Row(object="container"),
        ("POST", "/containers/{cid}/stop"): Row(object="container"),
        ("POST", "/containers/{cid}/restart"): Row(object="container"),
        ("POST", "/containers/{cid}/image"): Row(object="container", body=(("name", "n"),)),
        ("GET", "/containers/{cid}/password"): Row(object="container", admin_sees=False),
        ("GET", "/containers/{cid}/usage"): Row(object="container"),
        ("GET", "/containers/{cid}/logs"): Row(object="container"),
        ("GET", "/containers/{cid}/changes"): Row(object="container"),
        ("GET", "/containers/{cid}/events"): Row(object="container"),
        ("GET", "/containers/{cid}/terminal"): Row(object="container"),
        ("GET", "/operations"): Row(),
        ("GET", "/operations/{oid}"): Row(object="operation"),
        ("GET", "/events"): Row(),
        ("GET", "/matlab"): Row("admin"),
        ("POST", "/matlab"): Row("admin", body=(("first", 1), ("last", 100))),
        ("POST", "/matlab/{user_id}/restart"): Row("admin"),
        ("DELETE", "/matlab/{user_id}"): Row("admin"),
        ("GET", "/admin/users"): Row("admin"),
        ("POST", "/admin/users"): Row("admin", body=ACCOUNT),
        ("PUT", "/admin/users/{username}/role"): Row("admin", body=(("role", "admin"),)),
        ("PUT", "/admin/users/{username}/password"): Row("admin", body=(("password", "another one"),)),
        ("PUT", "/admin/users/{username}/disabled"): Row("admin", body=(("disabled", True),)),
        ("GET", "/admin/containers"): Row("admin"),
        ("GET", "/admin/images"): Row("admin"),
        ("POST", "/admin/images"): Row("admin", body=(("did", 1), ("reference", "x:y"), ("name", "n"))),
        ("POST", "/admin/devices/{did}/trust"): Row("admin"),
        ("GET", "/admin/settings"): Row("admin"),
        ("GET", "/admin/audit"): Row("admin"),
    }.items()
}
MATRIX = {"platform": PLATFORM, "matlab": MATLAB, "admin": ADMIN, "v1": V1}
V1_GUARDED = [key for key, row in V1.items() if row.access != "public"]
V1_OBJECTS = [key for key, row in V1.items() if row.object]
# Those that answer and are done.
V1_READS = [key for key in V1_GUARDED if key[0] == "GET" and not key[1].endswith(("/v1/events", "/terminal"))]
V1_ADMIN = [key for key, row in V1.items() if row.access == "admin"]
USER_ROUTES = [key for key, row in PLATFORM.items() if row.access == "user"]
OBJECT_ROUTES = [key for key in USER_ROUTES if PLATFORM[key].object in ("container", "image")]
STRANGERS = ["A", "B", "C", "D", "E", "G"]


def name_of(key):
    return f"{key[0]} {key[1]}"


class World:
    """The people, and what the owner has: a stopped container, and a private image saved from it."""

    def __init__(self, berth, admin, iid):
        self.berth = berth
        self.owner, self.other, self.admin = berth.new_user(), berth.new_user(), admin
        gone, disabled = berth.new_user(), berth.new_user()
        token = self.owner.cookies["user_token"]
        self.strangers = {
            "A": self.owner.with_cookies(),
            "B": self.owner.with_cookies(username="nobody-of-that-name", user_token=token),
            "C": self.owner.with_cookies(username=self.owner.name, user_token="x" * len(token)),
            "D": self.owner.with_cookies(username=self.owner.name, user_token=self.other.cookies["user_token"]),
            "E": gone.copy(),
            "G": disabled.copy(),
        }
        assert gone.post("/api/logout").status == 200
        berth.cli("user", "disable", disabled.name)
        cid = berth.create(self.owner, iid)["cid"]
        assert self.owner.put(f"/containers/{cid}", {"cmd": "stop"}).status == 200
        image = self.owner.post("/images", {"cid": cid, "name": "private"})
        assert image.status == 200, image
        self.own = {"container": cid, "image": image.json["iid"], "device": 1}
        starting = self.owner.post(f"/api/v1/containers/{cid}/start")
        assert starting.status == 202, starting
        self.own["operation"] = starting.json["oid"]
        eventually(lambda: self.owner.get(f"/api/v1/operations/{self.own['operation']}").json["state"] == "done", 30)
        assert self.owner.put(f"/containers/{cid}", {"cmd": "stop"}).status == 200

    def call(self, client, key, object_id=None):
        method, pattern = key
        row = PLATFORM.get(key) or V1[key]
        path = "/".join(str(object_id) if part.startswith("{") else part for part in pattern.split("/"))
        body = {name: object_id if value == "@" else value for name, value in row.body}
        return client(method, path, json=body or None)

    def changes(self):
        return len(self.berth.gate.changes())


@pytest.fixture(scope="module")
def world(berth, admin, iid):
    world = World(berth, admin, iid)
    yield world
    berth.remove(world.owner, world.own["container"])
    world.owner.delete(f"/images/{world.own['image']}")


def test_every_route_has_a_row(berth):
    served = berth.cli("routes")["routes"]
    assert served, "the server lists its own routes"
    for route in served:
        if route["face"] == "page":
            # Files that were built in, and the page's own addresses: for everybody, and nothing but reading.
            assert (route["method"], route["access"]) == ("GET", "public"), route
            assert not route["pattern"].startswith(("/api", "/containers", "/images", "/devices")), route
            continue
        row = MATRIX[route["face"]].get((route["method"], route["pattern"]))
        assert row, f"{route} has no row in the matrix"
        assert row.access == route["access"], route
    listed = {(route["face"], route["method"], route["pattern"]) for route in served if route["face"] != "page"}
    missing = {(face, *key) for face, rows in MATRIX.items() for key in rows} - listed
    assert not missing, f"in the matrix, but not served: {missing}"


@pytest.mark.parametrize("key", USER_ROUTES, ids=name_of)
@pytest.mark.parametrize("who", STRANGERS)
def test_whoever_is_not_logged_in_gets_nothing(world, key, who):
    before = world.changes()
    kind = PLATFORM[key].object
    for object_id in (world.own[kind], ABSENT) if kind else (None,):
        answer = world.call(world.strangers[who], key, object_id)
        assert (answer.status, answer.json) == (401, NOT_LOGGED_IN)
        assert not answer.set_cookies, "and no session is touched"
    assert world.changes() == before, "the engine was not called"


@pytest.mark.parametrize("key", OBJECT_ROUTES, ids=name_of)
def test_what_is_somebody_elses_is_as_what_is_not_there(world, key):
    before = world.changes()
    row = PLATFORM[key]
    others = world.call(world.other, key, world.own[row.object])
    absent = world.call(world.other, key, ABSENT)
    assert (others.status, others.json) == (404, dict(row.hidden))
    assert (absent.status, absent.body) == (404, others.body)
    assert world.changes() == before, "the engine was not called"


@pytest.mark.parametrize("key", [key for key in USER_ROUTES if PLATFORM[key].object], ids=name_of)
def test_what_is_not_there_is_so_for_everybody(world, key):
    for client in (world.owner, world.other, world.admin):
        answer = world.call(client, key, ABSENT)
        assert (answer.status, answer.json) == (404, dict(PLATFORM[key].hidden))


READS = [key for key in USER_ROUTES if key[0] == "GET"]


@pytest.mark.parametrize("key", READS, ids=name_of)
def test_the_owner_reads(world, key):
    answer = world.call(world.owner, key, world.own.get(PLATFORM[key].object))
    assert answer.status == 200 and answer.json["status"] == 0


@pytest.mark.parametrize("key", READS, ids=name_of)
def test_the_admin_reads(world, key):
    answer = world.call(world.admin, key, world.own.get(PLATFORM[key].object))
    assert answer.status == 200 and answer.json["status"] == 0
    if key[1] == "/containers/property/{cid}":
        assert "passwd" not in answer.json, "a password is its owner's alone"


def test_lists_show_ones_own(world):
    assert world.owner.get("/containers").json["cid"] == [world.own["container"]]
    assert world.owner.get("/images").json["iid"] == [world.own["image"]]
    for client in (world.other, world.admin):
        assert world.own["container"] not in client.get("/containers").json["cid"]
        assert world.own["image"] not in client.get("/images").json["iid"]
    seen = {client.name: [i["iid"] for i in client.get("/images/on/1").json["images"]]
            for client in (world.owner, world.other, world.admin)}
    assert world.own["image"] in seen[world.owner.name]
    assert world.own["image"] not in seen[world.other.name]
    assert world.own["image"] in seen[world.admin.name]


def test_a_device_answer_has_no_secrets(world):
    text = world.owner.get("/devices/property/1").body.decode()
    for secret in ("ssh", "endpoint", "docker.sock", "data_dir", "key", str(world.berth.folder)):
        assert secret not in text


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_who_may_change_a_container(world, iid, who):
    client = getattr(world, who)
    cid = world.berth.create(world.owner, iid)["cid"]
    try:
        assert client.put(f"/containers/{cid}", {"cmd": "stop"}).status == 200
        assert client.put(f"/containers/{cid}", {"cmd": "start"}).status == 200
        image = client.post("/images", {"cid": cid, "name": "of the owner"})
        assert image.status == 200, image
        assert client.get(f"/images/property/{image.json['iid']}").json["user"] == world.owner.name
        assert client.delete(f"/images/{image.json['iid']}").status == 200
        assert client.delete(f"/containers/{cid}").status == 200
    finally:
        world.berth.remove(world.owner, cid)


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_who_may_use_a_private_image(world, who):
    client = getattr(world, who)
    with world.berth.container(client, world.own["image"]) as created:
        assert client.get("/containers").json["cid"][-1] == created["cid"]


def test_public_images_are_everybodys_to_use_and_nobodys_to_remove(world, iid):
    for client in (world.owner, world.other):
        answer = client.delete(f"/images/{iid}")
        assert (answer.status, answer.json) == (404, NOT_REMOVABLE)


class TestV1:
    """The same of /api/v1, whose refusals are problems; the request's id is all that two of them may differ in."""

    @staticmethod
    def problem(answer):
        body = answer.json
        body.pop("request_id")
        return answer.status, body

    @pytest.mark.parametrize("key", V1_GUARDED, ids=name_of)
    @pytest.mark.parametrize("who", STRANGERS)
    def test_whoever_is_not_logged_in_gets_nothing(self, world, key, who):
        before = world.changes()
        answers = [world.call(world.strangers[who], key, object_id) for object_id in (world.own.get(V1[key].object, 1), ABSENT)]
        for answer in answers:
            assert (answer.status, answer.json["code"]) == (401, "not_logged_in")
            assert not answer.set_cookies, "and no session is touched"
        assert self.problem(answers[0]) == self.problem(answers[1])
        assert world.changes() == before, "the engine was not called"

    @pytest.mark.parametrize("key", V1_OBJECTS, ids=name_of)
    def test_what_is_somebody_elses_is_as_what_is_not_there(self, world, key):
        before = world.changes()
        others = world.call(world.other, key, world.own[V1[key].object])
        absent = world.call(world.other, key, ABSENT)
        assert (others.status, others.json["code"]) == (404, "not_found")
        assert self.problem(others) == self.problem(absent)
        assert world.changes() == before, "the engine was not called"

    @pytest.mark.parametrize("key", V1_ADMIN, ids=name_of)
    def test_what_is_for_admins_is_for_nobody_else(self, world, key):
        before = world.changes()
        for object_id in (world.owner.name, 1, ABSENT):
            answer = world.call(world.other, key, object_id)
            assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert world.changes() == before, "the engine was not called"

    @pytest.mark.parametrize("key", V1_READS, ids=name_of)
    def test_reading(self, world, key):
        row = V1[key]
        assert world.call(world.owner, key, world.own.get(row.object)).status == (200 if row.access == "user" else 403)
        assert world.call(world.admin, key, world.own.get(row.object)).status == (200 if row.admin_sees else 404)

    def test_an_answer_about_a_device_has_no_secrets(self, world):
        text = world.owner.get("/api/v1/devices").body.decode()
        for secret in ("ssh", "endpoint", "docker.sock", "data_dir", "key", str(world.berth.folder)):
            assert secret not in text


class TestChangesTakeEffectAtOnce:
    def test_disabling_and_enabling(self, berth):
        person = berth.new_user()
        berth.cli("user", "disable", person.name)
        assert person.get("/containers").status == 401
        answer = berth.anyone.post("/api/login", {"username": person.name, "password": PASSWORD})
        assert (answer.status, answer.json["error"]) == (401, "Invalid username or password")
        berth.cli("user", "enable", person.name)
        assert berth.log_in(person.name).post("/api/verify").status == 200

    def test_a_new_password_ends_all_sessions(self, berth):
        person = berth.new_user()
        berth.cli("user", "passwd", person.name, "--password-stdin", stdin="another one\n")
        assert person.get("/containers").status == 401
        assert berth.log_in(person.name, "another one").get("/containers").status == 200


class TestAdminSocket:
    def test_only_its_owner_may_open_it(self, berth):
        socket = berth.state_dir / "admin.sock"
        assert stat.S_IMODE(os.stat(socket).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(berth.state_dir).st_mode) == 0o700

    @pytest.mark.parametrize("key", [key for key in ADMIN if key not in PLATFORM], ids=name_of)
    def test_its_routes_are_not_on_the_network(self, world, key):
        """Not even for an admin who is logged in."""
        before = world.changes()
        path = key[1].replace("{name}", world.owner.name).replace("{did}", "1").replace("{iid}", "1").replace(
            "{cid}", str(world.own["container"])
        )
        answer = world.admin(key[0], path, json={} if key[0] in ("POST", "PUT") else None)
        assert answer.status in (404, 405), answer
        assert world.berth.matlab(key[0], path).status in (404, 405)
        assert world.changes() == before
