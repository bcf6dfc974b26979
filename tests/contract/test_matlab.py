"""The MATLAB container API: every row of spec/matlab-api.md, on a small image (tests/docker has the real one)."""

import concurrent.futures
import datetime
import os
import re
import socket
import time

import pytest

from contract.spec_tables import (
    INVALID_CONTAINER_ID, INVALID_USER_ID, SERVICE_INFO, already_running, destroyed, destroyed_nothing, healthy, listed,
    matlab_created, not_found, restarted, started_again, stopped,
)
from harness.poll import eventually
from harness.shapes import assert_shape

FOLDERS = ["commands", "results", "scripts", "logs", "command_queue", "models", "Documents/MATLAB"]


def test_service_info(berth):
    answer = berth.matlab.get("/")
    assert (answer.status, answer.json) == (200, SERVICE_INFO)
    assert list(answer.json) == list(SERVICE_INFO), "in the documented order"
    assert answer.header("Content-Type").startswith("application/json")


def test_create_and_create_again(berth, matlab):
    answer = matlab.post("/create", {"user_id": 1, "session_id": "lesson-7"})
    assert (answer.status, answer.json) == (201, matlab_created(1))
    again = matlab.post("/create", {"user_id": 1})
    assert (again.status, again.json) == (200, already_running(1))


def test_create_starts_a_stopped_one(berth, matlab, engine):
    matlab.post("/create", {"user_id": 2})
    engine.stop("matlab-user-2")
    answer = matlab.post("/create", {"user_id": 2})
    assert (answer.status, answer.json) == (200, started_again(2))
    assert engine.state("matlab-user-2") == "running"


def test_edges_of_the_user_ids(matlab):
    for user_id in (1, 100):
        answer = matlab.post("/create", {"user_id": user_id})
        assert (answer.status, answer.json) == (201, matlab_created(user_id))
    assert_shape(matlab.get("/list").json, {"total": 2, "containers": [dict]})


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b'{"user_id":null}', b'{"user_id":0}', b'{"user_id":101}', b'{"user_id":-1}', b'{"user_id":"1"}',
        b'{"user_id":true}', b'{"user_id":1.0}', b'{"user_id":1e0}', b'{"user_id":[1]}', b'{"user_id":{}}',
        b'{"user_id":9223372036854775808}', b'{"session_id":"x"}',
    ],
)
def test_user_ids_that_are_none(berth, body):
    before = len(berth.gate.changes())
    answer = berth.matlab("POST", "/create", body=body)
    assert (answer.status, answer.json) == (400, INVALID_USER_ID)
    assert len(berth.gate.changes()) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"user_id":01}', '{"user_id":１}'.encode(),
                                  b'{"user_id":1,"user_id":2}'])
def test_bodies_that_are_no_json_object(berth, body):
    answer = berth.matlab("POST", "/create", body=body)
    assert answer.status == 400
    assert_shape(answer.json, {"error": str})


@pytest.mark.parametrize("session_id", [1, True, [], "x" * 129, "a\nb", "a\u202eb"])
def test_bad_session_ids(berth, session_id):
    answer = berth.matlab.post("/create", {"user_id": 1, "session_id": session_id})
    assert answer.status == 400
    assert answer.json["error"].startswith("session_id: ")


@pytest.mark.parametrize(
    "name",
    [
        "matlab-user-0", "matlab-user-101", "matlab-user-01", "matlab-user-0101", "matlab-user-", "matlab-user--1",
        "matlab-user-1x", "matlab-user-+1", "matlab-user-1e1", "matlab-user-%EF%BC%91", "matlab-user-1%20",
        "MATLAB-user-1", "matlab-user", "1", "xmatlab-user-1", "matlab-user-999999", "berth-1", "%24(id)", "'--",
    ],
)
def test_names_that_are_none(berth, name):
    before = len(berth.gate.changes())
    for method, path in (("POST", "/destroy/"), ("POST", "/restart/"), ("GET", "/health/")):
        answer = berth.matlab(method, path + name)
        assert (answer.status, answer.json) == (400, INVALID_CONTAINER_ID), path
    assert len(berth.gate.changes()) == before


