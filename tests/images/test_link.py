"""The bridge's side of the link to the real MATLAB, against a script that speaks MATLAB's part (images/matlab/m)."""

import json
import socket
import subprocess

import pytest

from support.clock import wait_until
from support.docker import Container, docker
from support.http import Closed, get
from support.octave import Session


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FakeMatlab:
    """What startup.m's berth_websocket does, and a command's answer when the test says so."""

    def __init__(self, link_port, service_port):
        self.socket = socket.create_connection(("127.0.0.1", link_port), timeout=10)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.tell({"event": "websocket", "port": service_port})
        self.tell({"event": "ready"})

    def tell(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def next_command(self):
        return json.loads(self.lines.readline())

    def leave(self):
        self.lines.close()
        self.socket.close()


@pytest.fixture(scope="module")
def bridge_program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bridge")
    with Container("berth/octave:latest") as source:
        docker("cp", f"{source.name}:/opt/berth/berth-bridge", str(folder))
    return folder / "berth-bridge"


@pytest.fixture
def ports(bridge_program):
    link, service = free_port(), free_port()
    process = subprocess.Popen([bridge_program, "--link", str(link)], stderr=subprocess.DEVNULL)
    wait_until(lambda: socket.create_connection(("127.0.0.1", link)).close() is None)
    yield link, service
    process.terminate()
    assert process.wait(5) == 0


def connect(port):
    return wait_until(lambda: Session(port))


def test_the_service_opens_once_matlab_says_so_and_a_command_makes_the_round(ports):
    link, service = ports
    with pytest.raises((Closed, OSError)):
        Session(service)
    matlab = FakeMatlab(link, service)
    with connect(service) as session:
        number = session.submit("x = 1")
        command = matlab.next_command()
        assert command == {"number": 1, "code": "x = 1"}
        matlab.tell({"number": 1, "stdout": "x =\n     1\n", "error": [], "figures": []})
        answer = session.answer(number)
        assert (answer["stdout"], answer["stderr"], answer["error"]) == ("x =\n     1\n", "", None)


def test_errors_and_figures_come_through(ports, tmp_path):
    matlab = FakeMatlab(*ports)
    picture = tmp_path / "figure.png"
    picture.write_bytes(b"\x89PNG\r\n")
    with connect(ports[1]) as session:
        number = session.submit("plot(1:3), oops")
        command = matlab.next_command()
        matlab.tell({"number": command["number"], "stdout": "", "error": "Unrecognized 'oops'", "figures": [str(picture)]})
        answer = session.answer(number)
        assert answer["error"] == "Unrecognized 'oops'"
        assert answer["figures"] == ["data:image/png;base64,iVBORw0K"]
        assert not picture.exists()


def test_commands_go_one_at_a_time_and_stray_answers_are_ignored(ports):
    matlab = FakeMatlab(*ports)
    with connect(ports[1]) as session:
        first, second = session.submit("1"), session.submit("2")
        command = matlab.next_command()
        matlab.tell({"number": 77, "stdout": "stray", "error": None})
        matlab.tell({"number": command["number"], "stdout": "one", "error": None})
        assert session.answer(first)["stdout"] == "one"
        command = matlab.next_command()
        assert command["code"] == "2"
        matlab.tell({"number": command["number"], "stdout": "two", "error": None})
        assert session.answer(second)["stdout"] == "two"


def test_interrupt_is_refused_in_words(ports):
    FakeMatlab(*ports)
    with connect(ports[1]) as session:
        session.send_json({"op": "interrupt", "id": 5})
        assert session.answer(5)["error"] == "this interpreter cannot do that"


def test_a_matlab_that_leaves_is_said_and_a_new_one_goes_on(ports):
    matlab = FakeMatlab(*ports)
    with connect(ports[1]) as session:
        number = session.submit("exit")
        matlab.next_command()
        matlab.leave()
        assert "its connection closed" in session.answer(number)["error"]
        assert get(ports[1], "/healthz")[0] == 503
        waiting = session.submit("2")
        again = FakeMatlab(*ports)
        command = again.next_command()
        again.tell({"number": command["number"], "stdout": "back", "error": None})
        assert session.answer(waiting)["stdout"] == "back"
        assert get(ports[1], "/healthz")[0] == 200


def test_the_bridge_refuses_nonsense_on_its_command_line(bridge_program):
    for words in ([], ["--link", "0"], ["--link", "1", "--", "x"], ["--console", "8888", "--link", "1"], ["--page"]):
        done = subprocess.run([bridge_program, *words], capture_output=True, timeout=5)
        assert done.returncode == 1 and done.stderr.startswith(b"berth-bridge: ")
