"""Bad input through HTTP: refused with the field and the rule, and without any effect."""

import json

import pytest

from contract.spec_tables import NO_CONTAINER, NO_IMAGE
from harness.shapes import assert_shape

BAD_INTEGERS = [
    "1e3", "1.5", "1.0", "true", '"1"', "-1", "0", "-0", "9223372036854775808", "18446744073709551616",
    "12345678901234567890", "[1]", "{}", "1e999",
]
# Not JSON at all
BAD_JSON = {
    "empty": b"", "no object": b"[]", "null": b"null", "number": b"1", "text": b'"a"', "cut off": b'{"iid":1',
    "two": b"{}{}", "trailing": b"{} x", "leading zero": b'{"iid":01}', "fullwidth digit": '{"iid":１}'.encode(),
    "plus": b'{"iid":+1}', "hex": b'{"iid":0x1}', "NaN": b'{"iid":NaN}', "comment": b'{"iid":1/*x*/}',
    "single quotes": b"{'iid':1}", "bad UTF-8": b'{"name":"\xff"}', "overlong": b'{"name":"\xc0\xaf"}',
    "surrogate": b'{"name":"\\ud800"}', "NUL": b'{"name":"a\\u0000b"}', "too deep": b'{"a":' * 33 + b"1" + b"}" * 33,
    "very deep": b"[" * 30000 + b"]" * 30000, "BOM": b"\xef\xbb\xbf{}",
}
GOOD = {"iid": 1, "name": "n", "cpu": 1, "mem": 64}


@pytest.fixture
def no_effect(berth, user):
    """Nothing reaches the engine, and no row appears."""
    before = len(berth.gate.changes())
    yield user
    assert berth.gate.changes()[before:] == []
    assert user.get("/containers").json == {"status": 0, "cid": []}


def with_raw(field, raw):
    body = {**GOOD, field: "@@"}
    return json.dumps(body).replace('"@@"', raw).encode()


@pytest.mark.parametrize(
    "field, raw",
    # A list of GPUs is documented.
    [(field, raw) for field in ("iid", "cpu", "mem", "gid") for raw in BAD_INTEGERS if (field, raw) != ("gid", "[1]")],
    ids=str,
)
def test_integers_are_integers(no_effect, field, raw):
    answer = no_effect("POST", "/containers", body=with_raw(field, raw))
    assert answer.status == 400, answer
    assert_shape(answer.json, {"status": -1, "error": str})
    assert answer.json["error"].startswith(field + ": "), "the message names the field"
    assert "must" in answer.json["error"], "and the rule"


@pytest.mark.parametrize("raw", ['["1"]', "[true]", "[0]", "[1,1]", "[1.0]", "[null]", "[[1]]", str(list(range(1, 66)))])
def test_lists_of_gpus(no_effect, raw):
    answer = no_effect("POST", "/containers", body=with_raw("gid", raw))
    assert answer.status == 400, answer
    assert answer.json["error"].startswith("gid: ")


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
@pytest.mark.parametrize("path", ["/containers", "/images", "/api/login", "/api/register"])
def test_what_is_not_a_json_object(no_effect, path, body):
    answer = no_effect("POST", path, body=body)
    assert answer.status == 400, answer
    assert_shape(answer.json, {"status": -1, "error": str})


def test_a_key_that_comes_twice(no_effect):
    answer = no_effect("POST", "/containers", body=b'{"iid":1,"name":"n","cpu":1,"mem":64,"cpu":2}')
    assert (answer.status, answer.json) == (400, {"status": -1, "error": "cpu: is there twice"})


@pytest.mark.parametrize("field", ["iid", "name", "cpu", "mem"])
@pytest.mark.parametrize("value", ["missing", "null"])
def test_a_missing_field(no_effect, field, value):
    body = {**GOOD, field: None}
    if value == "missing":
        del body[field]
    answer = no_effect.post("/containers", body)
    assert (answer.status, answer.json) == (400, {"status": -1, "error": f"{field}: is missing"})


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a\nb", "a\x00b", "a\x7fb", "a\u202eb", "a\u2066b", "a\u2028b", "\u0085"]
)
def test_bad_names(no_effect, name):
    for path, body in (("/containers", {**GOOD, "name": name}), ("/images", {"cid": 1, "name": name})):
        answer = no_effect.post(path, body)
        assert answer.status == 400, answer
        assert "name" in answer.json["error"] or "NUL" in answer.json["error"]


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE users; --", "$(id)", "`id`", "../../etc", "x" * 64, "名" * 64, "👩‍🔬", "a b", "%s%n", "<script>", "\\"]
)
def test_odd_names_come_back_byte_for_byte(berth, user, iid, name):
    with berth.container(user, iid, name=name) as created:
        assert user.get(f"/containers/property/{created['cid']}").json["name"] == name
        row = berth.cli("container", "show", created["cid"])["container"]
        assert row["name"] == name