@pytest.mark.parametrize("name", ["matlab-user-1%0A", "matlab-user-1%00", "matlab-user-1%2F..", "matlab-user-1/..", ".."])
def test_names_that_are_not_even_paths(berth, name):
    for method, path in (("POST", "/destroy/"), ("POST", "/restart/"), ("GET", "/health/")):
        answer = berth.matlab(method, path + name)
        assert answer.status in (400, 404), answer
        assert "error" in answer.json


def test_nothing_there(matlab):
    for answer, refusal in (
        (matlab.post("/destroy/matlab-user-50"), destroyed_nothing(50)),
        (matlab.post("/restart/matlab-user-50"), not_found(50)),
        (matlab.get("/health/matlab-user-50"), not_found(50)),
    ):
        assert (answer.status, answer.json) == (404, refusal)


def test_destroy_frees_the_ports_and_keeps_the_data(berth, matlab, engine):
    matlab.post("/create", {"user_id": 3})
    kept = berth.matlab_data / "user_3" / "results" / "kept.txt"
    kept.write_text("kept")
    answer = matlab.post("/destroy/matlab-user-3")
    assert (answer.status, answer.json) == (200, destroyed(3))
    assert not engine.exists("matlab-user-3")
    for port in (30003, 31003):
        with socket.create_server(("127.0.0.1", port)):
            pass
    assert kept.read_text() == "kept"
    again = matlab.post("/destroy/matlab-user-3")
    assert (again.status, again.json) == (404, destroyed_nothing(3))
    assert matlab.post("/create", {"user_id": 3}).status == 201
    assert kept.read_text() == "kept", "and a new session finds it"
    assert engine.run("matlab-user-3", "cat", "/home/matlab/shared/results/kept.txt") == (0, "kept")


def test_a_stopped_one_can_be_destroyed(matlab, engine):
    matlab.post("/create", {"user_id": 4})
    engine.kill("matlab-user-4")
    answer = matlab.post("/destroy/matlab-user-4")
    assert (answer.status, answer.json) == (200, destroyed(4))


def test_data_folders(berth, matlab, engine):
    matlab.post("/create", {"user_id": 5})
    folder = berth.matlab_data / "user_5"
    for name in FOLDERS:
        assert (folder / name).is_dir(), name
    assert (folder / "Documents/MATLAB/startup.m").is_file()
    mounts = {m["Destination"]: m["Source"] for m in engine.inspect("matlab-user-5")["Mounts"]}
    assert mounts["/home/matlab/shared"] == str(folder)


def test_a_startup_file_of_ones_own_is_kept(berth, matlab):
    startup = berth.matlab_data / "user_6" / "Documents/MATLAB/startup.m"
    startup.parent.mkdir(parents=True)
    startup.write_text("% mine\n")
    assert matlab.post("/create", {"user_id": 6}).status == 201
    assert startup.read_text() == "% mine\n"


def test_limits(matlab, engine):
    matlab.post("/create", {"user_id": 7})
    host = engine.inspect("matlab-user-7")["HostConfig"]
    assert host["NanoCpus"] == min(2, os.cpu_count()) * 10**9
    assert host["Memory"] == host["MemorySwap"] == 4 * 2**30
    assert host["ShmSize"] == 4 * 2**30


def test_health_of_a_running_one(matlab, engine):
    """The page answers, and the WebSocket port has nothing behind it: a TCP connect to it would succeed all the same."""
    matlab.post("/create", {"user_id": 8})

    def is_told():
        answer = matlab.get("/health/matlab-user-8")
        assert answer.status == 200
        assert_shape(answer.json, healthy(8, web="healthy", websocket="unhealthy"))
        return not answer.json["memory_usage"].startswith("0B")

    eventually(is_told, 5)
    socket.create_connection(("127.0.0.1", 31008)).close()
    health = matlab.get("/health/matlab-user-8").json
    assert health["memory_usage"].endswith(" / 4GiB")
    started = engine.inspect("matlab-user-8")["State"]["StartedAt"]
    assert health["started_at"][:19] == started[:19]


