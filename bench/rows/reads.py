"""What a read costs, beside nginx serving the same bytes as a file."""

import sqlite3

from bench.figure import Figure, at_most
from bench.load import cpu_per_request
from bench.peers.nginx import Nginx

CONTAINERS = 100
SECONDS = 1
ROUNDS = 4


def against_nginx(bed, what, url, pid, path, client, goal, note=""):
    """CPU per request of ours and of nginx's, with the answer that ours gives now."""
    answer = client.get(path)
    if answer.status != 200:
        raise RuntimeError(f"GET {path}: {answer}")
    headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())} if client.cookies else {}
    with Nginx(bed.subfolder("nginx"), {path: answer}) as nginx:
        used, requests = cpu_per_request(
            bed.count(ROUNDS, 3, least=1), SECONDS, ours=(url + path, pid, headers),
            theirs=(nginx.url + path, nginx.pid, headers),
        )
    note = f"{len(answer.body)} bytes, {min(requests.values())} requests or more" + (f"; {note}" if note else "")
    return Figure(what, "nginx, one worker, same bytes", used["ours"], used["theirs"], "µs CPU/request", goal, note)


def front_page(bed):
    berth = bed.berth
    yield against_nginx(
        bed, "GET / of the MATLAB face, 64 connections", berth.matlab_url, berth.process.pid, "/", berth.matlab, at_most(1.2)
    )


def lists(bed):
    crowd = bed.crowd
    berth = bed.berth
    yield against_nginx(
        bed, f"GET /list, {crowd.size} sessions", berth.matlab_url, berth.process.pid, "/list", berth.matlab, at_most(2)
    )


def own_containers(bed):
    """A person with 100 containers, 99 of them rows on a device that is not connected: a list reads rows alone."""
    berth = bed.new_berth()
    berth.start()
    user = berth.new_user()
    iid = berth.public_image()
    own = berth.create(user, iid)["cid"]
    berth.stop()
    copy_container(berth.state_dir / "berth.db", own, CONTAINERS - 1)
    berth.start()
    user = berth.again(user)
    pid, url = berth.process.pid, berth.platform_url
    yield against_nginx(bed, f"GET /containers, {CONTAINERS} of one's own", url, pid, "/containers", user, at_most(2),
                        "log-in checked")
    for path in (f"/containers/status/{own}", f"/containers/property/{own}"):
        what = f"GET {path.rpartition('/')[0]} with the log-in check"
        yield against_nginx(bed, what, url, pid, path, user, at_most(4))
    berth.remove(user, own)
    berth.close()


def copy_container(database, cid, times):
    """More rows like this one, stopped, on a device of their own."""
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("pragma table_info(devices)") if row[1] != "did"]
        listed = ", ".join(columns)
        values = listed.replace("name", "'elsewhere'", 1)
        did = connection.execute(f"insert into devices ({listed}) select {values} from devices where did = 1").lastrowid
        columns = [row[1] for row in connection.execute("pragma table_info(containers)") if row[1] != "cid"]
        listed = ", ".join(columns)
        values = ", ".join({"did": str(did), "state": "'stopped'", "wanted": "'stopped'", "holds": "0"}.get(c, c) for c in columns)
        for number in range(times):
            copied = connection.execute(
                f"insert into containers ({listed}) select {values} from containers where cid = ?", (cid,)
            ).lastrowid
            for place, inside in enumerate((22, 8888, 6006)):
                connection.execute(
                    "insert into container_ports (cid, place, did, container_port, host_port) values (?, ?, ?, ?, ?)",
                    (copied, place, did, inside, 20000 + 3 * number + place),
                )
    connection.close()


ROWS = {"front-page": front_page, "list": lists, "containers": own_containers}
FAST = set(ROWS)
