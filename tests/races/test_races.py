"""A thousand rounds of sixty-four clients who want the same at once: exactly as many win as fit, and the others' wishes never
reach the engine. Berth is the real program, and its engine is in memory; tests/docker/test_races.py has a sample on a real one."""

import pytest

from contract.spec_tables import ALREADY_RUNNING, ALREADY_STOPPED, DONE, NO_CONTAINER, NOT_ENOUGH, TAKEN, gpu_not_available
from harness.berth import PASSWORD
from harness.fake_lab import start_on_fake
from races.crowd import Crowd, request

GPU_ROUNDS, CORE_ROUNDS, LIFE_ROUNDS, REST_ROUNDS = 320, 320, 200, 130
NAME_ROUNDS = EMAIL_ROUNDS = 15  # each hashes sixty-four passwords
CREATED_ON_ENGINE = ["POST /containers/create", "PUT archive", "POST start"]

pytestmark = pytest.mark.timeout(600)


class Lab:
    def __init__(self, folder):
        self.docker, self.berth = start_on_fake(folder)
        self.iid = self.berth.public_image()
        self.people = [self.berth.new_user() for _ in range(16)]
        self.crowd = Crowd(self.berth.platform_url)

    def close(self):
        self.crowd.close()
        self.berth.close()
        self.docker.close()

    def person(self, i):
        return self.people[i % len(self.people)]

    def all_ask(self, make):
        """(answers, what changed on the engine) when all send `make(i)` at once."""
        before = len(self.docker.changes())
        answers = self.crowd.ask([make(i) for i in range(Crowd.SIZE)])
        return answers, [self._brief(call) for call in self.docker.changes()[before:]]

    @staticmethod
    def _brief(call):
        """POST /containers/NAME/start -> POST start"""
        method, path = call.split(" ")
        parts = path.split("/")
        return f"{method} {parts[3]}" if len(parts) > 3 else call if parts[-1] == "create" else method

    def one_wins(self, wish, refusal):
        """All want what only one can have. The winner gives it back at the end."""
        answers, changes = self.all_ask(lambda i: request("POST", "/containers", wish, self.person(i)))
        won = [i for i, (status, _) in enumerate(answers) if status == 200]
        assert len(won) == 1, answers
        assert [answer for i, answer in enumerate(answers) if i not in won] == [(409, refusal)] * (Crowd.SIZE - 1)
        assert changes == CREATED_ON_ENGINE
        gone = self.person(won[0]).delete(f"/containers/{answers[won[0]][1]['cid']}")
        assert gone.json == DONE

    def assert_at_rest(self):
        self.berth.assert_in_agreement()
        assert self.berth.rows() == {} and self.docker.do(lambda machine: len(machine.containers)) == 0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


def test_the_last_gpu(lab):
    for _ in range(GPU_ROUNDS):
        lab.one_wins({"iid": lab.iid, "name": "n", "cpu": 1, "mem": 64, "gid": 1}, gpu_not_available(1))
    lab.assert_at_rest()


def test_the_last_core(lab):
    cores = lab.berth.device()["cpu"]
    for _ in range(CORE_ROUNDS):
        lab.one_wins({"iid": lab.iid, "name": "n", "cpu": cores, "mem": 64}, NOT_ENOUGH)
    lab.assert_at_rest()


@pytest.mark.parametrize("same, rounds", [("username", NAME_ROUNDS), ("email", EMAIL_ROUNDS)])
def test_the_same_account(lab, same, rounds):
    for number in range(rounds):
        def wish(i):
            own = {"username": f"{same[0]}{number}-{i}", "email": f"{same[0]}{number}-{i}@lab.test", "password": PASSWORD}
            return request("POST", "/api/register", {**own, same: f"{same[0]}{number}@all.test".removesuffix(
                "@all.test" if same == "username" else "")})

        answers, changes = lab.all_ask(wish)
        assert sorted(status for status, _ in answers) == [200] + [409] * (Crowd.SIZE - 1)
        assert all(body == TAKEN for status, body in answers if status == 409)
        assert changes == []


def test_start_stop_and_delete_of_one_container(lab):
    """Whatever the order, it ends deleted; nobody is told anything but done, already so, or not there."""
    owner = lab.people[0]
    for number in range(LIFE_ROUNDS):
        cid = lab.berth.create(owner, lab.iid)["cid"]
        wishes = [("PUT", {"cmd": "start"}), ("PUT", {"cmd": "stop"}), ("DELETE", None)]

        def wish(i):
            method, body = wishes[(i + number) % 3]
            return request(method, f"/containers/{cid}", body, owner)

        answers, changes = lab.all_ask(wish)
        possible = [(200, DONE), (404, NO_CONTAINER), (409, ALREADY_RUNNING), (409, ALREADY_STOPPED)]
        assert [answer for answer in answers if answer not in possible] == []
        assert changes.count("DELETE") == 1 and "POST /containers/create" not in changes
        assert owner.get("/containers").json["cid"] == []
    lab.assert_at_rest()


def test_start_and_stop_of_one_container(lab):
    """It ends in one of the two, and rows, engine and ledger agree on which."""
    owner = lab.people[0]
    with lab.berth.container(owner, lab.iid) as created:
        for number in range(REST_ROUNDS):
            answers, _ = lab.all_ask(lambda i: request(
                "PUT", f"/containers/{created['cid']}", {"cmd": "start" if i % 2 else "stop"}, owner
            ))
            possible = [(200, DONE), (409, ALREADY_RUNNING), (409, ALREADY_STOPPED)]
            assert [answer for answer in answers if answer not in possible] == []
            if number % 10 == 0:
                lab.berth.assert_in_agreement()
    lab.assert_at_rest()
