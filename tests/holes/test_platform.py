"""The holes of the platform that Berth replaces, one test each: plants/holes.py says what they were."""

import concurrent.futures
import contextlib
import os
import socket
import sqlite3
import stat

import pytest

from harness.berth import PASSWORD
from harness.gpu_engine import GPUS
from harness.poll import eventually


def at_once(count, call):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def winners(answers):
    return [answer.json for answer in answers if answer.status == 200]


def requested_gpus(lab, cid):
    requests = lab.inspect(cid)["HostConfig"]["DeviceRequests"]
    return [uuid for request in requests for uuid in request.get("DeviceIDs", ["all"])]


def log_in(lab, name, password):
    return lab.berth.anyone.post("/api/login", {"username": name, "password": password})


def test_P01_a_garbage_token_is_no_login(lab):
    garbage = lab.owner.with_cookies(username=lab.owner.name, user_token="x" * 43)
    assert garbage.get("/containers").status == 401


def test_P02_a_name_is_no_identity(lab):
    mixed = lab.owner.with_cookies(username=lab.owner.name, user_token=lab.other.cookies["user_token"])
    assert mixed.get("/containers").status == 401


def test_P03_a_log_in_is_no_sql(lab):
    person = lab.berth.new_user()
    assert log_in(lab, f"x' or name = '{person.name}", PASSWORD).status == 401


def test_P04_the_database_is_its_owners_alone(lab):
    files = [file for file in lab.berth.state_dir.iterdir() if file.name.startswith("berth.db")]
    assert files
    for path in (lab.berth.state_dir, *files):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_P05_a_containers_name_is_no_sql(lab):
    name = "n', cpu_cores = '2"
    with lab.container(name=name) as created:
        shown = lab.owner.get(f"/containers/property/{created['cid']}").json
        assert (shown["name"], shown["cpu"]) == (name, 1)


def test_P06_no_shell_gets_what_is_stored(lab, trap):
    words, mark = trap
    with lab.container(name=words):
        assert not mark.exists()


def test_P07_a_gpu_is_one_gpu_and_not_the_host(lab):
    with lab.container(gid=1) as created:
        assert lab.inspect(created["cid"])["HostConfig"]["Privileged"] is False
        assert requested_gpus(lab, created["cid"]) == [GPUS[0]["uuid"]]


def test_P08_a_private_image_is_run_by_its_owner_alone(lab, private_image):
    answer = lab.other.post("/containers", lab.wish(iid=private_image))
    lab.clear(lab.other)
    assert answer.status == 404


def test_P09_a_private_image_is_seen_by_its_owner_alone(lab, private_image):
    assert lab.other.get(f"/images/property/{private_image}").status == 404
    assert lab.owner.get(f"/images/property/{private_image}").status == 200


def test_P10_a_state_is_its_owners_alone(lab):
    with lab.container() as created:
        assert lab.other.get(f"/containers/status/{created['cid']}").status == 404


def test_P11_what_a_listing_misses_is_still_there(lab):
    with lab.container() as created:
        with lab.docker.hide_all():
            lab.look_again()
        listed = lab.owner.get("/containers").json["cid"]
        lab.look_again()  # takes from the engine what has lost its row, and its ports with it
        assert listed == [created["cid"]]


def test_P12_the_engine_is_called_for_what_has_a_row(lab):
    cores = lab.berth.device()["cpu"]
    before = lab.docker.changes().count("POST /containers/create")
    answers = at_once(8, lambda i: lab.other.copy().post("/containers", lab.wish(cpu=cores)))
    made = lab.docker.changes().count("POST /containers/create") - before
    lab.clear(lab.other)
    assert made == len(winners(answers)) > 0


def test_P13_an_id_is_used_once(lab):
    def folder(cid):
        return next(m["Source"] for m in lab.inspect(cid)["Mounts"] if m["Destination"] == "/workspace")

    with lab.container() as first:
        before = folder(first["cid"])
    with lab.container() as second:
        assert second["cid"] > first["cid"]
        assert folder(second["cid"]) != before


def test_P14_a_gpu_goes_to_one(lab):
    answers = at_once(8, lambda i: lab.other.copy().post("/containers", lab.wish(gid=1)))
    lab.clear(lab.other)
    assert len(winners(answers)) == 1


def test_P15_no_more_is_given_out_than_there_is(lab):
    cores = lab.berth.device()["cpu"]
    answers = at_once(8, lambda i: lab.other.copy().post("/containers", lab.wish(cpu=cores)))
    lab.clear(lab.other)
    assert len(winners(answers)) == 1


