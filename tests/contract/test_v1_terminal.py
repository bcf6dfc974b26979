"""Who gets a terminal of /api/v1, and what is refused before there is one and in it."""

import asyncio
import contextlib

import pytest

from harness.terminal import connect, refusal, terminal
from harness.v1 import V1

MOST_OF_ONE_PERSON = 8
HANDSHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def person(berth):
    return V1.newcomer(berth)


@pytest.fixture(scope="module")
def cid(person, iid):
    with person.container(iid) as cid:
        yield cid


def ask(who, cid, query="", **headers):
    return who.get(f"/containers/{cid}/terminal{query}", headers={**HANDSHAKE, **headers})


def test_a_terminal_works(person, cid):
    async def work():
        async with terminal(person.client, cid, "?cols=100&rows=30") as shell:
            await shell.type("echo fi''rst\r")
            await shell.until("first\r\n")
            await shell.type("exit 3\r")
            assert (await shell.closed(), shell.exit) == (1000, 3)

    asyncio.run(work())


def test_an_admin_gets_one_too(admin, cid):
    async def work():
        async with terminal(admin, cid) as shell:
            await shell.type("exit\r")
            assert await shell.closed() == 1000

    asyncio.run(work())


class TestRefusals:
    def test_without_a_login(self, berth, cid):
        assert ask(V1(berth.anyone), cid).json["code"] == "not_logged_in"

    def test_of_what_is_somebody_elses_or_not_there(self, berth, cid):
        other = V1.newcomer(berth)
        assert ask(other, cid).json["code"] == "not_found"
        assert ask(other, 999999).json["code"] == "not_found"

    @pytest.mark.parametrize("origin", ["http://evil.test", "null"])
    def test_from_another_site_s_page(self, person, cid, origin):
        assert ask(person, cid, Origin=origin).json["code"] == "cross_site"
        assert refusal(person.client, cid, Origin=origin) == 403
        assert ask(person, cid, **{"Sec-Fetch-Site": "same-site"}).json["code"] == "cross_site"

    @pytest.mark.parametrize(
        "wrong", [{"Sec-WebSocket-Version": "8"}, {"Sec-WebSocket-Key": "short"}, {"Upgrade": "h2c"}, {"Connection": "close"}]
    )
    def test_of_a_handshake_that_is_none(self, person, cid, wrong):
        answer = ask(person, cid, **wrong)
        assert (answer.status, answer.json["code"], answer.header("sec-websocket-version")) == (400, "invalid", "13")

    @pytest.mark.parametrize("query", ["?cols=0", "?rows=1001", "?cols=x", "?command=id", "?cols=1&cols=2"])
    def test_of_a_wrong_size(self, person, cid, query):
        assert ask(person, cid, query).json["code"] == "invalid"

    def test_where_nothing_runs(self, person, iid):
        with person.container(iid) as cid:
            person.done(person.post(f"/containers/{cid}/stop"))
            assert ask(person, cid).json["code"] == "already_stopped"

    def test_of_one_too_many(self, berth, iid):
        person = V1.newcomer(berth)

        async def work(cid):
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(MOST_OF_ONE_PERSON):
                    await stack.enter_async_context(connect(person.client, cid))
                return await asyncio.get_running_loop().run_in_executor(None, ask, person, cid)

        with person.container(iid) as cid:
            assert asyncio.run(work(cid)).json["code"] == "limit_reached"


@pytest.mark.parametrize("message", ["{}", "[]", "resize", '{"resize":{"cols":0,"rows":5}}', '{"resize":{"cols":80}}', '{"command":"id"}'])
def test_words_that_are_no_size_end_it(person, cid, message):
    async def work():
        async with terminal(person.client, cid) as shell:
            await shell.say(message)
            assert await shell.closed() == 1007

    asyncio.run(work())


def test_a_message_that_is_too_long_ends_it(person, cid):
    async def work():
        async with terminal(person.client, cid) as shell:
            await shell.say(b"x" * 65537)
            assert await shell.closed() == 1009

    asyncio.run(work())
