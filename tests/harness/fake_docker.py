"""A Docker Engine in memory, over a unix socket, for tests that need thousands of calls or an engine that misbehaves.

It answers what Berth and harness/engine.py ask, in dockerd 20.10's words. contract/test_fake_docker.py runs the contract
suite of real engines on it, so it cannot drift. Besides: every call is on record (`changes`), one can be held back
(`hold`) or refused (`refuse`), a listing can be empty (`hide_all`), and the event streams can be cut (`cut_events`).
"""

import asyncio
import contextlib
import json
import re
import socket
import threading
from urllib.parse import parse_qs, unquote, urlsplit

from harness.fake_machine import Machine, Refusal


class Held:
    """What waits in a `hold`."""

    def __init__(self):
        self.arrived = threading.Event()
        self.released = threading.Event()


class FakeDocker:
    def __init__(self, path, **machine):
        self.path = str(path)
        self.endpoint = "unix://" + self.path
        self.machine = Machine(self._tell, **machine)
        self._calls = []
        self._holds = []
        self._refusals = []
        self._hides = False
        self._followers = set()
        self._loop = asyncio.new_event_loop()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        listener.listen(256)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(asyncio.start_unix_server(self._serve, sock=listener), self._loop).result(10)

    def do(self, act):
        """Runs `act(machine)` between two calls, as a hand at the engine does; gives what it gave."""

        async def run():
            return act(self.machine)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def close(self):
        async def end():
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)

    # Seen from outside

    def changes(self):
        """The calls so far that change something."""
        return [call for call in list(self._calls) if not call.startswith(("GET", "HEAD"))]

    def calls(self):
        return list(self._calls)

    # Misbehaviour

    @contextlib.contextmanager
    def hold(self, pattern):
        """Calls that match are answered only after the block, or once `released` is set."""
        held = Held()
        entry = (re.compile(pattern), held)
        self._holds.append(entry)
        try:
            yield held
        finally:
            held.released.set()
            self._holds.remove(entry)

    @contextlib.contextmanager
    def refuse(self, pattern, status, message):
        """Calls that match are refused with the engine's words, and do nothing."""
        entry = (re.compile(pattern), status, message)
        self._refusals.append(entry)
        try:
            yield
        finally:
            self._refusals.remove(entry)

    @contextlib.contextmanager
    def hide_all(self):
        """Listings are empty, as an engine's are while it starts."""
        self._hides = True
        try:
            yield
        finally:
            self._hides = False

    def cut_events(self):
        """Ends every event stream: whoever follows comes again, and looks at everything."""

        async def cut():
            for writer in list(self._followers):
                writer.close()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(10)

    # The wire

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split("\r\n", 1)[0].split(" ")
                length = re.search(r"^content-length: *(\d+)", head, re.I | re.M)
                body = await reader.readexactly(int(length[1])) if length else b""
                path, query = self._split(target)
                if path == "/events":
                    self._calls.append("GET /events")
                    await self._follow(writer, query)
                    break
                status, answer = await self._answer(method, path, query, body)
                self._write(writer, method, status, answer)
                await writer.drain()
        writer.close()

    @staticmethod
    def _split(target):
        parts = urlsplit(target)
        path = re.sub(r"^/v\d+\.\d+(?=/)", "", parts.path)
        return path, {key: values for key, values in parse_qs(parts.query).items()}

    async def _answer(self, method, path, query, body):
        call = f"{method} {path}"
        self._calls.append(call)
        for pattern, held in list(self._holds):
            if pattern.search(call):
                held.arrived.set()
                await self._loop.run_in_executor(None, held.released.wait)
        for pattern, status, message in list(self._refusals):
            if pattern.search(call):
                return status, {"message": message}
        try:
            return self._route(method, path, query, body)
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}

    def _write(self, writer, method, status, answer):
        if isinstance(answer, bytes):
            kind = "application/octet-stream"
        else:
            kind, answer = "application/json", b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
        head = f"HTTP/1.1 {status} OK\r\nApi-Version: 1.41\r\nContent-Type: {kind}\r\n"
        if status not in (204, 304):
            head += f"Content-Length: {len(answer)}\r\n"
        writer.write(head.encode() + b"\r\n" + (b"" if method == "HEAD" or status in (204, 304) else answer))

    async def _follow(self, writer, query):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        self._followers.add(writer)
        try:
            await writer.wait_closed()
        finally:
            self._followers.discard(writer)

    def _tell(self, event):
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        for writer in list(self._followers):
            if not writer.is_closing():
                writer.write(b"%x\r\n%s\r\n" % (len(line), line))

    # The calls

    def _route(self, method, path, query, body):
        first = {key: values[0] for key, values in query.items()}
        labels = json.loads(first.get("filters", "{}")).get("label", [])
        words = [unquote(word) for word in path.strip("/").split("/")]
        machine = self.machine
        match (method, *words):
            case ("GET", "_ping"):
                return 200, b"OK"
            case ("GET", "version"):
                return 200, machine.version()
            case ("GET", "info"):
                return 200, machine.info()
            case ("POST", "containers", "create"):
                return 201, {"Id": machine.create(first.get("name"), json.loads(body)), "Warnings": []}
            case ("GET", "containers", "json"):
                return 200, [] if self._hides else machine.list(labels)
            case ("GET", "images", "json"):
                return 200, machine.list_images(labels)
            case ("POST", "images", "create"):
                return 200, {"status": machine.add_image(f"{first['repo']}:{first['tag']}", query.get("changes", []))}
            case ("POST", "commit"):
                tag = f"{first['repo']}:{first['tag']}"
                return 201, {"Id": machine.commit(first["container"], tag, query.get("changes", []))}
            case ("GET" | "POST" | "PUT" | "HEAD" | "DELETE", "containers", name, *verb):
                return self._container(method, name, verb, first, body)
            case (_, "images", *parts):
                return self._image(method, parts, first)
        return 404, {"message": "page not found"}

    def _container(self, method, name, verb, first, body):
        machine = self.machine
        match (method, *verb):
            case ("GET", "json"):
                return 200, machine.inspect(name, "size" in first)
            case ("GET", "stats"):
                return 200, machine.stats(name)
            case ("GET", "logs"):
                return 200, machine.logs(name, first.get("tail", "all"))
            case ("GET", "changes"):
                return 200, machine.file_changes(name)
            case ("PUT", "archive"):
                return 200, machine.put_archive(name, first["path"], body)
            case ("HEAD", "archive"):
                return (200 if machine.has_file(name, first["path"]) else 404), None
            case ("POST", "start" | "stop" | "restart" | "kill" | "pause" | "unpause" as verb):
                return (204 if getattr(machine, verb)(name) else 304), None
            case ("DELETE",):
                machine.remove(name)
                return 204, None
        return 404, {"message": "page not found"}

    def _image(self, method, parts, first):
        machine = self.machine
        if method == "GET" and parts[-1] == "json":
            return 200, machine.inspect_image("/".join(parts[:-1]))
        if method == "POST" and parts[-1] == "tag":
            machine.tag("/".join(parts[:-1]), f"{first['repo']}:{first['tag']}")
            return 201, None
        if method == "DELETE":
            return 200, machine.remove_image("/".join(parts), "force" in first)
        return 404, {"message": "page not found"}