@pytest.mark.parametrize("size", ["cpu", "mem"])
def test_P16_nothing_is_no_size(lab, size):
    answer = lab.owner.post("/containers", lab.wish(**{size: 0}))
    lab.clear(lab.owner)
    assert answer.status == 400


def test_P17_a_gpu_that_is_not_there_is_refused(lab):
    answer = lab.owner.post("/containers", lab.wish(gid=99))
    lab.clear(lab.owner)
    assert answer.status == 409


def test_P18_a_gpu_comes_back_when_its_container_ends_by_itself(lab):
    with lab.container(gid=2) as created:
        name = lab.berth.engine_name(created["cid"])
        lab.docker.do(lambda machine: machine.kill(name))
        eventually(lambda: lab.owner.get(f"/containers/status/{created['cid']}").json["result"] == "stopped")
        assert lab.owner.get("/devices/property/1").json["gpu_used"] == []


def test_P19_a_start_takes_the_gpus_asked_for(lab):
    with lab.container() as created:
        path = f"/containers/{created['cid']}"
        assert lab.owner.put(path, {"cmd": "stop"}).status == 200
        assert lab.owner.put(path, {"cmd": "start", "gid": 2}).status == 200
        assert lab.inspect(created["cid"])["Config"]["Labels"]["berth.gpus"] == "2", "and is made with them"


def test_P20_a_port_is_given_out_once(lab):
    """A stopped container keeps its ports, so that many can be had on a small device."""
    ports = []
    try:
        for _ in range(8):
            answer = lab.other.post("/containers", lab.wish())
            assert answer.status == 200, answer
            ports += [answer.json[port] for port in ("portssh", "portjupyter", "porttsb")]
            assert lab.other.put(f"/containers/{answer.json['cid']}", {"cmd": "stop"}).status == 200
    finally:
        lab.clear(lab.other)
    assert len(set(ports)) == len(ports)


def test_P21_what_a_crash_left_is_swept(lab):
    with lab.container() as created:
        labels = {**lab.inspect(created["cid"])["Config"]["Labels"], "berth.cid": "987654"}
        lab.docker.do(lambda machine: machine.create("left", {"Image": "tiny:1", "Labels": labels}))
        lab.look_again()
        eventually(lambda: not lab.berth.engine.exists("left"), 5, message="what has no row goes")
        assert lab.berth.engine_state(created["cid"]) == "running"


def test_P22_an_image_that_the_engine_keeps_is_kept(lab, private_image):
    with lab.docker.refuse("DELETE /images/", 409, "conflict: unable to remove repository reference (must force)"):
        assert lab.owner.delete(f"/images/{private_image}").status == 409
    assert private_image in lab.owner.get("/images").json["iid"]


def test_P23_an_image_has_its_size(lab, private_image):
    tag = next(i["reference"] for i in lab.berth.cli("image", "list")["images"] if i["iid"] == private_image)
    size = lab.docker.do(lambda machine: machine.inspect_image(tag)["Size"])
    assert lab.owner.get(f"/images/property/{private_image}").json["size"] == size > 0


def test_P24_an_image_stays_under_a_container_that_is_being_made(lab, private_image):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with lab.docker.hold("POST /containers/create") as held:  # there is a row, and nothing else yet
            creating = pool.submit(lab.owner.copy().post, "/containers", lab.wish(iid=private_image))
            assert held.arrived.wait(10)
            removed = lab.owner.delete(f"/images/{private_image}")
        created = creating.result()
    if created.status == 200:
        lab.berth.remove(lab.owner, created.json["cid"])
    assert (removed.status, created.status) == (409, 200)


def test_P25_a_password_is_salted_and_costs_something(lab):
    with sqlite3.connect(f"file:{lab.berth.state_dir / 'berth.db'}?mode=ro", uri=True) as database:
        hashes = [row[0] for row in database.execute("select password_hash from users")]
    assert len(hashes) >= 2 and len(set(hashes)) == len(hashes), "all have the same password"
    assert all(one.startswith("$argon2id$") for one in hashes)


def test_P26_a_second_log_in_leaves_the_first(lab):
    first = lab.berth.new_user()
    second = lab.berth.log_in(first.name)
    assert (first.get("/containers").status, second.get("/containers").status) == (200, 200)


def test_P27_another_sites_page_does_nothing(lab):
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Content-Type": "text/plain"}):
        answer = lab.owner.post("/containers", lab.wish(), headers=headers)
        lab.clear(lab.owner)
        assert answer.status in (403, 415)
    cookies = log_in(lab, lab.berth.new_user().name, PASSWORD).set_cookies
    assert all(attributes["httponly"] and attributes["samesite"] == "Lax" for _, attributes in cookies.values())


