"""Many at once on one device: what is promised never exceeds what there is, and losers leave nothing behind."""

import concurrent.futures
import socket

import pytest

from contract.spec_tables import CREATED, NOT_ENOUGH
from harness.shapes import assert_shape


@pytest.fixture(scope="module")
def server(start_berth):
    return start_berth(with_gate=True)


@pytest.fixture(scope="module")
def iid(server):
    return server.public_image()


def remove_all(server, person):
    for cid in person.get("/containers").json["cid"]:
        server.remove(person, cid)


def at_once(count, call):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


@pytest.mark.parametrize("fits", [1, 2])
def test_64_creates_for_a_remainder(server, iid, fits):
    """`fits` of them win, whoever they are; the others never reach the engine."""
    device = server.device()
    people = [server.new_user() for _ in range(8)]
    mem = device["memory_mb"] // fits - (1 if fits > 1 else 0)
    before = len(server.gate.changes())
    answers = at_once(64, lambda i: people[i % 8].copy().post(
        "/containers", {"iid": iid, "name": f"n{i}", "cpu": 1, "mem": mem}
    ))
    winners = [answer for answer in answers if answer.status == 200]
    losers = [answer for answer in answers if answer.status != 200]
    try:
        assert len(winners) == fits
        for answer in winners:
            assert_shape(answer.json, CREATED)
        assert {(answer.status, str(answer.json)) for answer in losers} == {(409, str(NOT_ENOUGH))}
        creates = [call for call in server.gate.changes()[before:] if call.startswith("POST /containers/create")]
        assert len(creates) == fits, "losers never reach the engine"
        assert len(server.engine_containers()) == fits
        ports = [answer.json[port] for answer in winners for port in ("portssh", "portjupyter", "porttsb")]
        assert len(set(ports)) == len(ports), "no port is given twice"
        server.assert_in_agreement()
        assert server.device()["used_memory_mb"] == fits * mem
    finally:
        for person in people:
            remove_all(server, person)
    server.assert_in_agreement()
    assert server.device()["used_memory_mb"] == 0


def test_rounds_of_create_and_delete_at_once(server, iid):
    """Churn: after it everything is as before, and the next create works."""
    people = [server.new_user() for _ in range(6)]

    def churn(i):
        person = people[i].copy()
        for _ in range(2):
            answer = person.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
            assert answer.status in (200, 409), answer
            if answer.status == 200:
                assert person.delete(f"/containers/{answer.json['cid']}").status == 200

    at_once(6, churn)
    server.assert_in_agreement()
    assert server.engine_containers() == []
    assert server.device()["used_cpu"] == 0
    with server.container(people[0], iid):
        server.assert_in_agreement()


def test_deletes_of_one_container_at_once(server, iid):
    person = server.new_user()
    cid = server.create(person, iid)["cid"]
    answers = at_once(8, lambda _: person.copy().delete(f"/containers/{cid}"))
    assert {answer.status for answer in answers} <= {200, 404}
    assert 200 in {answer.status for answer in answers}
    assert server.container_of(cid) is None
    server.assert_in_agreement()


def test_deleting_an_image_while_it_is_used(server, iid):
    """One of the two wins: a container from the image, or no image any more."""
    person = server.new_user()
    with server.container(person, iid) as source:
        for _ in range(3):
            saved = person.post("/images", {"cid": source["cid"], "name": "n"}).json["iid"]
            calls = [
                lambda: person.copy().delete(f"/images/{saved}"),
                lambda: person.copy().post("/containers", {"iid": saved, "name": "n", "cpu": 1, "mem": 64}),
            ]
            removed, created = at_once(2, lambda i: calls[i]())
            assert (removed.status, created.status) in ((200, 404), (409, 200)), (removed, created)
            if created.status == 200:
                server.remove(person, created.json["cid"])
                assert person.delete(f"/images/{saved}").status == 200
    server.assert_in_agreement()


class TestStrangersPorts:
    def test_ports_that_a_stranger_has_are_passed_over(self, start_berth):
        """All ports of the range but a few are bound by somebody else; Berth finds those few."""
        server = start_berth()
        iid, person = server.public_image(), server.new_user()
        strangers = []
        try:
            for port in range(server.port_first, server.port_last - 5):
                stranger = socket.socket()
                stranger.bind(("127.0.0.1", port))
                stranger.listen()
                strangers.append(stranger)
            with server.container(person, iid) as created:
                ports = {created[port] for port in ("portssh", "portjupyter", "porttsb")}
                assert len(ports) == 3 and min(ports) >= server.port_last - 5
                now = person.get(f"/containers/property/{created['cid']}").json
                assert {now[port] for port in ("portssh", "portjupyter", "porttsb")} == ports
                server.assert_in_agreement()
        finally:
            for stranger in strangers:
                stranger.close()

    def test_no_port_left(self, start_berth):
        server = start_berth(settings={})
        server.stop()
        server.settings = {"BERTH_DEVICE_PORT_LAST": str(server.port_first + 4)}
        server.start()
        iid, person = server.public_image(), server.new_user()
        with server.container(person, iid):
            answer = person.post("/containers", {"iid": iid, "name": "n", "cpu": 1, "mem": 64})
            assert answer.status == 409, answer
            assert "port" in answer.json["error"]
            server.assert_in_agreement()
