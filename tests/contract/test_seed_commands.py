"""Every curl command of the two seed documents, run as it stands in bash.

Adapted are only the address (our ports are free ones) and the length of `sleep` (0 instead of 2, 5 or 10 s: our answers do
not need the pause). Cookies come from a .curlrc that keeps what the log-in set in the cookies.txt that the documents read.
On a new server the ids of the documents (iid 1, cid 1, gid 1) are the real ones.
"""

import json
import pathlib
import re

import pytest

from contract.spec_tables import (
    CONTAINER_LIST, CONTAINER_PROPERTY, CREATED, DEVICE_LIST, DEVICE_PROPERTY, DONE, IMAGE_LIST, IMAGE_PROPERTY,
    IMAGE_SAVED, IMAGES_ON, SERVICE_INFO, already_running, destroyed, destroyed_nothing, healthy, listed, matlab_created,
    restarted,
)
from harness.curl import Shell, curl_commands, fenced_blocks
from harness.poll import eventually
from harness.shapes import assert_shape, either

SEEDS = pathlib.Path(__file__).parent / "seeds"
PLATFORM = curl_commands((SEEDS / "platform.md").read_text(encoding="utf-8"))
MATLAB = fenced_blocks((SEEDS / "matlab.md").read_text(encoding="utf-8"), "bash")


def values(text):
    """The JSON values of an output, one after another."""
    found, decoder, rest = [], json.JSONDecoder(), text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def pick(commands, *patterns):
    """The one command in which all patterns occur."""
    chosen = [command for command in commands if all(re.search(p, command, re.M) for p in patterns)]
    assert len(chosen) == 1, (patterns, chosen)
    return chosen[0]


class TestPlatform:
    """One story, in an order that makes sense: the documents' own is by subject."""

    STEPS = [
        ("register", pick(PLATFORM, "/api/register"), {"status": 0, "message": "User admin registered successfully"}),
        ("log in", pick(PLATFORM, "/api/login"), {"status": 0, "message": "admin logged in successfully"}),
        ("create", pick(PLATFORM, "POST", "/containers "), CREATED),
        ("stop", pick(PLATFORM, '"cmd": "stop"'), DONE),
        ("start", pick(PLATFORM, '"cmd": "start"'), DONE),
        ("save an image", pick(PLATFORM, "POST", "/images "), IMAGE_SAVED),
    ]
    # The page lost these when it was saved; spec/platform-api.md has them.
    LOST = [
        ("list", "GET /containers", {**CONTAINER_LIST, "cid": [1]}),
        ("status", "GET /containers/status/1", {"status": 0, "result": "running"}),
        ("property", "GET /containers/property/1", CONTAINER_PROPERTY),
        ("devices", "GET /devices", {**DEVICE_LIST, "did": [1]}),
        ("device property", "GET /devices/property/1", DEVICE_PROPERTY),
        ("own images", "GET /images", IMAGE_LIST),
        ("public images", "GET /images/public", IMAGE_LIST),
        ("images on a device", "GET /images/on/1", IMAGES_ON),
        ("image property", "GET /images/property/2", IMAGE_PROPERTY),
        ("delete an image", "DELETE /images/2", DONE),
        ("delete a container", "DELETE /containers/1", DONE),
        ("verify", "POST /api/verify", {"status": 0, "username": "admin"}),
        ("token log-in", "POST /api/token_login", {"status": 0, "message": "admin logged in successfully"}),
        ("log out", "POST /api/logout", {"status": 0, "message": "admin logged out successfully"}),
    ]

    @pytest.fixture(scope="class")
    def run(self, start_gpu_berth, tmp_path_factory):
        server = start_gpu_berth()
        assert server.public_image() == 1
        shell = Shell(tmp_path_factory.mktemp("curl"), cookie_jar="cookies.txt")
        return lambda command: shell.run(command.replace("http://127.0.0.1:5000", server.platform_url))

    def test_every_documented_command_is_run(self):
        assert len(PLATFORM) == 6
        assert sorted(command for _, command, _ in self.STEPS) == sorted(PLATFORM)

    @pytest.mark.parametrize("command, shape", [step[1:] for step in STEPS], ids=[step[0] for step in STEPS])
    def test_documented(self, run, command, shape):
        ran = run(command)
        assert ran.statuses == [200], ran
        assert_shape(json.loads(ran.output), shape)

    @pytest.mark.parametrize("call, shape", [step[1:] for step in LOST], ids=[step[0] for step in LOST])
    def test_lost(self, run, call, shape):
        method, path = call.split()
        ran = run(f"curl -X {method} http://127.0.0.1:5000{path} -b cookies.txt")
        assert ran.statuses == [200], ran
        assert_shape(json.loads(ran.output), shape)