def test_P28_guesses_are_counted(lab):
    victim = lab.berth.new_user()
    statuses = [log_in(lab, victim.name, f"guess{i}").status for i in range(6)]
    assert statuses == [401] * 5 + [429]
    nobody = lab.berth.anyone.post("/api/register", {"username": "", "password": "", "email": "x@lab.test"})
    assert nobody.status == 400


def test_P29_an_e_mail_is_one_account(lab):
    first, second = lab.berth.new_name(), lab.berth.new_name()
    answers = [
        lab.berth.anyone.post("/api/register", {"username": name, "password": PASSWORD, "email": f"{first}@lab.test"})
        for name in (first, second)
    ]
    assert [answer.status for answer in answers] == [200, 409]


def test_P30_only_who_is_logged_in_logs_out(lab):
    garbage = lab.owner.with_cookies(username=lab.owner.name, user_token="x" * 43)
    answer = garbage.post("/api/logout")
    assert answer.status == 401 and not answer.set_cookies


def test_P31_a_refused_log_in_tells_nothing(lab):
    wrong, unknown = log_in(lab, lab.other.name, "not it"), log_in(lab, "nobody-of-that-name", "not it")
    assert (wrong.status, wrong.body) == (401, unknown.body)
    assert b"select" not in wrong.body.lower()


@pytest.mark.parametrize("path", ["/images/public", "/images/on/1"])
def test_P32_listings_need_a_log_in(lab, path):
    assert lab.berth.anyone.get(path).status == 401


def test_P33_a_password_is_its_owners_alone(lab):
    with lab.container() as created:
        passwd = created["passwd"]
        assert passwd not in str(lab.inspect(created["cid"]))
        assert passwd.encode() not in b"".join(f.read_bytes() for f in lab.berth.state_dir.glob("berth.db*"))
        assert passwd not in lab.berth.log_path.read_text()


def test_P34_a_container_is_held_in(lab):
    with lab.container() as created:
        seen = lab.inspect(created["cid"])
        host, mounts = seen["HostConfig"], {m["Destination"]: m["RW"] for m in seen["Mounts"]}
        assert host["CapDrop"] == ["ALL"] and host["PidsLimit"] > 0
        assert {place["HostIp"] for places in host["PortBindings"].values() for place in places} == {"127.0.0.1"}
        assert mounts == {"/workspace": True, "/pub_data": False}


def test_P35_no_program_is_run_to_reach_a_machine(lab):
    lab.run_mark.unlink(missing_ok=True)
    with lab.container() as created:
        lab.owner.put(f"/containers/{created['cid']}", {"cmd": "stop"})
    assert not lab.run_mark.exists()


def test_P36_an_engine_that_is_silent_is_given_up(lab):
    with lab.container() as created:
        patient = lab.owner.copy()
        patient.timeout = 25
        with lab.docker.hold(f"GET /containers/{lab.berth.engine_name(created['cid'])}/json"):
            answer = patient.put(f"/containers/{created['cid']}", {"cmd": "stop"})
        assert answer.status in (503, 504)


def listening(pid):
    """(address, port) of every TCP socket that this process listens on."""
    inodes, found = set(), []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            inodes.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
            for words in map(str.split, list(lines)[1:]):
                if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                    found.append((table, words[1].partition(":")[0]))
    return found


def test_P37_nothing_is_open_and_nobody_is_known_from_the_start(lab):
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    assert listening(lab.berth.process.pid) == [("tcp", loopback)] * 2
    for name, password in (("admin", "114514"), ("admin", "admin"), ("root", "root")):
        assert log_in(lab, name, password).status == 401


def test_P38_no_other_origin_reads_an_answer(lab):
    answer = lab.owner.get("/containers", headers={"Origin": "http://localhost:5173"})
    assert answer.header("Access-Control-Allow-Origin") is None
    assert lab.owner("OPTIONS", "/containers").status in (405, 501)


def test_P39_what_is_documented_is_served(lab):
    for path, gid in (("/containers", 1), ("/containers/create", [1])):
        answer = lab.owner.post(path, lab.wish(gid=gid))
        lab.clear(lab.owner)
        assert answer.status == 200
    gone = [lab.owner.delete("/images/987654"), lab.owner.post("/images/delete/987654")]
    assert [(answer.status, answer.json["status"]) for answer in gone] == [(404, -1)] * 2
