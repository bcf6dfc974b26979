"""A socket between Berth and its engine that keeps what Berth sends, so that a peer can send the very same."""

import json
import re
import socket
import threading
from dataclasses import dataclass

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    method: str
    target: str  # without the version
    body: bytes


class Recorder:
    def __init__(self, path, engine_path):
        self.path, self._engine_path = str(path), engine_path
        self.endpoint = f"unix://{self.path}"
        self._sent = []  # of each connection, all that Berth wrote

    def __enter__(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def calls(self):
        return [call for sent in self._sent for call in parse(b"".join(sent))]

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            engine.connect(self._engine_path)
            sent = []
            self._sent.append(sent)
            threading.Thread(target=pump, args=(client, engine, sent), daemon=True).start()
            threading.Thread(target=pump, args=(engine, client, None), daemon=True).start()


def pump(source, sink, kept):
    try:
        while piece := source.recv(65536):
            if kept is not None:
                kept.append(piece)
            sink.sendall(piece)
    except OSError:
        pass
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def parse(sent):
    calls = []
    while sent:
        head, mark, rest = sent.partition(b"\r\n\r\n")
        if not mark:
            break
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        calls.append(Call(method, re.sub(r"^/v[\d.]+", "", target), rest[:size]))
        sent = rest[size:]
    return calls


@dataclass(frozen=True)
class Recipe:
    """How Berth made one container: the body of its create call, and what it uploaded before the start."""

    create: dict
    archive_query: str
    archive: bytes

    @staticmethod
    def from_calls(calls):
        create = next(call for call in calls if call.method == "POST" and call.target.startswith("/containers/create"))
        upload = next((call for call in calls if call.method == "PUT" and "/archive" in call.target), None)
        query, body = (upload.target.partition("?")[2], upload.body) if upload else ("", b"")
        return Recipe(json.loads(create.body), query, body)

    def with_ports(self, first):
        """The same with other host ports, from `first` on."""
        create = json.loads(json.dumps(self.create))
        bindings = create["HostConfig"].get("PortBindings") or {}
        for number, places in enumerate(bindings.values()):
            for place in places:
                place["HostPort"] = str(first + number)
        create["Labels"] = {"berth-bench": "1"}
        return Recipe(create, self.archive_query, self.archive)

    def make(self, engine, name):
        """create, upload, start: what anybody would have to do. Gives the id."""
        made = engine.must("POST", f"/containers/create?name={name}", json.dumps(self.create).encode())["Id"]
        if self.archive:
            engine.must("PUT", f"/containers/{made}/archive?{self.archive_query}", self.archive, content_type="application/x-tar")
        engine.must("POST", f"/containers/{made}/start")
        return made