class TestMatlab:
    FIVE = range(1, 6)
    BLOCKS = {
        "service": pick(MATLAB, "localhost:8080/$"),
        "create": pick(MATLAB, "^# 创建用户1的容器"),
        "create five": pick(MATLAB, "^# 创建用户1-5的容器"),
        "health": pick(MATLAB, "^# 检查用户1的容器"),
        "health of five": pick(MATLAB, "^# 监控多个容器"),
        "list": pick(MATLAB, "^curl http://localhost:8080/list$"),
        "list through jq": pick(MATLAB, "^# 只显示运行中的容器"),
        "restart": pick(MATLAB, "^# 重启用户1的容器"),
        "restart five": pick(MATLAB, "^# 批量重启"),
        "scenario 1": pick(MATLAB, "^# 1. 创建容器"),
        "scenario 2": pick(MATLAB, "^# 获取所有容器状态"),
        "scenario 3": pick(MATLAB, "^# 获取所有停止的容器"),
        "destroy": pick(MATLAB, "^# 销毁用户1的容器"),
        "destroy five": pick(MATLAB, "^# 批量销毁"),
    }

    @pytest.fixture(scope="class")
    def run(self, berth, matlab_ports, tmp_path_factory):
        shell = Shell(tmp_path_factory.mktemp("curl"))

        def run_block(name):
            adapted = self.BLOCKS[name].replace("http://localhost:8080", berth.matlab_url)
            return shell.run(re.sub(r"^(\s*)sleep \d+$", r"\1sleep 0", adapted, flags=re.M))

        yield run_block
        for user_id in self.FIVE:
            berth.matlab.post(f"/destroy/matlab-user-{user_id}")

    def test_every_documented_command_is_run(self):
        assert len(MATLAB) == 14
        assert sorted(self.BLOCKS.values()) == sorted(MATLAB)

    def test_service(self, run):
        self.check(run, "service", [200], [SERVICE_INFO])

    def test_create(self, run):
        self.check(run, "create", [201], [matlab_created(1)])

    def test_create_five(self, run):
        made = [already_running(1)] + [matlab_created(i) for i in self.FIVE[1:]]
        self.check(run, "create five", [200] + [201] * 4, made)

    def test_health(self, run):
        self.check(run, "health", [200], [healthy(1)])

    def test_health_of_five(self, run):
        ran = run("health of five")
        assert ran.statuses == [200] * 5
        parts = re.split(r"=== User (\d) ===\n", ran.output)[1:]
        assert parts[::2] == [str(i) for i in self.FIVE]
        for part in parts[1::2]:
            status, cpu, memory = values(part)
            assert status == "running" and cpu.endswith("%") and memory.endswith("%")

    def test_list(self, run):
        everything = {"total": 5, "containers": [listed(i, "running") for i in self.FIVE]}
        ran = run("list")
        assert ran.statuses == [200]
        answer = json.loads(ran.output)
        assert answer["total"] == 5
        for entry, shape in zip(answer["containers"], everything["containers"]):
            assert_shape(entry, shape)

    def test_list_through_jq(self, run):
        ran = run("list through jq")
        assert ran.statuses == [200, 200]
        *running, counts = values(ran.output)
        assert [entry["user_id"] for entry in running] == list(self.FIVE)
        assert counts == [{"status": "running", "count": 5}]

    def test_restart(self, run):
        self.check(run, "restart", [200], [restarted(1)])

    @pytest.mark.timeout(120)
    def test_restart_five(self, run):
        self.check(run, "restart five", [200] * 5, [restarted(i) for i in self.FIVE])

    def test_scenario_1_create_and_verify(self, run):
        self.check(run, "scenario 1", [200, 200], [already_running(1), healthy(1)])

    def test_scenario_2_watch_all(self, run):
        ran = run("scenario 2")
        assert ran.statuses == [200] * 7
        everything, *each = values(ran.output)
        assert everything["total"] == 5
        assert [one["container_id"] for one in each] == [f"matlab-user-{i}" for i in self.FIVE]
        for one in each:
            assert_shape(one, {"container_id": str, "cpu_usage": str, "memory_percent": str})

    def test_scenario_3_clear_away_what_is_stopped(self, run, berth, engine):
        engine.kill("matlab-user-5")
        eventually(lambda: berth.matlab.get("/list").json["containers"][-1]["status"] == "exited")
        self.check(run, "scenario 3", [200, 200], [destroyed(5)])

    def test_destroy(self, run):
        self.check(run, "destroy", [200], [destroyed(1)])

    def test_destroy_five(self, run):
        expected = [destroyed_nothing(1), *(destroyed(i) for i in (2, 3, 4)), destroyed_nothing(5)]
        self.check(run, "destroy five", [404, 200, 200, 200, 404], expected)

    def check(self, run, name, statuses, shapes):
        ran = run(name)
        assert ran.statuses == statuses, ran
        answers = values(ran.output)
        assert len(answers) == len(shapes), ran
        for answer, shape in zip(answers, shapes):
            assert_shape(answer, shape)


def test_the_documents_own_examples_fit_the_tables():
    """The JSON that the MATLAB document shows has the keys and types that these tests ask for."""
    examples = [json.loads(one) for one in fenced_blocks((SEEDS / "matlab.md").read_text(encoding="utf-8"), "json")]
    shown = [
        SERVICE_INFO, matlab_created(1), already_running(1), {"error": str}, destroyed(1), destroyed_nothing(1),
        {"error": str}, {**healthy(1), "memory_percent": str}, {"container_id": str, "status": "stopped", "started_at": str},
        {"error": str, "container_id": str}, {"total": 3, "containers": [dict]}, restarted(1),
        {"error": str, "container_id": str}, {"error": str, "details": str},
    ]
    assert len(examples) == len(shown)
    for example, shape in zip(examples, shown):
        assert_shape(example, shape)
    for entry in examples[10]["containers"]:
        assert_shape(entry, listed(entry["user_id"], either("running", "exited")))
