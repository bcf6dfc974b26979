"""The MATLAB stand-in as the control plane runs it: strictest sandbox, the user's folder mounted, startup.m in it."""

import base64
import os
import shutil
import time

import pytest

from support.clock import wait_until
from support.docker import ROOT, Container, docker, loopback_ports
from support.http import Closed, HandshakeRefused, get
from support.octave import Session

SANDBOX = [
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--tmpfs=/tmp",
    "--pids-limit=256",
    "--memory=1g",
    "--memory-swap=1g",
]
FOLDERS = "commands results scripts logs command_queue models Documents/MATLAB".split()


class OctaveSession(Container):
    def __init__(self, folder, startup=None, options=(), uid=1000):
        for name in FOLDERS:
            (folder / name).mkdir(parents=True)
        file = folder / "Documents" / "MATLAB" / "startup.m"
        if startup is None:
            shutil.copy(ROOT / "images" / "octave" / "startup.m", file)
        elif startup:
            file.write_text(startup)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, uid, uid)
        else:  # only root can give folders away
            options = [*options, f"--user={os.geteuid()}:{os.getegid()}"]
        self.folder = folder
        super().__init__(
            "berth/octave:latest", *SANDBOX, f"--volume={folder}:/home/matlab/shared",
            *loopback_ports(8888, 8889), *options,
        )

    def health(self):
        return get(self.port(8888), "/healthz")

    def await_ready(self):
        wait_until(lambda: self.health()[0] == 200)
        return self

    def open(self):
        return Session(self.port(8889))


@pytest.fixture
def new_session(tmp_path):
    made = []

    def make(*arguments, **named):
        made.append(OctaveSession(tmp_path / str(len(made)), *arguments, **named))
        return made[-1]

    yield make
    for session in made:
        session.__exit__()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with OctaveSession(tmp_path_factory.mktemp("octave") / "user_1") as made:
        yield made.start().await_ready()


@pytest.fixture
def session(shared):
    with shared.open() as opened:
        yield opened


def test_evaluates_and_keeps_variables(session):
    answer = session.evaluate("a = 6 * 7")
    assert (answer["stdout"], answer["stderr"], answer["error"]) == ("a = 42\n", "", None)
    assert session.evaluate("disp(a + 1)")["stdout"] == "43\n"


def test_both_ports_share_one_session(shared, session):
    session.evaluate("shared_value = 'both';")
    with Session(shared.port(8888), "/ws") as console:
        assert console.evaluate("disp(shared_value)")["stdout"] == "both\n"


def test_errors_are_apart_from_output(session):
    answer = session.evaluate("disp('before'); fprintf(stderr, 'warned\\n'); error('it broke');")
    assert (answer["stdout"], answer["stderr"], answer["error"]) == ("before\n", "warned\n", "it broke")
    assert "parse error" in session.evaluate("x = = 1")["error"]
    assert "undefined" in session.evaluate("no_such_thing")["error"]


def test_functions_loops_and_programs_work(session):
    assert session.evaluate("function r = twice(x)\n  r = 2 * x;\nend\ndisp(twice(21))")["stdout"] == "42\n"
    assert session.evaluate("s = 0; for i = 1:10, s += i; end, disp(s)")["stdout"] == "55\n"
    assert session.evaluate("system('echo from a program');")["stdout"] == "from a program\n"


def test_text_of_any_script_and_bytes_of_none(session):
    assert session.evaluate("disp('你好, 世界')")["stdout"] == "你好, 世界\n"
    assert session.evaluate("fwrite(stdout, [65 200 66 10]); ")["stdout"] == "A\N{REPLACEMENT CHARACTER}B\n"
    assert session.evaluate("printf('\\x1eodd\\n')")["stdout"] == "\x1eodd\n"


def test_output_comes_while_the_command_runs(session):
    number = session.submit("disp(1); fflush(stdout); pause(0.5); disp(2)")
    first = session.receive_json()
    began = time.monotonic()
    assert (first["id"], first["stream"], first["text"]) == (number, "stdout", "1\n")
    assert session.answer(number)["stdout"] == "1\n2\n"
    assert time.monotonic() - began > 0.3


