"""What becomes of a container, beside the same done with raw engine calls, the docker command, and that over ssh."""

import concurrent.futures
import itertools
import time

from harness.gpu_engine import GpuEngine
from harness.tiny_image import ensure_tiny_images

from bench.figure import Figure, Goal, at_most
from bench.measure import alternate, median, seconds
from bench.peers.docker_cli import DockerCli, over_ssh
from bench.peers.engine_client import EngineClient
from bench.peers.keep_alive import KeepAlive
from bench.peers.recorder import Recipe, Recorder

RAW = "raw Engine API"
PORTS = itertools.cycle(range(29000, 29980, 3))
NAMES = (f"berth-bench-{number}" for number in itertools.count(1))
CHANGED_MB = 100


def recipe_of(bed, berth_of, make):
    """Berth's own calls while `make(berth)` makes a container through it."""
    engine_path = berth_of.engine.path
    with Recorder(bed.subfolder("recorder") / "engine.sock", engine_path) as recorder:
        berth_of.settings["BERTH_DOCKER_HOST"] = recorder.endpoint
        berth_of.start()
        make(berth_of)
        calls = recorder.calls()
        berth_of.stop()
        del berth_of.settings["BERTH_DOCKER_HOST"]
    return Recipe.from_calls(calls)


class Workspaces:
    """A person's containers through Berth, one at a time."""

    def __init__(self, berth):
        self._user = berth.new_user()
        self._calls = KeepAlive(berth.platform_url, self._user.cookies)
        self._iid = berth.public_image()

    def create(self, **more):
        wanted = {"iid": self._iid, "name": "bench", "cpu": 1, "mem": 64, **more}
        return self._calls.must("POST", "/containers", wanted)["cid"]

    def stop(self, cid):
        self._calls.must("PUT", f"/containers/{cid}", {"cmd": "stop"})

    def start(self, cid, **more):
        self._calls.must("PUT", f"/containers/{cid}", {"cmd": "start", **more})

    def delete(self, cid):
        self._calls.must("DELETE", f"/containers/{cid}")

    def commit(self, cid):
        return self._calls.must("POST", "/images", {"cid": cid, "name": "bench"})["iid"]

    def delete_image(self, iid):
        self._calls.must("DELETE", f"/images/{iid}")


def life(bed):
    """create + start, stop, start, commit, delete: one container of each kind a round."""
    berth = bed.new_berth()
    recipe = recipe_of(bed, berth, lambda b: b.create(b.new_user(), b.public_image()))
    for container in berth.engine_containers():
        berth.engine.remove(container["Id"])
    berth.start()
    workspaces, engine = Workspaces(berth), EngineClient()
    names = ("create", "stop", "start", "commit", "delete")
    ours, raw = {name: [] for name in names}, {name: [] for name in names}
    by_cli = {"run": [], "run over ssh": [], "create, cp, start": []}
    cli = DockerCli()
    with over_ssh(bed.subfolder("sshd")) as ssh:
        rounds = bed.count(30, 6, least=3)
        for turn in range(rounds):
            kinds = [
                lambda: our_life(workspaces, ours), lambda: raw_life(engine, recipe, raw),
                lambda: cli_life(cli.run, recipe, by_cli["run"], engine),
                lambda: cli_life(cli.create_copy_start, recipe, by_cli["create, cp, start"], engine),
                lambda: cli_life(ssh.run, recipe, by_cli["run over ssh"], engine),
            ]
            shift = turn % len(kinds)
            for kind in kinds[shift:] + kinds[:shift]:
                kind()
    berth.close()
    note = f"p50 of {rounds}, by turns"
    p50 = {name: median(ours[name]) * 1000 for name in names}
    theirs = {name: median(raw[name]) * 1000 for name in names}
    uploads = "same HostConfig and uploads, as recorded from Berth"
    what = "create + start of a container"
    yield Figure(what, RAW, p50["create"], theirs["create"], "ms", at_most(1.05), f"{note}; {uploads}")
    for command, goal, more in (
        ("run", 0.75, "it uploads nothing, which spares it what the raw calls pay for that"),
        ("create, cp, start", 0.75, "with the uploads"),
        ("run over ssh", 0.35, "to an sshd on this machine; it uploads nothing"),
    ):
        yield Figure(what, f"docker {command}", p50["create"], median(by_cli[command]) * 1000, "ms", at_most(goal), f"{note}; {more}")
    for name in ("stop", "start", "delete", "commit"):
        yield Figure(f"{name} of a container", RAW, p50[name], theirs[name], "ms", at_most(1.05), note)


def our_life(workspaces, taken):
    made = {}
    taken["create"].append(seconds(lambda: made.update(cid=workspaces.create())))
    cid = made["cid"]
    taken["stop"].append(seconds(lambda: workspaces.stop(cid)))
    taken["start"].append(seconds(lambda: workspaces.start(cid)))
    taken["commit"].append(seconds(lambda: made.update(iid=workspaces.commit(cid))))
    taken["delete"].append(seconds(lambda: workspaces.delete(cid)))
    workspaces.delete_image(made["iid"])


def raw_life(engine, recipe, taken):
    name, made = next(NAMES), {}
    recipe = recipe.with_ports(next(PORTS))
    taken["create"].append(seconds(lambda: made.update(id=recipe.make(engine, name))))
    one = made["id"]
    taken["stop"].append(seconds(lambda: engine.must("POST", f"/containers/{one}/stop?t=10")))
    taken["start"].append(seconds(lambda: engine.must("POST", f"/containers/{one}/start")))
    commit = f"/commit?container={one}&repo={name}&tag=1"
    taken["commit"].append(seconds(lambda: engine.must("POST", commit, b"{}")))
    taken["delete"].append(seconds(lambda: engine.must("DELETE", f"/containers/{one}?force=1&v=1")))
    engine.must("DELETE", f"/images/{name}:1")


