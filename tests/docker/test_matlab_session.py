"""A whole MATLAB session in the real image (GNU Octave behind MATLAB's contract)."""

import asyncio
import concurrent.futures
import json
import time

import pytest
import websockets

from conftest import need
from contract.spec_tables import healthy, matlab_created, restarted
from harness.http_client import Client
from harness.poll import eventually
from harness.shapes import assert_shape

IMAGE = "berth/octave:latest"
READY_WITHIN_S = 30


@pytest.fixture(scope="module")
def server(start_berth, engine, matlab_ports):
    need(None if engine.has_image(IMAGE) else f"the engine has no {IMAGE}: run script/images")
    return start_berth(images=None)


@pytest.fixture
def matlab(server):
    yield server.matlab
    for session in server.matlab.get("/list").json["containers"]:
        server.matlab.post(f"/destroy/{session['container_id']}")


def await_healthy(matlab, user_id):
    def is_healthy():
        answer = matlab.get(f"/health/matlab-user-{user_id}")
        return answer.status == 200 and answer.json.get("websocket_service") == "healthy"

    eventually(is_healthy, READY_WITHIN_S, every=0.2, message=f"user {user_id}'s session is healthy")


def evaluate(user_id, code, port=31000):
    return asyncio.run(_evaluate(f"ws://127.0.0.1:{port + user_id}/", code))


async def _evaluate(url, code):
    async with websockets.connect(url, max_size=None) as connection:
        await connection.send(json.dumps({"id": "q1", "code": code}))
        while True:
            message = json.loads(await asyncio.wait_for(connection.recv(), 20))
            if message.get("id") == "q1" and "stdout" in message:
                return message


def test_a_session(server, matlab):
    start = time.monotonic()
    assert matlab.post("/create", {"user_id": 71}).json == matlab_created(71)
    await_healthy(matlab, 71)
    assert time.monotonic() - start < READY_WITHIN_S
    assert_shape(matlab.get("/health/matlab-user-71").json, healthy(71, "healthy", "healthy"))
    page = Client("http://127.0.0.1:30071").get("/")
    assert page.status == 200 and b"<html" in page.body.lower()
    answer = evaluate(71, "disp(6*7)")
    assert (answer["stdout"].strip(), answer["stderr"], answer["error"] or "") == ("42", "", "")
    evaluate(71, "a = 40;")
    assert evaluate(71, "disp(a+2)")["stdout"].strip() == "42", "one session, whoever connects"
    assert "undefined" in evaluate(71, "no_such_function()")["error"]


def test_plots_come_as_png(matlab):
    matlab.post("/create", {"user_id": 72})
    await_healthy(matlab, 72)
    answer = evaluate(72, "plot(1:10);")
    (figure,) = answer["figures"]
    assert figure.startswith("data:image/png;base64,")


def test_startup_runs_again_at_a_restart(server, matlab):
    """The user's own startup.m runs at each start; files stay, variables do not."""
    startup = server.matlab_data / "user_73" / "Documents/MATLAB/startup.m"
    matlab.post("/create", {"user_id": 73})
    await_healthy(matlab, 73)
    text = startup.read_text()
    startup.write_text(text + "\nfid = fopen('/home/matlab/shared/logs/starts', 'a'); fputs(fid, 'x'); fclose(fid);\n")
    evaluate(73, "kept = 1; save('/home/matlab/shared/results/kept.mat', 'kept');")
    log = server.matlab_data / "user_73" / "logs" / "starts"
    for count in (1, 2):
        assert matlab.post("/restart/matlab-user-73").json == restarted(73)
        await_healthy(matlab, 73)
        assert log.read_text() == "x" * count
    assert evaluate(73, "disp(exist('kept'))")["stdout"].strip() == "0"
    assert evaluate(73, "load('/home/matlab/shared/results/kept.mat'); disp(kept)")["stdout"].strip() == "1"


def test_a_broken_startup_shows_as_unhealthy(server, matlab):
    startup = server.matlab_data / "user_74" / "Documents/MATLAB/startup.m"
    startup.parent.mkdir(parents=True)
    startup.write_text("this is not a program(\n")
    assert matlab.post("/create", {"user_id": 74}).status == 201

    def web_is_up():
        return matlab.get("/health/matlab-user-74").json["web_service"] == "healthy"

    eventually(web_is_up, READY_WITHIN_S, every=0.2)
    assert matlab.get("/health/matlab-user-74").json["websocket_service"] == "unhealthy"
    startup.unlink()
    matlab.post("/destroy/matlab-user-74")
    assert matlab.post("/create", {"user_id": 74}).status == 201
    await_healthy(matlab, 74)


@pytest.mark.timeout(240)
def test_twelve_at_once(matlab):
    users = range(81, 93)
    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(lambda u: matlab.post("/create", {"user_id": u}), users))
    assert [answer.status for answer in answers] == [201] * len(users)
    for user_id in users:
        eventually(
            lambda: matlab.get(f"/health/matlab-user-{user_id}").json["websocket_service"] == "healthy", 90, every=0.3,
            message=f"user {user_id}",
        )
    assert {evaluate(u, f"disp({u}*2)")["stdout"].strip() for u in (81, 92)} == {"162", "184"}


def test_hardening(matlab, engine):
    matlab.post("/create", {"user_id": 75})
    host = engine.inspect("matlab-user-75")["HostConfig"]
    assert host["Privileged"] is False and host["CapDrop"] == ["ALL"] and not host["CapAdd"]
    assert host["Memory"] == host["MemorySwap"] > 0 and host["PidsLimit"] > 0
    assert not host["Devices"] and not host["DeviceRequests"]
    for bindings in host["PortBindings"].values():
        assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]
