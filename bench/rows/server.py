"""The process itself: memory, start, durable admissions, and reads while people guess passwords."""

import subprocess
import time

from bench.figure import Curve, Figure, at_least, at_most, below
from bench.measure import alternate, median, memory_bytes, percentile
from bench.peers.guessers import Guessers
from bench.peers.keep_alive import KeepAlive
from bench.rows.reads import copy_container

MEGABYTE = 1024 * 1024
PATIENCE_S = 60


def seeded(bed, containers):
    """A stopped Berth with so many containers' rows, on a device that is not connected."""
    berth = bed.new_berth().start()
    user = berth.new_user()
    own = berth.create(user, berth.public_image())["cid"]
    berth.stop()
    copy_container(berth.state_dir / "berth.db", own, containers)
    berth.start()
    berth.remove(berth.again(user), own)
    berth.stop()
    return berth


def memory(bed):
    empty = bed.new_berth().start()
    at_rest = resting_memory(empty)
    yield Figure("memory at rest", "", at_rest / MEGABYTE, None, "MB", below(20, "MB"), "resident, all of it")

    count = bed.count(1000, 500, least=50)
    connections = [KeepAlive(empty.matlab_url) for _ in range(count)]
    for one in connections:
        one.must("GET", "/")
    per_connection = (resting_memory(empty) - at_rest) / count / 1024
    for one in connections:
        one.close()
    empty.close()
    yield Figure(
        "memory of an idle connection", "", per_connection, None, "KB", below(16, "KB"),
        f"{count} connections that were asked one thing each; what the kernel holds is not in it",
    )

    containers = bed.count(10_000, least=500)
    full = seeded(bed, containers).start()
    users = full.new_user()
    users.get("/containers")
    per_thousand = (resting_memory(full) - at_rest) / containers * 1000 / MEGABYTE
    full.close()
    yield Figure("memory of 1,000 containers", "", per_thousand, None, "MB", below(10, "MB"), f"measured with {containers}")


def resting_memory(berth):
    """Once it has stayed the same for a second."""
    last, deadline = 0, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        now = memory_bytes(berth.process.pid)
        if abs(now - last) < 64 * 1024:
            return now
        last = now
        time.sleep(1)
    raise RuntimeError("its memory does not come to rest")


def start(bed):
    rounds = bed.count(9, 5, least=2)
    empty = bed.new_berth()
    containers = bed.count(10_000, least=500)
    full = seeded(bed, containers)
    for what, berth, goal in (("empty", empty, 0.2), (f"{containers:,} containers", full, 1)):
        first_answer(berth)  # makes the database
        taken = alternate(rounds, {"ours": lambda berth=berth: first_answer(berth)})["ours"]
        yield Figure(f"start until the first answer, {what}", "", median(taken), None, "s", below(goal, "s"), f"p50 of {rounds}")
        berth.close()


def first_answer(berth):
    begun = time.perf_counter()
    berth.start(connected=False)
    KeepAlive(berth.matlab_url).must("GET", "/")
    taken = time.perf_counter() - begun
    berth.stop()
    return taken


def admissions(bed):
    total = bed.count(1920, 1280, least=256)  # alone, each of them waits for a disk

    def admit(how, clients=64):
        each = max(1, total // clients)
        command = [bed.program("admissions"), bed.subfolder("admissions"), how, clients, each]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, timeout=300)
        return float(done.stdout)

    found = {"together": [], "alone": []}
    for _ in range(bed.count(5, 3)):
        for how, rates in found.items():
            rates.append(admit(how))
    lines = {how: [(clients, admit(how, clients)) for clients in (1, 4, 16, 64, 256)] for how in found}
    bed.curves.append(Curve("performance-admissions", "Durable admissions", "clients at once", "a second", lines))
    yield Figure(
        "durable admissions, 64 clients", "one transaction per request", median(found["together"]), median(found["alone"]),
        "/s", at_least(4), "SQLite, synchronous=FULL; reserve and commit; each client on a device of its own",
    )


def flood(bed):
    berth = bed.new_berth().start()
    user = berth.new_user()
    reader = KeepAlive(berth.platform_url, user.cookies)
    seconds = bed.count(4, 2)
    quiet, flooded, guesses = [], [], 0
    for _ in range(bed.count(4, 3)):
        quiet += paced_reads(reader, seconds)
        with Guessers(berth.platform_url) as guessers:
            flooded += paced_reads(reader, seconds)
        guesses += guessers.checked
    berth.close()
    yield Figure(
        "p99 of reads during a log-in flood of 64 clients", "quiet", percentile(flooded, 99) * 1000,
        percentile(quiet, 99) * 1000, "ms", at_most(1.5),
        f"GET /containers every 2 ms; {guesses} guesses were checked; p50 {median(flooded) * 1000:.2f} and {median(quiet) * 1000:.2f} ms",
    )


def paced_reads(reader, seconds):
    taken, end = [], time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        reader.must("GET", "/containers")
        done = time.perf_counter()
        taken.append(done - begun)
        time.sleep(max(0.0, 0.002 - (done - begun)))
    return taken


ROWS = {"memory": memory, "start": start, "admissions": admissions, "flood": flood}
FAST = set(ROWS)
