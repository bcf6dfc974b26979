"""Load by wrk, and what a request costs the server's processor."""

import re
import subprocess
from dataclasses import dataclass

from bench.measure import cpu_seconds


@dataclass(frozen=True)
class Load:
    requests: int
    cpu_us: float  # of the server, a request


def load(url, pid, seconds, connections=64, headers=()):
    """wrk against `url` while process `pid` serves it. Every answer must be a 2xx."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    for name, value in dict(headers).items():
        command += ["-H", f"{name}: {value}"]
    before = cpu_seconds(pid)
    done = subprocess.run([*command, url], capture_output=True, text=True, timeout=seconds + 60, check=True)
    used = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout or requests == 0:
        raise RuntimeError(f"wrk {url}: {done.stdout}")
    return Load(requests, used / requests * 1e6)


def cpu_per_request(rounds, seconds, **served):
    """{name: microseconds}, of all rounds together. served: name=(url, pid, headers)."""
    used = dict.fromkeys(served, 0.0)
    requests = dict.fromkeys(served, 0)
    for _ in range(rounds):
        for name, (url, pid, headers) in served.items():
            one = load(url, pid, seconds, headers=headers)
            used[name] += one.cpu_us * one.requests
            requests[name] += one.requests
    return {name: used[name] / requests[name] for name in served}, requests