def test_health_of_a_stopped_one(matlab, engine):
    matlab.post("/create", {"user_id": 9})
    engine.kill("matlab-user-9")
    eventually(lambda: matlab.get("/health/matlab-user-9").json["status"] == "stopped", 2)
    answer = matlab.get("/health/matlab-user-9")
    assert answer.status == 200
    assert_shape(answer.json, stopped(9))


def test_health_figures_follow_the_load(matlab, engine):
    matlab.post("/create", {"user_id": 10})
    name = "matlab-user-10"
    engine.call("POST", "/exec/" + engine.call(
        "POST", f"/containers/{name}/exec", {"Cmd": ["sh", "-c", "while :; do :; done"]}
    )["Id"] + "/start", {"Detach": True})

    def is_busy():
        return float(matlab.get(f"/health/{name}").json["cpu_usage"].rstrip("%")) > 20

    eventually(is_busy, 6, every=0.2)


def test_reading_health_does_not_wait_for_samples(matlab):
    """`docker stats` takes one to two seconds; a shared sampler answers from what it knows."""
    matlab.post("/create", {"user_id": 11})
    matlab.get("/health/matlab-user-11")
    start = time.monotonic()
    for _ in range(10):
        assert matlab.get("/health/matlab-user-11").status == 200
    assert time.monotonic() - start < 2.0


def test_list(matlab, engine):
    assert matlab.get("/list").json == {"total": 0, "containers": []}
    before = datetime.datetime.now().replace(microsecond=0)
    for user_id in (12, 2, 100):
        matlab.post("/create", {"user_id": user_id})
    engine.kill("matlab-user-100")
    eventually(lambda: matlab.get("/list").json["containers"][-1]["status"] == "exited", 2)
    answer = matlab.get("/list")
    assert answer.status == 200
    assert_shape(answer.json, {"total": 3, "containers": [dict]})
    for entry, user_id in zip(answer.json["containers"], (2, 12, 100)):
        assert_shape(entry, listed(user_id, "exited" if user_id == 100 else "running"))
        created = datetime.datetime.strptime(entry["created"], "%Y-%m-%d %H:%M:%S")
        assert before <= created <= datetime.datetime.now(), "local time"


def test_restart(berth, matlab, engine):
    matlab.post("/create", {"user_id": 13})
    started = engine.inspect("matlab-user-13")["State"]["StartedAt"]
    starts = berth.matlab_data / "user_13" / "starts"
    eventually(starts.exists)
    answer = matlab.post("/restart/matlab-user-13")
    assert (answer.status, answer.json) == (200, restarted(13))
    assert engine.inspect("matlab-user-13")["State"]["StartedAt"] != started
    eventually(lambda: starts.read_text().count("started") == 2)


def test_restart_of_a_stopped_one_starts_it(matlab, engine):
    matlab.post("/create", {"user_id": 14})
    engine.kill("matlab-user-14")
    answer = matlab.post("/restart/matlab-user-14")
    assert (answer.status, answer.json) == (200, restarted(14))
    assert engine.state("matlab-user-14") == "running"


@pytest.mark.parametrize("port", [30015, 31015])
def test_a_port_in_use_is_named(matlab, engine, port):
    with socket.create_server(("127.0.0.1", port)):
        answer = matlab.post("/create", {"user_id": 15})
        assert answer.status == 500
        assert answer.json == {"error": "Failed to create container", "details": f"port {port} already in use"}
    assert matlab.get("/list").json["total"] == 0, "nothing is left of the attempt"
    assert not engine.exists("matlab-user-15")
    assert matlab.post("/create", {"user_id": 15}).status == 201, "and it works once the port is free"