def test_plots_come_as_png(session):
    answer = session.evaluate("x = 0:0.1:6; plot(x, sin(x)); title('sine');")
    (url,) = answer["figures"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG\r\n")
    assert (answer["stderr"], answer["error"]) == ("", None)
    assert "figures" not in session.evaluate("1;")  # nothing was drawn anew


def test_long_output_is_cut_and_says_so(session):
    answer = session.evaluate("disp(repmat('x', 1, 6e6))")
    assert answer["truncated"] and len(answer["stdout"]) == 4 << 20
    assert session.evaluate("disp(1)")["stdout"] == "1\n"


def test_an_endless_command_can_be_interrupted(session):
    session.evaluate("kept = 5;")
    number = session.submit("while true, end")
    waiting = session.submit("disp(kept)")
    session.send_json({"op": "interrupt"})
    assert session.answer(number)["error"] == "interrupted"
    assert session.answer(waiting)["stdout"] == "5\n"


def test_an_interrupt_at_any_moment_leaves_a_working_session(session):
    for round in range(30):
        number = session.submit("x = 0; for i = 1:200, x = x + i; end; disp(x)")
        deadline = time.monotonic() + round * 0.0007
        while time.monotonic() < deadline:
            pass
        session.send_json({"op": "interrupt"})
        assert session.answer(number)["error"] in (None, "interrupted")
    assert session.evaluate("disp('well')")["stdout"].endswith("well\n")


def test_there_is_no_keyboard(session):
    assert "no keyboard" in session.evaluate("x = input('how many? ');")["error"]
    assert session.evaluate("disp('next')")["stdout"] == "next\n"


def test_malformed_messages_are_refused_by_name(session):
    for message, error in [
        ("nonsense", "not a JSON object"), ("[1]", "not a JSON object"), ('{"id":1}', "'code' is missing"),
        ('{"id":1,"code":5}', "'code' must be a string"), ('{"id":{},"code":"1"}', "'id' must be"),
        ('{"id":1,"op":"dance"}', "'op' must be"),
    ]:
        session.send(message)
        assert error in session.receive_json()["error"]
    assert session.evaluate("disp(1)")["stdout"] == "1\n"


def test_too_many_waiting_commands_are_refused(session):
    blocker = session.submit("pause(60)")
    numbers = [session.submit("1;") for _ in range(70)]
    refused = session.answer(numbers[-1])
    assert "too many commands wait" in refused["error"]
    session.send_json({"op": "interrupt"})
    assert session.answer(blocker)["error"] == "interrupted"
    assert session.answer(numbers[63])["error"] is None


def test_a_message_over_the_limit_closes_the_connection(shared, session):
    with pytest.raises((Closed, OSError)) as closed:
        session.send_json({"id": 1, "code": "%" + "x" * (2 << 20)})
        session.receive()
    assert getattr(closed.value, "code", None) in (1009, None)
    with shared.open() as again:
        assert again.evaluate("disp(1)")["stdout"] == "1\n"


def test_exit_gives_a_new_interpreter(shared, session):
    assert "the interpreter ended: exit code 3" in session.evaluate("disp('bye'); exit(3)")["error"]
    assert session.evaluate("disp(exist('kept'))")["stdout"] == "0\n"
    session.send_json({"op": "restart", "id": 99})
    session.answer(99)
    assert session.evaluate("disp(2)")["stdout"] == "2\n"


def test_the_console_page_and_other_sites(shared):
    status, headers, page = get(shared.port(8888))
    assert status == 200 and headers["Content-Type"].startswith("text/html") and b"<title>" in page
    assert get(shared.port(8888), "/nothing")[0] == 404
    assert get(shared.port(8889))[0] == 426
    with pytest.raises(HandshakeRefused) as refused:
        Session(shared.port(8888), "/ws", {"Origin": "http://elsewhere.example"})
    assert refused.value.status == 403
    Session(shared.port(8889), "/", {"Origin": "http://elsewhere.example"}).__exit__()


def test_health_says_what_is(shared):
    shared.await_ready()
    status, _, body = shared.health()
    assert status == 200 and b'"ready":true' in body


def test_files_land_in_the_users_folder(shared, session):
    session.evaluate("fid = fopen('../../results/out.txt', 'w'); fputs(fid, 'done'); fclose(fid);")
    assert (shared.folder / "results" / "out.txt").read_text() == "done"


def test_orphans_are_reaped(shared, session):
    session.evaluate("system('(sleep 0.05 &) ; (true &)');")
    zombies = "cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z' || true"
    wait_until(lambda: shared.run(zombies) == "0", timeout_s=5)


def test_without_the_call_in_startup_there_is_no_websocket_service(new_session):
    silent = new_session(startup="x = 1;\n").start().await_ready()
    with pytest.raises((Closed, OSError)):
        silent.open()
    with Session(silent.port(8888), "/ws") as console:
        assert console.evaluate("disp(x)")["stdout"] == "1\n"


def test_a_broken_startup_is_told_and_a_restart_with_a_mended_one_works(new_session):
    broken = new_session(startup="no_such_function();\nberth_websocket(8889);\n").start().await_ready()
    assert b"no_such_function" in broken.health()[2]
    assert "startup.m: " in broken.logs()
    with pytest.raises((Closed, OSError)):
        broken.open()
    (broken.folder / "Documents/MATLAB/startup.m").write_text("berth_websocket(8889);\n")
    docker("restart", broken.name)
    wait_until(lambda: broken.open().__exit__() is None)


def test_stops_at_once_even_while_computing_and_any_uid_will_do(new_session):
    other = new_session(options=["--user=4321:4321"], uid=4321).start().await_ready()
    with other.open() as session:
        assert session.evaluate("disp(getuid())")["stdout"] in ("4321\n", f"{os.geteuid()}\n")
        session.submit("while true, end")
        began = time.monotonic()
        other.stop()
    assert time.monotonic() - began < 5
    assert other.state()["ExitCode"] == 0


def test_a_user_without_a_startup_gets_the_images(new_session):
    bare = new_session(startup="").start().await_ready()
    with bare.open() as session:
        assert session.evaluate("disp(1)")["stdout"] == "1\n"
