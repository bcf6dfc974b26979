"""What containers use and whether they live: asked of Berth, and of the engine."""

import contextlib
import json
import pathlib
import selectors
import subprocess
import threading
import time

from harness.poll import eventually

from bench.figure import Figure, below, later_by_at_most, times_less
from bench.measure import alternate, cpu_seconds, descendants, median
from bench.peers.engine_client import EngineClient, open_stream
from bench.peers.keep_alive import KeepAlive


def health(bed):
    """Every session in turn, so that no answer is the one that was just given."""
    crowd = bed.crowd
    ours = KeepAlive(bed.berth.matlab_url)
    turn = {"user": 0}

    def ask():
        turn["user"] = turn["user"] % crowd.size + 1
        answer = ours.must("GET", f"/health/matlab-user-{turn['user']}")
        if "cpu_usage" not in answer:
            raise RuntimeError(f"no figures: {answer}")

    def docker_stats():
        subprocess.run(["docker", "stats", "--no-stream", f"matlab-user-{turn['user']}"], check=True, capture_output=True)

    for _ in range(crowd.size):  # the first probe of a session is not what is measured
        ask()
    asked = alternate(bed.count(12, 4, least=2), {"ours": lambda: several(ask, 50), "theirs": docker_stats})
    ms = {name: median(taken) * 1000 for name, taken in asked.items()}
    what = f"GET /health of a running session, {crowd.size} running"
    note = "each session in turn; Berth takes the figures once a second and shows none older than 2 s"
    yield Figure(what, "docker stats --no-stream", ms["ours"], ms["theirs"], "ms", times_less(1000), note)
    yield Figure(what + ", p50", "", ms["ours"], None, "ms", below(1, "ms"), note)


def several(work, times):
    """The median of so many, as one."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def sampling(bed):
    crowd = bed.crowd
    seconds = bed.count(8, 4, least=2)
    names = [f"matlab-user-{user}" for user in range(1, crowd.size + 1)]
    berth, engine = [bed.berth.process.pid], engine_processes(bed, names)
    ours, quiet, busy = [], [], []
    for _ in range(bed.count(3, 2)):
        used, idle = busy_share(seconds, berth, engine)
        ours.append(used)
        quiet.append(idle)
        with stats_of(names):
            busy += busy_share(seconds, engine)
    theirs = median(busy) - median(quiet)
    note = "ours: all that the process does while nobody asks; theirs: what the engine does more than without the streams"
    yield Figure(
        f"sampling {crowd.size} containers once a second", "one streaming /stats per container", median(ours) * 1000,
        theirs * 1000, "ms CPU/s", times_less(50), note,
    )


def engine_processes(bed, names):
    """dockerd, its containerd, and the shims of these containers: a sample passes through all three."""
    ids = {bed.engine.inspect(name)["Id"] for name in names}
    found = descendants(bed.dockerd_pid)
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if "containerd-shim" in words[0] and ids & set(words):
                found.append(int(path.parent.name))
    return found


def busy_share(seconds, *groups):
    """Processor seconds a second, of each group of processes."""
    before = [sum(map(cpu_seconds, group)) for group in groups]
    time.sleep(seconds)
    return [(sum(map(cpu_seconds, group)) - start) / seconds for group, start in zip(groups, before)]


@contextlib.contextmanager
def stats_of(names):
    """Streams of the engine's figures, read and dropped as they come."""
    streams = [open_stream(f"/containers/{name}/stats?stream=true") for name in names]
    selector = selectors.DefaultSelector()
    for stream in streams:
        selector.register(stream, selectors.EVENT_READ)
    over = threading.Event()

    def drop():
        while not over.is_set():
            for key, _ in selector.select(0.2):
                key.fileobj.recv(65536)

    reader = threading.Thread(target=drop)
    reader.start()
    try:
        time.sleep(2)  # the engine sends the first figures after two of its own ticks
        yield
    finally:
        over.set()
        reader.join()
        selector.close()
        for stream in streams:
            stream.close()


def events(bed):
    """A container is killed by hand. When does the engine's own event line say so, and when Berth's API?"""
    berth = bed.berth
    user = berth.new_user()
    engine, ours = EngineClient(), KeepAlive(berth.platform_url, user.cookies)
    cid = berth.create(user, berth.public_image())["cid"]
    container = berth.engine_name(cid)
    theirs, api = [], []
    for _ in range(bed.count(20, 10, least=3)):
        with died(container) as told:
            # Beside the asking: the engine answers a kill long after it has told of the end.
            killer = threading.Thread(target=engine.must, args=("POST", f"/containers/{container}/kill"))
            start = time.perf_counter()
            killer.start()
            eventually(lambda: not runs(ours, cid), 10, every=0.0005)
            api.append((time.perf_counter() - start) * 1000)
            theirs.append((told.get() - start) * 1000)
            killer.join()
        eventually(lambda: ours("PUT", f"/containers/{cid}", {"cmd": "start"})[0] == 200, 10, every=0.05)
    berth.remove(user, cid)
    later = [one - other for one, other in zip(api, theirs)]
    note = f"from the kill call on, p50 of {len(api)}; the slowest was {max(later):.0f} ms behind its event line"
    yield Figure(
        "a die behind our back until the API says so", "the /events line itself", median(api), median(theirs), "ms",
        later_by_at_most(50, "ms"), note,
    )


def runs(ours, cid):
    return ours.must("GET", f"/containers/status/{cid}")["result"] == "running"


class _Told:
    def __init__(self):
        self._at = None
        self._is_there = threading.Event()

    def set(self):
        self._at = time.perf_counter()
        self._is_there.set()

    def get(self):
        if not self._is_there.wait(10):
            raise RuntimeError("the engine told of no end")
        return self._at


@contextlib.contextmanager
def died(container):
    told = _Told()
    stream = EngineClient()
    filters = json.dumps({"container": [container], "event": ["die"]}).replace('"', "%22").replace(" ", "")

    def follow():
        for _ in stream.lines(f"/events?filters={filters}"):
            told.set()
            return

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    time.sleep(0.05)  # the engine has no way of saying that it has begun to listen to us
    yield told
    follower.join(10)
    stream.close()


ROWS = {"health": health, "sampling": sampling, "events": events}
FAST = set(ROWS)
