"""A gate between Berth and its engine: sees every call, and can act at an exact point of one.

`on(pattern, when, act)` runs `act` once, when a request whose "METHOD /path" matches arrives: "before" the engine gets it
(which then never does), or "after" the engine has answered and before Berth hears of it (which then never does). "seen"
only tells, and lets everything through.
"""

import os
import re
import socket
import threading

REQUEST_LINE = re.compile(rb"^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP/1\.1\r\n")


class Gate:
    def __init__(self, path, engine_path):
        self.path = str(path)
        self.endpoint = "unix://" + self.path
        self._engine_path = engine_path
        self._calls = []
        self._trap = None
        self._let_by = 0
        self._lock = threading.Lock()
        self._sockets = set()
        self.open()

    def open(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def changes(self):
        """The calls so far that change something on the engine."""
        with self._lock:
            return [call for call in self._calls if not call.startswith(("GET", "HEAD"))]

    def on(self, pattern, when, act, count=1):
        """...at the `count`-th of them."""
        assert when in ("before", "after", "seen")
        with self._lock:
            self._trap = (re.compile(pattern), when, act)
            self._let_by = count - 1

    @property
    def armed(self):
        return self._trap is not None

    def close(self):
        """Cuts every connection and takes no more, as an engine that has gone away."""
        _shut(self._listener)  # wakes the thread that accepts
        self._listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            _shut(one)

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                engine.connect(self._engine_path)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._sockets |= {client, engine}
            link = _Link(self, client, engine)
            threading.Thread(target=link.upstream, daemon=True).start()
            threading.Thread(target=link.downstream, daemon=True).start()

    def _note(self, call):
        """Records a call; returns (when, act) when the trap is for it."""
        with self._lock:
            self._calls.append(call)
            if self._trap and self._trap[0].search(call):
                if self._let_by > 0:
                    self._let_by -= 1
                    return None, None
                _, when, act = self._trap
                self._trap = None
                return when, act
        return None, None


class _Link:
    def __init__(self, gate, client, engine):
        self._gate = gate
        self._client = client
        self._engine = engine
        self._act_on_answer = None

    def upstream(self):
        """Requests. A client sends one, and the next one only after the answer, so a request starts a chunk."""
        while data := _read(self._client):
            line = REQUEST_LINE.match(data)
            if line:
                path = re.sub(rb"^/v\d+\.\d+", b"", line[2])
                when, act = self._gate._note(f"{line[1].decode()} {path.decode()}")
                if when == "before":
                    act()
                    break
                if when == "seen":
                    act()
                self._act_on_answer = act if when == "after" else None
            if not _write(self._engine, data):
                break
        self._shut()

    def downstream(self):
        while data := _read(self._engine):
            if self._act_on_answer:
                self._act_on_answer()
                break
            if not _write(self._client, data):
                break
        self._shut()

    def _shut(self):
        for one in (self._client, self._engine):
            _shut(one)
        with self._gate._lock:
            self._gate._sockets -= {self._client, self._engine}


def _read(one):
    try:
        return one.recv(65536)
    except OSError:
        return b""


def _write(one, data):
    try:
        one.sendall(data)
        return True
    except OSError:
        return False


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
