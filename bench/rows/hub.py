"""Beside JupyterHub with DockerSpawner, whose JupyterLab is the one in our workspace image."""

import json
import subprocess
import time

from harness.berth import ROOT
from harness.http_client import Client
from harness.ssh import ssh

from bench.figure import Figure, at_most, below, times_less
from bench.load import load
from bench.measure import median, memory_bytes, memory_of_all
from bench.peers.jupyterhub import JupyterHub
from bench.rows.server import MEGABYTE, first_answer

WORKSPACE = "berth/workspace:latest"
HUB = "JupyterHub 6 + DockerSpawner"
USERS = 20
PATIENCE_S = 60


def hub(bed):
    if not bed.engine.has_image(WORKSPACE):
        raise RuntimeError(f"{WORKSPACE} is missing: script/images makes it")
    theirs = JupyterHub(bed.subfolder("hub"), ROOT / "build" / "bench", WORKSPACE, bridge_address(bed))
    ours = bed.new_berth(images=(WORKSPACE, WORKSPACE), settings={"BERTH_IMAGE_WORKSPACE_NAME": "workspace"})
    yield from starts(bed, ours, theirs)
    ours.start()
    with theirs:
        yield from memories(ours, theirs)
        yield from workspaces(bed, ours, theirs)
        yield from calls(bed, ours, theirs)
    ours.close()


def bridge_address(bed):
    """Where containers reach this machine. Not every engine tells its bridge's gateway."""
    bridge = bed.engine.call("GET", "/networks/bridge")["Options"]["com.docker.network.bridge.name"]
    shown = subprocess.run(["ip", "-json", "-4", "address", "show", bridge], capture_output=True, check=True)
    return json.loads(shown.stdout)[0]["addr_info"][0]["local"]


def starts(bed, ours, theirs):
    taken = {"ours": [], "theirs": []}
    for turn in range(bed.count(4, least=2)):
        begun = time.perf_counter()
        theirs.start()
        if turn:  # the first one makes the database
            taken["theirs"].append(time.perf_counter() - begun)
        theirs.stop()
        one = first_answer(ours)
        if turn:
            taken["ours"].append(one)
    yield Figure("start until the first answer, empty", HUB, median(taken["ours"]), median(taken["theirs"]), "s", below(0.2, "s"))


def memories(ours, theirs):
    yield Figure(
        "memory at rest", "JupyterHub 6 with its proxy", memory_bytes(ours.process.pid) / MEGABYTE,
        memory_of_all(theirs.pid) / MEGABYTE, "MB", below(20, "MB"), "theirs: pages that its two processes share counted once",
    )


def workspaces(bed, ours, theirs):
    user, iid = ours.new_user(), ours.public_image()
    theirs.add_user("person")
    taken = {"ssh": [], "jupyter": [], "hub": []}
    rounds = bed.count(8, least=2)
    for _ in range(rounds):
        begun = time.perf_counter()
        theirs.spawn("person")
        taken["hub"].append(time.perf_counter() - begun)
        theirs.end("person")
        for name, is_there in (("ssh", until_ssh), ("jupyter", until_jupyter)):
            begun = time.perf_counter()
            created = ours.create(user, iid, mem=1024)
            taken[name].append(is_there(created, begun))
            ours.remove(user, created["cid"])
    note = f"p50 of {rounds}, by turns"
    p50 = {name: median(values) for name, values in taken.items()}
    yield Figure("POST /containers until ssh logs in", HUB, p50["ssh"], p50["hub"], "s", at_most(0.3), note)
    yield Figure("POST /containers until Jupyter answers", HUB, p50["jupyter"], p50["hub"], "s", at_most(0.65), note)


def until(check, begun):
    while time.perf_counter() - begun < PATIENCE_S:
        if check():
            return time.perf_counter() - begun
        time.sleep(0.01)
    raise RuntimeError(f"not within {PATIENCE_S} s")


def until_ssh(created, begun):
    return until(lambda: ssh("127.0.0.1", created["portssh"], created["passwd"], "true")[0] == 0, begun)


def until_jupyter(created, begun):
    client = Client(f"http://127.0.0.1:{created['portjupyter']}", timeout=5)

    def answers():
        try:
            return client.get("/login").status == 200
        except OSError:
            return False

    return until(answers, begun)


def calls(bed, ours, theirs):
    admin = ours.new_admin()
    for number in range(USERS):
        ours.new_user(f"person{number}")
        theirs.add_user(f"person{number}")
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in admin.cookies.items())}
    pairs = (
        ("one user", "/api/v1/session", "/hub/api/users/person1"),
        (f"a list of {USERS} users", "/api/v1/admin/users", "/hub/api/users"),
    )
    for what, our_path, their_path in pairs:
        for client, path, headers in ((Client(ours.platform_url), our_path, cookie), (Client(theirs.api_url), their_path, theirs.headers)):
            answer = client.get(path, headers=headers)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer}")
        used = {"ours": [], "theirs": []}
        for _ in range(bed.count(3)):
            used["ours"].append(load(ours.platform_url + our_path, ours.process.pid, 2, 8, cookie).cpu_us)
            used["theirs"].append(load(theirs.api_url + their_path, theirs.pid, 2, 8, theirs.headers).cpu_us)
        yield Figure(
            f"its API's call for {what}", "the hub's own", median(used["ours"]), median(used["theirs"]), "µs CPU/request",
            times_less(50), f"GET {our_path} beside GET {their_path}, asked of the hub without its proxy",
        )


ROWS = {"hub": hub}
FAST = set()