def test_a_name_in_use_by_a_stranger(matlab, engine, tiny):
    stranger = engine.create("matlab-user-16", tiny)
    try:
        answer = matlab.post("/create", {"user_id": 16})
        assert answer.status == 500
        assert_shape(answer.json, {"error": "Failed to create container", "details": re.compile(".*matlab-user-16.*")})
        assert engine.exists(stranger), "it is not ours to remove"
        assert matlab.get("/list").json["total"] == 0
        assert matlab.post("/destroy/matlab-user-16").status == 404
    finally:
        engine.remove(stranger)


def test_creates_of_one_user_at_once_make_one(berth, matlab, engine):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: matlab.post("/create", {"user_id": 17}), range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert all(answer.json == already_running(17) for answer in answers if answer.status == 200)
    names = [n for c in berth.engine_containers() for n in c["Names"]]
    assert names.count("/matlab-user-17") == 1


@pytest.mark.timeout(180)
def test_more_than_ten_creates_at_once_all_succeed(matlab):
    users = range(21, 34)
    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(lambda u: matlab.post("/create", {"user_id": u}), users))
    assert [(a.status, a.json) for a in answers] == [(201, matlab_created(u)) for u in users]
    assert matlab.get("/list").json["total"] == len(users)
    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(lambda u: matlab.post(f"/destroy/matlab-user-{u}"), users))
    assert [(a.status, a.json) for a in answers] == [(200, destroyed(u)) for u in users]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/create", 405), ("POST", "/list", 405), ("GET", "/destroy/matlab-user-1", 405), ("GET", "/nope", 404),
    ("DELETE", "/destroy/matlab-user-1", 405),
])
def test_other_methods_and_paths(berth, method, path, status):
    answer = berth.matlab(method, path)
    assert answer.status == status
    assert_shape(answer.json, {"error": str})


@pytest.mark.parametrize("headers, status", [
    ({"Host": "evil.test"}, 421), ({"Host": "127.0.0.1.evil.test:8080"}, 421), ({"Origin": "http://evil.test"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Content-Type": "text/plain"}, 415),
])
def test_pages_of_other_sites(berth, headers, status):
    before = len(berth.gate.changes())
    answer = berth.matlab("POST", "/create", body=b'{"user_id":1}', headers=headers)
    assert answer.status == status
    assert len(berth.gate.changes()) == before


def test_the_contracts_own_curl_needs_no_length(berth, matlab):
    """`curl -X POST` without -d sends neither Content-Length nor Content-Type."""
    host, port = berth.matlab_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"POST /destroy/matlab-user-40 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 404") and b"Container not found" in answer


class TestTokens:
    TOKEN = "a-token-of-this-test"

    @pytest.fixture(scope="class")
    def guarded(self, start_berth):
        return start_berth(settings={"BERTH_MATLAB_TOKENS": f"{self.TOKEN},another-token-of-it"}).matlab

    @pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong-token-wrong", "Basic " + TOKEN, TOKEN,
                                        "Bearer " + TOKEN + "x", "Bearer " + TOKEN[:-1]])
    @pytest.mark.parametrize("method, path", [("POST", "/create"), ("POST", "/destroy/matlab-user-1"), ("GET", "/list"),
                                              ("POST", "/restart/matlab-user-1"), ("GET", "/health/matlab-user-1")])
    def test_refused_without_a_good_one(self, guarded, method, path, header):
        body = b'{"user_id":1}' if path == "/create" else None
        answer = guarded(method, path, body=body, headers={"Authorization": header} if header else {})
        assert (answer.status, answer.json) == (401, {"error": "a valid bearer token is required"})
        assert answer.header("WWW-Authenticate") == "Bearer"

    def test_accepted_with_one(self, guarded):
        for token in (self.TOKEN, "another-token-of-it"):
            assert guarded.get("/list", headers={"Authorization": f"Bearer {token}"}).json["total"] == 0
        assert guarded.get("/").status == 200, "what it is may be asked by anybody"