@pytest.mark.parametrize("mem", [63, 1, 64 * 1024 * 1024 + 1])
def test_memory_bounds(no_effect, mem):
    answer = no_effect.post("/containers", {**GOOD, "mem": mem})
    assert answer.status == 400 and answer.json["error"].startswith("mem: ")


BAD_IDS = [
    "0", "-1", "+1", "01", "1e3", "1.0", "true", "%EF%BC%91", "1%00", "1%0A", "1%20", "%31%2f..", "1%2F..", "2147483648",
    "9223372036854775807", "9223372036854775808", "99999999999999999999", "0x1", "'--", "x" * 300, "..", "%2e%2e",
    "%252e", "1;x", "%ff",
]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_ids_in_paths(no_effect, bad):
    """400 where it is no path, 404 as for what does not exist otherwise; never anything else."""
    for answer, refusal in (
        (no_effect.get(f"/containers/status/{bad}"), NO_CONTAINER),
        (no_effect.get(f"/containers/property/{bad}"), NO_CONTAINER),
        (no_effect.put(f"/containers/{bad}", {"cmd": "start"}), NO_CONTAINER),
        (no_effect.delete(f"/containers/{bad}"), NO_CONTAINER),
        (no_effect.get(f"/images/property/{bad}"), NO_IMAGE),
    ):
        assert answer.status in (400, 404), answer
        assert_shape(answer.json, {"status": -1, "error": str})
        if answer.status == 404 and "path" not in answer.json["error"]:
            assert answer.json == refusal


@pytest.mark.parametrize("cmd", ["", "Start", "restart", "kill", "start;id", 1, None, ["start"]])
def test_bad_commands(berth, user, container, cmd):
    before = len(berth.gate.changes())
    answer = user.put(f"/containers/{container['cid']}", {"cmd": cmd})
    assert answer.status == 400, answer
    assert answer.json["error"].startswith("cmd: ")
    assert len(berth.gate.changes()) == before


def test_public_must_be_a_bool(no_effect):
    for value in ("true", 1, "f", []):
        answer = no_effect.post("/images", {"cid": 1, "name": "n", "public": value})
        assert (answer.status, answer.json["error"]) == (400, "public: must be true or false")


def test_a_field_nobody_asked_for_reaches_no_engine(berth, user, iid):
    """There is no way to ask for more rights than a container has."""
    wish = {"HostConfig": {"Privileged": True}, "privileged": True, "cap_add": ["SYS_ADMIN"]}
    answer = user.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64, **wish})
    if answer.status == 200:
        host = berth.engine.inspect(berth.engine_name(answer.json["cid"]))["HostConfig"]
        berth.remove(user, answer.json["cid"])
        assert host["Privileged"] is False and "SYS_ADMIN" not in (host["CapAdd"] or [])
    else:
        assert answer.status == 400


class TestSizes:
    def test_a_body_over_the_limit(self, no_effect):
        answer = no_effect("POST", "/containers", body=b'{"name":"' + b"x" * (65 * 1024) + b'"}')
        assert answer.status == 413
        assert_shape(answer.json, {"status": -1, "error": str})

    def test_headers_over_the_limit(self, no_effect):
        assert no_effect.get("/containers", headers={"X-Long": "x" * 20000}).status == 431
        assert no_effect.get("/containers", headers={f"X-{i}": "1" for i in range(70)}).status == 431

    def test_a_target_over_the_limit(self, no_effect):
        assert no_effect.get("/containers?" + "x" * 5000).status in (414, 431)


@pytest.mark.parametrize("path", ["/nope", "/containers/", "//containers", "/Containers", "/containers/../containers"])
def test_unknown_paths_answer_in_the_faces_form(no_effect, path):
    answer = no_effect.get(path)
    assert answer.status in (400, 404)
    assert_shape(answer.json, {"status": -1, "error": str})


def test_other_methods(no_effect):
    answer = no_effect("PUT", "/containers", json={})
    assert answer.status == 405
    assert set(answer.header("Allow").replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}
    for method in ("TRACE", "PATCH", "OPTIONS", "QUERY"):
        answer = no_effect(method, "/containers")
        assert answer.status == 405 and "POST" in answer.header("allow")
