"""Seconds of wall time and of processor time."""

import pathlib
import statistics
import time


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def median(values):
    return statistics.median(values)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(rounds, works):
    """{name: [seconds, ...]}: every work once a round, in an order that turns, so that whatever else the machine does
    hurts all of them alike. A work may return the seconds that count, where not all of it does."""
    taken = {name: [] for name in works}
    names = list(works)
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            start = time.perf_counter()
            told = works[name]()
            taken[name].append(told if isinstance(told, float) else time.perf_counter() - start)
    return taken


def cpu_seconds(pid):
    """Processor time of a process so far, all threads that live. From schedstat: /proc/PID/stat counts in 10 ms."""
    return sum(int(path.read_text().split()[0]) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def descendants(pid):
    children = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def memory_bytes(pid):
    """Resident, of this process alone."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"{pid} has no memory")


def memory_of_all(pid):
    """Of a process and its descendants, pages that they share counted once (PSS)."""
    total = 0
    for one in descendants(pid):
        for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