def cli_life(make, recipe, taken, engine):
    name, recipe = next(NAMES), recipe.with_ports(next(PORTS))
    try:
        taken.append(seconds(lambda: make(name, recipe)))
    finally:
        engine("DELETE", f"/containers/{name}?force=1&v=1")


def burst(bed):
    """MATLAB sessions: a device promises workspaces no more cores than it has, and 50 would have to wait."""
    size = bed.count(50, least=8)
    berth = bed.berth
    recorded = bed.new_berth()
    recipe = recipe_of(bed, recorded, lambda b: b.matlab.post("/create", {"user_id": 100}))
    recorded.engine.remove("matlab-user-100")
    waits, ours, raw = [], [], {8: [], 4: []}
    for _ in range(2):
        for concurrency, taken in raw.items():
            taken.append(raw_burst(recipe, size, concurrency))
        ours.append(our_burst(berth, size, 8, waits))
    theirs = min(median(taken) for taken in raw.values())
    what = f"{size} creates at concurrency 8, wall time"
    yield Figure(what, f"{RAW} at its best concurrency (of 4 and 8)", median(ours), theirs, "s", at_most(1.05), "two bursts each, by turns")
    longest = max(max(wait) / median(wait) for wait in waits)
    yield Figure("fairness of that: the longest wait of a request", "the median wait", longest, 1.0, "x", Goal(2, text="at most 2x"))


def our_burst(berth, size, concurrency, waits):
    def create(user):
        start = time.perf_counter()
        answer = berth.matlab.post("/create", {"user_id": user})
        if answer.status != 201:
            raise RuntimeError(str(answer))
        return time.perf_counter() - start

    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        start = time.perf_counter()
        waits.append(list(pool.map(create, range(1, size + 1))))
        taken = time.perf_counter() - start
        list(pool.map(lambda user: berth.matlab.post(f"/destroy/matlab-user-{user}"), range(1, size + 1)))
    return taken


def raw_burst(recipe, size, concurrency):
    names = [next(NAMES) for _ in range(size)]
    recipes = [recipe.with_ports(30001 + 2 * number) for number in range(size)]

    def create(name, own):
        engine = EngineClient()
        own.make(engine, name)
        engine.close()

    def delete(name):
        engine = EngineClient()
        engine("DELETE", f"/containers/{name}?force=1&v=1")
        engine.close()

    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        start = time.perf_counter()
        list(pool.map(create, names, recipes))
        taken = time.perf_counter() - start
        list(pool.map(delete, names))
    return taken


def other_gpu(bed):
    """The same files on another card: commit, create, start. On a dockerd of the bench's own that believes in two cards."""
    if reason := GpuEngine.why_not():
        raise RuntimeError(reason)
    gpus = GpuEngine()
    try:
        gpus.start()
        images = ensure_tiny_images(gpus.engine)
        berth = bed.new_berth(engine=gpus.engine, images=images, settings={"PATH": gpus.path_with_stubs})
        recipe = recipe_of(bed, berth, lambda b: b.create(b.new_user(), b.public_image(), gid=1))
        for container in berth.engine_containers():
            berth.engine.remove(container["Id"])
        berth.start()
        workspaces = Workspaces(berth)
        engine = EngineClient(gpus.engine.path)
        rounds = bed.count(6, least=2)
        taken = alternate(rounds, {
            "ours": lambda: our_move(workspaces, berth), "theirs": lambda: raw_move(engine, gpus.engine, recipe),
        })
        berth.close()
    finally:
        gpus.stop()
    yield Figure(
        f"start with another GPU of a container with {CHANGED_MB} MB changed", "raw commit + create + start",
        median(taken["ours"]) * 1000, median(taken["theirs"]) * 1000, "ms", at_most(1.1), f"p50 of {rounds}, by turns; GPUs are stubs",
    )


def change_files(engine, container):
    code, output = engine.run(container, "dd", "if=/dev/urandom", "of=/root/changed", "bs=1048576", f"count={CHANGED_MB}")
    if code != 0:
        raise RuntimeError(output)


def our_move(workspaces, berth):
    cid = workspaces.create(gid=1)
    change_files(berth.engine, berth.engine_name(cid))
    workspaces.stop(cid)
    taken = seconds(lambda: workspaces.start(cid, gid=2))
    workspaces.delete(cid)
    return taken


def raw_move(engine, by_hand, recipe):
    old, new = next(NAMES), next(NAMES)
    recipe = recipe.with_ports(next(PORTS))
    first = recipe.make(engine, old)
    change_files(by_hand, old)
    engine.must("POST", f"/containers/{first}/stop?t=10")

    def move():
        engine.must("POST", f"/commit?container={first}&repo={new}&tag=1", b"{}")
        moved = Recipe({**recipe.create, "Image": f"{new}:1"}, recipe.archive_query, recipe.archive)
        moved.make(engine, new)

    taken = seconds(move)
    for name in (old, new):
        engine.must("DELETE", f"/containers/{name}?force=1&v=1")
    engine.must("DELETE", f"/images/{new}:1")
    return taken


ROWS = {"life": life, "burst": burst, "other-gpu": other_gpu}
FAST = {"life"}
