"""A lab of 1,000 devices, 100,000 containers and 10,000 people beside one of a hundredth: engines in memory, all else real."""

import contextlib
import itertools
import subprocess
import time

from bench.figure import Curve, Figure, at_most, below
from bench.measure import cpu_seconds, median, memory_bytes, percentile
from bench.peers.keep_alive import KeepAlive

LARGE = (1000, 100_000, 10_000)
GROWTH = (0.01, 0.1, 0.3, 1)  # of LARGE, for the curves
SECONDS = 35  # a whole round of reconciliation is among it
EVERY_S = 0.01
MEGABYTE = 1024 * 1024


class ScaledLab:
    def __init__(self, bed, size):
        self.size = size
        command = [bed.program("scale"), bed.subfolder("scale"), *size]
        self._process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        ready = self._process.stdout.readline().split()
        if not ready:
            raise RuntimeError(f"{command} ended before it was ready")
        self.url = f"http://127.0.0.1:{ready[1]}"
        self.pid = self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def person(self, number):
        return KeepAlive(self.url, {"username": f"user{number}", "user_token": f"token-{number}"})


def people(lab):
    """Everybody in turn: nobody is asked for twice in a row."""
    connection = lab.person(1)
    for number in itertools.cycle(range(1, lab.size[2] + 1)):
        connection.become(f"user{number}", f"token-{number}")
        yield number, connection


def reads(lab, seconds):
    """Milliseconds of a list and of a status, for many people, one request every EVERY_S, and what the server's processor
    did until each answer. Each counts from the moment at which it was due: while the server is busy elsewhere, all that
    would have come meanwhile are late."""
    taken, busy = ([], []), []
    due, end = time.perf_counter(), time.perf_counter() + seconds
    for _, person in people(lab):
        own = None
        for kind in taken:
            time.sleep(max(0.0, due - time.perf_counter()))
            before = cpu_seconds(lab.pid)
            if own is None:
                own = person.must("GET", "/containers")["cid"]
            else:
                person.must("GET", f"/containers/status/{own[0]}")
            kind.append((time.perf_counter() - due) * 1000)
            busy.append((cpu_seconds(lab.pid) - before) * 1000)
            due += EVERY_S
        if due > end:
            return *taken, busy


def admissions(lab, count):
    """Processor milliseconds of a POST /containers, engine and all (it is in memory)."""
    before = cpu_seconds(lab.pid)
    made = 0
    for number, person in people(lab):
        person.must("POST", "/containers", {"iid": number % lab.size[0] + 1, "name": "bench", "cpu": 1, "mem": 64})
        made += 1
        if made == count:
            return (cpu_seconds(lab.pid) - before) / count * 1000


def scale(bed):
    curves = {"list, p50": [], "status, p50": [], "POST /containers, CPU": []}
    memories, found = [], {}
    growth = GROWTH if not bed.is_fast else (0.01, 0.1)
    for part in growth:
        size = tuple(max(1, round(number * part * bed.count(100, least=10) / 100)) for number in LARGE)
        with contextlib.ExitStack() as stack:
            lab = stack.enter_context(ScaledLab(bed, size))
            is_largest = part == growth[-1]
            lists, states, busy = reads(lab, bed.count(SECONDS, 10, least=5) if is_largest else 5)
            admission = median([admissions(lab, 50) for _ in range(5)])
            found[part] = (lists, states, admission, memory_bytes(lab.pid), busy)
        for name, value in zip(curves, (median(lists), median(states), admission)):
            curves[name].append((size[1], value))
        memories.append((size[1], found[part][3] / MEGABYTE))
    bed.curves.append(Curve("performance-scale", "Cost of a request as the lab grows", "containers", "ms", curves))
    bed.curves.append(Curve("performance-memory", "Memory as the lab grows, simulated engines included", "containers", "MB", {"resident": memories}))
    yield from judged(size, found[growth[0]], found[growth[-1]])


def judged(size, small, large):
    what = f"{size[0]:,} devices, {size[1]:,} containers, {size[2]:,} people"
    note = (
        f"one request every 10 ms, everybody in turn, beside reconciliation; engines in memory; the server's processor time "
        f"from the question to the answer: p99 {percentile(large[4], 99):.2f} ms"
    )
    for number, name in enumerate(("own list", "status")):
        yield Figure(
            f"{name}, {what}: p99", "1/100 of the size", percentile(large[number], 99), percentile(small[number], 99), "ms",
            below(5, "ms"), f"p50 {median(large[number]):.2f} and {median(small[number]):.2f} ms; {note}",
        )
    yield Figure(
        f"admission, {what}", "1/100 of the size", large[2], small[2], "ms CPU", at_most(1.5),
        "POST /containers until it runs, processor time, the simulated engine's included",
    )
    yield Figure(f"memory, {what}", "", large[3] / MEGABYTE, None, "MB", below(1024, "MB"), "the simulated engines' included")


ROWS = {"scale": scale}
FAST = set(ROWS)
