"""The holes of the MATLAB manager that Berth replaces, one test each: plants/holes.py says what they were.

Engine and sessions are in memory, so ports are free but for those that a test takes itself; PORTS_APART keeps the runs that
script/holes has at once from taking the same.
"""

import os
import re
import socket
import subprocess
import sys
import time

import pytest

from harness.fake_lab import TOKEN
from harness.poll import eventually
from races.crowd import Crowd, request

PORTS_APART = int(os.environ.get("PORTS_APART", "0"))
LISTENS = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("up", flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.usefixtures("sessions")


def test_M01_without_the_token_nothing_is_done(lab):
    calls = [("POST", "/create"), ("POST", "/destroy/matlab-user-20"), ("POST", "/restart/matlab-user-20"),
             ("GET", "/health/matlab-user-20"), ("GET", "/list")]
    assert [lab.matlab(method, path, json={"user_id": 20} if path == "/create" else None).status
            for method, path in calls] == [401] * 5


def test_M02_no_shell_gets_a_field(lab, trap):
    words, mark = trap
    body = {"user_id": 21, "password": words, "session_id": words}
    assert lab.keyed("POST", "/create", json=body).status == 201
    assert not mark.exists()


def test_M03_a_password_is_in_no_log(lab):
    assert lab.keyed("POST", "/create", json={"user_id": 22, "password": "hunter2-of-22"}).status == 201
    assert "hunter2-of-22" not in lab.berth.log_path.read_text()
    assert "hunter2-of-22" not in str(lab.docker.do(lambda machine: list(machine.containers.values())))


def test_M04_what_is_destroyed_is_gone(lab):
    name = lab.session(23)
    assert lab.keyed("POST", f"/destroy/{name}").status == 200
    assert not lab.berth.engine.exists(name)


def test_M05_destroying_keeps_the_files(lab):
    kept = lab.berth.matlab_data / "user_24" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("precious")
    name = lab.session(24)
    assert lab.keyed("POST", f"/destroy/{name}").status == 200
    lab.session(24)
    assert kept.read_text() == "precious"


def test_M06_user_9_is_not_user_90(lab):
    lab.session(90)
    assert lab.keyed("POST", "/destroy/matlab-user-9").status != 200
    assert [s["user_id"] for s in lab.keyed("GET", "/list").json["containers"]] == [90]


def test_M07_health_shows_ones_own_figures(lab):
    """The engine in memory says as many MiB as the port ends with, and one."""
    names = {user: lab.session(user) for user in (25, 26)}

    def each_has_its_own():
        shown = {user: lab.keyed("GET", f"/health/{name}").json["memory_usage"] for user, name in names.items()}
        return shown == {user: f"{user + 1}MiB / 64MiB" for user in names}

    eventually(each_has_its_own, 8, every=0.1)


def test_M08_a_stranger_on_a_port_lives(lab):
    user = 30 + PORTS_APART
    with subprocess.Popen([sys.executable, "-c", LISTENS, str(30000 + user)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout.readline() == b"up\n"
        lab.docker.do(lambda machine: setattr(machine, "sees_strangers", True))
        answers = [lab.keyed("POST", "/create", json={"user_id": user}) for _ in range(2)]
        lab.docker.do(lambda machine: setattr(machine, "sees_strangers", False))
        alive = stranger.poll() is None
        stranger.stdin.close()
    assert alive
    assert answers[1].status == 500 and str(30000 + user) in answers[1].json["details"]


def test_M09_creates_at_once_make_one(lab):
    crowd = Crowd(lab.berth.matlab_url)
    try:
        with lab.docker.hold("POST /containers/create") as held:
            crowd.send([request("POST", "/create", {"user_id": 27}, more=[f"Authorization: Bearer {TOKEN}"])] * 8)
            assert held.arrived.wait(10)
            for _ in range(3):
                lab.keyed("GET", "/list")  # answered after all that was sent before has been read
        statuses = [status for status, _ in crowd.hear(8)]
    finally:
        crowd.close()
    assert sorted(statuses) == [200] * 7 + [201]


def test_M10_true_is_no_user(lab):
    assert lab.keyed("POST", "/create", body=b'{"user_id":true}').status == 400


def test_M11_null_is_no_body(lab):
    answer = lab.keyed("POST", "/create", body=b"null")
    assert answer.status == 400 and list(answer.json) == ["error"]


@pytest.mark.parametrize("name", ["matlab-user-028", "matlab-user-28%20", "matlab-user-%EF%BC%92", "matlab-user-999999"])
def test_M12_what_is_no_name_is_none(lab, name):
    before = len(lab.docker.changes())
    assert lab.keyed("POST", f"/destroy/{name}").status == 400
    assert len(lab.docker.changes()) == before


def test_M13_a_stopped_one_can_be_destroyed(lab):
    name = lab.session(29)
    lab.docker.do(lambda machine: machine.kill(name))
    eventually(lambda: lab.keyed("GET", "/list").json["containers"][0]["status"] == "exited")
    assert lab.keyed("POST", f"/destroy/{name}").status == 200


def test_M14_what_is_created_runs(lab):
    assert lab.keyed("POST", "/create", json={"user_id": 40}).status == 201
    assert lab.berth.engine.state("matlab-user-40") == "running"


def test_M15_a_silent_service_is_given_up(lab):
    user = 41 + PORTS_APART
    name = lab.session(user)
    with socket.create_server(("127.0.0.1", 30000 + user)):
        lab.matlab.timeout = 10
        try:
            answer = lab.keyed("GET", f"/health/{name}")
        finally:
            lab.matlab.timeout = 120
    assert answer.status == 200 and answer.json["web_service"] == "unhealthy"


def test_M16_the_ports_told_are_the_containers(lab):
    told = lab.keyed("POST", "/create", json={"user_id": 50}).json
    lab.session(50)
    bindings = lab.berth.engine.inspect("matlab-user-50")["HostConfig"]["PortBindings"]
    bound = {int(place["HostPort"]) for places in bindings.values() for place in places}
    assert {told["http_port"], told["ws_port"]} == bound == {30050, 31050}


def test_M17_folders_are_their_users_alone(lab):
    lab.session(51)
    folder = lab.berth.matlab_data / "user_51"
    for path in (folder, *(entry for entry in folder.rglob("*") if entry.is_dir())):
        assert path.stat().st_mode & 0o077 == 0, path


def test_M18_old_files_stay(lab):
    folder = lab.berth.matlab_data / "user_52"
    folder.mkdir(parents=True)
    (folder / "kept").write_text("precious")
    os.utime(folder, (time.time() - 40 * 86400,) * 2)
    lab.session(52)
    assert (folder / "kept").read_text() == "precious"


def test_M19_nothing_is_written_where_everybody_may(lab):
    assert lab.victim.read_text() == "untouched"
    assert os.listdir(lab.temporary) == ["berth.pid"], "the link that these tests have put there"


CARELESS = re.compile(
    r"--insecure|--no-check-certificate|\b(curl|wget)\b[^|\n]* -[a-z]*k|verify ?= ?False|CERT_NONE|http\.sslVerify"
    r"|NODE_TLS_REJECT_UNAUTHORIZED|strict-ssl|trusted-host|verify_none"
)


def test_M20_certificates_are_checked(tree):
    files = [file for folder in ("script", "images", "deploy", "src") for file in sorted((tree / folder).rglob("*"))
             if file.is_file()]
    assert len(files) > 20
    found = [f"{file}: {match[0]}" for file in files if (match := CARELESS.search(file.read_text(errors="replace")))]
    assert not found


def test_M21_a_restart_that_failed_is_said(lab):
    name = lab.session(53)
    with lab.docker.refuse(f"POST /containers/{name}/restart", 500, "no space left on device"):
        answer = lab.keyed("POST", f"/restart/{name}")
    assert answer.status == 500 and answer.json["details"] == "no space left on device"


def test_M22_a_status_says_whose_fault_it_is(lab):
    for method, path in (("POST", "/destroy"), ("POST", "/restart"), ("GET", "/health")):
        assert lab.keyed(method, f"{path}/matlab-user-99").status == 404
