#!/usr/bin/python3
"""Two thousand connections that take all the time they are given, on the two ports of a real Berth, while others ask as
usual: tests/http/slow_connections.py [CONNECTIONS]

A quarter each sends a header byte by byte, a body byte by byte, nothing at all, and requests whose answers it never reads.
Asserted: every honest request is answered, every slow connection is cut (at its deadline and not before half of it), and
descriptors and memory are back at what they were. Measured and printed: what an honest request costs meanwhile.
"""

import pathlib
import resource
import select
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.berth import Berth  # noqa: E402
from harness.poll import eventually  # noqa: E402

SLACK_S = 30  # the server looks once a second; the rest is what a busy machine takes to notice
BYTE_EVERY_S = 10
RSS_SLACK_KB = 32 * 1024  # what the allocator keeps; a connection that is kept costs more
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

# What each kind sends at once, what a byte at a time, and when it is cut (src/base/limits.hpp). The answers to the last
# are more than the buffers of both sockets take.
KINDS = {
    "header": (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 99, 10),
    "body": (b"POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n", b"x" * 99, 30),
    "idle": (b"", b"", 75),
    "unread": (ASK * 4_000, b"", 30),
}


class NoEngine:
    """In an engine's place: the wire needs none."""

    endpoint = "unix:///nonexistent/docker.sock"
    path = "/nonexistent/docker.sock"

    def containers(self, label):
        return []


class Slow:
    """One connection that takes its time."""

    def __init__(self, kind, port):
        self.kind = kind
        self.socket = socket.socket()
        if kind == "unread":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.opened = self.next_byte = time.monotonic()
        self.at_once, self.slowly, _ = KINDS[kind]

    def send_next(self, now):
        try:
            if self.at_once:
                self.at_once = self.at_once[self.socket.send(self.at_once[:65536]):]
            elif self.slowly and now >= self.next_byte:
                self.slowly = self.slowly[self.socket.send(self.slowly[:1]):]
                self.next_byte = now + BYTE_EVERY_S
        except OSError:
            pass  # full for now, or closed: is_cut() tells

    def is_cut(self):
        """Whether the server has closed it; bytes that were never read do not hide that."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        return bool(poll.poll(0))


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def rss_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def ask(port):
    """One honest request on a connection of its own: seconds until its answer is complete."""
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    return time.perf_counter() - start


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def hold(slow, ports):
    """Keeps them all at it until every one was cut; gives how long the honest ones took, and how long each kind lived."""
    took, lived = [], {}
    until = time.monotonic() + max(deadline for _, _, deadline in KINDS.values()) + SLACK_S
    while slow and time.monotonic() < until:
        took += [ask(port) for port in ports]
        now = time.monotonic()
        for one in slow:
            one.send_next(now)
        for one in [one for one in slow if one.is_cut()]:
            lived.setdefault(one.kind, []).append(now - one.opened)
            one.socket.close()
            slow.remove(one)
        time.sleep(0.02)  # the pace of the honest ones, not a wait for anything
    return sorted(took), lived


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        berth = Berth(pathlib.Path(folder) / "b", engine=NoEngine(), settings={"BERTH_LOG_LEVEL": "error"})
        berth.start(connected=False)
        try:
            run(berth, count)
        except AssertionError as error:
            print(f"FAILED: {error}")
            return 1
        finally:
            berth.close()
    return 0


def run(berth, count):
    pid = berth.process.pid
    ports = [int(url.rsplit(":", 1)[1]) for url in (berth.platform_url, berth.matlab_url)]
    before = descriptors(pid), rss_kb(pid)
    quiet = sorted(ask(port) for _ in range(100) for port in ports)
    kinds = list(KINDS)
    slow = [Slow(kinds[i % len(kinds)], ports[i // len(kinds) % len(ports)]) for i in range(count)]
    eventually(lambda: descriptors(pid) >= count, 20, message="all of them are in")  # it has some of its own besides
    most = descriptors(pid), rss_kb(pid)
    took, lived = hold(slow, ports)
    print(f"{count} slow connections, {len(took)} honest requests meanwhile, all answered")
    for name, values in (("quiet", quiet), ("meanwhile", took)):
        p50, p99 = percentile(values, 0.5) * 1000, percentile(values, 0.99) * 1000
        print(f"  {name:10} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   most {values[-1] * 1000:6.2f} ms")
    for kind, seconds in lived.items():
        print(f"  {kind:10} cut after {min(seconds):5.1f} to {max(seconds):5.1f} s ({len(seconds)})")
    assert not slow, f"{len(slow)} were never cut: {sorted({one.kind for one in slow})}"
    for kind, seconds in lived.items():
        deadline = KINDS[kind][2]
        assert min(seconds) > deadline / 2, f"{kind} was cut after {min(seconds):.1f} s already"
        assert max(seconds) < deadline + SLACK_S, f"{kind} was cut only after {max(seconds):.1f} s"
    eventually(lambda: descriptors(pid) <= before[0] + 8, 10, message="all descriptors are back")
    after = rss_kb(pid)
    print(f"  memory {before[1]} kB, {most[1]} kB with all of them, {after} kB after; descriptors {before[0]}, {most[0]}")
    assert after <= before[1] + RSS_SLACK_KB, f"{after - before[1]} kB did not come back"


if __name__ == "__main__":
    sys.exit(main())
