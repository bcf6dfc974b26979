"""The terminal in the browser, in the real workspace image: a log-in shell on a tty, and nothing of it once it is closed."""

import asyncio

import pytest

from conftest import need
from harness.poll import eventually
from harness.terminal import terminal
from harness.v1 import V1

IMAGE = "berth/workspace:latest"


@pytest.fixture(scope="module")
def lab(start_berth, engine):
    need(None if engine.has_image(IMAGE) else f"the engine has no {IMAGE}: run script/images")
    server = start_berth(images=None)
    server.iid = server.public_image()
    return server


@pytest.fixture(scope="module")
def person(lab):
    return V1.newcomer(lab)


@pytest.fixture(scope="module")
def cid(lab, person):
    with person.container(lab.iid, memory_mb=1024) as cid:
        yield cid


def shells(lab, engine, cid):
    """What runs on terminals in the container."""
    top = engine.call("GET", f"/containers/{lab.engine_name(cid)}/top?ps_args=-eo%20pid,args")
    return [row[-1] for row in top["Processes"] if row[-1].startswith(("/bin/bash", "bash", "sleep"))]


def left_alone(lab, engine, cid):
    eventually(lambda: shells(lab, engine, cid) == [], 15, message="no shell is left")


def test_a_login_shell_of_the_window_s_size(lab, engine, person, cid):
    async def work():
        async with terminal(person.client, cid, "?cols=100&rows=30") as shell:
            assert await shell.run("stty size") == "30 100"
            await shell.resize(90, 20)
            assert await shell.run("stty size") == "20 90"
            assert await shell.run("id -un; pwd; shopt login_shell") == "root\n/workspace\nlogin_shell    \ton"
            assert await shell.run("echo $TERM $SHELL $USER $HOME") == "xterm-256color /bin/bash root /root"
            assert (await shell.run("command -v python3")).startswith("/opt/jupyter/bin/")
            assert await shell.run("echo 'MINE=\"a b\"' >>/etc/environment") == ""
            await shell.type("echo 你好")
            await shell.until("echo 你好")
            await shell.type("\r")
            await shell.until("你好\r\n")
            await shell.type("exit 7\r")
            assert (await shell.closed(), shell.exit) == (1000, 7)
        async with terminal(person.client, cid) as shell:
            assert await shell.run("stty size; echo $MINE") == "24 80\na b", "what ssh would have, too"

    asyncio.run(work())
    left_alone(lab, engine, cid)


def test_what_runs_in_front_goes_with_the_window_and_what_left_it_stays(lab, engine, person, cid):
    async def work():
        async with terminal(person.client, cid) as shell:
            assert await shell.run("(setsid nohup sleep 4242 >/dev/null 2>&1 &)") == ""
            await shell.type("sleep 4343\r")
            await shell.until("sleep 4343")
            eventually(lambda: "sleep 4343" in shells(lab, engine, cid))

    asyncio.run(work())
    eventually(lambda: shells(lab, engine, cid) == ["sleep 4242"], 15)
    person.done(person.post(f"/containers/{cid}/restart"))
    left_alone(lab, engine, cid)


def test_it_ends_with_the_login(lab, engine, cid, person):
    again = lab.log_in(person.name)

    async def work():
        async with terminal(again, cid) as shell:
            assert await shell.run("echo here") == "here"
            assert again.post("/api/logout").status == 200
            assert await shell.closed() == 1008

    asyncio.run(work())
    left_alone(lab, engine, cid)


def test_much_output_arrives_whole(person, cid):
    async def work():
        async with terminal(person.client, cid) as shell:
            printed = await shell.run("seq 1 200000 | tr '\\n' ' ' | fold -w 70")
            assert printed.replace("\n", "").split() == [str(n) for n in range(1, 200001)]

    asyncio.run(work())


def test_it_is_on_record(person, cid):
    events = person.items(f"/containers/{cid}/events")
    assert ("container.terminal", person.name) in {(event["action"], event["by"]) for event in events}


def test_it_ends_with_the_container(lab, person):
    async def work(cid):
        async with terminal(person.client, cid) as shell:
            assert await shell.run("echo here") == "here"
            person.done(person.post(f"/containers/{cid}/stop"))
            assert await shell.closed() == 1000
            assert shell.exit in (129, 137), "hung up or killed"

    with person.container(lab.iid, memory_mb=256) as cid:
        asyncio.run(work(cid))


def test_the_server_s_end_says_good_bye_and_leaves_no_shell(lab, engine, person, cid):
    async def work():
        async with terminal(person.client, cid) as shell:
            assert await shell.run("echo here") == "here"
            ending = asyncio.get_running_loop().run_in_executor(None, lab.stop)
            assert await shell.closed() == 1001
            return await ending

    assert asyncio.run(work()) == 0
    left_alone(lab, engine, cid)
    lab.start()
    person.client.base = lab.platform_url
