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

# As in src/base/limits.hpp; the server looks once a second at most.
HEADER_S, BODY_S, IDLE_S, WRITE_S = 10, 30, 75, 30
SLACK_S = 15
BYTE_EVERY_S = 10
RSS_SLACK_KB = 16 * 1024
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Their answers, never read, fill the buffers of the sockets on both sides.
UNREAD = ASK * 20_000


class NoEngine:
    """In an engine's place: the wire needs none."""

    endpoint = "unix:///nonexistent/docker.sock"
    path = "/nonexistent/docker.sock"

    def containers(self, label):
        return []


class Slow:
    """One connection: what it sends at first, then a byte at a time, and when it may be cut."""

    def __init__(self, kind, port):
        self.kind = kind
        self.socket = socket.socket()
        if kind == "unread":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.opened = time.monotonic()
        self.next_byte = self.opened
        self.rest, self.deadline = {
            "header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 99, HEADER_S),
            "body": (b"", BODY_S),
            "idle": (b"", IDLE_S),
            "unread": (b"", WRITE_S),
        }[kind]
        if kind == "body":
            head = b"POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
            self.socket.send(head)
            self.rest = b"x" * 99
        if kind == "unread":
            self.to_fill = UNREAD

    def send_next(self, now):
        """False: the server has closed it."""
        try:
            if self.kind == "unread" and self.to_fill:
                self.to_fill = self.to_fill[self.socket.send(self.to_fill[:65536]):]
            elif self.rest and now >= self.next_byte:
                self.socket.send(self.rest[:1])
                self.rest = self.rest[1:]
                self.next_byte = now + BYTE_EVERY_S
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


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


def is_cut(slow):
    """Whether the server has closed it; those that never read have unread bytes all the same."""
    poll = select.poll()
    poll.register(slow.socket, select.POLLRDHUP)
    return bool(poll.poll(0))


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def open_all(count, ports):
    kinds = ["header", "body", "idle", "unread"]
    return [Slow(kinds[i % 4], ports[i // 4 % len(ports)]) for i in range(count)]


def hold(slow, ports):
    """Keeps them all at it until every one was cut; gives how long each of the honest ones took."""
    took, lived = [], {}
    until = time.monotonic() + IDLE_S + SLACK_S
    while slow and time.monotonic() < until:
        for port in ports:
            took.append(ask(port))
        now = time.monotonic()
        kept = []
        for one in slow:
            goes_on = one.send_next(now)
            if goes_on and not is_cut(one):
                kept.append(one)
                continue
            lived.setdefault(one.kind, []).append(now - one.opened)
            one.socket.close()
        slow[:] = kept
        time.sleep(0.02)  # the pace of the honest ones, not a wait for anything
    return took, lived


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        berth = Berth(pathlib.Path(folder) / "b", engine=NoEngine(), settings={"BERTH_LOG_LEVEL": "error"})
        berth.start(connected=False)
        try:
            run(berth, count)
        finally:
            berth.close()


def run(berth, count):
    pid = berth.process.pid
    ports = [int(url.rsplit(":", 1)[1]) for url in (berth.platform_url, berth.matlab_url)]
    before = descriptors(pid), rss_kb(pid)
    quiet = sorted(ask(port) for _ in range(100) for port in ports)
    slow = open_all(count, ports)
    eventually(lambda: descriptors(pid) >= before[0] + count, 20, message="all of them are in")
    most = descriptors(pid), rss_kb(pid)
    took, lived = hold(slow, ports)
    took.sort()
    print(f"{count} slow connections, {len(took)} honest requests meanwhile, all answered")
    for name, values in (("quiet", quiet), ("meanwhile", took)):
        p50, p99 = percentile(values, 0.5) * 1000, percentile(values, 0.99) * 1000
        print(f"  {name:10} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   most {values[-1] * 1000:6.2f} ms")
    for kind, seconds in sorted(lived.items()):
        print(f"  {kind:10} cut after {min(seconds):5.1f} to {max(seconds):5.1f} s ({len(seconds)} of {count // 4})")
    assert not slow, f"{len(slow)} were never cut: {sorted({one.kind for one in slow})}"
    deadlines = {"header": HEADER_S, "body": BODY_S, "idle": IDLE_S, "unread": WRITE_S}
    for kind, seconds in lived.items():
        assert min(seconds) > deadlines[kind] / 2, f"{kind} was cut after {min(seconds):.1f} s already"
        assert max(seconds) < deadlines[kind] + SLACK_S, f"{kind} was cut only after {max(seconds):.1f} s"
    eventually(lambda: descriptors(pid) <= before[0], 10, message="all descriptors are back")
    after = rss_kb(pid)
    print(f"  memory {before[1]} kB, {most[1]} kB with all of them, {after} kB after; descriptors {before[0]}, {most[0]}, {descriptors(pid)}")
    assert after <= before[1] + RSS_SLACK_KB, f"{after - before[1]} kB did not come back"


if __name__ == "__main__":
    main()
